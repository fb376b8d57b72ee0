"""Stand-in for `time` on the unix port: time passes only while the program waits for it."""

from utime import gmtime as _gmtime
from utime import ticks_add, ticks_diff  # noqa: F401

# Five minutes before the ticks wrap, so that every run crosses the wrap.
_ms = ticks_add(0, -300_000)
_FIRST = 1767225600  # the first second of 2026
_seconds = 0  # since then: kept small, because a large integer would be allocated
_rest_ms = 0


def sleep_ms(ms):
    global _ms, _seconds, _rest_ms
    _ms = ticks_add(_ms, ms)
    _rest_ms += ms
    if _rest_ms >= 1000:
        _seconds += _rest_ms // 1000
        _rest_ms %= 1000


def ticks_ms():
    return _ms


def ticks_cpu():
    return 0  # the unix port counts no instructions


def time():
    return _FIRST + _seconds


def gmtime(seconds=None):
    return _gmtime(time() if seconds is None else seconds)


localtime = gmtime
