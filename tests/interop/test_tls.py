"""The phone over TLS, and by names: against Kamailio, with certificates that are right and that are not."""

import asyncio
import datetime
import threading

import pytest
from interop.certificates import Identity
from interop.peers import DOMAIN, USERS, Kamailio, wait_for

from net.dns import NAPTR, SRV, A
from support.dns_server import DnsServer, a, naptr, srv
from support.require import missing
from tools import build_micropython
from tools.lib.bench_client import Phone

RUNTIMES = ["cpython", "micropython"]


class Dns:
    """A DnsServer on a thread of its own."""

    def __init__(self, zone):
        self.server = DnsServer(zone)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self.address = "127.0.0.1:%d" % self.server.port

    def _serve(self):
        async def run():
            task = asyncio.create_task(self.server.serve())
            while not self._stop.is_set():
                await asyncio.sleep(0.02)
            task.cancel()

        asyncio.run(run())

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
        self.server.close()


def zone_of(server, host="127.0.0.1"):
    """DNS for Kamailio's domain: only SRV knows the ports."""
    return {
        (DOMAIN, NAPTR): [
            naptr(DOMAIN, 10, 1, "s", "SIPS+D2T", "_sips._tcp." + DOMAIN),
            naptr(DOMAIN, 20, 1, "s", "SIP+D2T", "_sip._tcp." + DOMAIN),
        ],
        ("_sips._tcp." + DOMAIN, SRV): [srv("_sips._tcp." + DOMAIN, 1, 1, server.tls_port, "one." + DOMAIN)],
        ("_sip._tcp." + DOMAIN, SRV): [srv("_sip._tcp." + DOMAIN, 1, 1, server.port, "one." + DOMAIN)],
        ("_sip._udp." + DOMAIN, SRV): [
            srv("_sip._udp." + DOMAIN, 1, 1, 9, "one." + DOMAIN),  # nobody is there
            srv("_sip._udp." + DOMAIN, 2, 1, server.port, "one." + DOMAIN),
        ],
        ("one." + DOMAIN, A): [a("one." + DOMAIN, host)],
    }


def a_phone(folder, user, dns, tls=None, files=(), runtime="cpython", scheme="sip", **line):
    folder.mkdir(parents=True)
    for name, octets in files:
        (folder / name).write_bytes(octets)
    account = {"aor": "%s:%s@%s" % (scheme, user, DOMAIN), "password": USERS[user], **line}
    config = {
        "lines": [account],
        "network": {"sip_port": 0, "rtp_port_min": 0, "rtp_port_max": 0, "dns": dns.address},
    }
    if tls:
        config["tls"] = tls
    options = ["--data", str(folder)]
    if runtime == "micropython":
        if build_micropython.program(32) is None:
            missing("MicroPython (32-bit)", build_micropython.why_missing(32))
        options += ["--runtime", "micropython", "--heap", "2m"]
    return Phone(user, config, options=options, log=folder / "log")


def call(caller, callee):
    caller.do("hook", state="off")
    caller.keys("202#")
    callee.wait("call", state="ringing", direction="in")
    callee.do("hook", state="off")
    for phone in (caller, callee):
        phone.wait("call", state="active")
    callee.do("hook", state="on")
    for phone in (caller, callee):
        phone.wait("call", state="ended")


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("transport", ["tls", "auto"])
def test_two_phones_over_tls_by_names(tmp_path, transport, runtime):
    authority = Identity(tmp_path / "ca", "authority")
    server_identity = Identity(tmp_path / "ca", "server", ["DNS:" + DOMAIN], authority)
    algorithm = "SHA-256" if transport == "tls" else "MD5"
    kamailio = Kamailio(tmp_path / "kamailio", algorithm, identity=server_identity)
    with kamailio as server, Dns(zone_of(server)) as dns:
        files = [("ca.pem", authority.pem)]
        with (
            a_phone(
                tmp_path / "201", "201", dns, {"ca": "ca.pem"}, files, runtime, transport=transport
            ) as caller,
            a_phone(tmp_path / "202", "202", dns, {"ca": "ca.pem"}, files, transport=transport) as callee,
        ):
            for phone in (caller, callee):
                phone.wait("line", 20, state="registered")
            call(caller, callee)
            assert caller.quit() == 0 and callee.quit() == 0
        assert "UNSANE" not in server.log_text()


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_pinned_certificate_needs_no_authority(tmp_path, runtime):
    own = Identity(tmp_path / "ca", "self-signed", ["DNS:elsewhere.test"])
    with Kamailio(tmp_path / "kamailio", identity=own) as server, Dns(zone_of(server)) as dns:
        pins = {"fingerprints": [own.fingerprint]}
        with a_phone(tmp_path / "201", "201", dns, pins, runtime=runtime, transport="tls") as phone:
            phone.wait("line", 20, state="registered")


def day(number):
    """A date, `number` days from now."""
    return str((datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=number)).date())


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_certificates_that_prove_nothing_are_refused_in_words(tmp_path, runtime):
    authority = Identity(tmp_path / "ca", "authority")
    stranger = Identity(tmp_path / "ca", "stranger")
    ca = [("ca.pem", authority.pem)]
    by_ca = {"ca": "ca.pem"}
    own = ["DNS:" + DOMAIN]
    today = "; the phone's date is " + day(0)
    cases = (
        (
            ["DNS:elsewhere.test"],
            authority,
            None,
            by_ca,
            "Certificate is for elsewhere.test, not for pbx.test",
        ),
        (["DNS:*.test"], authority, None, by_ca, "Certificate is for *.test, not for pbx.test"),
        (
            ["URI:sip:someone@" + DOMAIN],
            authority,
            None,
            by_ca,
            "Certificate is for sip:someone@pbx.test, not for pbx.test",
        ),
        (own, stranger, None, by_ca, "Certificate of server is not trusted: its issuer is stranger"),
        (own, None, None, by_ca, "Certificate of server is not trusted: its issuer is server"),
        (
            own,
            authority,
            None,
            {"fingerprints": "ab" * 32},
            "Certificate of server differs from tls.fingerprints",
        ),
        (own, authority, (-9, -2), by_ca, "Certificate of server ended on " + day(-2) + today),
        (own, authority, (2, 9), by_ca, "Certificate of server begins on " + day(2) + today),
        (own, authority, None, {"ca": "other.pem"}, "TLS: there is no file other.pem"),
    )
    for number, (names, signer, days, tls, words) in enumerate(cases):
        folder = tmp_path / ("case%d" % number)
        identity = Identity(folder, "server", names, signer, days)
        with Kamailio(folder / "kamailio", identity=identity) as server, Dns(zone_of(server)) as dns:
            with a_phone(folder / "201", "201", dns, tls, ca, runtime, transport="tls") as phone:
                assert phone.wait("line", 20, state="failed")["reason"] == words
                begin = "201 " + words[:8]
                phone.wait("display", 5, where=lambda event, begin=begin: begin in " ".join(event["lines"]))
            assert "REGISTER" not in server.log_text()
            assert "warning: line 1: " + words in (folder / "201" / "log").read_text()


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_server_that_demands_a_certificate_gets_ours(tmp_path, runtime):
    authority = Identity(tmp_path / "ca", "authority")
    stranger = Identity(tmp_path / "ca", "stranger")
    # Named by a URI, as RFC 5922 §7.1 has it. mbedtls, below MicroPython, insists on a domain besides.
    names = ["URI:sip:" + DOMAIN] + (["DNS:" + DOMAIN] if runtime == "micropython" else [])
    server_identity = Identity(tmp_path / "ca", "server", names, authority)
    kamailio = Kamailio(tmp_path / "kamailio", identity=server_identity, demands=authority)
    with kamailio as server, Dns(zone_of(server)) as dns:
        for number, (signer, state) in enumerate(
            ((authority, "registered"), (stranger, "failed"), (None, "failed"))
        ):
            files, tls = [("ca.pem", authority.pem)], {"ca": "ca.pem"}
            if signer is not None:
                own = Identity(tmp_path / ("own%d" % number), "phone", ["URI:sip:201@" + DOMAIN], signer)
                files += [("own.pem", own.pem), ("own.key", own.key.read_bytes())]
                tls.update(certificate="own.pem", key="own.key")
            with a_phone(tmp_path / str(number), "201", dns, tls, files, runtime, transport="tls") as phone:
                phone.wait("line", 20, state=state)


@pytest.mark.parametrize(
    "transport, runtime", [("udp", "cpython"), ("tcp", "cpython"), ("tls", "cpython"), ("tls", "micropython")]
)
def test_a_registrar_that_starts_anew_knows_the_phone_again(tmp_path, transport, runtime):
    authority = Identity(tmp_path / "ca", "authority")
    server_identity = Identity(tmp_path / "ca", "server", ["DNS:" + DOMAIN], authority)
    kamailio = Kamailio(tmp_path / "kamailio", identity=server_identity, max_expires=10)
    files, tls = [("ca.pem", authority.pem)], {"ca": "ca.pem"}
    zone = zone_of(kamailio)
    zone["_sip._udp." + DOMAIN, SRV].pop(0)  # the one where nobody is
    with Dns(zone) as dns:
        phones = []
        try:
            with kamailio:
                for user in ("201", "202"):
                    phone = a_phone(tmp_path / user, user, dns, tls, files, runtime, transport=transport)
                    phones.append(phone)
                    phone.wait("line", 20, state="registered")
            with kamailio:

                def is_known(user):
                    return "REGISTER" in kamailio.log_text() and kamailio.log_text().count("SAVED " + user)

                # Datagrams show no end of a server: then it is the refresh that finds it, within 10 s. Streams end,
                # and a connection that is refused is tried again soon.
                for user in ("201", "202"):
                    wait_for(
                        lambda user=user: is_known(user),
                        75 if transport == "udp" else 20,
                        user + " to be registered again",
                    )
                call(*phones)
            for phone in phones:
                assert phone.quit() == 0
        finally:
            for phone in phones:
                phone.__exit__(None, None, None)


def test_a_dead_server_gives_way_to_the_next_one(tmp_path):
    with Kamailio(tmp_path / "kamailio") as server, Dns(zone_of(server)) as dns:
        with a_phone(tmp_path / "201", "201", dns, transport="udp") as phone:
            phone.wait("line", 20, state="registered")
            asked = [name for name, kind in dns.server.asked]
            assert "_sip._udp." + DOMAIN in asked and DOMAIN not in asked
