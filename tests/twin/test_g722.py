"""G.722 in C: spandsp's, the Python twin, every chip, and what it refuses."""

import ctypes
import math
import random
import subprocess
import sys
from array import array
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import g722_vectors
import on_chips

from media import g722 as reference
from support.check import raises
from support.require import missing
from tools import build_native

CORE = build_native.NATIVE / "core"
VECTORS = on_chips.Vectors("g722_vectors", "wide_core", ("g722",))


@pytest.fixture(scope="module")
def native():
    try:
        build_native.build_host(quiet=True)
    except build_native.BuildError as error:
        missing("a C compiler", str(error))
    from native.host import wide_core

    return wide_core


@pytest.mark.parametrize("vector", g722_vectors.VECTORS, ids=lambda vector: vector.__name__)
def test_c_and_python_agree(native, vector):
    assert g722_vectors.checksum(native, vector) == g722_vectors.checksum(reference, vector)


@pytest.fixture(scope="module")
def expected(native):
    return {vector.__name__: g722_vectors.checksum(native, vector) for vector in g722_vectors.VECTORS}


@pytest.mark.timeout(400)
@pytest.mark.parametrize("architecture", build_native.ARCHITECTURES)
def test_a_native_module_agrees(expected, architecture):
    assert VECTORS.on_architecture(architecture) == expected


@pytest.mark.timeout(400)
@pytest.mark.parametrize("kind", ["unix", "rv32"])
def test_the_user_c_module_agrees(expected, kind):
    assert VECTORS.on_frozen(kind) == expected


def test_the_reference_is_the_same_on_micropython(expected):
    assert VECTORS.on_unix_port(on_chips.micropython(32), "media.g722") == expected


# -- spandsp, which has been in exchanges for years ------------------------------------------------------------


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
    yield "noise", [dice.randrange(-32768, 32768) for _ in range(16000)]
    yield "faint", [dice.randrange(-6, 7) for _ in range(16000)]
    yield "sweep", [round(15000 * math.sin(at * at * 0.0001)) for at in range(16000)]
    yield "square", [32767 if at // 37 % 2 else -32768 for at in range(16000)]
    yield "silence", [0] * 4000


@pytest.mark.parametrize("name, samples", list(signals()), ids=[name for name, _ in signals()])
def test_spandsp_codes_and_decodes_as_we_do(native, spandsp, name, samples):
    samples = array("h", samples)
    count = len(samples) // 2
    theirs, ours = ctypes.create_string_buffer(count), bytearray(count)
    state = spandsp.g722_encode_init(None, 64000, 0)
    assert spandsp.g722_encode(state, theirs, samples.buffer_info()[0], len(samples)) == count
    native.encode(native.new(), samples, ours)
    assert bytes(ours) == theirs.raw
    for octets in (bytes(ours), random.Random(name).randbytes(count)):
        heard, expected = array("h", [0] * 2 * count), array("h", [0] * 2 * count)
        state = spandsp.g722_decode_init(None, 64000, 0)
        assert spandsp.g722_decode(state, expected.buffer_info()[0], octets, count) == 2 * count
        native.decode(native.new(), octets, heard)
        # Where the sum overflows, spandsp 0.0.6 wraps around; the recommendation limits.
        other = [(a, b) for a, b in zip(heard, expected) if a != b]
        assert all(a in (-32768, 32767) and (a > 0) != (b > 0) for a, b in other)
        assert name in ("noise", "square") or octets != bytes(ours) or not other


def test_a_tone_comes_back_as_it_was(native):
    """In either band: 1 kHz and 6 kHz, with more than 20 dB of the tone to all else."""
    for hertz in (1000, 6000):
        tone = array("h", [round(8000 * math.sin(2 * math.pi * hertz * at / 16000)) for at in range(8000)])
        octets, heard = bytearray(4000), array("h", [0] * 8000)
        native.encode(native.new(), tone, octets)
        native.decode(native.new(), octets, heard)
        rest = heard[4000:]
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
    for core in (native, reference):
        state = core.new()
        raises(ValueError, core.encode, state, array("h", [0] * 3), bytearray(2))
        raises(ValueError, core.encode, state, array("h", [0] * 6), bytearray(2))
        raises(ValueError, core.decode, state, bytes(2), array("h", [0] * 3))
    raises(TypeError, native.encode, native.new(), array("h", [0] * 4), bytes(2))


def test_any_payload_under_the_sanitizers(tmp_path):
    sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    compiler = build_native.compiler()
    probe = tmp_path / "probe.c"
    probe.write_text("int main(void) { return 0; }\n")
    if subprocess.run([*compiler, *sanitizers, str(probe), "-o", str(tmp_path / "probe")]).returncode:
        missing("the compiler's sanitizers", "sudo apt-get install gcc")
    program = tmp_path / "soak"
    source = Path(__file__).with_name("soak_g722.c")
    flags = ["-std=c99", "-O1", "-g", *sanitizers, f"-I{CORE}", str(source), "-o", str(program)]
    subprocess.run([*compiler, *flags], check=True)
    result = subprocess.run([str(program)], capture_output=True, text=True)
    assert result.stdout == "sound\n", result.stderr[-3000:]
