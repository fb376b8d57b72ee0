"""AES (FIPS 197) in counter mode. The twin of `native/core/aes.c`.

This twin looks the S-box up in a table. With cached memory, the look-up's time depends on secret data. The
native core has no such table.
"""

from compat import const

BLOCK = const(16)


def _tables():
    """(S-box, doubled): octet -> octet, in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1 (§4.2, §5.1.1)."""
    doubled = bytes((octet << 1 ^ (0x11B if octet & 0x80 else 0)) & 0xFF for octet in range(256))
    powers = bytearray(255)  # of 3, which generates every element but 0
    at = 1
    for exponent in range(255):
        powers[exponent] = at
        at ^= doubled[at]
    box = bytearray(256)
    box[0] = 0x63
    for exponent in range(255):
        inverse = powers[-exponent % 255]
        turned = inverse | inverse << 8
        box[powers[exponent]] = (
            inverse ^ turned >> 7 ^ turned >> 6 ^ turned >> 5 ^ turned >> 4 ^ 0x63
        ) & 0xFF
    return bytes(box), doubled


_BOX, _DOUBLED = _tables()

# ShiftRows (§5.1.2): where the octets of a block come from.
_SHIFTED = bytes((at + 4 * (at % 4)) % 16 for at in range(16))


def expand(key) -> list:
    """The round keys of a key of 16 or 32 octets (§5.2): 16 octets each."""
    length = len(key) // 4
    words = [bytes(key[at : at + 4]) for at in range(0, len(key), 4)]
    constant = 1
    for at in range(length, (length + 7) * 4):
        word = words[at - 1]
        if at % length == 0:
            word = bytes((_BOX[word[1]] ^ constant, _BOX[word[2]], _BOX[word[3]], _BOX[word[0]]))
            constant = _DOUBLED[constant]
        elif length > 6 and at % length == 4:
            word = bytes([_BOX[octet] for octet in word])
        words.append(bytes([one ^ other for one, other in zip(words[at - length], word)]))
    return [b"".join(words[at : at + 4]) for at in range(0, len(words), 4)]


def encrypt(keys, block) -> bytes:
    """One block, by the round keys."""
    state = [one ^ other for one, other in zip(block, keys[0])]
    for key in keys[1:-1]:
        moved = [_BOX[state[at]] for at in _SHIFTED]
        state = []
        for at in range(0, 16, 4):
            a, b, c, d = moved[at : at + 4]
            every = a ^ b ^ c ^ d
            state.append(a ^ every ^ _DOUBLED[a ^ b] ^ key[at])
            state.append(b ^ every ^ _DOUBLED[b ^ c] ^ key[at + 1])
            state.append(c ^ every ^ _DOUBLED[c ^ d] ^ key[at + 2])
            state.append(d ^ every ^ _DOUBLED[d ^ a] ^ key[at + 3])
    return bytes([_BOX[state[at]] ^ octet for at, octet in zip(_SHIFTED, keys[-1])])


def counter_mode(keys, counter, octets, start: int, end: int) -> None:
    """XOR `octets[start:end]` with the key stream whose first block is E(counter)."""
    block = bytearray(counter)
    for at in range(start, end, BLOCK):
        stream = encrypt(keys, block)
        for place in range(at, min(at + BLOCK, end)):
            octets[place] ^= stream[place - at]
        for place in range(15, 11, -1):
            block[place] = (block[place] + 1) & 0xFF
            if block[place]:
                break


def key_stream(keys, counter, length: int) -> bytearray:
    """`length` octets of the key stream itself."""
    octets = bytearray(length)
    counter_mode(keys, counter, octets, 0, length)
    return octets
