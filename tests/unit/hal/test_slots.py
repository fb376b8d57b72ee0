"""Slots in folders and in partitions: what is written where, and what the next start makes of it."""

import sys

from boot import main as boot

from hal.contract.slots import EBUSY
from hal.drivers import slots_folders, slots_partition
from hal.sim import watchdog
from hal.sim.clock import VirtualClock
from hal.sim.soc import Soc, make_current
from support.check import raises
from support.slots import FlashFolder


def put(slots, path, octets):
    file = slots.create(path)
    file.write(octets)
    file.close()


def get(slots, path, length):
    file = slots.open(path)
    buffer = bytearray(length)
    count = file.readinto(buffer)
    file.close()
    return bytes(buffer[:count])


def test_folders_from_one_to_the_other_and_back():
    flash = FlashFolder()
    flash.write("a/start.py", "")
    flash.write("b/old/left.py", "")
    slots = slots_folders.Slots(flash.root)
    assert (slots.running, slots.state) == ("a", "settled")
    assert slots.room() > 100000
    slots.begin()
    put(slots, "start.mpy", b"12345")
    put(slots, "sip/x/y.mpy", b"67")
    put(slots, "sip/x/z.mpy", b"8")
    assert flash.tree("b") == ["sip/x/y.mpy", "sip/x/z.mpy", "start.mpy"]
    assert get(slots, "sip/x/y.mpy", 10) == b"67" and flash.tree("a") == ["start.py"]
    slots.switch()
    assert slots.state == "new" and flash.read("slot") == "b new"
    assert boot.choose(flash.root) == ("b", True)
    trial = slots_folders.Slots(flash.root)
    assert (trial.running, trial.state) == ("b", "trial")
    assert raises(OSError, trial.begin).args[0] == EBUSY and flash.tree("a") == ["start.py"]
    trial.confirm()
    assert trial.state == "settled" and boot.choose(flash.root) == ("b", False)
    trial.switch()
    assert boot.choose(flash.root) == ("a", True) and boot.choose(flash.root) == ("b", False)
    assert slots_folders.Slots(flash.root).state == "undone"
    flash.clean_up()


def test_folders_take_a_switch_back_before_they_empty_what_would_start():
    flash = FlashFolder()
    flash.write("a/start.py", "")
    slots = slots_folders.Slots(flash.root)
    slots.begin()
    slots.switch()
    slots.begin()
    assert slots.state == "settled" and boot.choose(flash.root) == ("a", False)
    flash.clean_up()


def test_folders_refuse_what_leads_out():
    flash = FlashFolder()
    slots = slots_folders.Slots(flash.root)
    slots.begin()
    for path in ("", "/x", "../x", "a/../x", "a//x", "a/", "./a", ".a", "-a", "a b", "a\\b", "é", "x" * 65):
        raises(ValueError, slots.create, path)
        raises(ValueError, slots.open, path)
    assert flash.tree() == []
    flash.clean_up()


def test_folders_know_where_they_run():
    flash = FlashFolder()
    flash.write("slot", "b")
    sys.path.insert(0, flash.root + "/b")
    slots = slots_folders.Slots()
    sys.path.pop(0)
    assert slots.running == "b"
    slots.begin()
    assert flash.tree() == ["slot"]
    slots.switch()
    assert flash.read("slot") == "a new"
    assert slots_folders.Slots().state == "none"  # started from nowhere: a host
    flash.clean_up()


def chip():
    soc = Soc(VirtualClock())
    make_current(soc)
    return soc


def test_partitions():
    soc = chip()
    slots = slots_partition.Slots()
    assert (slots.running, slots.state, slots.room()) == ("ota_0", "settled", 0x1C0000)
    slots.begin()
    image = b"\xe9" + bytes(range(256)) * 40
    file = slots.create("firmware.bin")
    for at in range(0, len(image), 1000):
        file.write(image[at : at + 1000])
    file.close()
    back = slots.open("firmware.bin")
    found, buffer = b"", bytearray(1500)
    while len(found) < len(image):
        found += buffer[: back.readinto(buffer)]
    assert found[: len(image)] == image and not found[len(image) :].strip(b"\xff")
    slots.switch()
    assert slots.state == "new" and soc.flash.start() == "ota_1"
    trial = slots_partition.Slots()
    assert (trial.running, trial.state) == ("ota_1", "trial")
    assert raises(OSError, trial.begin).args[0] == EBUSY and trial.state == "trial"
    assert soc.flash.start() == "ota_0"  # it did not confirm
    assert slots_partition.Slots().state == "undone"
    slots_partition.Slots().begin()
    assert slots_partition.Slots().state == "settled"
    slots.switch()
    soc.flash.start()
    slots_partition.Slots().confirm()
    assert soc.flash.start() == "ota_1" and slots_partition.Slots().state == "settled"


def test_partitions_refuse_what_is_no_image():
    soc = chip()
    slots = slots_partition.Slots()
    slots.begin()
    file = slots.create("firmware.bin")
    file.write(b"no image")
    file.close()
    raises(OSError, slots.switch)
    assert soc.flash.start() == "ota_0"


def test_the_watchdog_is_fed():
    chip()
    before = watchdog.feedings
    feed = slots_partition.Slots().watchdog(60000)
    feed()
    assert watchdog.feedings == before + 2
