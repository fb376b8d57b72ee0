"""The call log reaches the flash some seconds after a call, and at once at an orderly end."""

import json
import time

from tools.lib.bench_client import Phone, settings


def test_a_call_log_is_written_late_and_not_lost_at_the_end():
    with Phone("201", settings("201", "secret", "127.0.0.1:9", register=False)) as phone:
        phone.wait("ready")
        phone.do("hook", state="off")
        phone.keys("202#")
        phone.wait("call", direction="out")
        phone.do("hook", state="on")
        phone.wait("call", state="ended")
        phone.state()
        assert phone.file("history.json") is None, "nothing is written with each change"
        end = time.monotonic() + 20
        while phone.file("history.json") is None and time.monotonic() < end:
            time.sleep(0.1)
        assert json.loads(phone.file("history.json"))["entries"][0][:3:2] == ["placed", "202"]
        phone.do("hook", state="off")
        phone.keys("203#")
        phone.wait("call", state="ended", timeout=40)
        phone.state()
        assert len(json.loads(phone.file("history.json"))["entries"]) == 1
        assert phone.quit() == 0
        assert len(json.loads(phone.file("history.json"))["entries"]) == 2
