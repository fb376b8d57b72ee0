"""An ESP32-S3-DevKitC-1 (N8R8 or N16R8) with a small OLED, a 4 x 4 keypad, a handset and a loudspeaker."""

import machine
from machine import I2C, Pin

from hal.contract.board import Board
from hal.drivers.clock_rtc import Clock
from hal.drivers.codec_i2s import Codec
from hal.drivers.display_ssd1306 import Display
from hal.drivers.hook_gpio import HookSwitch
from hal.drivers.keypad_matrix import Keypad
from hal.drivers.lamp_neopixel import Lamp
from hal.drivers.network_wlan import Network
from hal.drivers.ringer_codec import Ringer, Shared
from hal.drivers.storage_vfs import Storage

NAME = "esp32s3_devkit"
CHIP = "esp32s3"
PARTS: dict = {"ssd1306": 0x3C}

# GPIO numbers of the chip.
PINS: dict = {
    "i2c_scl": 9,
    "i2c_sda": 8,
    "key_rows": (4, 5, 6, 7),
    "key_columns": (15, 16, 17, 18),
    "hook": 21,
    "mic_sck": 10,
    "mic_ws": 11,
    "mic_sd": 12,
    "amp_sck": 13,
    "amp_ws": 14,
    "amp_sd": 47,
    "amplifiers": {"handset": 1, "speaker": 2},  # SD_MODE of each MAX98357A
    "pixels": {"message": (48, 0)},  # on the board: 48 on v1.0, 38 on v1.1
}

# Name of the key where a row and a column cross.
KEYS = (
    ("1", "2", "3", "soft1"),
    ("4", "5", "6", "up"),
    ("7", "8", "9", "down"),
    ("*", "0", "#", "soft4"),
)


def _slots():
    from hal.drivers.slots_folders import Slots

    return Slots()


def create(folder: str = "data") -> Board:
    """The board with its drivers. `folder` is where its flash file system lies."""
    bus = I2C(0, scl=Pin(PINS["i2c_scl"]), sda=Pin(PINS["i2c_sda"]), freq=400_000)
    codec = Codec(
        (0, Pin(PINS["mic_sck"]), Pin(PINS["mic_ws"]), Pin(PINS["mic_sd"])),
        (1, Pin(PINS["amp_sck"]), Pin(PINS["amp_ws"]), Pin(PINS["amp_sd"])),
        [(output, Pin(PINS["amplifiers"][output])) for output in ("handset", "speaker")],
        ring_ms=120,  # a collection of a heap in PSRAM
    )
    shared = Shared(codec)
    return Board(
        NAME,
        display=Display(bus),
        keypad=Keypad(
            [Pin(number) for number in PINS["key_rows"]],
            [Pin(number) for number in PINS["key_columns"]],
            KEYS,
        ),
        hook=HookSwitch(Pin(PINS["hook"])),
        codec=shared,
        ringer=Ringer(codec, shared),
        lamps={"message": Lamp(Pin(PINS["pixels"]["message"][0]))},
        network=Network(),
        storage=Storage(folder),
        clock=Clock(),
        unique_id=machine.unique_id(),
        restart=machine.reset,
        slots=_slots,
    )
