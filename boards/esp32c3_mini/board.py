"""An ESP32-C3-DevKitM-1 as a network loudspeaker: it rings and plays, and has no microphone."""

from machine import Pin

from boards import common
from hal.drivers.clock_rtc import Clock
from hal.drivers.codec_i2s_output import Codec
from hal.drivers.display_ssd1306 import Display
from hal.drivers.expander_pcf8574 import Expander
from hal.drivers.keypad_expander import Keypad
from hal.drivers.lamp_neopixel import Lamp
from hal.drivers.network_wlan import Network
from hal.drivers.ringer_codec import Ringer, Shared

NAME = "esp32c3_mini"
CHIP = "esp32c3"
PARTS: dict = {"ssd1306": 0x3C, "pcf8574": 0x20}

# GPIO numbers of the chip; those with an x are pins of the expander.
PINS: dict = {
    "i2c_scl": 5,
    "i2c_sda": 4,
    "key_rows": ("x0", "x1", "x2", "x3"),
    "key_columns": ("x4", "x5", "x6", "x7"),
    "hook": 1,
    "amp_sck": 6,
    "amp_ws": 7,
    "amp_sd": 10,
    "amplifiers": {"speaker": 3},  # SD_MODE of the MAX98357A
    "pixels": {"message": (8, 0)},  # on the board
}

# Name of the key where a row and a column cross.
KEYS = common.KEYS_4X4


def create(folder: str = "data") -> common.Board:
    """The board with its drivers. `folder` is the storage's folder in the flash file system."""
    bus = common.bus(PINS, 100_000)  # the PCF8574's limit
    codec = Codec(common.stream(PINS, "amp", 0), common.amplifiers(PINS))
    shared = Shared(codec)
    return common.assemble(
        NAME,
        PINS,
        folder,
        display=Display(bus, parts=4),
        keypad=Keypad(Expander(bus, PARTS["pcf8574"]), *common.matrix(PINS, common.number), names=KEYS),
        codec=shared,
        ringer=Ringer(codec, shared),
        lamps={"message": Lamp(Pin(PINS["pixels"]["message"][0]))},
        network=Network(),
        clock=Clock(),
        slots="hal.drivers.slots_partition",
    )
