"""The C core against the Python reference, and on every chip: the same vectors, every step the same."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import on_chips
import vectors

from media import reference
from tools import build_native

VECTORS = on_chips.Vectors("vectors", "voice_core", ())


@pytest.fixture(scope="module")
def native():
    return on_chips.host_core("voice_core")


@pytest.mark.parametrize("vector", vectors.VECTORS, ids=lambda vector: vector.__name__)
def test_c_and_python_agree(native, vector):
    expected, found = [on_chips.transcript(vectors.Recorder, core, vector) for core in (reference, native)]
    on_chips.assert_same(expected, found)


def test_a_difference_would_be_seen(native):
    """The vectors reach what they are for: each counter moves in at least one of them."""
    moved = set()
    for vector in vectors.VECTORS:
        steps = on_chips.transcript(vectors.Recorder, native, vector)
        moved.update(what for what, value in steps if value > 0)
    assert moved.issuperset(vectors.core.COUNTERS)


@pytest.fixture(scope="module")
def checksums_on():
    """architecture -> {vector: checksum} of the native module there; each is asked once."""
    known = {}

    def ask(architecture):
        if architecture not in known:
            known[architecture] = VECTORS.on_architecture(architecture)
        return known[architecture]

    return ask


@pytest.fixture(scope="module")
def expected(native):
    return {vector.__name__: vectors.checksum(native, vector) for vector in vectors.VECTORS}


# The first of an architecture runs them all, and builds what is not there yet.
@pytest.mark.timeout(400)
@pytest.mark.parametrize("vector", [vector.__name__ for vector in vectors.VECTORS])
@pytest.mark.parametrize("architecture", on_chips.RUNNERS)
def test_a_native_module_agrees(expected, checksums_on, architecture, vector):
    assert checksums_on(architecture)[vector] == expected[vector]


def test_every_architecture_is_compared():
    assert sorted(on_chips.RUNNERS) == sorted(build_native.ARCHITECTURES)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("kind", ["unix", "rv32"])
def test_the_user_c_module_agrees(expected, kind):
    """The same binding, compiled into the image; on RISC-V the image whose instructions `make cost` counts."""
    assert VECTORS.on_frozen(kind) == expected


def test_the_reference_is_the_same_on_micropython(expected):
    """Small integers have 31 bits there: what overflows silently in one of the two would show."""
    assert VECTORS.on_unix_port(on_chips.micropython(32), "media.reference") == expected
