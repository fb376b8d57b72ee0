# cpython-only: looks into signatures
"""Every implementation has the names of its contract, with the same arguments."""

import importlib
import inspect

from support.boards import BOARDS
from support.hardware import Absent, Simulated

CONTRACTS = {
    "display": "Display",
    "keypad": "Keypad",
    "hook_switch": "HookSwitch",
    "codec": "Codec",
    "ringer": "Ringer",
    "lamp": "Lamp",
    "network": "Network",
    "storage": "Storage",
    "slots": "Slots",
    "clock": "Clock",
}
DRIVERS = {
    "display": ("ssd1306", "sh1106", "st7789", "ili9341"),
    "keypad": ("matrix", "expander", "encoder", "several"),
    "hook_switch": ("hook_gpio",),
    "codec": ("i2s", "i2s_output", "es8311"),
    "ringer": ("pwm", "codec"),
    "lamp": ("gpio", "neopixel"),
    "network": ("wlan", "lan"),
    "storage": ("vfs",),
    "slots": ("folders", "partition"),
    "clock": ("rtc",),
}


def contract(module):
    return getattr(importlib.import_module("hal.contract." + module), CONTRACTS[module])


def implementations(module):
    name = CONTRACTS[module]
    yield getattr(importlib.import_module("hal.null." + module), name)
    for driver in DRIVERS[module]:
        driver = driver if "hook" in driver else f"{module}_{driver}"
        yield getattr(importlib.import_module("hal.drivers." + driver), name)
    if module == "codec":
        yield importlib.import_module("hal.drivers.ringer_codec").Shared


def test_every_method_takes_what_the_contract_says():
    for module in CONTRACTS:
        wanted = inspect.getmembers(contract(module), inspect.isfunction)
        assert wanted
        for implementation in implementations(module):
            for name, method in wanted:
                where = "%s.%s" % (implementation.__module__, name)
                assert hasattr(implementation, name), where
                if name in ("fill", "pixel", "hline", "vline", "fill_rect", "blit") and "drivers" in where:
                    continue  # MicroPython's framebuf: positional
                have = list(inspect.signature(getattr(implementation, name)).parameters)
                assert have == list(inspect.signature(method).parameters), where


def test_every_attribute_is_there():
    rigs = [Absent(), *[Simulated(0, name) for name in BOARDS]]
    for each in [rig.board for rig in rigs]:
        devices = {
            "display": each.display,
            "keypad": each.keypad,
            "hook_switch": each.hook,
            "codec": each.codec,
            "ringer": each.ringer,
            "lamp": each.lamp("message"),
            "network": each.network,
            "storage": each.storage,
            "slots": each.slots(),
        }
        for module, device in devices.items():
            for name in getattr(contract(module), "__annotations__", {}):
                assert hasattr(device, name), "%s of %s board: %s" % (module, each.name, name)
