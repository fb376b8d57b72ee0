"""An ESP32-DevKitC with a WROVER-E module (PSRAM), a 1.3 inch OLED, and 16 keys on an expander."""

import machine
from machine import Pin

from boards import common
from hal.drivers.clock_rtc import Clock
from hal.drivers.codec_i2s import Codec
from hal.drivers.display_sh1106 import Display
from hal.drivers.expander_pcf8574 import Expander
from hal.drivers.keypad_expander import Keypad
from hal.drivers.lamp_gpio import Lamp
from hal.drivers.network_wlan import Network
from hal.drivers.ringer_pwm import Ringer

NAME = "esp32_wrover"
CHIP = "esp32"
PARTS: dict = {"sh1106": 0x3C, "pcf8574": 0x20}

# GPIO numbers of the chip; those with an x are pins of the expander. 16 and 17 belong to the PSRAM.
PINS: dict = {
    "i2c_scl": 22,
    "i2c_sda": 21,
    "key_rows": ("x0", "x1", "x2", "x3"),
    "key_columns": ("x4", "x5", "x6", "x7"),
    "hook": 27,
    "mic_sck": 18,
    "mic_ws": 19,
    "mic_sd": 34,
    "amp_sck": 25,
    "amp_ws": 26,
    "amp_sd": 33,
    "amplifiers": {"handset": 32, "speaker": 23},  # SD_MODE of each MAX98357A
    "ringer": 13,
    "lamps": {"message": 4},
}

# Name of the key where a row and a column cross.
KEYS = common.KEYS_4X4


def create(folder: str = "data") -> common.Board:
    """The board with its drivers. `folder` is the storage's folder in the flash file system."""
    machine.freq(240_000_000)  # MicroPython starts at 160 MHz
    bus = common.bus(PINS, 100_000)  # the PCF8574's limit
    return common.assemble(
        NAME,
        PINS,
        folder,
        display=Display(bus, parts=4),
        keypad=Keypad(Expander(bus, PARTS["pcf8574"]), *common.matrix(PINS, common.number), names=KEYS),
        codec=Codec(
            common.stream(PINS, "mic", 0),
            common.stream(PINS, "amp", 1),
            common.amplifiers(PINS),
            ring_ms=120,  # the duration of a garbage collection in PSRAM
            swaps=True,
        ),
        ringer=Ringer(Pin(PINS["ringer"])),
        lamps={name: Lamp(Pin(PINS["lamps"][name])) for name in PINS["lamps"]},
        network=Network(),
        clock=Clock(),
        slots="hal.drivers.slots_folders",
    )
