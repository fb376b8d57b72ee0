"""Code shared by the boards: from PINS to the drivers' arguments, and the devices that every board has."""

import machine
from machine import I2C, Pin

from hal.contract.board import Board
from hal.drivers.hook_gpio import HookSwitch
from hal.drivers.storage_vfs import Storage

# Name of the key where a row and a column cross: a keypad of 16.
KEYS_4X4 = (
    ("1", "2", "3", "soft1"),
    ("4", "5", "6", "up"),
    ("7", "8", "9", "down"),
    ("*", "0", "#", "soft4"),
)


def bus(pins, hertz: int = 400_000) -> I2C:
    return I2C(0, scl=Pin(pins["i2c_scl"]), sda=Pin(pins["i2c_sda"]), freq=hertz)


def stream(pins, device: str, controller: int) -> tuple:
    """(controller, sck, ws, sd) of "mic" or "amp", as the codec drivers take an I2S stream."""
    return (controller, Pin(pins[device + "_sck"]), Pin(pins[device + "_ws"]), Pin(pins[device + "_sd"]))


def amplifiers(pins, pin=Pin) -> list:
    """[(output, pin)] as the codec drivers take them, the handset's first. `pin`: see `matrix`."""
    wired = pins["amplifiers"]
    return [(output, pin(wired[output])) for output in ("handset", "speaker") if output in wired]


def matrix(pins, pin=Pin) -> "tuple[list, list]":
    """(rows, columns) of the keypad. `pin` converts a pin of PINS into the driver's argument."""
    return [pin(name) for name in pins["key_rows"]], [pin(name) for name in pins["key_columns"]]


def number(name: str) -> int:
    """The number of an expander's pin: 4 of "x4"."""
    return int(name[1:])


def assemble(name: str, pins, folder: str, **devices) -> Board:
    """A Board with `devices` and the devices that every board has. `folder`: see `create` of a board."""
    hook = HookSwitch(Pin(pins["hook"]), pulled=pins["hook"] in pins.get("pulled_up", ()))
    return Board(
        name,
        hook=hook,
        storage=Storage(folder),
        unique_id=machine.unique_id(),
        restart=machine.reset,
        **devices,
    )
