"""The pitch period of a voice: the lag of highest self-similarity. The twin of `native/core/pitch.c`.

`samples` is indexed from `at`: forwards for a window, backwards for the samples before it.
"""

MIN = 40  # 200 Hz; for a higher voice several periods count as one
MAX = 120  # 66 Hz
WINDOW = 80  # samples compared
SHORT_WINDOW = 40  # samples compared if there are no more

WEIGHT = 16384  # weights of a crossfade are Q14
WEIGHT_SHIFT = 14

_COARSE_LAGS = 2  # step of the lags in the first search
_COARSE_SAMPLES = 4  # step of the samples in the first search
_FINE_SAMPLES = 1
_LEVEL_STRIDE = 4


def _difference(samples, late, lag, window, stride):
    total = 0
    for at in range(late, late + window, stride):
        total += abs(samples[at] - samples[at - lag])
    return total


def _least(lags, measure):
    """The lag of least difference; of several, the first."""
    best, least = 0, -1
    for lag in lags:
        total = measure(lag)
        if least < 0 or total < least:
            best, least = lag, total
    return best


def _find(samples, at, least, most, window, forward):
    def coarse(lag):
        return _difference(samples, at + lag * forward, lag, window, _COARSE_SAMPLES)

    def fine(lag):
        return _difference(samples, at + lag * forward, lag, window, _FINE_SAMPLES)

    lag = _least(range(least, most + 1, _COARSE_LAGS), coarse)
    return _least(range(max(lag - 1, least), min(lag + 1, most) + 1), fine)


def find(samples, at: int, least: int, most: int) -> int:
    """The lag, `least` to `most`, at which the window from `at` on is most like the samples before it."""
    return _find(samples, at, least, most, WINDOW, 0)


def find_ahead(samples, at: int) -> int:
    """The lag, at most MAX, at which the short window from `at` on is most like the samples after it."""
    return _find(samples, at, MIN, MAX, SHORT_WINDOW, 1)


def level(samples, at: int, count: int) -> int:
    """Mean magnitude of `count` samples."""
    total = 0
    for index in range(at, at + count, _LEVEL_STRIDE):
        total += abs(samples[index])
    return total * _LEVEL_STRIDE // count


def unlikeness(samples, at: int, lag: int) -> int:
    """A window's difference from the samples `lag` earlier: 0 for equal, 16 for noise, more for an onset."""
    size = level(samples, at, WINDOW) * (WINDOW // 12)
    return _difference(samples, at, lag, WINDOW, _FINE_SAMPLES) // (size + 1)
