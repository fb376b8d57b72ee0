"""SRTP in C: NIST's and the RFCs' vectors, the Python twin, every chip, libsrtp, and what it refuses."""

import ctypes
import random
import struct
import subprocess
import sys
from array import array
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import on_chips
import srtp_vectors

from media import srtp as reference
from support.check import raises
from support.require import missing
from tools import build_micropython, build_native, cost
from tools.lib.debian import DebianError

CORE = build_native.NATIVE / "core"
VECTORS = on_chips.Vectors("srtp_vectors", "srtp_core", ("srtp", "aes", "sha1"))
NAMES = [vector.__name__ for vector in srtp_vectors.VECTORS]


@pytest.fixture(scope="module")
def native():
    return on_chips.host_core("srtp_core")


@pytest.fixture(scope="module")
def parts(native):
    """The library itself: all of its parts can be called."""
    return ctypes.CDLL(str(native.LIBRARY))


# Longer than any struct of the parts: what C writes past a shorter one damages the interpreter, much later.
State = ctypes.c_uint32 * 256


# -- published vectors ---------------------------------------------------------------------------------------


def words(octets):
    return (ctypes.c_uint32 * (len(octets) // 4))(*struct.unpack(">%dI" % (len(octets) // 4), octets))


def key_stream(parts, key, counter, length):
    state, octets = State(), ctypes.create_string_buffer(length)
    parts.aes_start(state, key, len(key))
    parts.aes_key_stream(state, words(counter), octets, length)
    return octets.raw


@pytest.mark.parametrize(
    "key, counter, stream",
    [
        # FIPS 197 appendix C.1, C.3
        (
            "000102030405060708090a0b0c0d0e0f",
            "00112233445566778899aabbccddeeff",
            "69c4e0d86a7b0430d8cdb78070b4c55a",
        ),
        (
            "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
            "00112233445566778899aabbccddeeff",
            "8ea2b7ca516745bfeafc49904b496089",
        ),
        # RFC 3711 appendix B.2
        (
            "2b7e151628aed2a6abf7158809cf4f3c",
            "f0f1f2f3f4f5f6f7f8f9fafbfcfd0000",
            "e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab41e95b3bb0a2e8dd477901e4fca894c0",
        ),
        (
            "2b7e151628aed2a6abf7158809cf4f3c",
            "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
            "ec8cdf7398607cb0f2d21675ea9ea1e4362b7c3c6773516318a077d7fc5073ae6a2cc3787889374fbeb4c81b17ba6c44",
        ),
    ],
)
def test_aes(parts, key, counter, stream):
    stream = bytes.fromhex(stream)
    for length in range(len(stream) + 1):
        assert key_stream(parts, bytes.fromhex(key), bytes.fromhex(counter), length) == stream[:length]


@pytest.mark.parametrize("octets", [16, 32])
def test_aes_with_many_keys_is_that_of_the_twin(parts, octets):
    """The S-box of all octets in every place, and carries of the counter."""
    from media import aes

    dice = random.Random(octets)
    for _ in range(60):
        key, counter = dice.randbytes(octets), dice.randbytes(13) + b"\xff\xff\xfe"
        assert key_stream(parts, key, counter, 100) == aes.key_stream(aes.expand(key), counter, 100)


def test_hmac_is_that_of_the_library(parts):
    import hashlib
    import hmac

    dice = random.Random(1)
    for length in [*range(150), 1000]:
        key, message = dice.randbytes(20), dice.randbytes(length)
        states, sha1 = State(), State()
        digest = ctypes.create_string_buffer(20)
        parts.hmac_start(states, key, len(key))
        parts.hmac_begin(sha1, states)
        cut = dice.randrange(length + 1)
        parts.hmac_add(sha1, message[:cut], cut)
        parts.hmac_add(sha1, message[cut:], length - cut)
        parts.hmac_end(sha1, states, digest)
        assert digest.raw == hmac.new(key, message, hashlib.sha1).digest()


def ghash(parts, key, clear, encrypted):
    state, digest = State(), ctypes.create_string_buffer(16)
    parts.ghash_begin(state, (ctypes.c_uint32 * 4)(*reversed(struct.unpack(">4I", key))))
    parts.ghash_add(state, clear, len(clear))
    parts.ghash_add(state, encrypted, len(encrypted))
    parts.ghash_end(state, len(clear), len(encrypted), digest)
    return digest.raw


def test_ghash(parts):
    """The GCM specification's test cases 2 and 4; and the twin, with many keys."""
    from media import ghash as twin

    key = bytes.fromhex("66e94bd4ef8a2c3b884cfa59ca342b2e")
    encrypted = bytes.fromhex("0388dace60b6a392f328c2b971b2fe78")
    assert ghash(parts, key, b"", encrypted).hex() == "f38cbb1ad69223dcc3457ae5b6b0f885"
    key = bytes.fromhex("b83b533708bf535d0aa6e52980d53b78")
    clear = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    encrypted = bytes.fromhex(
        "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
        "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091"
    )
    assert ghash(parts, key, clear, encrypted).hex() == "698e57f70e6ecc7fd9463b7260a9ae5f"
    dice = random.Random(2)
    for length in (0, 1, 16, 33, 172):
        key, clear, encrypted = dice.randbytes(16), dice.randbytes(12), dice.randbytes(length)
        assert ghash(parts, key, clear, encrypted) == twin.digest(key, clear, encrypted)


# -- the twin, and every chip --------------------------------------------------------------------------------


def transcript(core, vector):
    return on_chips.transcript(srtp_vectors.Recorder, core, vector)


@pytest.mark.parametrize("vector", srtp_vectors.VECTORS, ids=NAMES)
def test_c_and_python_agree(native, vector):
    on_chips.assert_same(transcript(reference, vector), transcript(native, vector))


def test_a_difference_would_be_seen(native):
    """Each counter moves, and what was whole before is whole after."""
    steps = [step for vector in srtp_vectors.VECTORS for step in transcript(native, vector)]
    assert {what for what, value in steps if value > 0}.issuperset(reference.COUNTERS)
    assert {value for what, value in steps if what == "whole"} == {True}


@pytest.fixture(scope="module")
def expected(native):
    return {vector.__name__: srtp_vectors.checksum(native, vector) for vector in srtp_vectors.VECTORS}


@pytest.mark.timeout(400)
@pytest.mark.parametrize("architecture", build_native.ARCHITECTURES)
def test_a_native_module_agrees(expected, architecture):
    assert VECTORS.on_architecture(architecture) == expected


@pytest.mark.timeout(400)
@pytest.mark.parametrize("kind", ["unix", "rv32"])
def test_the_user_c_module_agrees(expected, kind):
    assert VECTORS.on_frozen(kind) == expected


def test_the_reference_is_the_same_on_micropython(expected):
    """Small integers have 31 bits there: what overflows silently in one of the two would show."""
    assert VECTORS.on_unix_port(on_chips.micropython(32), "media.srtp") == expected


# -- libsrtp -------------------------------------------------------------------------------------------------

# Our suite -> libsrtp's profile; its Python binding has no profile for AES_256_CM (RFC 6188 has vectors, see
# tests/unit/media/test_srtp.py).
PROFILES = {
    reference.AES_128_SHA1_80: "SRTP_PROFILE_AES128_CM_SHA1_80",
    reference.AES_128_SHA1_32: "SRTP_PROFILE_AES128_CM_SHA1_32",
    reference.AEAD_AES_128: "SRTP_PROFILE_AEAD_AES_128_GCM",
}


@pytest.mark.parametrize("suite", PROFILES)
def test_libsrtp_and_we_understand_each_other(native, suite):
    """Packet by packet and both ways, across two wraps of the sequence number."""
    try:
        import pylibsrtp
    except ImportError:
        missing("libsrtp", "pip install -r requirements/test.txt")
    policy = pylibsrtp.Policy
    dice = random.Random(suite)
    key = dice.randbytes(reference.KEY[suite] + reference.SALT[suite])
    profile = getattr(policy, PROFILES[suite])
    outward, inward = [
        pylibsrtp.Session(policy(key=key, ssrc_type=kind, srtp_profile=profile))
        for kind in (policy.SSRC_ANY_OUTBOUND, policy.SSRC_ANY_INBOUND)
    ]
    sender, receiver = native.new(), native.new()
    for state in (sender, receiver):
        native.start(state, suite, key)
    for sequence in range(65000, 65000 + 3000 * 50, 50):
        payload = dice.randbytes(dice.randrange(300))
        packet = struct.pack(">BBHII", 0x80, 8, sequence & 0xFFFF, sequence, 77) + payload
        theirs = outward.protect(packet)
        ours = bytearray(packet + bytes(16))
        assert ours[: native.protect(sender, ours, len(packet))] == theirs
        assert inward.unprotect(theirs) == packet
        heard = bytearray(theirs)
        assert heard[: native.unprotect(receiver, heard, len(heard))] == packet
        if sequence % 500 == 0:
            report = (
                struct.pack(">BBHI", 0x80, 200, len(payload) // 4 + 1, 77) + payload[: len(payload) // 4 * 4]
            )
            heard = bytearray(outward.protect_rtcp(report))
            assert heard[: native.unprotect_rtcp(receiver, heard, len(heard))] == report
            ours = bytearray(report + bytes(20))
            length = native.protect_rtcp(sender, ours, len(report))
            assert inward.unprotect_rtcp(bytes(ours[:length])) == report


# -- what the core promises ----------------------------------------------------------------------------------


def test_what_the_core_refuses(native):
    for core in (native, reference):
        state, packet = core.new(), bytearray(b"\x80" + bytes(31))
        raises(ValueError, core.protect, state, packet, 12)  # not started
        raises(ValueError, core.unprotect, state, packet, 32)
        raises(ValueError, core.start, state, 4, bytes(30))
        for suite, octets in ((0, 29), (0, 31), (1, 0), (2, 30), (3, 30)):
            raises(ValueError, core.start, state, suite, bytes(octets))
        raises(ValueError, core.start, state, 0, bytes(30), bytes(129))
        raises(ValueError, core.start, state, 0, bytes(30), b"", (1 << 31) + 1)
        core.start(state, 0, bytes(30))
        raises(ValueError, core.protect, state, packet, 33)
        raises(ValueError, core.protect, state, packet, -1)
        raises(ValueError, core.protect, state, packet, 23)  # no room for the tag
        raises(ValueError, core.protect_rtcp, state, packet, 20)
        raises(ValueError, core.unprotect, state, packet, 33)
        raises(ValueError, core.counters, state, array("I", [0] * 5))
        raises(ValueError, core.follow, state, core.new())
        raises(ValueError, core.protect_into, state, packet[:22], bytearray(21))
        raises(ValueError, core.protect_into, state, packet[:22], bytearray(31))
        assert core.protect(state, packet, 22) == 32


def test_the_keys_are_gone_after_wipe(native):
    state = native.new()
    native.start(state, 0, bytes(range(30)), b"mki")
    assert any(state)
    native.wipe(state)
    assert not any(state)
    raises(ValueError, native.protect, state, bytearray(60), 12)


def test_the_state_may_move(native):
    """No pointers in it: a copy at another address goes on as the original does."""
    first, second = native.new(), native.new()
    native.start(first, 3, bytes(28))
    ctypes.memmove(second, bytes(first), ctypes.sizeof(first))
    sealed = []
    for state in (first, second):
        packet = bytearray(b"\x80" + bytes(59))
        sealed.append(packet[: native.protect(state, packet, 40)])
    assert sealed[0] == sealed[1]


def test_nothing_of_a_key_is_left_on_the_stack_by_name():
    """Each function that holds a key in a variable of its own clears it."""
    for part, names in (
        ("srtp.c", ("key", "master", "salt", "block")),
        ("aes.c", ("words", "q")),
        ("sha1.c", ("block",)),
    ):
        text = (CORE / part).read_text()
        for name in names:
            assert "clear_octets(%s, sizeof %s)" % (name, name) in text.replace("&", ""), (part, name)


def test_the_time_depends_on_no_key_and_no_content():
    """As many instructions for each packet, whatever the key: zeros, ones, or at random."""
    try:
        command = cost.on_rv32("srtp_frames", "srtp_core")
    except (build_micropython.BuildError, DebianError) as error:
        missing("RISC-V", str(error))
    cases = [line.split() for line in cost.output_of(command).splitlines()]
    assert len(cases) == len(reference.SUITES)
    for name, dearest, _, cheapest in cases:
        assert dearest == cheapest, name


def test_hostile_packets_under_the_sanitizers(tmp_path):
    compiler = build_native.compiler()
    sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    probe = tmp_path / "probe.c"
    probe.write_text("int main(void) { return 0; }\n")
    if subprocess.run([*compiler, *sanitizers, str(probe), "-o", str(tmp_path / "probe")]).returncode:
        missing("the compiler's sanitizers", "sudo apt-get install gcc")
    program = tmp_path / "soak"
    source = Path(__file__).with_name("soak_srtp.c")
    flags = ["-std=c99", "-O1", "-g", *sanitizers, f"-I{CORE}", str(source), "-o", str(program)]
    subprocess.run([*compiler, *flags], check=True)
    result = subprocess.run([str(program)], capture_output=True, text=True)
    assert result.stdout == "sound\n", result.stderr[-3000:]
