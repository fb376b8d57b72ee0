"""The HTTP client against Python's own server over TLS, with certificates that are right and that are not."""

import base64
import http.server
import os
import ssl
import subprocess
import sys
import threading

import pytest
from interop.certificates import Identity

from support import mirror
from support.require import missing
from tools import build_micropython
from tools.lib.host_path import PHONE

BODY = bytes(range(256)) * 400
FETCH = mirror.ROOT / "tests" / "interop" / "fetch.py"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        wanted = "Basic " + base64.b64encode(b"phone:secret").decode()
        if self.path == "/locked" and self.headers.get("Authorization") != wanted:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="phones"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "http://files.test/")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *_):
        pass


class Quiet(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        pass  # hands that were not shaken


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """(port, authority, the server's own certificate, another authority)."""
    folder = tmp_path_factory.mktemp("https")
    authority = Identity(folder, "authority")
    own = Identity(folder, "server", ["DNS:files.test"], authority)
    stranger = Identity(folder, "stranger")
    web = Quiet(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own.certificate, own.key)
    web.socket = context.wrap_socket(web.socket, server_side=True)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    yield web.server_address[1], authority, own, stranger
    web.shutdown()
    web.server_close()


def fetch(runtime, url, ca="", pin="", user="", password=""):
    path = ":".join(map(str, PHONE))
    program = [sys.executable]
    if runtime == "micropython":
        if build_micropython.program(32) is None:
            missing("MicroPython (32-bit)", build_micropython.why_missing(32))
        program = [build_micropython.program(32), "-X", "heapsize=1m"]
    command = [*program, FETCH, url, ca, pin, user, password]
    environment = dict(os.environ, PYTHONPATH=path, MICROPYPATH=path + ":.frozen")
    told = subprocess.run(
        command, env=environment, cwd=mirror.ROOT, capture_output=True, text=True, timeout=60
    )
    return told.stdout.strip() or told.stderr


WHOLE = "200 %d %d" % (len(BODY), sum(BODY) % 65536)


@pytest.mark.parametrize("runtime", ["cpython", "micropython"])
def test_https(site, runtime):
    port, authority, own, stranger = site
    files, other = f"https://files.test:{port}", f"https://other.test:{port}"
    assert fetch(runtime, files, authority.certificate) == WHOLE
    assert fetch(runtime, files, pin=own.fingerprint) == WHOLE
    assert fetch(runtime, files + "/locked", authority.certificate, "", "phone", "secret") == WHOLE
    assert fetch(runtime, files + "/locked", authority.certificate, "", "phone", "wrong") == "401 0 0"
    assert "from https to http" in fetch(runtime, files + "/away", authority.certificate)
    for refused in (
        fetch(runtime, other, authority.certificate),
        fetch(runtime, files, stranger.certificate),
        fetch(runtime, files, pin=stranger.fingerprint),
        fetch(runtime, files),
        fetch(runtime, f"http://files.test:{port}", authority.certificate),
    ):
        assert refused.startswith("error: ") and "secret" not in refused, refused
