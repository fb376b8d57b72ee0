"""Packet loss concealment after the idea of G.711 appendix I: the last pitch period goes on and fades.

Samples are decoded straight behind the history of what was played, so the pitch is found in place. The cost
is bounded: one pitch search per frame at most, whatever is missing.

The twin of `native/core/plc.c`.
"""

import array

from media.level import saturate

FRAME_SAMPLES = 160
_LAG_MIN = 40  # 200 Hz; a higher voice repeats several periods
_LAG_MAX = 120  # 66 Hz
_WINDOW = 80  # samples compared
HISTORY = _WINDOW + _LAG_MAX

_COARSE_LAGS = 2  # lags apart in the first search
_COARSE_SAMPLES = 2  # samples apart in it
_FINE_SAMPLES = 1
_STEP_SAMPLES = 16  # over which the jump at the start is worked off
_STEP_SHIFT = 4
_MERGE_SAMPLES = 32  # over which the signal that returns is faded in
_MERGE_SHIFT = 5
_FADE_AFTER = 80  # samples: 10 ms at full level,
_FADE_END = 480  # silent after 60
_FADE_SLOPE = 82  # Q15 per sample: 1.0 over the samples between


class Concealer:
    """Per frame: `begin`, then `play`, `conceal` and `rest` until all its samples are there.

    Decoded samples go into `samples` at `place` before `play` is called.
    """

    def __init__(self):
        self.samples = array.array("h", [0] * (HISTORY + FRAME_SAMPLES))
        self.cycle = array.array("h", [0] * _LAG_MAX)
        self.place = HISTORY
        self.lag = 0
        self.phase = 0
        self.missing = 0  # samples made up in a row
        self.merge = 0  # samples over which what arrives again is still blended
        self.step = 0  # what the first made-up sample would jump by
        self.searched = False

    def begin(self) -> None:
        """Begin a frame."""
        self.samples[:HISTORY] = self.samples[FRAME_SAMPLES:]
        self.place = HISTORY
        self.searched = False

    def _unlikeness(self, lag, stride):
        """How unlike the last samples are to those `lag` earlier: every `stride`th is compared."""
        samples = self.samples
        total = 0
        for index in range(self.place - _WINDOW, self.place, stride):
            total += abs(samples[index] - samples[index - lag])
        return total

    def _find_lag(self):
        best = _least(range(_LAG_MIN, _LAG_MAX + 1, _COARSE_LAGS), self._unlikeness, _COARSE_SAMPLES)
        near = range(max(best - 1, _LAG_MIN), min(best + 1, _LAG_MAX) + 1)
        return _least(near, self._unlikeness, _FINE_SAMPLES)

    def _make_cycle(self):
        """Take the last period as the cycle; its last quarter turns into what came before it."""
        if not self.searched:
            self.lag = self._find_lag()
            self.searched = True
        lag = self.lag
        quarter = lag >> 2
        last = self.place - lag
        weight, rise = 0, 16384 // quarter
        for index in range(lag):
            sample = self.samples[last + index]
            if index >= lag - quarter:
                weight += rise
                sample += ((self.samples[last - lag + index] - sample) * weight) >> 14
            self.cycle[index] = sample
        self.phase = 0
        self.step = self.samples[self.place - 1] - self.cycle[lag - 1]
        self.missing = 0

    def _next_sample(self):
        """The next sample of the cycle, before fading."""
        sample = self.cycle[self.phase]
        self.phase = (self.phase + 1) % self.lag
        if self.missing < _STEP_SAMPLES:
            sample += (self.step * (_STEP_SAMPLES - self.missing)) >> _STEP_SHIFT
        self.missing += 1
        return saturate(sample)

    def conceal(self, out, start: int, count: int) -> None:
        """Nothing came for `count` samples: make them up, into `out` from `start` on."""
        if self.missing == 0:
            self._make_cycle()
        self.merge = _MERGE_SAMPLES
        for index in range(count):
            sample = self._next_sample()
            self.samples[self.place + index] = sample
            out[start + index] = _fade(sample, self.missing)
        self.place += count

    def play(self, out, start: int, count: int) -> None:
        """Play `count` decoded samples that lie at `place`."""
        for index in range(count):
            sample = self.samples[self.place + index]
            if self.merge:
                made_up = _fade(self._next_sample(), self.missing)
                weight = _MERGE_SAMPLES - self.merge
                sample = made_up + (((sample - made_up) * weight) >> _MERGE_SHIFT)
                self.merge -= 1
            out[start + index] = sample
        if self.merge == 0:
            self.missing = 0
        self.place += count

    def rest(self, out, start: int, count: int) -> None:
        """No stream: `count` samples of silence."""
        for index in range(count):
            self.samples[self.place + index] = 0
            out[start + index] = 0
        self.place += count
        self.missing = 0
        self.merge = 0

    def splice(self) -> None:
        """The time line jumps here: blend what comes with what would have come."""
        if self.missing == 0:
            self._make_cycle()
        self.merge = _MERGE_SAMPLES


def _least(lags, unlikeness, stride):
    """The lag of least unlikeness, the first where several are."""
    best, least = 0, -1
    for lag in lags:
        total = unlikeness(lag, stride)
        if least < 0 or total < least:
            best, least = lag, total
    return best


def _fade(sample, missing):
    if missing <= _FADE_AFTER:
        return sample
    if missing >= _FADE_END:
        return 0
    return (sample * ((_FADE_END - missing) * _FADE_SLOPE >> 1)) >> 14
