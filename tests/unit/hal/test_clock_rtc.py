"""The chip's clock: from 2000-01-01 at power-on, then as it was set."""

from hal.drivers.clock_rtc import Clock
from hal.sim.clock import VirtualClock
from hal.sim.world import World
from support.hardware import Wiring


def test_it_shows_what_it_was_set_to():
    World(VirtualClock(), Wiring())
    from machine import RTC

    clock = Clock()
    assert clock.needs_setting and not clock.is_set
    assert RTC().datetime()[:3] == (2000, 1, 1)
    # 2026-11-27 10:59:58, a Friday; a leap day; after 2038.
    for seconds, expected in (
        (1795777198, (2026, 11, 27, 4, 10, 59, 58)),
        (1709208000, (2024, 2, 29, 3, 12, 0, 0)),
        (2272147200, (2042, 1, 1, 2, 0, 0, 0)),
    ):
        clock.set(seconds)
        assert RTC().datetime()[:7] == expected, seconds
