"""Stand-in for `time` on the unix port: time passes only while the program waits for it."""

from utime import gmtime as _gmtime

_PERIOD = 1 << 30
_HALF = _PERIOD >> 1

# Five minutes before the tick wraps, so that every run crosses it; and the first second of 2026.
_ms = _FIRST = _PERIOD - 300_000
_EPOCH_S = 1767225600
_elapsed_ms = 0


def advance(ms):
    global _ms, _elapsed_ms
    _ms = (_ms + ms) & (_PERIOD - 1)
    _elapsed_ms += ms


def elapsed_ms():
    return _elapsed_ms


sleep_ms = advance


def ticks_ms():
    return _ms


def ticks_add(ticks, delta):
    return (ticks + delta) & (_PERIOD - 1)


def ticks_diff(end, start):
    return ((end - start + _HALF) & (_PERIOD - 1)) - _HALF


def ticks_cpu():
    return 0  # nothing counts instructions here


def time():
    return _EPOCH_S + _elapsed_ms // 1000


def gmtime(seconds=None):
    return _gmtime(time() if seconds is None else seconds)


localtime = gmtime
