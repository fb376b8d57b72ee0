"""When changes of calls and texts reach the flash: gathered, seldom, and all of them at an orderly end."""

import compat
from phone import late_writes
from phone.history import Entry, History
from phone.late_writes import APART_MS, GATHER_MS, MAX_APART_MS, MAX_WAIT_MS, LateWrites


class Thing:
    def __init__(self):
        self.saves = 0

    def save(self):
        self.saves += 1


def wait_of(busy, end_of_call=None):
    """ms from a change to its write; from `end_of_call` on there is no call any more."""
    writes, thing = LateWrites(), Thing()
    writes.later(thing)
    for now in range(0, 200_000, 10):
        is_busy = busy and (end_of_call is None or now < end_of_call)
        writes.poll(now, is_busy)
        if thing.saves:
            return now
    return None


def test_changes_are_gathered_and_wait_for_the_end_of_a_call():
    assert wait_of(False) == GATHER_MS
    assert wait_of(True) == MAX_WAIT_MS
    assert wait_of(True, GATHER_MS - 10) == GATHER_MS
    assert wait_of(True, 12_340) == 12_340
    assert wait_of(True, MAX_WAIT_MS + 10) == MAX_WAIT_MS


def test_many_changes_are_one_write_of_each_file():
    writes, things = LateWrites(), (Thing(), Thing())
    for now in range(0, GATHER_MS, 10):
        writes.later(things[0])
        writes.later(things[1])
        writes.poll(now, False)
    assert [thing.saves for thing in things] == [0, 0]
    writes.poll(GATHER_MS, False)
    assert [thing.saves for thing in things] == [1, 1]


def test_who_floods_us_with_messages_wears_no_flash():
    for start in (0, (1 << 30) - 4_000_000):  # across the wrap of the ticks, too
        writes, thing, times = LateWrites(), Thing(), []
        for second in range(86_400):
            now = compat.ticks_add(start, second * 1000)
            writes.later(thing)
            before = thing.saves
            writes.poll(now, False)
            if thing.saves > before:
                times.append(second * 1000)
        apart = [times[at + 1] - times[at] for at in range(len(times) - 1)]
        assert apart[0] == APART_MS and max(apart) == MAX_APART_MS and len(times) < 160, (start, apart[:9])


def test_after_a_quiet_time_a_change_is_written_soon_again():
    writes, thing = LateWrites(), Thing()
    for now in range(0, 600_000, 1000):
        writes.later(thing)
        writes.poll(now, False)
    writes.flush()
    saves = thing.saves
    quiet = 600_000
    while writes.poll(quiet, False):
        quiet += 1000
    assert quiet <= 600_000 + 2 * MAX_APART_MS, "then it has nothing to wait for"
    writes.later(thing)
    writes.poll(quiet, False)
    writes.poll(quiet + GATHER_MS, False)
    assert thing.saves == saves + 1
    # After days the ticks have come round: an old write holds up nothing.
    for days in (1, 6, 7, 12, 30):
        writes = LateWrites()
        writes.later(thing)
        writes.poll(0, False)
        writes.poll(GATHER_MS, False)
        now, left = GATHER_MS, True
        while left:
            now += 1000
            left = writes.poll(now, False)
        for _ in range(days):
            now = compat.ticks_add(now, 86_400_000)
        writes.later(thing)
        saves = thing.saves
        writes.poll(now, False)
        writes.poll(compat.ticks_add(now, GATHER_MS), False)
        assert thing.saves == saves + 1, days


def test_an_orderly_end_loses_nothing():
    written = []

    class Store:
        def read(self, name):
            return None

        def write(self, name, *pieces):
            written.append(b"".join(pieces))

    writes = LateWrites()
    history = History(Store(), writes.later)
    for number in range(5):
        history.add(Entry("missed", "", str(number)))
        writes.poll(number, False)
    assert written == []
    writes.flush()
    assert len(written) == 1 and b'"4"' in written[0]
    history.seen()
    assert len(written) == 1
    history.clear()
    assert len(written) == 2, "what a person erases is gone at once"
    assert late_writes.GATHER_MS < late_writes.MAX_WAIT_MS <= late_writes.APART_MS < late_writes.MAX_APART_MS
