"""A 240 x 320 colour display with an ILI9341 on SPI, lying on its side. Commands: data sheet V1.11, §8."""

from hal.drivers.display_tft import Tft


class Display(Tft):
    """An ILI9341: its panel is mirrored relative to the ST7789's, and its colours come blue first."""

    def _initialise(self) -> None:
        self._command(0x36, b"\xe8" if self._turned else b"\x28")
        self._command(0x20)
        self._command(0xC0, b"\x23")  # the panel's voltages: 4.6 V
        self._command(0xC1, b"\x10")
        self._command(0xC5, b"\x3e\x28")
        self._command(0x13)  # normal mode: the whole screen
