"""The phone of a board on the ESP32 port's own code: its clock starts in 2000, and TLS looks at it."""

import datetime
import http.server
import ipaddress
import json
import socket
import ssl
import threading
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.phone import RELEASED
from support.require import missing
from tools import build_micropython
from tools.lib.bench_client import NotInTime, Phone, Registrar, settings

RELEASE = datetime.datetime(*RELEASED, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)


def options():
    if build_micropython.program(build_micropython.PORTED) is None:
        missing(
            "MicroPython with the ESP32 port's C", build_micropython.why_missing(build_micropython.PORTED)
        )
    return ["--runtime", "esp32", "--board", "esp32s3_devkit"]


def certificate(folder, begin, end):
    """A certificate of 127.0.0.1 for this time, self-signed; (its file, its key's)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "pbx.test")])
    # As a DNS name, too: mbedtls looks at no other.
    address = "127.0.0.1"
    addresses = x509.SubjectAlternativeName(
        [x509.IPAddress(ipaddress.ip_address(address)), x509.DNSName(address)]
    )
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(7).not_valid_before(begin).not_valid_after(end)
    made = made.add_extension(addresses, critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    pem = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    (folder / "pbx.pem").write_bytes(pem)
    (folder / "pbx.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )
    return folder / "pbx.pem", folder / "pbx.key"


class TimeServer:
    """An NTP server by which it is `seconds` since 1970, on a thread; None: it is silent."""

    def __init__(self, seconds):
        self._seconds = seconds
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while True:
            try:
                question, peer = self._socket.recvfrom(100)
            except OSError:
                return
            if self._seconds is not None:
                stamp = ((int(self._seconds) + 2208988800) % (1 << 32)).to_bytes(4, "big") + bytes(4)
                answer = bytes([0x24, 2]) + bytes(22) + question[40:48] + stamp + stamp
                self._socket.sendto(answer, peer)

    def close(self):
        self._socket.close()


def registered(tmp_path, begin, end, seconds, kept, timeout):
    """(whether a TLS line with this server's certificate as its CA registers, the phone's files)."""
    ported = options()
    pem, key = certificate(tmp_path, begin, end)
    server = TimeServer(seconds)
    tls = ["--tls", str(pem), str(key)]
    try:
        with Registrar({"201": "first secret"}, options=tls) as registrar:
            host, _, port = registrar.events[0]["tls"].rpartition(":")
            config = settings("201", "first secret", f"{host}:{port}", transport="tls")
            for name in ("registrar", "proxy"):
                config["lines"][0][name] = f"sip:{host}:{port};transport=tls"
            config["network"].update({"ntp": server.address, "wifi": {"ssid": "bakelite"}})
            config["tls"] = {"ca": "ca.pem"}
            files = {"ca.pem": pem.read_text()}
            if kept:
                files["clock"] = str(int(kept))
            with Phone("201", config, options=ported, files=files) as phone:
                try:
                    phone.wait("line", timeout, state="registered")
                except NotInTime:
                    return False, {"clock": phone.file("clock")}
                return True, {"clock": phone.file("clock")}
    finally:
        server.close()


NOW = RELEASE + 40 * DAY

# (the certificate's first and last day, what the time server says, what was kept, whether it registers).
CASES = {
    "from before the release, no time server": (-30, 300, None, None, True),
    "from after it, time server": (20, 300, NOW, None, True),
    "from after it, no time server": (20, 300, None, None, False),
    "from after it, a time that was kept": (20, 300, None, NOW, True),
    "ended before the release": (-60, -1, None, None, False),
    "ended by what the time server says": (-60, 30, NOW, None, False),
    "a time server of 1970": (-30, 300, datetime.datetime.fromtimestamp(0, datetime.UTC), None, True),
    "a time server of 2099": (-30, 300, RELEASE + 26500 * DAY, None, True),
}


@pytest.mark.parametrize("case", CASES)
def test_tls_looks_at_the_chips_clock(case, tmp_path):
    first, last, says, kept, expected = CASES[case]
    began = time.monotonic()
    works, files = registered(
        tmp_path,
        RELEASE + first * DAY,
        RELEASE + last * DAY,
        says and says.timestamp(),
        kept and kept.timestamp(),
        30 if expected else 12,
    )
    assert works is expected, (case, files, time.monotonic() - began)
    if says is NOW and works:
        assert abs(int(files["clock"]) - NOW.timestamp()) < 60


class Settings(http.server.BaseHTTPRequestHandler):
    """Settings for every phone."""

    def do_GET(self):
        content = json.dumps({"audio": {"volume": 33}}).encode() if self.path == "/common.json" else b""
        self.send_response(200 if content else 404)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


class HttpsServer:
    """Gives settings over TLS with this certificate; `url` is where."""

    def __init__(self, pem, key):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem, key)
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Settings)
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self._server.handle_error = lambda *_: None  # hands that were not shaken
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = "https://127.0.0.1:%d" % self._server.server_address[1]

    def close(self):
        self._server.shutdown()
        self._server.server_close()


# (the certificate's first and last day, what the time server says, what the phone says, None where it has settings).
HTTPS = {
    "from after the release, time server": (20, 300, NOW, None),
    "from before the release, no time server": (-30, 300, None, None),
    "from after the release, no time server": (20, 300, None, "Certificate of pbx.test begins on {first}; "),
    "ended by what the time server says": (-60, 30, NOW, "Certificate of pbx.test ended on {last}; "),
    "ended before the release": (-60, -1, None, "Certificate of pbx.test ended on {last}; "),
}


@pytest.mark.parametrize("case", HTTPS)
def test_settings_come_by_https_on_a_chip_that_starts_in_2000(case, tmp_path):
    first, last, says, words = HTTPS[case]
    ported = options()
    pem, key = certificate(tmp_path, RELEASE + first * DAY, RELEASE + last * DAY)
    server, time_server = HttpsServer(pem, key), TimeServer(says and says.timestamp())
    config = {
        "network": {"sip_port": 0, "ntp": time_server.address, "wifi": {"ssid": "bakelite"}},
        "lines": [{"aor": "sip:201@192.0.2.9", "register": False}],
        "tls": {"ca": pem.read_text()},
        "provisioning": {"url": server.url},
    }
    log = tmp_path / "log"
    try:
        with Phone("201", config, options=ported, log=log) as phone:
            if words is None:
                wait_for(lambda: phone.file("provisioned.json"), 30)
                assert json.loads(phone.file("provisioned.json"))["settings"] == {"audio": {"volume": 33}}
            else:
                text = wait_for(lambda: "provisioning: " in log.read_text() and log.read_text(), 20)
                days = {"first": (RELEASE + first * DAY).date(), "last": (RELEASE + last * DAY).date()}
                today = (says or RELEASE).date()
                wanted = words.format(**days) + "the phone's date is %s" % today
                assert "error: provisioning: " + wanted in text, text
                assert phone.file("provisioned.json") is None
    finally:
        server.close()
        time_server.close()


def wait_for(condition, seconds):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)
    return condition()
