"""Loudness: saturation, the volume's gain in Q15, and level metering.

The same arithmetic as `native/core/level.c`.
"""

import array

from compat import const

# Gain in Q15 at 0, 10 … 100 %: 4 dB a step, as the ear is logarithmic; silent at 0, unchanged at 100.
_GAINS = array.array("H", (0, 520, 823, 1305, 2068, 3277, 5193, 8231, 13045, 20675, 32768))

UNITY = 32768

METER_STRIDE = const(4)


def gain(percent: int) -> int:
    """The gain in Q15 (0–32768) of a volume in percent, limited to 0–100."""
    percent = min(max(percent, 0), 100)
    step, rest = percent // 10, percent % 10
    if not rest:
        return _GAINS[step]
    return _GAINS[step] + (_GAINS[step + 1] - _GAINS[step]) * rest // 10


def saturate(value: int) -> int:
    """`value` limited to a signed 16-bit sample."""
    if value > 32767:
        return 32767
    if value < -32768:
        return -32768
    return value


def raised(sample: int, steps: int) -> int:
    """A 16-bit sample amplified by `steps` of 6 dB."""
    return saturate(sample << steps)


def narrowed(sample: int, steps: int) -> int:
    """The top 16 bits of a 32-bit sample, amplified by `steps` of 6 dB."""
    return saturate(sample >> (16 - steps))


def scale(samples, factor: int) -> None:
    """Multiply all of `samples` by a gain in Q15, 0 to UNITY."""
    if factor == UNITY:
        return
    for index in range(len(samples)):
        samples[index] = (samples[index] * factor) >> 15


def energy(samples) -> int:
    """Sum of the squares of every 4th sample, each shifted right by 8: enough for a meter."""
    total = 0
    for index in range(0, len(samples), METER_STRIDE):
        total += samples[index] * samples[index] >> 8
    return total


def rms(frame_energy: int, count: int = 160) -> int:
    """Root mean square (0–32767) of a frame of `count` samples, from its `energy`."""
    square = (frame_energy * METER_STRIDE // count) << 8
    root, bit = 0, 1 << 30
    while bit:
        if square >= root + bit:
            square -= root + bit
            root = (root >> 1) + bit
        else:
            root >>= 1
        bit >>= 2
    return min(root, 32767)
