"""The C core against the Python reference: the same vectors, every step the same."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import vectors

from media import reference
from tools import build_native


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
        pytest.skip(str(error))
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
