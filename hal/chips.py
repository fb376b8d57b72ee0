"""What each chip's data sheet says about its pins and controllers: for tests, tools and the simulator.

Sources: the data sheets' pin lists and "Boot Configurations", ESP-IDF's GPIO reference and MicroPython's
ESP32 port (PWM channels, I2S controllers). Nothing here is needed on the phone.
"""


class Chip:
    """Numbers are GPIO numbers.

    pins         all there are
    input_only   no output, no pull resistors
    strapping    sampled at reset: {number: the effect of a wrong level}
    flash        wired to the flash inside every module
    psram        wired to the PSRAM of modules that have it, by its kind ("quad" or "octal")
    usb          the chip's own USB; jtag: pins of the JTAG port, free unless it is used
    uart         the console's TX and RX
    rmii         pins that Ethernet takes in every configuration; () where there is none
    adc1         analogue inputs that work while Wi-Fi is up
    i2s          controllers; pwm: channels; bootloader: its offset in flash
    """

    def __init__(
        self, pins, input_only, strapping, flash, psram, usb, jtag, uart, rmii, adc1, i2s, pwm, bootloader
    ):
        self.pins = pins
        self.input_only = input_only
        self.strapping = strapping
        self.flash = flash
        self.psram = psram
        self.usb = usb
        self.jtag = jtag
        self.uart = uart
        self.rmii = rmii
        self.adc1 = adc1
        self.i2s = i2s
        self.pwm = pwm
        self.bootloader = bootloader


_DOWNLOAD = "low starts the serial loader instead of the firmware"

CHIPS = {
    "esp32": Chip(
        pins=tuple(range(20)) + (21, 22, 23, 25, 26, 27) + tuple(range(32, 40)),
        input_only=(34, 35, 36, 37, 38, 39),
        strapping={
            0: _DOWNLOAD,
            2: "high keeps the serial loader from starting",
            5: "with 15, timing of an SDIO slave: of no concern",
            12: "high sets the flash's voltage to 1.8 V: the board does not start",
            15: "low silences the boot messages",
        },
        flash=(6, 7, 8, 9, 10, 11),
        psram={"quad": (16, 17)},
        usb=(),
        jtag=(12, 13, 14, 15),
        uart=(1, 3),
        rmii=(19, 21, 22, 25, 26, 27),
        adc1=tuple(range(32, 40)),
        i2s=2,
        pwm=16,
        bootloader=0x1000,
    ),
    "esp32s3": Chip(
        pins=tuple(range(22)) + tuple(range(26, 49)),
        input_only=(),
        strapping={
            0: _DOWNLOAD,
            3: "selects where JTAG comes from, if a fuse says so",
            45: "high sets the flash's voltage to 1.8 V, unless a fuse fixes it",
            46: "high, with 0 low, is no valid mode: the serial loader does not start",
        },
        flash=(26, 27, 28, 29, 30, 31, 32),
        psram={"quad": (26,), "octal": (33, 34, 35, 36, 37)},
        usb=(19, 20),
        jtag=(39, 40, 41, 42),
        uart=(43, 44),
        rmii=(),
        adc1=tuple(range(1, 11)),
        i2s=2,
        pwm=8,
        bootloader=0,
    ),
    "esp32c3": Chip(
        pins=tuple(range(22)),
        input_only=(),
        strapping={
            2: "low may upset the start",
            8: "low, with 9 low, is no valid mode: the serial loader does not start",
            9: _DOWNLOAD,
        },
        flash=(11, 12, 13, 14, 15, 16, 17),
        psram={},
        usb=(18, 19),
        jtag=(4, 5, 6, 7),
        uart=(20, 21),
        rmii=(),
        adc1=tuple(range(5)),
        i2s=1,
        pwm=6,
        bootloader=0,
    ),
}
