"""Boards for tests: with every device simulated, or with every device absent. Time is virtual."""

import os

import compat
from hal.contract.board import Board
from hal.sim.clock import VirtualClock
from hal.sim.world import World
from support.boards import load

# One for each process, created when something is stored.
FOLDER = "/tmp/bakelite-%d" % int.from_bytes(compat.urandom(4), "big")


class Wiring:
    """A variation of boards/sim: the same pins, with a test's `changes`."""

    def __init__(self, **changes):
        import board

        self.PINS = dict(board.PINS)
        self.KEYS = changes.get("keys", board.KEYS)
        self.KEY_DIODES = changes.get("diodes", False)


class Simulated:
    """A board on the simulator (default: boards/sim) and the world around it."""

    def __init__(self, start: int = 0, name: str = "sim"):
        self.name = name
        self.clock = VirtualClock(start)
        self.world = World(self.clock, load(name))
        self.board = load(name).create(FOLDER)

    def run(self, ms: int) -> None:
        self.world.run(ms)

    def clean_up(self) -> None:
        """Remove the stored files."""
        for name in self.board.storage.names():
            self.board.storage.remove(name)
        try:
            os.rmdir(FOLDER)
        except OSError:
            pass  # nothing was ever stored


class Absent:
    """A board without a single device: all are null."""

    name = "null"
    world = None

    def __init__(self, start: int = 0):
        self.clock = VirtualClock(start)
        self.board = Board("null")

    def run(self, ms: int) -> None:
        self.clock.advance(ms)

    def clean_up(self) -> None:
        pass


# Just before the tick counter wraps, so that every suite meets the wrap.
NEARLY_WRAPPED = compat.ticks_add(0, -300)


# Device -> boards that have another driver for it than boards/sim.
OTHERS = {
    "display": ("esp32_wrover", "esp32s3_tft"),
    "keypad": ("esp32_wrover", "esp32_poe", "esp32s3_tft"),
    "hook": ("esp32_poe",),
    "codec": ("esp32s3_devkit", "esp32s3_tft", "esp32c3_mini"),
    "ringer": ("esp32s3_devkit",),
    "lamp": ("esp32s3_devkit", "esp32_poe"),
    "network": ("esp32_poe",),
}


def rigs(device: str = ""):
    """One rig of each kind. A process has only one simulated chip: use each rig before taking the next."""
    yield Absent(NEARLY_WRAPPED)
    yield Simulated(NEARLY_WRAPPED)
    for name in OTHERS.get(device, ()):
        yield Simulated(NEARLY_WRAPPED, name)


def poll(rig, device, ms: int, every: int = 10):
    """Let `ms` pass, polling `device`; returns [(ms passed, result of poll), …]."""
    said = []
    for passed in range(every, ms + 1, every):
        rig.run(every)
        news = device.poll(rig.clock.now())
        while news is not None:
            said.append((passed, news))
            news = device.poll(rig.clock.now())
    return said
