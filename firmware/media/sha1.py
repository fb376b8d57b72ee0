"""SHA-1 (FIPS 180-4) and HMAC with it (RFC 2104). The twin of `native/core/sha1.c`."""

import struct

from compat import const

BLOCK = const(64)

_MASK = const(0xFFFFFFFF)
_START = (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0)


def _compress(state, block) -> tuple:
    words = list(struct.unpack(">16I", block))
    for at in range(16, 80):
        word = words[at - 3] ^ words[at - 8] ^ words[at - 14] ^ words[at - 16]
        words.append((word << 1 | word >> 31) & _MASK)
    a, b, c, d, e = state
    for at in range(80):
        if at < 20:
            choice = ((c ^ d) & b ^ d) + 0x5A827999
        elif at < 40:
            choice = (b ^ c ^ d) + 0x6ED9EBA1
        elif at < 60:
            choice = ((b | c) & d | b & c) + 0x8F1BBCDC
        else:
            choice = (b ^ c ^ d) + 0xCA62C1D6
        total = (a << 5 | a >> 27) + choice + e + words[at] & _MASK
        a, b, c, d, e = total, a, (b << 30 | b >> 2) & _MASK, c, d
    return tuple([one + other & _MASK for one, other in zip(state, (a, b, c, d, e))])


def _digest(state, octets, before: int) -> bytes:
    """The digest of a message; `state` covers its first `before` octets already."""
    length = before + len(octets)
    octets = (
        bytes(octets) + b"\x80" + bytes(-(length + 9) % BLOCK) + struct.pack(">II", length >> 29, length << 3)
    )
    for at in range(0, len(octets), BLOCK):
        state = _compress(state, octets[at : at + BLOCK])
    return struct.pack(">5I", *state)


def digest(octets) -> bytes:
    return _digest(_START, octets, 0)


def hmac_key(key) -> tuple:
    """The states after the inner and the outer key block, for a key of at most one block."""
    block = bytes(key) + bytes(BLOCK - len(key))
    return tuple([_compress(_START, bytes([octet ^ filling for octet in block])) for filling in (0x36, 0x5C)])


def hmac(key, octets) -> bytes:
    """The HMAC of a message; `key` is from hmac_key()."""
    return _digest(key[1], _digest(key[0], octets, BLOCK), BLOCK)
