"""What firmware may rely on, and must fear, of machine.RTC and machine.WDT (machine_rtc.c, machine_wdt.c)."""

import machine

import chip


def test_the_clock_starts_at_the_year_2000():
    year, month, day, weekday, hours, minutes, _, _ = machine.RTC().datetime()
    assert (year, month, day, weekday, hours, minutes) == (2000, 1, 1, 5, 0, 0)


def test_the_clock_goes_on_from_what_it_was_set_to():
    machine.RTC().datetime((2026, 11, 27, 0, 10, 59, 58, 0))
    chip.fast(4)
    chip.run(4000)
    now = machine.RTC().datetime()
    assert now[:6] == (2026, 11, 27, 4, 11, 0) and 1 <= now[6] <= 20, now


def test_a_watchdogs_time_must_be_some():
    for timeout in (0, -1):
        try:
            machine.WDT(timeout=timeout)
        except ValueError as error:
            assert str(error) == "WDT timeout too short"
        else:
            raise AssertionError("no error")


def test_a_watchdog_that_is_fed():
    chip.slow(3)
    dog = machine.WDT(timeout=500)
    for _ in range(4):
        chip.run(200)
        dog.feed()
    machine.WDT(timeout=60000).feed()
