"""The C core against the Python reference, and on every chip: the same vectors, every step the same."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import vectors

from media import reference
from support import mirror
from support.require import missing
from tools import build_frozen, build_micropython, build_native
from tools.lib import rv32
from tools.lib.debian import DebianError
from tools.xtensa import emulator
from tools.xtensa.toolchain import ToolMissing

HERE = Path(__file__).resolve().parent


class Transcript(vectors.Recorder):
    """Keeps every step, so that the first difference can be named."""

    def __init__(self, voice_core):
        super().__init__(voice_core)
        self.log = []

    def record(self, what, value):
        super().record(what, value)
        self.log.append((what, value))


@pytest.fixture(scope="module")
def native():
    try:
        build_native.build_host(quiet=True)
    except build_native.BuildError as error:
        missing("a C compiler", str(error))
    from native.host import voice_core

    return voice_core


@pytest.mark.parametrize("vector", vectors.VECTORS, ids=lambda vector: vector.__name__)
def test_c_and_python_agree(native, vector):
    logs = []
    for voice_core in (reference, native):
        transcript = Transcript(voice_core)
        vector(transcript)
        logs.append(transcript.log)
    expected, found = logs
    for step, (one, other) in enumerate(zip(expected, found)):
        assert one == other, "step %d of %d" % (step, len(expected))
    assert len(expected) == len(found)


def test_a_difference_would_be_seen(native):
    """The vectors reach what they are for: each counter moves in at least one of them."""
    moved = set()
    for vector in vectors.VECTORS:
        transcript = Transcript(native)
        vector(transcript)
        moved.update(what for what, value in transcript.log if value > 0)
    assert moved.issuperset(vectors.core.COUNTERS)


def micropython(bits):
    program = build_micropython.program(bits)
    if program is None:
        missing("MicroPython (%d-bit)" % bits, build_micropython.why_missing(bits))
    return program


def on_unix_port(program, core, *path):
    """{vector: checksum} of a core in a program of MicroPython's unix port."""
    folders = [*path, mirror.ROOT / "firmware", HERE, ".frozen"]
    environment = dict(os.environ, MICROPYPATH=":".join(str(folder) for folder in folders))
    command = [str(program), "-X", "heapsize=400k", str(HERE / "print_checksums.py"), core]
    result = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=110)
    return checksums(result.stdout, result.returncode, result.stdout[-2000:] + result.stderr)


def checksums(output, status, said):
    assert status == 0, said
    return {name: int(number) for name, number in (line.split() for line in output.splitlines())}


def on_rv32(module):
    """The same in MicroPython's QEMU port."""
    try:
        rv32.program()
    except build_micropython.BuildError as error:
        missing("MicroPython for RISC-V", str(error))
    return on_qemu({"voice_core.mpy": module.read_bytes()})


def on_qemu(files, image=None):
    files["compat.py"] = (HERE / "bare" / "compat.py").read_bytes()
    files["vectors.py"] = (HERE / "vectors.py").read_bytes()
    for part in ("core", "call_progress", "level", "tables"):
        files["media/%s.py" % part] = (mirror.ROOT / "firmware" / "media" / (part + ".py")).read_bytes()
    script = "import vectors, voice_core\nfor vector in vectors.VECTORS:\n"
    script += "    print(vector.__name__, vectors.checksum(voice_core, vector))\n"
    return checksums(rv32.run_script(script, files, image=image), 0, "")


def on_xtensa(module):
    """The same in MicroPython under qemu-xtensa."""
    path = [HERE / "bare", module.parent, mirror.ROOT / "firmware", HERE]
    try:
        return checksums(
            emulator.run_script(HERE / "print_checksums.py", "voice_core", path=path, timeout=300), 0, ""
        )
    except ToolMissing as error:
        missing("the emulation of Xtensa", str(error))


RUNNERS = {
    "x86": lambda module: on_unix_port(micropython(32), "voice_core", module.parent),
    "x64": lambda module: on_unix_port(micropython(64), "voice_core", module.parent),
    "rv32imc": on_rv32,
    "xtensawin": on_xtensa,
}


@pytest.fixture(scope="module")
def on_chips():
    """architecture -> {vector: checksum} of the native module there; each is asked once."""
    known = {}

    def ask(architecture):
        if architecture not in known:
            try:
                module = build_native.build_module(architecture, quiet=True)
            except build_native.BuildError as error:
                missing("a compiler for %s" % architecture, str(error))
            known[architecture] = RUNNERS[architecture](module)
        return known[architecture]

    return ask


@pytest.fixture(scope="module")
def expected(native):
    return {vector.__name__: vectors.checksum(native, vector) for vector in vectors.VECTORS}


# The first of an architecture runs them all, and builds what is not there yet.
@pytest.mark.timeout(400)
@pytest.mark.parametrize("vector", [vector.__name__ for vector in vectors.VECTORS])
@pytest.mark.parametrize("architecture", RUNNERS)
def test_a_native_module_agrees(expected, on_chips, architecture, vector):
    assert on_chips(architecture)[vector] == expected[vector]


def test_every_architecture_is_compared():
    assert sorted(RUNNERS) == sorted(build_native.ARCHITECTURES)


@pytest.mark.timeout(400)
def test_the_user_c_module_agrees(expected):
    """The same binding, compiled into the image."""
    try:
        program = build_frozen.make("unix")
    except (build_micropython.BuildError, DebianError) as error:
        missing("the frozen phone", str(error))
    assert on_unix_port(program, "voice_core") == expected


@pytest.mark.timeout(400)
def test_the_user_c_module_agrees_on_risc_v(expected):
    """… in the image whose instructions `make cost` counts."""
    try:
        image = build_frozen.make("rv32")
    except (build_micropython.BuildError, DebianError) as error:
        missing("the frozen phone on RISC-V", str(error))
    assert on_qemu({}, image) == expected


def test_the_reference_is_the_same_on_micropython(expected):
    """Small integers have 31 bits there: what overflows silently in one of the two would show."""
    assert on_unix_port(micropython(32), "media.reference") == expected
