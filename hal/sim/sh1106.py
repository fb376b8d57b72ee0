"""The SH1106 display controller after its data sheet (V2.2), on a module mounted the usual way up.

It differs from an SSD1306: its RAM is 132 columns wide, it has page addressing only, and another command for
its charge pump. The panel shows the RAM's columns 2 to 129.
"""

from hal.sim.oled import Oled

_LEFT = 2

# Commands with one argument.
_DOUBLE = (0x81, 0xA8, 0xAD, 0xD3, 0xD5, 0xD9, 0xDA, 0xDB)
_SINGLE = (0xA0, 0xA1, 0xA4, 0xA5, 0xA6, 0xA7, 0xAE, 0xAF, 0xE0, 0xE3, 0xEE)


class Sh1106(Oled):
    """An SH1106."""

    _COLUMNS = 132
    _CONTRAST = 0x80
    _PUMP = True

    def _data(self, octet) -> None:
        # The column stays at the end: there is no wrapping and no next page.
        if self._column < self._COLUMNS:
            self.ram[self._page * self._COLUMNS + self._column] = octet
            self._column += 1
        self.octets += 1

    def _command_octet(self, octet) -> None:
        if self._command >= 0:
            command, self._command = self._command, -1
            self._set(command, octet)
        elif octet in _DOUBLE:
            self._command = octet
        elif octet < 0x10:
            self._column = (self._column & 0xF0) | octet
        elif octet < 0x20:
            self._column = (self._column & 0x0F) | (octet & 0x0F) << 4
        elif 0x30 <= octet < 0x34:
            pass  # the pump's voltage
        elif 0x40 <= octet < 0x80:
            self.start_line = octet & 0x3F
        elif 0xB0 <= octet < 0xB8:
            self._page = octet & 7
        elif octet & 0xF0 == 0xC0:
            self.com_reversed = bool(octet & 8)
        elif octet in _SINGLE:
            self._switch(octet)
        else:
            self.unknown += 1

    def _set(self, command, value) -> None:
        if command == 0xAD:
            self.pump = value == 0x8B
        else:
            super()._set(command, value)

    def _left(self):
        # The module is mounted with segment 131 at the left; remapped, RAM column 0 drives it.
        return (_LEFT, 1) if self.segment_remap else (self._COLUMNS - 1 - _LEFT, -1)
