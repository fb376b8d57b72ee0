"""An ESP32-S3-DevKitC-1 with a colour display, an ES8311 codec, keys on an expander, and an encoder."""

from machine import SPI, Pin

from boards import common
from hal.drivers.clock_rtc import Clock
from hal.drivers.codec_es8311 import Codec
from hal.drivers.display_st7789 import Display
from hal.drivers.es8311 import Es8311
from hal.drivers.expander_mcp23017 import Expander
from hal.drivers.keypad_encoder import Keypad as Encoder
from hal.drivers.keypad_expander import Keypad as Keys
from hal.drivers.keypad_several import Keypad
from hal.drivers.lamp_neopixel import Lamp
from hal.drivers.network_wlan import Network
from hal.drivers.ringer_codec import Ringer, Shared

NAME = "esp32s3_tft"
CHIP = "esp32s3"
PARTS: dict = {"st7789": "tft", "es8311": 0x18, "mcp23017": 0x20}

# GPIO numbers of the chip; those with an x are pins of the expander.
PINS: dict = {
    "i2c_scl": 9,
    "i2c_sda": 8,
    "tft_sck": 12,
    "tft_mosi": 11,
    "tft_cs": 10,
    "tft_dc": 13,
    "tft_reset": 14,
    "backlight": 21,
    "key_rows": ("x0", "x1", "x2", "x3"),
    "key_columns": ("x8", "x9", "x10", "x11", "x12"),
    "encoder": (4, 5, 6),  # A, B, button
    "hook": 47,
    "mic_sck": 1,
    "mic_ws": 2,
    "mic_sd": 7,
    "amp_sck": 15,
    "amp_ws": 16,
    "amp_sd": 17,
    "amplifiers": {"handset": 18, "speaker": 38},  # SD of each PAM8302A, behind the ES8311
    "pixels": {"message": (48, 0)},  # on the board (v1.0; a v1.1 has it at 38: move the speaker's SD to 48)
}

# Name of the key where a row and a column cross. Up, down and ok are the encoder's.
KEYS = (
    ("1", "2", "3", "soft1", "volume_up"),
    ("4", "5", "6", "soft2", "volume_down"),
    ("7", "8", "9", "soft3", "speaker"),
    ("*", "0", "#", "soft4", "mute"),
)


def create(folder: str = "data") -> common.Board:
    """The board with its drivers. `folder` is the storage's folder in the flash file system."""
    bus = common.bus(PINS)
    # By default MISO would be GPIO 13, which is the display's DC.
    spi = SPI(1, 40_000_000, sck=Pin(PINS["tft_sck"]), mosi=Pin(PINS["tft_mosi"]), miso=None)
    codec = Codec(
        Es8311(bus, PARTS["es8311"]),
        common.stream(PINS, "mic", 0),
        common.stream(PINS, "amp", 1),
        common.amplifiers(PINS),
        ring_ms=120,  # the duration of a garbage collection in PSRAM
    )
    shared = Shared(codec)
    a, b, button = [Pin(number) for number in PINS["encoder"]]
    return common.assemble(
        NAME,
        PINS,
        folder,
        display=Display(
            spi, Pin(PINS["tft_cs"]), Pin(PINS["tft_dc"]), Pin(PINS["tft_reset"]), Pin(PINS["backlight"])
        ),
        keypad=Keypad(
            Keys(Expander(bus, PARTS["mcp23017"]), *common.matrix(PINS, common.number), names=KEYS),
            Encoder(a, b, button),
        ),
        codec=shared,
        ringer=Ringer(codec, shared),
        lamps={"message": Lamp(Pin(PINS["pixels"]["message"][0]))},
        network=Network(),
        clock=Clock(),
        slots="hal.drivers.slots_folders",
    )
