"""A 128 x 64 OLED with an SH1106 on I2C (1.3 inch modules). Commands: data sheet V2.2, "Commands"."""

from compat import const
from hal.drivers import display_ssd1306

_LEFT = const(2)  # the chip has 132 columns; the panel shows the middle ones


class Display(display_ssd1306.Display):
    """As the SSD1306, but the page and its first column are set before each page."""

    _ADDRESSING = b""  # the chip has only one addressing mode
    _PRECHARGE = 0x22
    _DESELECT = 0x35
    _PUMP = b"\xad\x8b"  # the pump makes the panel's voltage

    def __init__(self, bus, address: int = 0x3C, parts: int = 1):
        super().__init__(bus, address, 64, parts)
        # Control octet, page, column: low and high four bits.
        self._window = bytearray((0x00, 0xB0, 0x00 | _LEFT, 0x10))

    def _send(self, number, start, width) -> None:
        self._window[1] = 0xB0 | number
        self._window[2] = (start + _LEFT) & 15
        self._window[3] = 0x10 | (start + _LEFT) >> 4
        self._bus.writeto(self._address, self._window)
        self._bus.writevto(self._address, (display_ssd1306.DATA, self._pages[number][start : start + width]))
