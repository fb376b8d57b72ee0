"""TLS where both sides are ours: sips: calls through tools/pbx.py, phones that listen, certificates asked for."""

import socket
import ssl
import sys
import time

import pytest
from interop.certificates import Identity
from interop.peers import DOMAIN, HOST, USERS, Peer, free_ports
from interop.test_tls import RUNTIMES, Dns, a_phone, call

from net.dns import AAAA, NAPTR, SRV, A
from support.dns_server import a, naptr, raw_record, srv
from support.link import new_request
from support.mirror import ROOT
from support.require import require_ipv6


class Pbx(Peer):
    """Our registrar and proxy on TLS too, for DOMAIN. Entered again, it is the same without its memory."""

    program, package = sys.executable, "python3"

    def __init__(self, folder, identity, ca=None, host=HOST):
        super().__init__(folder)
        self.host = host
        self.port = free_ports(2)
        self.tls_port = self.port + 1
        self._options = ["--tls", identity.certificate, identity.key]
        if ca:
            self._options += ["--tls-ca", ca.certificate]

    def arguments(self):
        users = [each for user in USERS.items() for each in ("--user", "%s:%s" % user)]
        return [
            ROOT / "tools" / "pbx.py",
            "--listen",
            "%s:%d" % (self.host, self.port),
            "--domain",
            DOMAIN,
            "--json",
            "--verbose",
            *self._options,
            *users,
        ]

    def ready(self):
        return '"ready"' in self.log_text()

    def zone(self):
        return {
            (DOMAIN, NAPTR): [naptr(DOMAIN, 10, 1, "s", "SIPS+D2T", "_sips._tcp." + DOMAIN)],
            ("_sips._tcp." + DOMAIN, SRV): [
                srv("_sips._tcp." + DOMAIN, 1, 1, self.tls_port, "one." + DOMAIN)
            ],
            ("one." + DOMAIN, A): [a("one." + DOMAIN, HOST)],
            ("one." + DOMAIN, AAAA): [raw_record("one." + DOMAIN, AAAA, bytes(15) + b"\1")],
        }


@pytest.fixture
def authority(tmp_path):
    return Identity(tmp_path / "ca", "authority")


@pytest.fixture
def identity(tmp_path, authority):
    return Identity(tmp_path / "ca", "server", ["DNS:" + DOMAIN], authority)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_secure_call_is_secure_all_the_way(tmp_path, authority, identity, runtime):
    files, tls = [("ca.pem", authority.pem)], {"ca": "ca.pem"}
    with Pbx(tmp_path / "pbx", identity) as pbx, Dns(pbx.zone()) as dns:
        with (
            a_phone(tmp_path / "201", "201", dns, tls, files, runtime, scheme="sips") as caller,
            a_phone(tmp_path / "202", "202", dns, tls, files, scheme="sips") as callee,
        ):
            for phone in (caller, callee):
                phone.wait("line", 20, state="registered")
            call(caller, callee)
            assert caller.quit() == 0 and callee.quit() == 0
        log = pbx.log_text()
        assert '"error"' not in log, [line for line in log.splitlines() if '"error"' in line]
        assert "INVITE sips:202@" in log and "INVITE sip:" not in log
        assert not [line for line in log.splitlines() if '"message"' in line and " tls " not in line]


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_by_ipv6_and_tls_where_only_names_are_known(tmp_path, authority, identity, runtime):
    require_ipv6()
    files, tls = [("ca.pem", authority.pem)], {"ca": "ca.pem"}
    with Pbx(tmp_path / "pbx", identity, host="[::1]") as pbx, Dns(pbx.zone()) as dns:
        with (
            a_phone(tmp_path / "201", "201", dns, tls, files, runtime, transport="tls") as caller,
            a_phone(tmp_path / "202", "202", dns, tls, files, transport="tls") as callee,
        ):
            for phone in (caller, callee):
                phone.wait("ready")
                phone.do("network", address="::1")
                phone.wait("line", 20, state="registered")
            call(caller, callee)
            assert caller.quit() == 0 and callee.quit() == 0


def test_a_connection_that_is_cut_is_made_anew(tmp_path, authority, identity):
    files, tls = [("ca.pem", authority.pem)], {"ca": "ca.pem"}
    pbx = Pbx(tmp_path / "pbx", identity)
    with Dns(pbx.zone()) as dns:
        phones = []
        try:
            with pbx:
                for user in ("201", "202"):
                    phones.append(a_phone(tmp_path / user, user, dns, tls, files, transport="tls"))
                    phones[-1].wait("line", 20, state="registered")
            with pbx:
                end = (
                    time.monotonic() + 75
                )  # where it was not back at the first try, the next is after 30 to 60 s
                while not all('"user": "%s"' % user in pbx.log_text() for user in ("201", "202")):
                    assert time.monotonic() < end, pbx.log_text()
                    time.sleep(0.05)
                call(*phones)
            for phone in phones:
                phone.quit()
        finally:
            for phone in phones:
                phone.__exit__(None, None, None)


def test_our_proxy_asks_for_certificates_too(tmp_path, authority, identity):
    with Pbx(tmp_path / "pbx", identity, authority) as pbx, Dns(pbx.zone()) as dns:
        for number, (signer, state) in enumerate(((authority, "registered"), (None, "failed"))):
            files, tls = [("ca.pem", authority.pem)], {"ca": "ca.pem"}
            if signer is not None:
                own = Identity(tmp_path / "own", "phone", ["URI:sip:201@" + DOMAIN], signer)
                files += [("own.pem", own.pem), ("own.key", own.key.read_bytes())]
                tls.update(certificate="own.pem", key="own.key")
            with a_phone(tmp_path / str(number), "201", dns, tls, files, transport="tls") as phone:
                phone.wait("line", 20, state=state)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_phone_listens_for_tls(tmp_path, authority, runtime):
    own = Identity(tmp_path / "own", "phone", ["DNS:phone.test"], authority)
    files = [("own.pem", own.pem), ("own.key", own.key.read_bytes())]
    tls = {"certificate": "own.pem", "key": "own.key", "listen": True}
    line = {"register": False}
    with (
        Dns({}) as dns,
        a_phone(tmp_path / "201", "201", dns, tls, files, runtime, transport="udp", **line) as phone,
    ):
        host, _, port = phone.wait("ready")["sip"].partition(":")
        context = ssl.create_default_context(cadata=authority.pem.decode())
        with socket.create_connection((host, int(port) + 1), 5) as plain:
            with context.wrap_socket(plain, server_hostname="phone.test") as secure:
                request = new_request("OPTIONS", "sips:201@%s:%d" % (host, int(port) + 1))
                request.insert("Via", "SIP/2.0/TLS 127.0.0.1:9;branch=z9hG4bKx")
                request.set("To", "<sips:201@%s>" % DOMAIN)
                data = request.to_bytes()
                secure.sendall(data[:50])
                secure.sendall(data[50:])
                answer = secure.recv(4000)
        assert answer.startswith(b"SIP/2.0 200 "), answer
