"""The simulated board: an ESP32-S3 with every part of a desk phone, connected to hal/sim's models.

It is wired as a real board could be, and uses the drivers of real boards.
"""

from machine import Pin

from boards import common
from hal.drivers.codec_i2s import Codec
from hal.drivers.display_ssd1306 import Display
from hal.drivers.keypad_matrix import Keypad
from hal.drivers.lamp_gpio import Lamp
from hal.drivers.network_wlan import Network
from hal.drivers.ringer_pwm import Ringer

NAME = "sim"

# GPIO numbers of the chip.
PINS: dict = {
    "i2c_scl": 9,
    "i2c_sda": 8,
    "key_rows": (4, 5, 6, 7),
    "key_columns": (10, 11, 12, 13, 14, 15, 16, 17),
    "hook": 18,
    "mic_sck": 38,
    "mic_ws": 39,
    "mic_sd": 40,
    "amp_sck": 41,
    "amp_ws": 42,
    "amp_sd": 47,
    "amplifiers": {"handset": 1, "speaker": 2},  # SD_MODE of each MAX98357A
    "ringer": 21,
    "lamps": {"message": 48},
}

# Name of the key where a row and a column cross.
KEYS = (
    ("1", "2", "3", "line1", "soft1", "up", "mute", "volume_up"),
    ("4", "5", "6", "line2", "soft2", "ok", "speaker", "volume_down"),
    ("7", "8", "9", "hold", "soft3", "down", "headset", "redial"),
    ("*", "0", "#", "transfer", "soft4", "back", "conference", "messages"),
)
KEY_DIODES = False


def create(folder: str = "data") -> common.Board:
    """The board with its drivers. `folder` is the storage's folder in the flash file system."""
    bus = common.bus(PINS)
    network = Network()
    network.configure({"ssid": "bakelite"})
    return common.assemble(
        NAME,
        PINS,
        folder,
        display=Display(bus),
        keypad=Keypad(*common.matrix(PINS), names=KEYS, diodes=KEY_DIODES),
        codec=Codec(common.stream(PINS, "mic", 0), common.stream(PINS, "amp", 1), common.amplifiers(PINS)),
        ringer=Ringer(Pin(PINS["ringer"])),
        lamps={name: Lamp(Pin(PINS["lamps"][name])) for name in PINS["lamps"]},
        network=network,
        slots="hal.drivers.slots_folders",
    )
