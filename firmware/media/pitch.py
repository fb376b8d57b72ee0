"""The pitch period of a voice, as the lag at which it is most like itself. The twin of `native/core/pitch.c`.

`samples` is indexed from `at` on: forwards for a window, backwards for what was before it.
"""

MIN = 40  # 200 Hz; of a higher voice several periods are one
MAX = 120  # 66 Hz
WINDOW = 80  # samples compared,
SHORT_WINDOW = 40  # where there are no more

WEIGHT = 16384  # weights of a blend are Q14
WEIGHT_SHIFT = 14

_COARSE_LAGS = 2  # lags apart in the first search
_COARSE_SAMPLES = 4  # samples apart in it
_FINE_SAMPLES = 1
_LEVEL_STRIDE = 4


def _difference(samples, late, lag, window, stride):
    total = 0
    for at in range(late, late + window, stride):
        total += abs(samples[at] - samples[at - lag])
    return total


def _least(lags, measure):
    """The lag of least difference, the first where several are."""
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
    """The lag, `least` to `most`, at which the window that begins at `at` is most like what was before."""
    return _find(samples, at, least, most, WINDOW, 0)


def find_ahead(samples, at: int) -> int:
    """The lag at which the short window that begins at `at` is most like what follows it, MAX at most."""
    return _find(samples, at, MIN, MAX, SHORT_WINDOW, 1)


def level(samples, at: int, count: int) -> int:
    """Mean size of `count` samples."""
    total = 0
    for index in range(at, at + count, _LEVEL_STRIDE):
        total += abs(samples[index])
    return total * _LEVEL_STRIDE // count


def unlikeness(samples, at: int, lag: int) -> int:
    """How unlike a window is to `lag` samples before: 0 for the same, 16 for noise, more for an onset."""
    size = level(samples, at, WINDOW) * (WINDOW // 12)
    return _difference(samples, at, lag, WINDOW, _FINE_SAMPLES) // (size + 1)
