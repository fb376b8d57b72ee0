"""The SSD1306 display controller after its data sheet (rev 1.1), on a module mounted the usual way up."""

from compat import const
from hal.sim.oled import PAGES, WIDTH, Oled

_HORIZONTAL = const(0)
_VERTICAL = const(1)
_PAGE = const(2)

# Command -> number of octets that follow (§9, table 9-1); ranges are handled by the decoder.
_ARGUMENTS = {
    0x20: 1,
    0x21: 2,
    0x22: 2,
    0x26: 6,
    0x27: 6,
    0x29: 5,
    0x2A: 5,
    0x81: 1,
    0x8D: 1,
    0xA3: 2,
    0xA8: 1,
    0xD3: 1,
    0xD5: 1,
    0xD9: 1,
    0xDA: 1,
    0xDB: 1,
}
_SINGLE = (0x2E, 0x2F, 0xA0, 0xA1, 0xA4, 0xA5, 0xA6, 0xA7, 0xAE, 0xAF, 0xC0, 0xC8, 0xE3)


class Ssd1306(Oled):
    """An SSD1306; sections are its data sheet's."""

    def reset(self) -> None:
        super().reset()
        self.mode = _PAGE
        self._column = self._column_start = 0
        self._column_end = WIDTH - 1
        self._page = self._page_start = 0
        self._page_end = PAGES - 1
        self._arguments = []

    # Data: at the pointer, which then moves by the addressing mode (§10.1.3)

    def _data(self, octet) -> None:
        segment = WIDTH - 1 - self._column if self.segment_remap else self._column
        self.ram[self._page * WIDTH + segment] = octet
        self.octets += 1
        if self.mode == _PAGE:
            self._column = (self._column + 1) % WIDTH
        elif self.mode == _HORIZONTAL:
            if self._next_column():
                self._next_page()
        elif self._next_page():
            self._next_column()

    def _next_column(self) -> bool:
        if self._column == self._column_end:
            self._column = self._column_start
            return True
        self._column = (self._column + 1) % WIDTH
        return False

    def _next_page(self) -> bool:
        if self._page == self._page_end:
            self._page = self._page_start
            return True
        self._page = (self._page + 1) % PAGES
        return False

    # Commands

    def _command_octet(self, octet) -> None:
        if self._command < 0:
            self._command = octet
            self._arguments = []
        else:
            self._arguments.append(octet)
        if len(self._arguments) == _ARGUMENTS.get(self._command, 0):
            command, self._command = self._command, -1
            self._execute(command, self._arguments)

    def _execute(self, command, arguments) -> None:
        if command < 0x20:
            self._set_page_mode_column(command)
        elif 0x40 <= command < 0x80:
            self.start_line = command & 0x3F
        elif 0xB0 <= command < 0xB8:
            if self.mode == _PAGE:
                self._page = command & 7
        elif command in _ARGUMENTS:
            self._set(command, arguments)
        elif command in _SINGLE:
            self._switch(command)
        else:
            self.unknown += 1

    def _set_page_mode_column(self, command) -> None:
        if self.mode != _PAGE:
            return
        if command & 0x10:
            self._column = (self._column & 0x0F) | (command & 0x07) << 4
        else:
            self._column = (self._column & 0x70) | (command & 0x0F)

    def _set(self, command, arguments) -> None:
        value = arguments[0]
        if command == 0x20:
            self.mode = value & 3
        elif command == 0x21:
            self._column = self._column_start = value & 0x7F
            self._column_end = arguments[1] & 0x7F
        elif command == 0x22:
            self._page = self._page_start = value & 7
            self._page_end = arguments[1] & 7
        elif command == 0x8D:
            self.pump = bool(value & 4)
        else:
            super()._set(command, value)

    def _switch(self, command) -> None:
        if command in (0xC0, 0xC8):
            self.com_reversed = command == 0xC8
        else:
            super()._switch(command)

    def _left(self):
        # SEG127 is at the left. Remapping takes place on the way into the RAM (§10.1.8).
        return WIDTH - 1, -1
