"""The time of day, set by the system, SNTP, or a Date header (RFC 3261 §20.17, RFC 9110)."""

import time

from compat import is_digits

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAY_S = 86400

# A clock that shows an earlier year was never set: a chip starts at its own epoch.
_FIRST_YEAR = 2024
_FLOOR_S = 1704067200
MAX_AGE_S = 788_400_000  # 25 years: no phone runs a release for longer

# Sources of the time: a lower one is ignored after a higher one.
DATE, SNTP = 1, 2


def days_since_1970(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 to a date of the Gregorian calendar."""
    # Years begin in March here, so that the leap day is the last of its year.
    year, month = (year - 1, month + 9) if month < 3 else (year, month - 3)
    return year * 365 + year // 4 - year // 100 + year // 400 + (month * 153 + 2) // 5 + day - 719469


def date_since_1970(days: int) -> "tuple[int, int, int]":
    """(year, month, day) of the day that lies `days` after 1970-01-01."""
    days += 719468
    era = days // 146097
    of_era = days - era * 146097
    year = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    day = of_year - (153 * month + 2) // 5 + 1
    month, carry = (month + 3, 0) if month < 10 else (month - 9, 1)
    return year + era * 400 + carry, month, day


def parse_date(value: str) -> "int | None":
    """Seconds since 1970 of a Date header, "Sat, 13 Nov 2010 23:29:00 GMT"; None for anything else."""
    parts = value.split()
    if len(parts) != 6 or parts[5] != "GMT" or parts[2] not in _MONTHS:
        return None
    numbers = [parts[1], parts[3]] + parts[4].split(":")
    if len(numbers) != 5 or not all(is_digits(number, 4) for number in numbers):
        return None
    day, year, hour, minute, second = [int(number) for number in numbers]
    if not (year >= 1970 and 1 <= day <= 31 and hour < 24 and minute < 60 and second < 61):
        return None
    days = days_since_1970(year, _MONTHS.index(parts[2]) + 1, day)
    return days * _DAY_S + hour * 3600 + minute * 60 + second


class Clock:
    """Wall-clock time. `utc_offset_min` is local time less UTC; a `zone` (services.time_zone.TimeZone) has
    precedence; without either the system's local time is used.

    `device` is the board's clock (hal.contract.clock), which has to be set; None where the system keeps the
    time. Times before `floor`, seconds since 1970, or MAX_AGE_S after it, are refused.
    """

    def __init__(self, utc_offset_min: "int | None" = None, zone=None, device=None, floor: int = _FLOOR_S):
        self.floor = floor
        self._offset_min = utc_offset_min
        self._zone = zone
        self._device = device
        self._source = 0
        # Seconds to add to the system's clock; `set` changes it.
        self._correction_s = 0

    def start_at(self, seconds: int) -> None:
        """Set the device to the later of `seconds`, if possible, and the floor, to verify certificates.

        The time still counts as unknown.
        """
        if not self._is_possible(seconds):
            seconds = self.floor
        if self._system() < seconds:
            self._device.set(seconds)

    def set(self, seconds: "int | None", source: int = DATE) -> bool:
        """Set the time to `seconds` since 1970, UTC; False for an impossible time, which changes nothing.

        Also without effect, but True: on a system that keeps the time, and after a better source.
        """
        if seconds is None or not self._is_possible(seconds):
            return False
        if self._device is not None:
            if source >= self._source:
                self._source = source
                self._device.is_set = True
                self._device.set(seconds)
        elif time.gmtime()[0] < _FIRST_YEAR:
            self._correction_s = seconds - self._system()
        return True

    def now(self) -> "tuple | None":
        """Local (year, month, day, hour, minute, second, weekday from Monday 0); None while not known."""
        if not self._is_known():
            return None
        seconds = self._system() + self._correction_s
        if self._zone is not None:
            seconds += self._zone.offset_s(seconds)
        elif self._offset_min is None and self._correction_s == 0:
            local = time.localtime()
            return tuple(local[:7]) if local[0] >= _FIRST_YEAR else None
        else:
            seconds += (self._offset_min or 0) * 60
        days, rest = seconds // _DAY_S, seconds % _DAY_S
        year, month, day = date_since_1970(days)
        if year < _FIRST_YEAR:
            return None
        # 1970-01-01 was a Thursday.
        return year, month, day, rest // 3600, rest // 60 % 60, rest % 60, (days + 3) % 7

    def utc(self) -> "int | None":
        """Seconds since 1970; None before the time is known."""
        seconds = self._system() + self._correction_s
        if not self._is_known() or date_since_1970(seconds // _DAY_S)[0] < _FIRST_YEAR:
            return None
        return seconds

    def _is_possible(self, seconds):
        return self.floor <= seconds <= self.floor + MAX_AGE_S

    def _is_known(self):
        return self._device is None or self._device.is_set

    def _system(self) -> int:
        """The system's clock in seconds since 1970; `time.time` has another epoch on some ports."""
        year, month, day, hour, minute, second = time.gmtime()[:6]
        return days_since_1970(year, month, day) * _DAY_S + hour * 3600 + minute * 60 + second
