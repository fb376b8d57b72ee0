"""Timers in virtual time, at ease and across the wrap of the tick."""

from compat import ticks_add, ticks_diff
from sip.timers import Timers

STARTS = (0, 12345, ticks_add(0, -700), ticks_add(0, -1))


class Owner:
    def __init__(self):
        self.calls = []

    def on_timer(self, name, now):
        self.calls.append((name, now))


def test_they_run_in_order_of_their_due_tick():
    for start in STARTS:
        timers = Timers()
        owner = Owner()
        for ms in (500, 100, 900, 100, 700):
            timers.start(ms, owner, ms, start)
        assert timers.deadline() == ticks_add(start, 100)
        timers.run(ticks_add(start, 99))
        assert owner.calls == []
        timers.run(ticks_add(start, 700))
        assert [name for name, _ in owner.calls] == [100, 100, 500, 700]
        assert timers.deadline() == ticks_add(start, 900)
        timers.run(ticks_add(start, 5000))
        assert timers.deadline() is None and len(timers) == 0


def test_equal_due_ticks_run_as_started():
    timers = Timers()
    owner = Owner()
    for name in "abc":
        timers.start(10, owner, name, 0)
    timers.run(10)
    assert [name for name, _ in owner.calls] == ["a", "b", "c"]


def test_a_stopped_timer_does_not_run():
    timers = Timers()
    owner = Owner()
    keep = timers.start(10, owner, "keep", 0)
    stop = timers.start(10, owner, "stop", 0)
    timers.stop(stop)
    timers.stop(stop)
    timers.stop(None)
    timers.run(10)
    timers.stop(keep)
    assert owner.calls == [("keep", 10)]


def test_an_owner_may_stop_another_that_is_due_as_well():
    timers = Timers()
    owner = Owner()

    class Stopper:
        def on_timer(self, name, now):
            timers.stop(victim)

    timers.start(10, Stopper(), "stop", 0)
    victim = timers.start(10, owner, "victim", 0)
    timers.run(10)
    assert owner.calls == []


def test_an_owner_that_raises_leaves_the_others_running():
    timers = Timers()
    owner = Owner()

    class Broken:
        def on_timer(self, name, now):
            raise ValueError

    timers.start(10, Broken(), "x", 0)
    timers.start(10, owner, "y", 0)
    try:
        timers.run(10)
    except ValueError:
        pass
    timers.run(10)
    assert owner.calls == [("y", 10)]


def test_a_timer_of_zero_runs_at_once_and_may_be_started_by_an_owner():
    timers = Timers()
    owner = Owner()

    class Starter:
        def on_timer(self, name, now):
            timers.start(0, owner, "next", now)

    timers.start(0, Starter(), "x", 7)
    assert timers.deadline() == 7
    timers.run(7)
    assert owner.calls == [("next", 7)]


def test_a_delay_longer_than_half_the_period_runs_in_legs():
    timers = Timers()
    owner = Owner()
    ms = 3_000_000_000  # 34 days: a tick of 30 bits wraps twice
    now = start = ticks_add(0, -5)
    timers.start(ms, owner, "late", start)
    timers.start(1000, owner, "early", start)
    passed = 0
    while not owner.calls or owner.calls[-1][0] != "late":
        step = ticks_diff(timers.deadline(), now) + 3  # every run comes a little late
        passed += step
        now = ticks_add(now, step)
        timers.run(now)
        assert passed < ms + 1000
    assert ms <= passed <= ms + 3
    assert [name for name, _ in owner.calls] == ["early", "late"]
