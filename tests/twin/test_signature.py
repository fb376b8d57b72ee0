"""The phone's verification of signatures against a library's: what that signs is believed, and nothing else."""

import hashlib
import random

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from services.update.signature import LENGTH, is_signed
from tools.release import make_key, sign

SHA = hashes.SHA256()


@pytest.fixture(scope="module")
def key():
    return make_key()


def ours(key, message, signature):
    return is_signed(hashlib.sha256(message).digest(), signature, key.public_key().public_numbers().n)


def theirs(key, message, signature):
    try:
        key.public_key().verify(signature, message, padding.PSS(padding.MGF1(SHA), 32), SHA)
    except InvalidSignature:
        return False
    return True


def raw(key, encoded):
    """The private operation on an encoded message of our own making."""
    numbers = key.private_numbers()
    return pow(int.from_bytes(encoded, "big"), numbers.d, numbers.public_numbers.n).to_bytes(LENGTH, "big")


def encode(message, salt=b"s" * 32, padding_octets=None, separator=1, top=0, trailer=0xBC, proof=None):
    """EMSA-PSS (RFC 8017 §9.1.1), with each of its parts to be got wrong."""
    proof = proof or hashlib.sha256(bytes(8) + hashlib.sha256(message).digest() + salt).digest()
    start = bytes(LENGTH - 34 - len(salt)) if padding_octets is None else padding_octets
    block = start + bytes([separator]) + salt
    mask = b"".join(hashlib.sha256(proof + n.to_bytes(4, "big")).digest() for n in range(11))
    masked = bytearray(a ^ b for a, b in zip(block, mask, strict=False))
    masked[0] = (masked[0] & 0x7F) | top
    return bytes(masked) + proof + bytes([trailer])


def test_what_the_library_signs_is_believed(key):
    for length in (0, 1, 100, 5000):
        message = bytes(length)
        for _ in range(5):
            assert ours(key, message, sign(key, message))


def test_the_library_agrees_with_the_encoding_of_this_test(key):
    signature = raw(key, encode(b"m"))
    assert theirs(key, b"m", signature) and ours(key, b"m", signature)


def test_each_bit_counts(key):
    chance = random.Random(1)
    message = b"firmware"
    signature = sign(key, message)
    bits = chance.sample(range(LENGTH * 8), 300) + [0, 7, LENGTH * 8 - 1]
    for bit in bits:
        wrong = bytearray(signature)
        wrong[bit // 8] ^= 1 << bit % 8
        assert not ours(key, message, bytes(wrong))
        assert not theirs(key, message, bytes(wrong))
    assert not ours(key, b"Firmware", signature)


def test_what_is_encoded_otherwise_is_not_believed(key):
    modulus = key.public_key().public_numbers().n
    zeros = bytes(LENGTH - 66)
    for name, encoded in (
        ("a short salt", encode(b"m", salt=b"s" * 20)),
        ("no salt", encode(b"m", salt=b"")),
        ("a long salt", encode(b"m", salt=b"s" * 64)),
        ("padding that is not zero", encode(b"m", padding_octets=zeros[:-1] + b"\1")),
        ("padding that is not zero at its start", encode(b"m", padding_octets=b"\1" + zeros[1:])),
        ("no separator", encode(b"m", separator=0)),
        ("another separator", encode(b"m", separator=2)),
        ("another trailer", encode(b"m", trailer=0xCC)),
        ("another proof", encode(b"m", proof=hashlib.sha256(b"x").digest())),
    ):
        signature = raw(key, encoded)
        assert not ours(key, b"m", signature), name
        assert not theirs(key, b"m", signature), name
    # The leftmost bit, in signatures that can have one.
    for attempt in range(200):
        encoded = encode(b"m", salt=attempt.to_bytes(32, "big"), top=0x80)
        if int.from_bytes(encoded, "big") < modulus:
            assert not ours(key, b"m", raw(key, encoded))
            break
    else:
        raise AssertionError("no such signature in 200")


def test_numbers_that_are_no_signatures(key):
    modulus = key.public_key().public_numbers().n
    good = sign(key, b"m")
    digest = hashlib.sha256(b"m").digest()
    for signature in (
        b"",
        good[:-1],
        good + b"\0",
        b"\0" + good,
        bytes(LENGTH),
        b"\xff" * LENGTH,
        (1).to_bytes(LENGTH, "big"),
        (modulus - 1).to_bytes(LENGTH, "big"),
        modulus.to_bytes(LENGTH, "big"),
    ):
        assert not is_signed(digest, signature, modulus)
    bigger = int.from_bytes(good, "big") + modulus
    if bigger < 1 << LENGTH * 8:
        assert not is_signed(digest, bigger.to_bytes(LENGTH, "big"), modulus)
    assert not is_signed(digest[:-1], good, modulus)


def test_other_keys_and_other_schemes(key):
    good = sign(key, b"m")
    assert not ours(make_key(), b"m", good)
    assert not ours(key, b"m", key.sign(b"m", padding.PKCS1v15(), SHA))
    assert not ours(key, b"m", key.sign(b"m", padding.PSS(padding.MGF1(hashes.SHA1()), 32), SHA))
    small = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert not ours(small, b"m", small.sign(b"m", padding.PSS(padding.MGF1(SHA), 32), SHA))
    large = rsa.generate_private_key(public_exponent=65537, key_size=4096)
    assert not ours(large, b"m", large.sign(b"m", padding.PSS(padding.MGF1(SHA), 32), SHA))
