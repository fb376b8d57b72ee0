"""Simulated time: millisecond ticks that wrap, as on a chip, and the chip's wall clock."""

import compat


class RealClock:
    """The host's time."""

    def now(self) -> int:
        return compat.ticks_ms()


class VirtualClock:
    """Time that only a test advances; `start` is a tick."""

    def __init__(self, start: int = 0):
        self._now = start

    def now(self) -> int:
        return self._now

    def advance(self, ms: int) -> int:
        """Let `ms` pass; return the new time."""
        self._now = compat.ticks_add(self._now, ms)
        return self._now


_DAYS = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)  # before each month


def _days(year, month, day) -> int:
    """Days since 2000-01-01, a Saturday."""
    leaps = (year - 1997) // 4 - (1 if year > 2100 else 0)
    today = month > 2 and year % 4 == 0 and year != 2100
    return 365 * (year - 2000) + leaps + _DAYS[month - 1] + today + day - 1


class WallClock:
    """machine.RTC's time: starts at 2000-01-01 at power-on, until it is set. For the years 2000 to 2199."""

    def __init__(self, clock):
        self._clock = clock
        self._last = clock.now()
        self._ms = 0  # ms since 2000-01-01, at `_last`

    def set(self, date, time) -> None:
        """(year, month, day), (hours, minutes, seconds, microseconds)."""
        hours, minutes, seconds, microseconds = time
        self._ms = (
            ((_days(*date) * 24 + hours) * 60 + minutes) * 60000 + seconds * 1000 + microseconds // 1000
        )
        self._last = self._clock.now()

    def now(self) -> tuple:
        """(year, month, day, weekday, hours, minutes, seconds, microseconds), Monday 0."""
        tick = self._clock.now()
        self._ms += compat.ticks_diff(tick, self._last)
        self._last = tick
        days, ms = divmod(self._ms, 86400000)
        year = 2000 + days // 366
        while _days(year + 1, 1, 1) <= days:
            year += 1
        month = 12
        while _days(year, month, 1) > days:
            month -= 1
        time = ms // 3600000, ms // 60000 % 60, ms // 1000 % 60, ms % 1000 * 1000
        return (year, month, days - _days(year, month, 1) + 1, (days + 5) % 7) + time
