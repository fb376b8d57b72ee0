"""The display driver against the chip's model: what goes over the bus."""

from machine import I2C, Pin

from hal.drivers.display_ssd1306 import Display
from hal.sim.clock import VirtualClock
from hal.sim.world import World


def made(height=64):
    world = World(VirtualClock())
    bus = I2C(0, scl=Pin(9), sda=Pin(8), freq=400_000)
    return world.display, Display(bus, height=height)


def sent(chip, display):
    before = chip.octets
    display.show()
    return chip.octets - before


def test_the_first_show_sends_all_and_only_then_lights():
    chip, display = made()
    assert not chip.on
    assert sent(chip, display) == 1024
    assert chip.lit and chip.unknown == 0
    assert bytes(chip.ram) == bytes(1024)


def test_later_only_pages_that_changed():
    chip, display = made()
    display.show()
    assert sent(chip, display) == 0
    display.pixel(3, 3, 1)
    assert sent(chip, display) == 128
    display.vline(0, 0, 17, 1)
    assert sent(chip, display) == 3 * 128
    display.vline(0, 0, 17, 1)
    assert sent(chip, display) == 0
    display.fill(1)
    assert sent(chip, display) == 1024
    display.fill(0)
    display.fill(1)
    assert sent(chip, display) == 0


def test_a_wire_that_comes_loose():
    chip, display = made()
    display.show()
    display.pixel(0, 0, 1)
    chip.connected = False
    display.show()
    display.contrast(10)
    display.power(False)
    # It lost power meanwhile: everything is set up and sent again, as it should be by now.
    chip.reset()
    chip.connected = True
    display.power(True)
    assert sent(chip, display) == 1024
    assert chip.lit and chip.contrast == 25
    assert chip.image()[0][0] == 1


def test_power_and_contrast_before_the_first_show():
    chip, display = made()
    display.contrast(100)
    display.power(False)
    display.show()
    assert not chip.on and chip.contrast == 255
    display.power(True)
    assert chip.lit


def test_the_small_one():
    chip, display = made(32)
    assert sent(chip, display) == 512
    assert chip.multiplex == 31


def test_no_display_at_all():
    _, display = made()
    display._address = 0x3D
    display.fill(1)
    display.show()
    display.power(True)
