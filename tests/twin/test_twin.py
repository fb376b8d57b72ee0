"""The C core against the Python reference: the same vectors, every step the same."""

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
from tools import build_micropython, build_native


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


def test_the_reference_is_the_same_on_micropython():
    """Small integers have 31 bits there: what overflows silently in one of the two would show."""
    program = build_micropython.program(32)
    if program is None:
        missing("MicroPython (32-bit)", build_micropython.why_missing(32))
    folder = Path(__file__).resolve().parent
    environment = dict(os.environ, MICROPYPATH="%s:%s:.frozen" % (mirror.ROOT / "firmware", folder))
    command = [str(program), "-X", "heapsize=400k", str(folder / "print_checksums.py")]
    result = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=110)
    assert result.returncode == 0, result.stdout + result.stderr
    expected = ["%s %d" % (each.__name__, vectors.checksum(reference, each)) for each in vectors.VECTORS]
    assert result.stdout.splitlines() == expected
