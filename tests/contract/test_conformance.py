# cpython-only: looks into signatures
"""Every implementation has the names of its contract, with the same arguments."""

import importlib
import inspect

from support.hardware import Simulated

CONTRACTS = {
    "display": "Display", "keypad": "Keypad", "hook_switch": "HookSwitch", "codec": "Codec", "ringer": "Ringer",
    "lamp": "Lamp", "network": "Network", "storage": "Storage",
}
DRIVERS = {
    "display": "display_ssd1306", "keypad": "keypad_matrix", "hook_switch": "hook_gpio", "codec": "codec_i2s",
    "ringer": "ringer_pwm", "lamp": "lamp_gpio", "network": "network_wlan", "storage": "storage_vfs",
}


def contract(module):
    return getattr(importlib.import_module("hal.contract." + module), CONTRACTS[module])


def implementations(module):
    name = CONTRACTS[module]
    return (
        getattr(importlib.import_module("hal.null." + module), name),
        getattr(importlib.import_module("hal.drivers." + DRIVERS[module]), name),
    )


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
    from hal.contract.board import Board

    boards = [Board("null"), Simulated().board]
    for each in boards:
        devices = {
            "display": each.display, "keypad": each.keypad, "hook_switch": each.hook, "codec": each.codec,
            "ringer": each.ringer, "lamp": each.lamp("message"), "network": each.network, "storage": each.storage,
        }
        for module, device in devices.items():
            for name in getattr(contract(module), "__annotations__", {}):
                assert hasattr(device, name), "%s of %s board: %s" % (module, each.name, name)
