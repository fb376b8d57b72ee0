"""POSIX time zones (IEEE Std 1003.1-2017 §8.3, TZ): "CET-1CEST,M3.5.0,M10.5.0/3".

Only rules with month, week and weekday (Mm.w.d) are supported; all zones with daylight saving time use them.
"""

from compat import is_digits
from services.clock import date_since_1970, days_since_1970

_DAY_S = 86400


class TimeZone:
    """The zone of a POSIX TZ string. Raises ValueError if the string is not one."""

    def __init__(self, text: str):
        if len(text) > 64:
            raise ValueError("too long")
        parts = text.split(",")
        rest = _after_name(parts[0])
        self._standard_s, rest = _offset(rest)
        self._summer_s = None
        if rest:
            rest = _after_name(rest)
            self._summer_s = self._standard_s + 3600
            if rest:
                self._summer_s, rest = _offset(rest)
        if rest or len(parts) != (1 if self._summer_s is None else 3):
            raise ValueError("no time zone")
        self._rules = [_rule(part) for part in parts[1:]]

    def offset_s(self, utc: int) -> int:
        """Local time less UTC at `utc` seconds since 1970, in seconds."""
        if self._summer_s is None:
            return self._standard_s
        year = date_since_1970((utc + self._standard_s) // _DAY_S)[0]
        begin = _moment(year, self._rules[0]) - self._standard_s
        end = _moment(year, self._rules[1]) - self._summer_s
        # South of the equator summer is at both ends of the year.
        is_summer = begin <= utc < end if begin < end else not end <= utc < begin
        return self._summer_s if is_summer else self._standard_s


def _after_name(text):
    """The rest of `text` after a zone name, of three letters or more or in < >."""
    if text[:1] == "<":
        name, bracket, rest = text[1:].partition(">")
        if not bracket or not name or name.strip("+-0123456789") and not _is_word(name):
            raise ValueError("no name of a zone")
        return rest
    length = 0
    while length < len(text) and _is_word(text[length]):
        length += 1
    if length < 3:
        raise ValueError("no name of a zone")
    return text[length:]


def _is_word(text):
    return all("a" <= c.lower() <= "z" for c in text)


def _offset(text):
    """(seconds east of UTC, the rest) of [+-]hh[:mm[:ss]], which POSIX counts westwards."""
    length = 0
    while length < len(text) and text[length] in "+-0123456789:":
        length += 1
    return -_seconds(text[:length], 24), text[length:]


def _seconds(text, most):
    sign = -1 if text[:1] == "-" else 1
    fields = (text[1:] if text[:1] in ("-", "+") else text).split(":")
    if len(fields) > 3:
        raise ValueError("no time")
    seconds, unit = 0, 3600
    for index, field in enumerate(fields):
        seconds += _number(field, 0, most if index == 0 else 59) * unit
        unit //= 60
    return sign * seconds


def _number(text, least, most):
    if not is_digits(text, 3) or not least <= int(text) <= most:
        raise ValueError("no number from %d to %d" % (least, most))
    return int(text)


def _rule(text):
    """(month, week, weekday from Sunday 0, seconds after midnight) of Mm.w.d[/time]."""
    date, slash, time = text.partition("/")
    fields = date[1:].split(".")
    if date[:1] != "M" or len(fields) != 3:
        raise ValueError("no day of a change")
    return (
        _number(fields[0], 1, 12), _number(fields[1], 1, 5), _number(fields[2], 0, 6),
        _seconds(time, 167) if slash else 7200,
    )  # fmt: skip


def _moment(year, rule):
    """Seconds since 1970 of a change in `year`, in the local time before the change."""
    month, week, weekday, seconds = rule
    first = days_since_1970(year, month, 1)
    next_month = days_since_1970(year + month // 12, month % 12 + 1, 1)
    # 1970-01-01 was a Thursday.
    day = first + (weekday - (first + 4)) % 7 + 7 * (week - 1)
    if day >= next_month:
        day -= 7  # week 5 is the last week of the month
    return day * _DAY_S + seconds
