"""The same phone, bench and all, on MicroPython: it calls one on CPython and is heard."""

import socket

import pytest

from support.require import missing
from tools import build_micropython, build_native
from tools.lib import listen
from tools.lib.bench_client import ROOT, Phone, Registrar, settings

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
    # The jitter buffer becomes less deep in the pause between the two words.
    speech, heard = listen.load(SPEECH), listen.load(tmp_path / "hears.wav")
    for word in (speech[:3200], speech[4000:8000]):
        assert listen.find(word, heard).likeness > 0.9


def test_idle_connections_do_not_end_a_phone_on_micropython():
    if build_micropython.program(32) is None:
        missing("MicroPython (32-bit)", build_micropython.why_missing(32))
    options = ["--runtime", "micropython", "--heap", HEAP]
    config = settings("201", "x", "127.0.0.1:9", register=False)
    with Phone("201", config, options=options) as phone:
        host, _, port = phone.wait("ready")["sip"].rpartition(":")
        sources = [("127.0.0.%d" % number, 0) for number in range(2, 11)]
        idle = [socket.create_connection((host, int(port)), 2, source) for source in sources]
        phone.gather(0.5)
        phone.do("hook", state="off")
        phone.gather(0.3)
        assert phone.state()["counters"].get("internal_errors") is None
        for each in idle:
            each.close()
        assert phone.quit() == 0


def test_a_phone_on_micropython_refuses_a_wrong_configuration():
    if build_micropython.program(32) is None:
        pytest.skip("told above")
    options = ["--runtime", "micropython", "--heap", HEAP]
    config = settings("201", "top secret", "127.0.0.1:9", expires=1)
    with Phone("201", config, options=options) as phone:
        assert phone.wait("error")["message"] == "lines[0].expires: must be 60 to 86400"
        assert phone.ended() == 2


def native_module(architecture):
    """The octets of a native module; skips where its compiler is not there."""
    try:
        return build_native.build_module(architecture, quiet=True).read_bytes()
    except build_native.BuildError as error:
        return missing("a compiler for %s" % architecture, str(error))


def old(octets):
    """The same module as if for the ABI before."""
    header = bytearray(octets)
    header[1] -= 1
    return bytes(header)


def old_minor(octets):
    header = bytearray(octets)
    header[2] ^= 1
    return bytes(header)


def half(octets):
    return octets[: len(octets) // 2]


def flipped(octets):
    return octets[:2000] + bytes([octets[2000] ^ 1]) + octets[2001:]


def as_it_is(octets):
    return octets


@pytest.mark.parametrize(
    ("architecture", "change", "expected"),
    [
        ("x86", as_it_is, "native"),
        ("x64", as_it_is, "needs voice_core for x86, ABI 6.3 (incompatible .mpy arch)"),
        ("rv32imc", as_it_is, "needs voice_core for x86, ABI 6.3 (incompatible .mpy arch)"),
        ("x86", old, "needs voice_core for x86, ABI 6.3 (incompatible .mpy file)"),
        ("x86", half, "needs voice_core for x86, ABI 6.3 (voice_core.mpy is damaged)"),
        ("x86", flipped, "needs voice_core for x86, ABI 6.3 (voice_core.mpy is damaged)"),
        ("x86", old_minor, "needs voice_core for x86, ABI 6.3 (incompatible .mpy file)"),
    ],
    ids=["right", "another chip", "a third", "an older ABI", "half of it", "one bit", "another minor ABI"],
)
def test_a_module_for_something_else_is_told_and_done_without(tmp_path, architecture, change, expected):
    if build_micropython.program(32) is None:
        missing("MicroPython (32-bit)", build_micropython.why_missing(32))
    (tmp_path / "voice_core.mpy").write_bytes(change(native_module(architecture)))
    options = ["--runtime", "micropython", "--heap", HEAP, "--modules", str(tmp_path)]
    config = settings("201", "x", "127.0.0.1:9", register=False)
    log = tmp_path / "log"
    with Phone("201", config, options=options, log=log) as phone:
        phone.wait("ready")
        phone.keys("soft4", "down", "down", "down")
        # Long lines scroll: what is read is the beginning.
        begins = ("Voice " + ("native" if expected == "native" else "software (slow)"))[:18]
        phone.wait("display", 10, lambda event: any(line.startswith(begins) for line in event["lines"]))
        # A tone needs the voice core, whichever it is.
        phone.do("hook", state="off")
        phone.gather(0.3)
        assert phone.state()["counters"] == {}
        assert phone.quit() == 0
    warned = "warning: voice: software (slow): " + expected
    assert (warned in log.read_text()) == (expected != "native"), log.read_text()


@pytest.mark.parametrize("heap", ["60k", "200k"])
def test_too_little_heap_is_told_in_one_line(tmp_path, heap):
    """Bytecode made from source needs more than that."""
    if build_micropython.program(32) is None:
        missing("MicroPython (32-bit)", build_micropython.why_missing(32))
    log = tmp_path / "log"
    options = ["--runtime", "micropython", "--heap", heap]
    with Phone("201", settings("201", "x", "127.0.0.1:9"), options=options, log=log) as phone:
        assert phone.ended(20) == 3
    (line,) = log.read_text().splitlines()
    assert line.startswith("Not enough memory: a heap of ")
