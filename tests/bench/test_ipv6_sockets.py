"""Whole phones with IPv6 addresses: registration and a call, with our proxy between."""

import json
import subprocess
import sys
import time

import pytest

from support.mirror import ROOT
from support.require import missing
from tools import build_micropython
from tools.lib.bench_client import Phone


class Pbx:
    def __enter__(self):
        command = [
            sys.executable,
            str(ROOT / "tools" / "pbx.py"),
            "--json",
            "--listen",
            "[::1]:0",
            "--user",
            "201",
            "--user",
            "202:secret",
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.address = json.loads(self.process.stdout.readline())["sip"]
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()


@pytest.mark.parametrize("runtime, transport", [("cpython", "tcp"), ("micropython", "udp")])
def test_a_call_by_ipv6(tmp_path, runtime, transport):
    if runtime == "micropython" and build_micropython.program(32) is None:
        missing("MicroPython (32-bit)", build_micropython.why_missing(32))
    options = ["--runtime", runtime] + (["--heap", "2m"] if runtime == "micropython" else [])
    phones = []
    with Pbx() as pbx:
        for user, password in (("201", None), ("202", "secret")):
            line = {
                "aor": "sip:%s@[::1]" % user,
                "registrar": "sip:" + pbx.address,
                "proxy": "sip:%s;lr" % pbx.address,
                "transport": transport,
            }
            if password:
                line["password"] = password
            config = {"lines": [line], "network": {"sip_port": 0, "rtp_port_min": 0, "rtp_port_max": 0}}
            phones.append(Phone(user, config, options=[*options, "--pcap", str(tmp_path / (user + ".pcap"))]))
        caller, callee = phones
        with caller, callee:
            for phone in phones:
                phone.wait("ready")
                phone.do("network", address="::1")
                assert phone.wait("ready")["sip"].startswith("[::1]:")
            for phone in phones:
                phone.wait("line", 20, state="registered")
            caller.do("hook", state="off")
            caller.keys("202#")
            callee.wait("call", state="ringing", direction="in")
            callee.do("hook", state="off")
            for phone in phones:
                phone.wait("call", state="active")
            # Voice both ways, or nothing is received.
            time.sleep(1)
            callee.do("hook", state="on")
            for phone in phones:
                stats = phone.wait("call", state="ended")["stats"]
                assert stats["received"] > 20 and stats["sent"] > 20, stats
            assert caller.quit() == 0 and callee.quit() == 0
    for user in ("201", "202"):
        sent = (tmp_path / (user + ".pcap")).read_bytes()
        assert b"o=- " in sent and b" IN IP6 ::1\r\n" in sent and b"IN IP4" not in sent
        assert b"Contact: <sip:%s@[::1]:" % user.encode() in sent
        assert b"SIP/2.0/%s [::1]:" % transport.upper().encode() in sent
