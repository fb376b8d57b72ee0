"""tools/pbx.py with other people's phones: baresip registers, calls and is called; SIPp makes 200 calls."""

import sys
import time

import pytest
from interop import sound
from interop.peers import HERE, HOST, USERS, Baresip, Peer, Sipp, free_ports

from support.mirror import ROOT


class Pbx(Peer):
    """Our registrar and proxy, with MD5 only: at an offer of SHA-256 beside it baresip 1.0 gives up."""

    program, package = sys.executable, "python3"

    def __init__(self, folder):
        super().__init__(folder)
        self.port = free_ports()
        self.address = "%s:%d" % (HOST, self.port)

    def arguments(self):
        users = [each for user in USERS.items() for each in ("--user", "%s:%s" % user)]
        return [
            ROOT / "tools" / "pbx.py",
            "--listen",
            self.address,
            "--json",
            "--verbose",
            "--algorithm",
            "md5",
        ] + users

    def ready(self):
        return '"ready"' in self.log_text()


class SippWithFile(Sipp):
    """SIPp with a scenario of ours instead of a built-in one."""

    def arguments(self):
        arguments = super().arguments()
        arguments[:2] = ["-sf", HERE / self.scenario]
        return arguments


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_two_baresips_hear_each_other_through_it(tmp_path, transport):
    low = sound.write_tone(tmp_path / "low.wav", 440, 30)
    high = sound.write_tone(tmp_path / "high.wav", 1200, 30)
    with (
        Pbx(tmp_path / "pbx") as pbx,
        Baresip(tmp_path / "caller", "201", low, pbx.address, transport) as caller,
        Baresip(tmp_path / "callee", "202", high, pbx.address, transport) as callee,
    ):
        caller.command("dial", "sip:202@" + pbx.address)
        caller.wait_for_event("CALL_ESTABLISHED")
        callee.wait_for_event("CALL_ESTABLISHED")
        time.sleep(1.5)
        caller.command("hangup")
        callee.wait_for_event("CALL_CLOSED")
        assert '"error"' not in pbx.log_text()
    for peer, hz in ((caller, 1200), (callee, 440)):
        samples, rate = sound.read(peer.heard()[0])
        assert sound.seconds_of(samples, rate, hz) > 0.8


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_200_calls_of_sipp_with_passwords(tmp_path, transport):
    def sipp(name, calls, user, *options):
        password = ["-au", user, "-ap", USERS[user]]
        return SippWithFile(
            tmp_path / name,
            "sipp_%s.xml" % name,
            calls,
            pbx.address,
            *password,
            *options,
            transport=transport,
        )

    with Pbx(tmp_path / "pbx") as pbx, sipp("uas", 200, "202") as uas:
        uas_port = ["-key", "contact", uas.address, "-s", "202"]
        with sipp("register", 1, "202", *uas_port) as register:
            assert register.finish(10) == (1, 0), register.errors()
        # SIPp names the server alone in its digest, unless it is told the Request-URI (RFC 7616 §3.4.6).
        own = ["-auth_uri", "202@" + pbx.address]
        with sipp("uac", 200, "201", "-s", "202", "-key", "user", "201", "-r", "50", *own) as uac:
            assert uac.finish(60) == (200, 0), uac.errors()
        assert uas.finish(60) == (200, 0), uas.errors()
        assert '"error"' not in pbx.log_text()
