"""The wideband core in C: the Python twin, every chip, spandsp's G.722, and what it refuses."""

import ctypes
import math
import random
import sys
from array import array
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import on_chips
import wide_vectors

from media import core, wide
from support.check import raises
from support.require import missing
from tools import build_native

VECTORS = on_chips.Vectors("wide_vectors", "wide_core", ())


@pytest.fixture(scope="module")
def native():
    return on_chips.host_core("wide_core")


@pytest.mark.parametrize("vector", wide_vectors.VECTORS, ids=lambda vector: vector.__name__)
def test_c_and_python_agree(native, vector):
    expected, found = [
        on_chips.transcript(wide_vectors.Recorder, voice_core, vector) for voice_core in (wide, native)
    ]
    on_chips.assert_same(expected, found)


def test_a_difference_would_be_seen(native):
    """The vectors conceal, stretch, change and refuse."""
    moved = set()
    for vector in wide_vectors.VECTORS:
        steps = on_chips.transcript(wide_vectors.Recorder, native, vector)
        moved.update(what for what, value in steps if value > 0)
    assert moved.issuperset({"sent", "received", "late", "invalid", "concealed", "slipped", "digit"})


@pytest.fixture(scope="module")
def expected(native):
    return {vector.__name__: wide_vectors.checksum(native, vector) for vector in wide_vectors.VECTORS}


@pytest.mark.timeout(400)
@pytest.mark.parametrize("architecture", build_native.ARCHITECTURES)
def test_a_native_module_agrees(expected, architecture):
    assert VECTORS.on_architecture(architecture) == expected


@pytest.mark.timeout(400)
@pytest.mark.parametrize("kind", ["unix", "rv32"])
def test_the_user_c_module_agrees(expected, kind):
    assert VECTORS.on_frozen(kind) == expected


def test_the_reference_is_the_same_on_micropython(expected):
    assert VECTORS.on_unix_port(on_chips.micropython(32), "media.wide") == expected


# -- the codec in it: spandsp's, which has been in exchanges for years ------------------------------------------


class Codec:
    """G.722 of the host's library: samples to octets and back, from the start."""

    def __init__(self, native):
        self.library = ctypes.CDLL(str(native.LIBRARY))

    def _start(self):
        state = (ctypes.c_uint32 * 64)()
        self.library.g722_start(state)
        return state

    def encode(self, samples):
        line = array("h", [0] * 22) + samples
        count = len(samples) // 2
        low, high, octets = (ctypes.c_int16 * count)(), (ctypes.c_int16 * count)(), (ctypes.c_uint8 * count)()
        self.library.g722_split(ctypes.c_void_p(line.buffer_info()[0]), low, high, count)
        self.library.g722_code(self._start(), octets, low, high, count)
        return bytes(octets)

    def decode(self, octets):
        count = len(octets)
        low, high, out = (
            (ctypes.c_int16 * count)(),
            (ctypes.c_int16 * count)(),
            (ctypes.c_int16 * (2 * count))(),
        )
        history = (ctypes.c_int16 * 22)()
        self.library.g722_restore(self._start(), low, high, octets, count)
        for at in range(0, count, 40):
            bands = [ctypes.byref(band, 2 * at) for band in (low, high)]
            self.library.g722_join(history, *bands, ctypes.byref(out, 4 * at), 40)
        return array("h", out)


@pytest.fixture(scope="module")
def codec(native):
    return Codec(native)


@pytest.fixture(scope="module")
def spandsp():
    try:
        library = ctypes.CDLL("libspandsp.so.2")
    except OSError:
        missing("spandsp", "sudo apt-get install libspandsp2")
    for name in ("g722_encode_init", "g722_decode_init"):
        getattr(library, name).restype = ctypes.c_void_p
    for name in ("g722_encode", "g722_decode"):
        getattr(library, name).argtypes = [ctypes.c_void_p] * 3 + [ctypes.c_int]
    return library


def signals():
    dice = random.Random(5)
    yield "noise", [dice.randrange(-20000, 20001) for _ in range(16000)]
    yield "faint", [dice.randrange(-6, 7) for _ in range(16000)]
    yield "sweep", [round(15000 * math.sin(at * at * 0.0001)) for at in range(16000)]
    yield "square", [20000 if at // 37 % 2 else -20000 for at in range(16000)]
    yield "silence", [0] * 4000


@pytest.mark.parametrize("name, samples", list(signals()), ids=[name for name, _ in signals()])
def test_spandsp_codes_and_decodes_as_we_do(codec, spandsp, name, samples):
    """Where a band overflows, spandsp 0.0.6 goes on with more bits or wraps around; the recommendation limits."""
    samples = array("h", samples)
    count = len(samples) // 2
    theirs = ctypes.create_string_buffer(count)
    state = spandsp.g722_encode_init(None, 64000, 0)
    assert spandsp.g722_encode(state, theirs, samples.buffer_info()[0], len(samples)) == count
    ours = codec.encode(samples)
    assert ours == theirs.raw
    for octets in (ours, random.Random(name).randbytes(count)):
        expected = array("h", [0] * 2 * count)
        state = spandsp.g722_decode_init(None, 64000, 0)
        assert spandsp.g722_decode(state, expected.buffer_info()[0], octets, count) == 2 * count
        other = [(a, b) for a, b in zip(codec.decode(octets), expected) if a != b]
        assert all(a in (-32768, 32767) and (a > 0) != (b > 0) for a, b in other)
        assert name in ("noise", "square") or octets != ours or not other


def test_a_tone_comes_back_as_it_was(codec):
    """In either band: 1 kHz and 6 kHz, with more than 20 dB of the tone to all else."""
    for hertz in (1000, 6000):
        tone = array("h", [round(8000 * math.sin(2 * math.pi * hertz * at / 16000)) for at in range(8000)])
        rest = codec.decode(codec.encode(tone))[4000:]
        power = sum(sample * sample for sample in rest) / len(rest)
        parts = [
            2
            / len(rest)
            * sum(sample * wave(2 * math.pi * hertz * at / 16000) for at, sample in enumerate(rest))
            for wave in (math.sin, math.cos)
        ]
        amplitude = math.hypot(*parts)
        assert abs(amplitude - 8000) < 400
        assert 10 * math.log10((amplitude**2 / 2) / (power - amplitude**2 / 2)) > 20


def test_what_the_core_refuses(native):
    """G.722 on a wire that has no upper band."""
    voice, parameters = native.new(), array("I", (9, 9, 9, 101, 1, 2, 3, 20, 200))
    native.start(voice, 8000, 16)
    raises(ValueError, native.open, voice, parameters)
    native.start(voice, 16000, 16)
    native.open(voice, parameters)
    raises(ValueError, native.transmit, voice, array("h", [0] * 160), bytearray(172), 0)
    assert native.transmit(voice, array("h", [0] * 320), bytearray(172), 0) == 172


def test_a_narrow_stream_goes_on_as_a_wide_one_and_back(native):
    """The states begin alike: packets, numbers and what waits to be played are the same stream's."""
    from native.host import voice_core as narrow

    numbers = wide_vectors.Numbers(3)
    peer = wide_vectors.Peer(numbers)
    counts = array("I", [0] * len(core.COUNTERS))
    packet, captured, played = bytearray(172), array("h", [0] * 320), array("h", [0] * 320)
    one, other = narrow.new(), native.new()
    narrow.start(one, 16000, 16)
    narrow.open(one, array("I", (0, 0, 0, 101, 1, 2, 3, 20, 200)))
    octets = len(bytes(one))

    def talk(voice_core, voice, law, frames):
        peer.kind = law
        for frame in range(frames):
            voice_core.transmit(voice, captured, packet, frame * 20)
            if frame % 3:
                voice_core.receive(voice, peer.voice(), 172, frame * 20)
            voice_core.playout(voice, played)

    talk(narrow, one, 0, 8)
    ctypes.memmove(other, one, octets)
    native.update(other, array("I", (9, 9, 9, 101)))
    talk(native, other, 9, 7)
    assert packet[1] & 0x7F == 9 and packet[3] == 2 + 14
    native.counters(other, counts)
    assert counts[core.COUNTERS.index("sent")] == 15
    assert counts[core.COUNTERS.index("received")] == 9 and any(played)
    ctypes.memmove(one, other, octets)
    narrow.update(one, array("I", (8, 8, 8, 101)))
    talk(narrow, one, 8, 7)
    narrow.counters(one, counts)
    assert counts[core.COUNTERS.index("sent")] == 22 and counts[core.COUNTERS.index("received")] == 13
