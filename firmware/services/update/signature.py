"""Verifies RSASSA-PSS signatures with SHA-256 and a salt of 32 bytes (RFC 8017 §8.1.2, §9.1.2), for a key of
3072 bits and the exponent 65537. Nothing else is accepted: all lengths and all fixed bits are compared."""

import hashlib

from compat import const

LENGTH = 384  # bytes of a modulus and of a signature

_EXPONENT = const(65537)
_HASH = const(32)
_SALT = const(32)
_MASKED = const(351)  # LENGTH - _HASH - 1


def is_signed(digest: bytes, signature: bytes, modulus: int) -> bool:
    """Whether `signature` over the SHA-256 `digest` was made with the private key of `modulus`."""
    if modulus >> 3071 != 1 or len(signature) != LENGTH or len(digest) != _HASH:
        return False
    number = int.from_bytes(signature, "big")
    if number >= modulus:
        return False
    encoded = pow(number, _EXPONENT, modulus).to_bytes(LENGTH, "big")
    # emBits is 3071, so the leftmost bit must be 0.
    if encoded[-1] != 0xBC or encoded[0] & 0x80:
        return False
    proof = encoded[_MASKED:-1]
    block = _unmasked(encoded[:_MASKED], proof)
    block[0] &= 0x7F
    padding = _MASKED - _SALT - 1
    for octet in block[:padding]:
        if octet:
            return False
    if block[padding] != 1:
        return False
    return hashlib.sha256(bytes(8) + digest + bytes(block[padding + 1 :])).digest() == proof


def _unmasked(masked, seed):
    """`masked` XOR the bytes that MGF1 (RFC 8017 §B.2.1) makes of `seed`."""
    made = bytearray(masked)
    for at in range(0, len(made), _HASH):
        mask = hashlib.sha256(seed + (at // _HASH).to_bytes(4, "big")).digest()
        for offset in range(min(_HASH, len(made) - at)):
            made[at + offset] ^= mask[offset]
    return made
