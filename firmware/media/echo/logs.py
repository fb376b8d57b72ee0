"""Powers as logarithms to base 2, Q8. The twin of `native/core/logs.h`."""

from compat import const

OF_10, OF_20, OF_40, OF_60, OF_80, OF_90, OF_95 = -850, -594, -338, -189, -82, -39, -19

NOTHING = const(-8192)

# log2(1 + 2^-x), Q8, in steps of 1/16.
_SUM = (
    (252, 244, 237, 229, 222, 215, 208, 201, 194, 188, 181, 175, 169, 164, 158, 152, 147, 142, 137)
    + (132, 127, 123, 118, 114, 110, 106, 102, 98, 94, 91, 87, 84, 81, 78, 75, 72, 69, 66, 64, 61, 59)
    + (57, 54, 52, 50, 48, 46, 44, 43, 41, 39, 38, 36, 35, 33, 32, 31, 29, 28, 27, 26, 25, 24, 23, 22)
    + (21, 20, 19, 19, 18, 17, 16, 16, 15, 14, 14, 13, 13, 12, 12, 11, 11, 10, 10, 9, 9, 9, 8, 8, 8, 7)
    + (7, 7, 6, 6, 6, 6, 5, 5, 5, 5, 5, 4, 4, 4, 4, 4, 3, 3, 3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2)
    + (2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)
)  # fmt: skip


def bit_length(value):
    bits = 0
    while value:
        value >>= 1
        bits += 1
    return bits


def of(value):
    """The logarithm of an unsigned 32-bit number."""
    if value == 0:
        return NOTHING
    whole = bit_length(value) - 1
    fraction = (value << 8 >> whole) & 255
    return whole * 256 + fraction + (fraction * (256 - fraction) * 88 >> 16)


def power(re, im):
    """The logarithm of re^2 + im^2."""
    a, b = abs(re), abs(im)
    down = max(bit_length(a | b) - 15, 0)
    a >>= down
    b >>= down
    return of(a * a + b * b) + down * 512


def mantissa(log):
    """2^(fraction of log), Q15: 32768 to 65535."""
    fraction = log & 255
    return 32768 + fraction * 128 - (fraction * (256 - fraction) * 88 >> 9)


def value(log):
    """2^log, rounded down, and at most 2^30."""
    whole = log >> 8
    if whole < 0:
        return 0
    return 1 << 30 if whole >= 30 else (mantissa(log) << whole) >> 15


def add(a, b):
    """The logarithm of the sum of two powers."""
    apart = abs(a - b) >> 4
    return max(a, b) + (_SUM[apart] if apart < len(_SUM) else 0)


def less_one(log):
    """The logarithm of 2^log - 1, for log > 0."""
    return log if log >= 2048 else of((mantissa(log) << (log >> 8)) - 32768) - 15 * 256
