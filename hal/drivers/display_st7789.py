"""A 240 x 320 colour display with an ST7789 on SPI, lying on its side. Commands: data sheet V1.4, §9."""

from hal.drivers.display_tft import Tft


class Display(Tft):
    """`inverted`: the panel (IPS, as on most modules) shows colours inverted unless a command is sent."""

    inverted = True

    def _initialise(self) -> None:
        self._command(0x36, b"\xa0" if self._turned else b"\x60")  # rows and columns swapped, one mirrored
        self._command(0x21 if self.inverted else 0x20)
        self._command(0x13)  # normal mode: the whole screen
