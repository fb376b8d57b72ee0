"""What a custom image freezes as boot.py, run on the simulated chip: the watchdog from the first moment of a
trial on, and of a trial only."""

import sys
import types

import pytest

from hal.drivers.slots_partition import Slots
from hal.sim import watchdog
from hal.sim.clock import VirtualClock
from hal.sim.soc import Soc, make_current
from tools.firmware import BOOT


def started(monkeypatch, result=0):
    """How often the watchdog was fed before `start` was reached, and what boot.py ended with."""
    fed = []
    module = types.ModuleType("start")
    module.main = lambda: fed.append(watchdog.feedings) or result
    monkeypatch.setitem(sys.modules, "start", module)
    before = watchdog.feedings
    with pytest.raises(BaseException) as end:
        exec(BOOT, {})
    return fed[0] - before, end.type


def test_the_watchdog_of_a_trial(monkeypatch):
    soc = Soc(VirtualClock())
    make_current(soc)
    assert started(monkeypatch) == (0, SystemExit)
    assert started(monkeypatch, 3) == (0, MemoryError)
    slots = Slots()
    slots.begin()
    file = slots.create("firmware.bin")
    file.write(b"\xe9" + bytes(5000))
    file.close()
    slots.switch()
    assert started(monkeypatch) == (0, SystemExit)  # still the old one
    assert soc.flash.start() == "ota_1"
    assert started(monkeypatch) == (1, SystemExit)  # on trial
    assert soc.flash.start() == "ota_0"
    assert started(monkeypatch) == (0, SystemExit)  # taken back
    Slots().begin()
    Slots().switch()
    soc.flash.start()
    Slots().confirm()
    assert started(monkeypatch) == (0, SystemExit)  # proved
