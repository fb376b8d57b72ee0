"""Resamples between the wire's rate (8, 16 or 48 kHz) and 8 kHz.

48 kHz is converted through 16 kHz: by a short filter between 48 and 16 kHz, and by a sharp half-band filter
between 16 and 8 kHz. Each filter keeps its last samples, so frames join without a seam.

The twin of `native/core/resample.c`, sample for sample, but it takes a whole frame at a time.
"""

from media.level import saturate
from media.tables import HALF_BAND, THIRD_BAND, THIRD_BAND_INNER, THIRD_BAND_OUTER

_HALF_SPAN = 2 * len(HALF_BAND) - 1  # taps beside the centre, without the zeros between them
_HALF_TAPS = 2 * _HALF_SPAN + 1
_THIRD_TAPS = 2 * len(THIRD_BAND)


def _round15(total):
    return saturate((total + 16384) >> 15)


def _symmetric(taps, samples, first, apart):
    """Apply a symmetric filter's `taps` to samples `apart` from each other, from both ends at once."""
    last = first + (2 * len(taps) - 1) * apart
    total = 0
    for index in range(len(taps)):
        total += taps[index] * (samples[first + index * apart] + samples[last - index * apart])
    return total


class Down:
    """From `rate` (8000, 16000 or 48000 Hz) to 8 kHz."""

    def __init__(self, rate: int):
        self.rate = rate
        self._wire = [0] * (_THIRD_TAPS - 3)
        self._middle = [0] * (_HALF_TAPS - 2)

    def frame(self, samples) -> list:
        """One frame of samples at `rate` as a list of samples at 8 kHz."""
        if self.rate == 8000:
            return list(samples)
        middle = list(samples)
        if self.rate == 48000:
            wire = self._wire + middle
            self._wire = wire[len(middle) :]
            middle = [_round15(_symmetric(THIRD_BAND, wire, at, 1)) for at in range(0, len(middle), 3)]
        all_middle = self._middle + middle
        self._middle = all_middle[len(middle) :]
        return self.halve(all_middle, len(middle))

    def halve(self, line, count) -> list:
        """To 8 kHz: the latest `count` samples at 16 kHz of `line`, which begins with earlier ones."""
        out = []
        for at in range(0, count, 2):
            out.append(_round15(_symmetric(HALF_BAND, line, at, 2) + 16384 * line[at + _HALF_TAPS // 2]))
        return out


class Up:
    """From 8 kHz to `rate` (8000, 16000 or 48000 Hz)."""

    def __init__(self, rate: int):
        self.rate = rate
        self._voice = [0] * (2 * len(HALF_BAND) - 1)
        self._middle = [0] * 3

    def frame(self, samples) -> list:
        """One frame of samples at 8 kHz as a list of samples at `rate`."""
        if self.rate == 8000:
            return list(samples)
        middle = self.double(samples)
        if self.rate == 16000:
            return middle
        all_middle = self._middle + middle
        self._middle = all_middle[len(middle) :]
        out = []
        for at in range(len(middle)):
            out += _three_phases(all_middle[at : at + 4])
        return out

    def double(self, samples) -> list:
        """To 16 kHz."""
        voice = self._voice + list(samples)
        self._voice = voice[len(samples) :]
        middle = []
        for at in range(len(samples)):
            # The same filter at twice the gain; every other sample passes unchanged.
            middle.append(saturate((_symmetric(HALF_BAND, voice, at, 1) + 8192) >> 14))
            middle.append(voice[at + len(HALF_BAND)])
        return middle


def _three_phases(samples):
    """16 -> 48 kHz: three samples out of four."""
    first = last = 0
    for index in range(4):
        first += THIRD_BAND_OUTER[3 - index] * samples[index]
        last += THIRD_BAND_OUTER[index] * samples[index]
    return [_round15(first), _round15(_symmetric(THIRD_BAND_INNER, samples, 0, 1)), _round15(last)]
