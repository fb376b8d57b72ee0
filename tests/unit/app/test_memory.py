"""When garbage is collected: between calls, in pauses, and not while the bell begins to ring."""

import compat
from app.memory import Memory


class Voice:
    def __init__(self):
        self.quiet = True
        self.prepared = 0

    def prepare(self):
        self.prepared += 1


class Rig:
    """`run` polls as the phone does; `collected` has the ms at which something was."""

    def __init__(self):
        self.voice = Voice()
        self.memory = Memory(self.voice)
        self.ms = 0
        self.collected = []

    def run(self, ms, busy, every=10):
        collect, compat.collect = compat.collect, lambda: self.collected.append(self.ms)
        try:
            for _ in range(ms // every):
                # Over the wrap of the tick.
                self.memory.poll(compat.ticks_add((1 << 30) - 5000, self.ms), busy)
                self.ms += every
        finally:
            compat.collect = collect


def test_a_bell_that_begins_to_ring_is_not_disturbed():
    rig = Rig()
    rig.run(1_199_800, False, 100)
    assert rig.collected == [600_000]
    rig.run(30_000, True)
    # The one that was due is put off, and makes room for the voice path.
    assert rig.collected[1:] == [1_199_800 + 250]
    assert rig.voice.prepared == 1


def test_after_the_last_call_at_once():
    rig = Rig()
    rig.run(100, False)
    rig.run(100, True)
    rig.run(100, False)
    assert rig.collected == [200]


def test_in_a_long_call_at_a_pause():
    rig = Rig()
    rig.run(100, False)
    rig.run(1000, True)
    del rig.collected[:]
    rig.voice.quiet = False
    rig.run(700_000, True)
    assert rig.collected == []
    rig.voice.quiet = True
    rig.run(10_000, True)
    assert len(rig.collected) == 1 and 701_100 <= rig.collected[0] <= 706_100
    rig.run(600_000, True)
    assert len(rig.collected) == 2


def test_a_pause_is_looked_for_every_five_seconds():
    """A look takes 160 bytes of heap."""
    looks = []

    class Loud(Voice):
        @property
        def quiet(self):
            looks.append(1)
            return False

        @quiet.setter
        def quiet(self, value):
            pass

    rig = Rig()
    rig.voice = rig.memory._voice = Loud()
    rig.run(100, False)
    rig.run(20_000, True)
    assert not rig.collected and 3 <= len(looks) <= 4


def test_what_calls_need_is_let_go_of_after_the_last():
    forgotten = []
    forget, forget_package = compat.forget, compat.forget_package
    compat.forget = compat.forget_package = forgotten.append
    try:
        rig = Rig()
        rig.run(500, True)
        assert not forgotten
        rig.run(10, False)
    finally:
        compat.forget, compat.forget_package = forget, forget_package
    assert "sip.call" in forgotten and "phone.names" in forgotten
