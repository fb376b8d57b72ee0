"""The key matrix driver against the matrix's wires: bounce, ghosts, short circuits."""

from machine import Pin

from hal.drivers.keypad_matrix import Keypad
from hal.sim.clock import VirtualClock
from hal.sim.world import World
from support.hardware import Wiring


class Rig:
    def __init__(self, diodes=False):
        wiring = Wiring(diodes=diodes)
        self.clock = VirtualClock()
        self.world = World(self.clock, wiring)
        rows = [Pin(number) for number in wiring.PINS["key_rows"]]
        columns = [Pin(number) for number in wiring.PINS["key_columns"]]
        self.keypad = Keypad(rows, columns, wiring.KEYS, diodes)

    def run(self, ms, every=5):
        """What the keypad says in `ms`, as "+key" or "-key" or "key…"."""
        said = []
        for _ in range(ms // every):
            self.world.run(every)
            news = self.keypad.poll(self.clock.now())
            while news:
                said.append({"press": "+%s", "release": "-%s", "long": "%s…"}[news[1]] % news[0])
                news = self.keypad.poll(self.clock.now())
        return said


def test_bounce_of_any_length_is_one_press():
    for bounce in (0, 1, 2, 3, 7, 12):
        for every in (1, 5, 10, 20):
            rig = Rig()
            rig.world.bounce_ms = bounce
            rig.world.press("5")
            assert rig.run(100, every) == ["+5"], (bounce, every)
            rig.world.release("5")
            assert rig.run(100, every) == ["-5"], (bounce, every)


def test_a_spike_is_no_press():
    rig = Rig()
    rig.world.bounce_ms = 0
    for _ in range(10):
        rig.world.press("5")
        assert rig.run(10) == []
        rig.world.release("5")
        assert rig.run(15) == []


def test_a_ghost_is_not_told():
    # 1 and 2 in one row, 4 under 1: 5 looks pressed too.
    rig = Rig()
    for key in ("1", "2"):
        rig.world.press(key)
    assert sorted(rig.run(60)) == ["+1", "+2"]
    rig.world.press("4")
    assert rig.run(200) == []
    # As soon as the wiring shows which keys are down, they are reported.
    rig.world.release("2")
    assert sorted(rig.run(100)) == ["+4", "-2"]
    rig.world.release("1")
    rig.world.release("4")
    assert sorted(rig.run(100)) == ["-1", "-4"]


def test_with_diodes_any_number_of_keys():
    rig = Rig(diodes=True)
    for key in ("1", "2", "4", "5", "8"):
        rig.world.press(key)
        assert rig.run(60) == ["+" + key]


def test_three_keys_that_can_be_told_are_told_without_diodes():
    rig = Rig()
    for key in ("1", "5", "9"):
        rig.world.press(key)
        assert rig.run(60) == ["+" + key]


def test_no_output_is_ever_shorted():
    rig = Rig()
    for key in ("1", "2", "3", "4", "5", "6"):
        rig.world.press(key)
        rig.run(60)
    assert rig.world.circuit.shorts == 0


def test_polled_twice_in_a_tick_scans_once():
    rig = Rig()
    scans = []
    read = rig.keypad._read
    rig.keypad._read = lambda: scans.append(read())
    for _ in range(5):
        rig.keypad.poll(7)
    assert len(scans) == 1
