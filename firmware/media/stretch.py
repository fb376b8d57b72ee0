"""Stretches or shortens speech by single pitch periods, where that is least audible.

In pauses first, then in steady voiced sound; in other sound only if the depth is far off.

The twin of `native/core/stretch.c`.
"""

from media import pitch
from media.pitch import WEIGHT, WEIGHT_SHIFT
from media.plc import FRAME_SAMPLES, HISTORY

AHEAD = 2 * pitch.MAX + pitch.WINDOW  # pending samples that are needed to leave a period out

_LEAST = pitch.MIN  # a lack of this many samples is corrected,
_SPARE = 96  # and a surplus of this many: less does no harm
_MUCH = 400  # from this surplus on, any similar sound will do
_URGENT = 240  # a lack that does not wait
_PATIENCE = 40  # frames for which a surplus waits for a pause; a lack waits half as long
_REST = 5  # frames between two changes in speech
_LOUD_SHIFT = 6
_PAUSE_SHIFT = 4  # a pause is 24 dB below the voice,
_PAUSE_LEVEL = 24  # or below this level
_STEADY = 5  # unlikeness up to which a period more or less is inaudible
_LIKE_ENOUGH = 10
_RISE = WEIGHT // (pitch.WINDOW + 1)  # Q14 per sample of a crossfade


class Stretch:
    """`changes` counts the periods left out and inserted."""

    def __init__(self):
        self.loud = 0  # level of the voice, which falls slowly
        self.since = 0  # frames since the last change
        self.waited = 0  # frames for which there was a surplus, or a lack
        self.changes = 0

    def hear(self, line) -> None:
        """Note the level of the frame that is played next."""
        self.loud = max(
            self.loud - (self.loud >> _LOUD_SHIFT), pitch.level(line.samples, HISTORY, FRAME_SAMPLES)
        )
        self.since += 1

    def wants(self, surplus: int) -> bool:
        """Whether `surplus`, negative for a lack, is worth a correction."""
        if -_LEAST < surplus < _SPARE:
            self.waited = 0
            return False
        self.waited += 1
        return True

    def _allowed(self, surplus):
        """The limit of unlikeness below which speech may be changed now; 0: no change."""
        if surplus < -_URGENT:
            return _LIKE_ENOUGH
        if self.waited < (_PATIENCE if surplus > 0 else _PATIENCE // 2) or self.since < _REST:
            return 0
        return _STEADY if surplus < _MUCH else _LIKE_ENOUGH

    def choose(self, line, surplus: int) -> int:
        """The length of the period to leave out or insert if this is a good place, else 0.

        More than a frame must be pending, AHEAD for a surplus.
        """
        samples = line.samples
        join = _join(surplus)
        level = pitch.level(samples, join, pitch.WINDOW)
        pause = level < _PAUSE_LEVEL or level < self.loud >> _PAUSE_SHIFT
        limit = self._allowed(surplus)
        if not pause and limit == 0:
            return 0
        lag = pitch.find(samples, join, pitch.MIN, min(abs(surplus), pitch.MAX))
        if not pause and pitch.unlikeness(samples, join, lag) >= limit:
            return 0
        self.since = 0
        self.changes += 1
        return lag


def by(line, surplus: int, lag: int) -> None:
    """Leave the period `lag` out for a surplus, insert it for a lack."""
    if surplus > 0:
        _leave_out(line, _join(surplus), lag)
    else:
        _put_in(line, _join(surplus), lag)


def _join(surplus):
    return HISTORY + (pitch.MAX if surplus > 0 else 0)


def _blend(samples, one, other):
    """The window at `one`, crossfaded into the window at `other`."""
    seam, weight = [], _RISE
    for index in range(pitch.WINDOW):
        sample = samples[one + index]
        seam.append(sample + (((samples[other + index] - sample) * weight) >> WEIGHT_SHIFT))
        weight += _RISE
    return seam


def _leave_out(line, join, lag):
    """Leave out the `lag` samples before `join`."""
    samples = line.samples
    seam = _blend(samples, join - lag, join)
    for index in range(pitch.WINDOW):
        samples[join - lag + index] = seam[index]
    for index in range(join + pitch.WINDOW, line.place):
        samples[index - lag] = samples[index]
    line.pending -= lag


def _put_in(line, join, lag):
    """Play the `lag` samples before `join` twice."""
    samples = line.samples
    seam = _blend(samples, join, join - lag)
    for index in range(line.place - 1, join + pitch.WINDOW - lag - 1, -1):
        samples[index + lag] = samples[index]
    for index in range(pitch.WINDOW):
        samples[join + index] = seam[index]
    line.pending += lag
