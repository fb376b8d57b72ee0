"""What the C core promises beside its sound: no library, no floats, no state but the caller's, no trust."""

import ctypes
import os
import platform
import shutil
import subprocess
from array import array
from pathlib import Path

import pytest

from support.check import raises
from support.require import missing
from tools import build_native

CORE = build_native.NATIVE / "core"
STRICT = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-ffreestanding", "-nostdlib"]
STRICT += ["-fno-tree-loop-distribute-patterns", "-mgeneral-regs-only"]


def compiler():
    try:
        return build_native.compiler()
    except build_native.BuildError as error:
        return missing("a C compiler", str(error))


def build(output, *arguments):
    result = subprocess.run([*compiler(), *arguments, "-o", str(output)], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def symbols(path):
    """{name: nm's letter}."""
    if shutil.which("nm") is None:
        missing("nm", "sudo apt-get install binutils")
    lines = subprocess.run(["nm", str(path)], capture_output=True, text=True, check=True).stdout.splitlines()
    return {line.split()[-1]: line.split()[-2] for line in lines}


# One function of each module that its binding calls.
CALLS = {
    "voice_core": "voice_transmit",
    "srtp_core": "srtp_protect",
    "wide_core": "g722_code",
    "echo_core": "echo_cancel",
}

FLAGS = [["-O0"], ["-O2"], ["-Os"], ["-O3"]]
if platform.machine() == "x86_64":
    FLAGS += [["-O2", "-m32"], ["-Os", "-m32"]]


@pytest.mark.parametrize("flags", FLAGS, ids=" ".join)
@pytest.mark.parametrize("module", build_native.MODULES)
def test_the_core_needs_nothing_and_keeps_nothing(tmp_path, module, flags):
    """No undefined symbol: no libc, no 64-bit division. No writable one: no state of its own."""
    output = tmp_path / "core.o"
    build(output, *STRICT, *flags, "-DCORE=", "-c", str(CORE / (module + ".c")))
    kinds = symbols(output)
    assert CALLS[module] in kinds
    assert [name for name, kind in kinds.items() if kind in "Uu" and name != "_GLOBAL_OFFSET_TABLE_"] == []
    assert [name for name, kind in kinds.items() if kind in "bBdDcCsS"] == []


def test_each_part_compiles_by_itself(tmp_path):
    for part in sorted(CORE.glob("*.c")):
        build(tmp_path / "part.o", *STRICT, "-DCORE=", "-c", str(part))


@pytest.mark.parametrize("wide", [0, 1])
def test_hostile_packets_under_the_sanitizers(tmp_path, wide):
    probe = tmp_path / "probe.c"
    probe.write_text("int main(void) { return 0; }\n")
    sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    if subprocess.run([*compiler(), *sanitizers, str(probe), "-o", str(tmp_path / "probe")]).returncode:
        missing("the compiler's sanitizers", "sudo apt-get install gcc")
    program = tmp_path / "soak"
    flags = ["-std=c99", "-O1", "-g", *sanitizers, f"-DWIDE={wide}", f"-I{CORE}"]
    build(program, *flags, str(Path(__file__).with_name("soak.c")))
    result = subprocess.run([str(program)], capture_output=True, text=True)
    assert result.stdout == "sound\n", result.stderr[-3000:]


def test_the_tables_are_those_that_their_tool_makes():
    from tools import voice_tables

    for path, language in voice_tables.OUTPUTS.items():
        assert path.read_text() == (voice_tables.as_c() if language == "c" else voice_tables.as_python())


@pytest.fixture
def native():
    compiler()
    build_native.build_host(quiet=True)
    from native.host import voice_core

    return voice_core


PARAMETERS = array("I", (0, 0, 0, 101, 1, 2, 3, 20, 200))


def play(native, voice, numbers):
    """What comes out of some frames, each heard back as it was sent."""
    heard = []
    for number in numbers:
        packet, out = bytearray(172), array("h", [0] * 960)
        native.transmit(voice, array("h", range(number * 100, number * 100 + 960)), packet, 0)
        native.receive(voice, packet, len(packet), number * 20)
        native.playout(voice, out)
        heard.append((bytes(packet), bytes(out)))
    return heard


def test_the_state_may_move(native):
    """No pointers in it: a copy at another address goes on as the original does."""
    first, second = native.new(), native.new()
    native.start(first, 48000, 16)
    native.open(first, PARAMETERS)
    play(native, first, range(6))
    ctypes.memmove(second, bytes(first), ctypes.sizeof(first))
    assert play(native, first, range(6, 12)) == play(native, second, range(6, 12))


def test_what_the_core_refuses(native):
    voice, frame, packet = native.new(), array("h", [0] * 160), bytearray(172)
    raises(ValueError, native.transmit, voice, frame, packet, 0)  # not started
    raises(ValueError, native.playout, voice, frame)
    raises(ValueError, native.open, voice, PARAMETERS)
    for rate, bits in ((44100, 16), (0, 16), (8000, 24)):
        raises(ValueError, native.start, voice, rate, bits)
    native.start(voice, 8000, 16)
    raises(ValueError, native.open, voice, PARAMETERS[:8])
    for depth, ceiling in ((0, 200), (201, 200), (20, 257), (0xFFFFFFFF, 0xFFFFFFFF)):
        raises(ValueError, native.open, voice, PARAMETERS[:7] + array("I", [depth, ceiling]))
    native.open(voice, PARAMETERS)
    raises(ValueError, native.transmit, voice, frame[:159], packet, 0)
    raises(ValueError, native.transmit, voice, frame, packet[:171], 0)
    raises(ValueError, native.transmit, voice, memoryview(bytearray(322))[1:321], packet, 0)  # not aligned
    raises(ValueError, native.playout, voice, array("h", [0] * 161))
    raises(ValueError, native.receive, voice, packet, 173, 0)
    raises(ValueError, native.receive, voice, packet, -1, 0)
    raises(TypeError, native.playout, voice, bytes(320))
    raises(ValueError, native.counters, voice, array("I", [0] * 21))
    raises(ValueError, native.set, voice, 6, 1)
    assert native.transmit(voice, frame, packet, 0) == 172


def test_the_engine_takes_the_native_core_and_its_rates(native):
    from media.engine import Engine

    engine = Engine(native=True)
    assert engine.native and engine.rates == (48000, 16000, 8000)
    engine.open("PCMA", 8, ssrc=1, rate=48000, capture_bits=32, cname="x")
    assert engine.frame_samples == 960
    packet = engine.transmit(array("i", [1 << 28] * 960), 0)
    assert len(packet) == 172 and packet[1] == 0x88


def test_building_again_builds_nothing(native):
    before = build_native.HOST_LIBRARY.stat().st_mtime_ns
    build_native.build_host(quiet=True)
    assert build_native.HOST_LIBRARY.stat().st_mtime_ns == before


def test_no_compiler_is_said_in_words(monkeypatch, capsys):
    monkeypatch.setenv("CC", "no-such-compiler --flag")
    monkeypatch.setattr("sys.argv", ["build_native.py", "--host"])
    assert build_native.main() == 1
    said = capsys.readouterr().err
    assert "no-such-compiler" in said and "apt-get install" in said
    assert "Traceback" not in said


def test_a_compiler_that_fails_is_said_in_words(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("CC", "false")
    monkeypatch.setattr("sys.argv", ["build_native.py", "--host"])
    monkeypatch.setattr(build_native, "ROOT", tmp_path)
    monkeypatch.setattr(build_native, "HOST_LIBRARY", tmp_path / "host" / "voice_core.so")
    assert build_native.main() == 1
    assert "compiler failed: false" in capsys.readouterr().err
    assert os.listdir(tmp_path / "host") == []


def test_what_is_left_out_is_named_with_the_package_that_brings_it(monkeypatch, capsys):
    absent = build_native.RiscvGcc("no-such-gcc", "gcc-no-such", [])
    monkeypatch.setattr(build_native, "ARCHITECTURES", {"rv32imc": ("ESP32-C3", absent)})
    monkeypatch.setattr("sys.argv", ["build_native.py"])
    assert build_native.main() == 0
    assert "no module for rv32imc (ESP32-C3): sudo apt-get install gcc-no-such" in capsys.readouterr().out
    monkeypatch.setattr("sys.argv", ["build_native.py", "--arch", "rv32imc"])
    assert build_native.main() == 1
    assert "gcc-no-such" in capsys.readouterr().err
