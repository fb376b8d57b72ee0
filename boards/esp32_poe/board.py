"""An Olimex ESP32-POE (WROOM-32 module): Ethernet with PoE, OLED, 28 keys, handset, speaker."""

import machine
import network
from machine import Pin

from boards import common
from hal.drivers.clock_rtc import Clock
from hal.drivers.codec_i2s import Codec
from hal.drivers.display_ssd1306 import Display
from hal.drivers.expander_mcp23017 import Expander
from hal.drivers.keypad_expander import Keypad
from hal.drivers.lamp_gpio import Lamp
from hal.drivers.network_lan import Network
from hal.drivers.ringer_codec import Ringer, Shared

NAME = "esp32_poe"
CHIP = "esp32"
PARTS: dict = {"ssd1306": 0x3C, "mcp23017": 0x20}

# GPIO numbers of the chip; those with an x are pins of the expander. 33 is joined to 16 on the board, and 35
# and 39 measure its supply.
PINS: dict = {
    "lan": (23, 18, 12, 17, 0),  # MDC, MDIO, the LAN8720's power, its 50 MHz clock; its address
    "i2c_scl": 16,
    "i2c_sda": 13,
    "key_rows": ("x0", "x1", "x2", "x3"),
    "key_columns": ("x8", "x9", "x10", "x11", "x12", "x13", "x14"),
    "hook": 34,  # shared with the board's button BUT1, which has a resistor
    "pulled_up": (34,),
    "mic_sck": 14,
    "mic_ws": 32,
    "mic_sd": 36,
    "amp_sck": 4,
    "amp_ws": 5,
    "amp_sd": 15,
    "amplifiers": {"handset": "x4", "speaker": "x5"},  # SD_MODE of each MAX98357A
    "lamps": {"message": "x6"},
}

# Name of the key where a row and a column cross.
KEYS = (
    ("1", "2", "3", "line1", "soft1", "up", "mute"),
    ("4", "5", "6", "line2", "soft2", "ok", "speaker"),
    ("7", "8", "9", "hold", "soft3", "down", "volume_up"),
    ("*", "0", "#", "transfer", "soft4", "back", "volume_down"),
)


def create(folder: str = "data") -> common.Board:
    """The board with its drivers. `folder` is the storage's folder in the flash file system."""
    machine.freq(240_000_000)  # MicroPython starts at 160 MHz
    bus = common.bus(PINS)
    expander = Expander(bus, PARTS["mcp23017"])
    codec = Codec(
        common.stream(PINS, "mic", 0),
        common.stream(PINS, "amp", 1),
        common.amplifiers(PINS, lambda name: expander.pin(common.number(name))),
        swaps=True,
    )
    shared = Shared(codec)
    mdc, mdio, power, clock, address = PINS["lan"]
    return common.assemble(
        NAME,
        PINS,
        folder,
        display=Display(bus),
        keypad=Keypad(expander, *common.matrix(PINS, common.number), names=KEYS),
        codec=shared,
        ringer=Ringer(codec, shared),
        lamps={name: Lamp(expander.pin(common.number(PINS["lamps"][name]))) for name in PINS["lamps"]},
        network=Network(
            mdc=Pin(mdc),
            mdio=Pin(mdio),
            power=Pin(power),
            phy_type=network.PHY_LAN8720,
            phy_addr=address,
            ref_clk=Pin(clock),
            ref_clk_mode=Pin.OUT,
        ),
        clock=Clock(),
        slots="hal.drivers.slots_partition",
    )
