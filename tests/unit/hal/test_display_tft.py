# micropython-heap: 1M: the model holds a display of 150 KB
"""Colour displays: what reaches the glass, in which colours, and how much memory and bus that takes."""

from machine import SPI, Pin

from hal.drivers import display_ili9341, display_st7789
from hal.sim.clock import VirtualClock
from hal.sim.world import World
from support.boards import load

CONTROLLERS = (("st7789", display_st7789.Display), ("ili9341", display_ili9341.Display))


class Wiring:
    """boards/esp32s3_tft with one of the controllers."""

    def __init__(self, controller):
        board = load("esp32s3_tft")
        self.CHIP = board.CHIP
        self.PINS = board.PINS
        self.KEYS = board.KEYS
        self.PARTS = {controller: "tft"}


def made(controller, driver, **options):
    world = World(VirtualClock(), Wiring(controller))
    pins = load("esp32s3_tft").PINS
    bus = SPI(1, 40_000_000, sck=Pin(pins["tft_sck"]), mosi=Pin(pins["tft_mosi"]))
    display = driver(bus, Pin(pins["tft_cs"]), Pin(pins["tft_dc"]), None, Pin(pins["backlight"]), **options)
    return world.display, display


def test_a_point_is_a_square_of_four_pixels_in_the_chosen_colours():
    for controller, driver in CONTROLLERS:
        glass, display = made(controller, driver, colors=(0x0000, 0xF81F))
        assert (display.width, display.height) == (160, 120)
        display.pixel(159, 119, 1)
        display.show()
        assert glass.format == 0x55 and (glass.width, glass.height) == (320, 240), controller
        assert [glass.colour(x, y) for x, y in ((318, 238), (319, 238), (318, 239), (319, 239))] == [
            0xF81F
        ] * 4
        assert glass.colour(317, 238) == glass.colour(318, 237) == 0
        assert glass.unknown == 0


def test_only_changed_rows_are_sent():
    for controller, driver in CONTROLLERS:
        glass, display = made(controller, driver, height=48)  # a full one takes long here
        display.show()
        assert glass.octets == 320 * 48 * 2
        display.hline(0, 7, 50, 1)
        display.show()
        assert glass.octets == 320 * 48 * 2 + 320 * 2 * 2, controller
        display.show()
        assert glass.octets == 320 * 48 * 2 + 320 * 2 * 2


def test_nothing_is_lit_before_the_first_picture_is_there():
    for controller, driver in CONTROLLERS:
        glass, display = made(controller, driver, height=48)  # a full one takes long here
        display.contrast(50)
        display.power(True)
        assert not glass.lit and glass.backlight == 0
        display.show()
        assert glass.lit and glass.backlight == 52, controller


def test_turned_it_shows_the_same_the_other_way_up():
    for controller, driver in CONTROLLERS:
        pictures = []
        for turned in (False, True):
            glass, display = made(controller, driver, turned=turned)
            display.pixel(0, 0, 1)
            display.show()
            pictures.append(bytes(glass.ram))
        first, second = [[at for at in range(0, len(ram), 2) if ram[at]] for ram in pictures]
        assert first == sorted(240 * 320 * 2 - 2 - at for at in second), controller
