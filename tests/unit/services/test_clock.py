import time

from services.clock import Clock, date_since_1970, days_since_1970, parse_date

DATES = (
    ("Sat, 13 Nov 2010 23:29:00 GMT", 1289690940),
    ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
    ("Thu, 29 Feb 2024 12:00:00 GMT", 1709208000),
    ("Sat, 13 Nov 2010 23:29:00 CET", None),
    ("Sat, 32 Nov 2010 23:29:00 GMT", None),
    ("Sat, 13 Foo 2010 23:29:00 GMT", None),
    ("Sat, 13 Nov 2010 23:29 GMT", None),
    ("Sat, 13 Nov 99999999 23:29:00 GMT", None),
    ("Sat, 1x Nov 2010 23:29:00 GMT", None),
    ("Sat, 1² Nov 2010 23:29:00 GMT", None),
    ("", None),
)


def test_dates_of_sip():
    for value, seconds in DATES:
        assert parse_date(value) == seconds, value


def test_days_and_dates_are_each_others_inverse():
    for days in list(range(0, 40000, 13)) + [11016, 11017, 19782, 19783]:
        assert days_since_1970(*date_since_1970(days)) == days
    assert date_since_1970(19782) == (2024, 2, 29) and date_since_1970(19783) == (2024, 3, 1)


def test_the_time_follows_the_offset():
    utc, tokyo = Clock(0).now(), Clock(540).now()
    assert (tokyo[3] - utc[3]) % 24 in (9, 10) and tokyo[6] in range(7)
    system = time.gmtime()
    assert abs((utc[3] * 60 + utc[4]) - (system[3] * 60 + system[4])) in (0, 1, 1439)


def test_a_clock_that_the_system_keeps_is_not_moved():
    clock = Clock(0)
    clock.set(0)
    assert clock.now()[0] >= 2024


class StoppedTime:
    """A chip's clock that nobody has set: some seconds after its epoch, 2000."""

    def gmtime(self):
        return (2000, 1, 1, 0, 0, 30, 5, 1)

    localtime = gmtime


def test_a_clock_that_nobody_has_set_is_set_once_somebody_knows():
    from services import clock as module

    module.time, real = StoppedTime(), module.time
    try:
        for offset, hour in ((None, 12), (0, 12), (90, 13)):
            clock = Clock(offset)
            assert clock.now() is None
            clock.set(parse_date("Fri, 01 Mar 2024 12:00:00 GMT"))
            assert clock.now() == (2024, 3, 1, hour, 30 if offset == 90 else 0, 0, 4), offset
    finally:
        module.time = real
