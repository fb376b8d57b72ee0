"""GHASH (NIST SP 800-38D §6.4): the authentication of AES-GCM. The twin of `native/core/ghash.c`."""

import struct

from compat import const

BLOCK = const(16)

_POLYNOMIAL = 0xE1 << 120  # 1 + x + x^2 + x^7, the lowest power in the highest bit


def _multiply(x: int, y: int) -> int:
    product = 0
    for bit in range(127, -1, -1):
        if x >> bit & 1:
            product ^= y
        y = y >> 1 ^ (_POLYNOMIAL if y & 1 else 0)
    return product


def digest(key, clear, encrypted) -> bytes:
    """GHASH with the key H (16 octets) of `clear`, authenticated only, and of `encrypted`."""
    factor = int.from_bytes(bytes(key), "big")
    total = 0
    for part in (clear, encrypted):
        for at in range(0, len(part), BLOCK):
            block = bytes(part[at : at + BLOCK])
            block += bytes(BLOCK - len(block))
            total = _multiply(total ^ int.from_bytes(block, "big"), factor)
    lengths = struct.pack(">IIII", 0, len(clear) << 3, 0, len(encrypted) << 3)
    return _multiply(total ^ int.from_bytes(lengths, "big"), factor).to_bytes(BLOCK, "big")
