"""ITU-T G.711: 16-bit linear <-> 8-bit logarithmic, mu-law and A-law. The twin of `native/core/g711.c`."""

import array

# RFC 3551 table 4: the static payload types name the laws.
LAW_MU = 0
LAW_A = 8


def _expand_mu(octet: int) -> int:
    """The 16-bit value of the ITU's software tool library (G.191): the 14 bits of table 2/G.711 times 4."""
    inverted = ~octet & 0xFF
    magnitude = ((((inverted & 15) << 1) + 33) << ((inverted >> 4 & 7) + 2)) - 4 * 33
    return magnitude if octet & 0x80 else -magnitude


def _expand_a(octet: int) -> int:
    """The 13 bits of table 1/G.711 times 8."""
    inverted = octet ^ 0x55
    exponent = inverted >> 4 & 7
    magnitude = (inverted & 15) << 4 | 8
    if exponent:
        magnitude = (magnitude + 256) << (exponent - 1)
    return magnitude if octet & 0x80 else -magnitude


def expansion(law: int):
    """The 256 linear values of `law` as an array("h"): decoding is one look-up."""
    expand = _expand_a if law == LAW_A else _expand_mu
    return array.array("h", [expand(octet) for octet in range(256)])


def _segment(magnitude: int) -> int:
    """The segment, 1 to 8: the position of the highest bit of `magnitude` (32 to 8191), less 4."""
    shift = 5 if magnitude >> 9 else 1
    if magnitude >> (shift + 6):
        shift += 2
    if magnitude >> (shift + 5):
        shift += 1
    return shift


def _compress_mu(sample: int) -> int:
    sign = 0x80 if sample < 0 else 0
    magnitude = min(((~sample if sign else sample) >> 2) + 33, 8191)
    shift = _segment(magnitude)
    return (~((shift - 1) << 4 | (magnitude >> shift & 15)) & 0xFF) ^ sign


def _compress_a(sample: int) -> int:
    magnitude = (~sample if sample < 0 else sample) >> 4
    if magnitude >= 32:
        shift = _segment(magnitude)
        magnitude = (shift + 1) << 4 | (magnitude >> shift & 15)
    return magnitude ^ (0x55 if sample < 0 else 0xD5)


def compress(octets, offset: int, samples, law: int) -> None:
    """Encode all of `samples` into `octets` from `offset` on."""
    code = _compress_a if law == LAW_A else _compress_mu
    for index in range(len(samples)):
        octets[offset + index] = code(samples[index])


def switched(octets, old: int, new: int) -> None:
    """Transcode `octets` from the law `old` to `new`, in place."""
    code = _compress_a if new == LAW_A else _compress_mu
    values = expansion(old)
    for index in range(len(octets)):
        octets[index] = code(values[octets[index]])
