"""The simulated board: an ESP32-S3 with every part that a desk phone has, soldered to hal/sim's models.

It is wired as a real one could be, and its drivers are those of real boards.
"""

import machine
from machine import I2C, Pin

from hal.contract.board import Board
from hal.drivers.codec_i2s import Codec
from hal.drivers.display_ssd1306 import Display
from hal.drivers.hook_gpio import HookSwitch
from hal.drivers.keypad_matrix import Keypad
from hal.drivers.lamp_gpio import Lamp
from hal.drivers.network_wlan import Network
from hal.drivers.ringer_pwm import Ringer
from hal.drivers.storage_vfs import Storage

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


def _slots():
    from hal.drivers.slots_folders import Slots

    return Slots()


def create(folder: str = "data") -> Board:
    """The board with its drivers. `folder` is where its flash file system lies."""
    bus = I2C(0, scl=Pin(PINS["i2c_scl"]), sda=Pin(PINS["i2c_sda"]), freq=400_000)
    network = Network()
    network.configure({"ssid": "bakelite"})
    return Board(
        NAME,
        display=Display(bus),
        keypad=Keypad(
            [Pin(number) for number in PINS["key_rows"]],
            [Pin(number) for number in PINS["key_columns"]],
            KEYS,
            KEY_DIODES,
        ),
        hook=HookSwitch(Pin(PINS["hook"])),
        codec=Codec(
            (0, Pin(PINS["mic_sck"]), Pin(PINS["mic_ws"]), Pin(PINS["mic_sd"])),
            (1, Pin(PINS["amp_sck"]), Pin(PINS["amp_ws"]), Pin(PINS["amp_sd"])),
            [(output, Pin(PINS["amplifiers"][output])) for output in ("handset", "speaker")],
        ),
        ringer=Ringer(Pin(PINS["ringer"])),
        lamps={name: Lamp(Pin(PINS["lamps"][name])) for name in PINS["lamps"]},
        network=network,
        storage=Storage(folder),
        unique_id=machine.unique_id(),
        restart=machine.reset,
        slots=_slots,
    )
