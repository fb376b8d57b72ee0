"""An ESP32-S3-DevKitC-1 (N8R8 or N16R8) with a small OLED, a 4 x 4 keypad, a handset and a loudspeaker."""

from machine import Pin

from boards import common
from hal.drivers.clock_rtc import Clock
from hal.drivers.codec_i2s import Codec
from hal.drivers.display_ssd1306 import Display
from hal.drivers.keypad_matrix import Keypad
from hal.drivers.lamp_neopixel import Lamp
from hal.drivers.network_wlan import Network
from hal.drivers.ringer_codec import Ringer, Shared

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
KEYS = common.KEYS_4X4


def create(folder: str = "data") -> common.Board:
    """The board with its drivers. `folder` is the storage's folder in the flash file system."""
    bus = common.bus(PINS)
    codec = Codec(
        common.stream(PINS, "mic", 0),
        common.stream(PINS, "amp", 1),
        common.amplifiers(PINS),
        ring_ms=120,  # the duration of a garbage collection in PSRAM
    )
    shared = Shared(codec)
    return common.assemble(
        NAME,
        PINS,
        folder,
        display=Display(bus),
        keypad=Keypad(*common.matrix(PINS), names=KEYS),
        codec=shared,
        ringer=Ringer(codec, shared),
        lamps={"message": Lamp(Pin(PINS["pixels"]["message"][0]))},
        network=Network(),
        clock=Clock(),
        slots="hal.drivers.slots_folders",
    )
