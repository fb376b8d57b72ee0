"""Automatic gain control and limiter for speech. The twin of `native/core/leveller.c`."""

from compat import const
from media.echo import logs

_WANTED = const(5468)
_QUIET = const(2900)
_GAIN_MOST = const(512)
_GAIN_UP = const(1)
_GAIN_DOWN = const(4)
_PEAK = const(30000)


class Leveller:
    def __init__(self, block):
        self._block = block
        self._level = self._gain = 0
        self._multiplier = 4096

    def level(self, samples, speech):
        """Bring a block to the wanted level; `speech` is the probability of speech, Q15."""
        peak, energy = 1, 0
        for sample in samples:
            peak = max(peak, abs(sample))
            energy += sample * sample >> 6
        power = logs.of(energy) + 6 * 256 - logs.of(self._block)
        if speech > 16384 and power > _QUIET:
            apart = power - self._level
            self._level = self._level + (apart >> (3 if apart > 0 else 6)) if self._level else power
            wanted = (_WANTED - self._level >> 1) - self._gain
            self._gain += min(max(wanted, -_GAIN_DOWN), _GAIN_UP)
            self._gain = min(max(self._gain, -_GAIN_MOST), _GAIN_MOST)
        to = logs.value(min(self._gain, logs.of(_PEAK) - logs.of(peak)) + 12 * 256)
        now = to if (peak >> 4) * self._multiplier >> 8 > _PEAK else self._multiplier
        step = (to - now) * (65536 // self._block) >> 16
        out = []
        for sample in samples:
            out.append(min(max(sample * now >> 12, -32768), 32767))
            now += step
        self._multiplier = to
        return out
