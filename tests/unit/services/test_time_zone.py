"""Time zones: when clocks change, as the zone database has it, and texts that are none."""

import time

from services.clock import Clock, days_since_1970
from services.time_zone import TimeZone
from support.check import raises

BERLIN = "CET-1CEST,M3.5.0,M10.5.0/3"
NEW_YORK = "EST5EDT,M3.2.0,M11.1.0"
SYDNEY = "AEST-10AEDT,M10.1.0,M4.1.0/3"

# (zone, UTC, hours from it): on either side of each change.
MOMENTS = (
    (BERLIN, (2026, 3, 29, 0, 59), 1),
    (BERLIN, (2026, 3, 29, 1, 0), 2),
    (BERLIN, (2026, 10, 25, 0, 59), 2),
    (BERLIN, (2026, 10, 25, 1, 0), 1),
    (BERLIN, (2026, 12, 31, 23, 30), 1),
    (NEW_YORK, (2026, 3, 8, 6, 59), -5),
    (NEW_YORK, (2026, 3, 8, 7, 0), -4),
    (NEW_YORK, (2026, 11, 1, 5, 59), -4),
    (NEW_YORK, (2026, 11, 1, 6, 0), -5),
    (NEW_YORK, (2027, 1, 1, 3, 0), -5),
    (SYDNEY, (2026, 4, 4, 15, 59), 11),
    (SYDNEY, (2026, 4, 4, 16, 0), 10),
    (SYDNEY, (2026, 10, 3, 15, 59), 10),
    (SYDNEY, (2026, 10, 3, 16, 0), 11),
    (SYDNEY, (2026, 12, 31, 14, 0), 11),
    ("IST-5:30", (2026, 7, 1, 0, 0), 5.5),
    ("<+0545>-5:45", (2026, 7, 1, 0, 0), 5.75),
    ("UTC0", (2026, 7, 1, 0, 0), 0),
    ("<-03>3", (2026, 7, 1, 0, 0), -3),
    ("IST-1GMT0,M10.5.0,M3.5.0/1", (2026, 7, 1, 0, 0), 1),
    ("IST-1GMT0,M10.5.0,M3.5.0/1", (2026, 12, 1, 0, 0), 0),
)


def seconds(year, month, day, hour, minute):
    return days_since_1970(year, month, day) * 86400 + hour * 3600 + minute * 60


def test_clocks_change_when_the_zone_says():
    for text, moment, hours in MOMENTS:
        assert TimeZone(text).offset_s(seconds(*moment)) == hours * 3600, (text, moment)


def test_what_is_no_zone_is_refused():
    for text in (
        "",
        "CET",
        "CE-1",
        "-1",
        "CET-25",
        "CET-1CEST",
        "CET-1CEST,M3.5.0",
        "CET-1,M3.5.0,M10.5.0",
        "CET-1x",
        "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1CEST,M3.6.0,M10.5.0",
        "CET-1CEST,M3.5.7,M10.5.0",
        "CET-1:60",
        "CET-1CEST,J60,J300",
        "CET-1CEST,M3.5.0/200,M10.5.0",
        "<>-1",
        "<x-1",
        "CET-²",
        "CET-1:2:3:4",
        "Europe/Berlin",
        "CET-1CEST,M3.5.0,M10.5.0" + "/3" * 40,
    ):
        raises(ValueError, TimeZone, text)


def test_the_clock_goes_by_it():
    moments = {(2026, 7, 1, 12, 0): 14, (2026, 12, 1, 12, 0): 13}
    for utc in moments:
        clock = Clock(None, TimeZone(BERLIN))
        clock._system = lambda utc=utc: seconds(*utc)
        assert clock.now()[3] == moments[utc]
    assert Clock(60).now() is None or time.gmtime()[0] >= 2024
