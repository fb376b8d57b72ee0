"""Another address in mid-call, as a new lease or another access point gives it: the call goes on from there."""

import json
import subprocess
import sys
import time

import pytest

from support.mirror import ROOT
from support.require import missing
from tools import build_micropython
from tools.lib.bench_client import Phone, settings


class Pbx:
    def __init__(self, *arguments):
        command = [
            sys.executable,
            str(ROOT / "tools" / "pbx.py"),
            "--json",
            "--listen",
            "127.0.0.1:0",
            "--verbose",
        ]
        self._command = [*command, *arguments]

    def __enter__(self):
        self.process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        self.address = json.loads(self.process.stdout.readline())["sip"]
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()


@pytest.mark.parametrize("runtime, transport", [("micropython", "udp"), ("cpython", "tcp")])
def test_a_call_follows_the_phone_to_another_address(tmp_path, runtime, transport):
    if runtime == "micropython" and build_micropython.program(32) is None:
        missing("MicroPython (32-bit)", build_micropython.why_missing(32))
    options = ["--runtime", runtime] + (["--heap", "2m"] if runtime == "micropython" else [])
    with Pbx("--user", "201:one", "--user", "202:two") as pbx:
        caller = Phone("201", settings("201", "one", pbx.address, transport=transport), options=options)
        callee = Phone("202", settings("202", "two", pbx.address, transport=transport), options=options)
        with caller, callee:
            for phone in (caller, callee):
                phone.wait("ready")
                phone.wait("line", 20, state="registered")
            caller.do("hook", state="off")
            caller.keys("202#")
            callee.wait("call", state="ringing", direction="in")
            callee.do("hook", state="off")
            for phone in (caller, callee):
                phone.wait("call", state="active")
            time.sleep(0.6)
            # One has a new lease; the other loses its access point, and finds one elsewhere.
            for number, phone in ((2, callee), (3, caller)):
                if phone is caller:
                    phone.do("network", address=None)
                    time.sleep(0.3)
                phone.do("network", address="127.0.0.%d" % number)
                assert phone.wait("ready")["sip"].startswith("127.0.0.%d:" % number)
                time.sleep(1)
            for phone in (caller, callee):
                phone.do("state")
                state = phone.wait("state")
                assert [call["state"] for call in state["calls"]] == ["active"], state
                assert state["lines"][0]["state"] == "registered", state
            time.sleep(0.5)
            callee.do("hook", state="on")
            for phone in (caller, callee):
                ended = phone.wait("call", state="ended")
                stats = ended["stats"]
                # 4 s of voice, a second of which is lost while there is no network.
                assert stats["received"] > 0.6 * stats["sent"] > 70, (phone.name, ended)
            # Each is to be had at its new address, and nowhere else.
            callee.do("hook", state="off")
            callee.keys("201#")
            caller.do("hook", state="on")
            caller.wait("call", state="ringing", direction="in")
            assert caller.quit() == 0 and callee.quit() == 0


def test_a_phone_without_a_network_never_says_registered():
    with Pbx("--user", "201:one") as pbx, Phone("201", settings("201", "one", pbx.address)) as phone:
        phone.wait("line", 20, state="registered")
        phone.wait("display", where=lambda event: "registered" in " ".join(event["lines"]))
        phone.do("network", address=None)
        first = phone.wait("display", where=lambda event: "no network" in " ".join(event["lines"]))
        # The line goes by on a narrow display: all of it is seen.
        shown = [first["lines"]] + [each["lines"] for each in phone.gather(3) if each["event"] == "display"]
        assert not [lines for lines in shown if "registered" in " ".join(lines)], shown
        phone.do("network", address="127.0.0.1")
        phone.wait("display", 10, where=lambda event: "registered" in " ".join(event["lines"]))
