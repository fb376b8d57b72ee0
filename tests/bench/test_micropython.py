"""The same phone, bench and all, on MicroPython: it calls one on CPython and is heard."""

import pytest

from support.require import missing
from tools import build_micropython, listen
from tools.bench_client import ROOT, Phone, Registrar, settings

USERS = {"201": "first secret", "202": "second secret"}
# Python's own voice path and a simulated board, compiled from source in the same heap.
HEAP = "2m"
SPEECH = ROOT / "tools" / "demo" / "202.wav"


def test_a_phone_on_micropython_calls_one_on_cpython(tmp_path):
    if build_micropython.program(32) is None:
        missing("MicroPython (32-bit)", build_micropython.why_missing(32))
    options = ["--runtime", "micropython", "--heap", HEAP]
    with Registrar(USERS) as registrar:
        configs = [settings(name, USERS[name], registrar.address) for name in USERS]
        for config in configs:
            config["audio"] = {"volume": 100, "microphone_gain": 0}
        with Phone("201", configs[0], options=options) as one, Phone("202", configs[1]) as two:
            for phone in (one, two):
                phone.wait("line", 20, state="registered")
            one.do("hook", state="off")
            one.keys("202#")
            two.wait("call", state="ringing")
            one.do("record", wav=str(tmp_path / "hears.wav"))
            two.do("mic", wav=str(SPEECH))
            two.do("hook", state="off")
            one.wait("call", state="active")
            one.gather(1.5)
            one.do("screenshot", png=str(tmp_path / "one.png"))
            one.do("hook", state="on")
            for phone in (one, two):
                stats = phone.wait("call", state="ended")["stats"]
                assert stats["received"] > 50 and stats["lost"] == 0, (phone.name, stats)
                counters = phone.state()["counters"]
                assert not [name for name in counters if name.startswith("failed")], counters
            one.do("record", wav=None)
            one.state()
            assert (tmp_path / "one.png").read_bytes().startswith(b"\x89PNG")
            assert one.quit() == 0 and two.quit() == 0
    second = listen.load(SPEECH)[:listen.RATE]
    assert listen.find(second, listen.load(tmp_path / "hears.wav")).likeness > 0.8


def test_a_phone_on_micropython_refuses_a_wrong_configuration():
    if build_micropython.program(32) is None:
        pytest.skip("told above")
    options = ["--runtime", "micropython", "--heap", HEAP]
    config = settings("201", "top secret", "127.0.0.1:9", expires=1)
    with Phone("201", config, options=options) as phone:
        assert phone.wait("error")["message"] == "lines[0].expires: must be 60 to 86400"
        assert phone.ended() == 2
