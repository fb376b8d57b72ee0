"""The SSD1306 display controller as its data sheet (rev 1.1) has it, on a module mounted the usual way up."""

from compat import const

WIDTH = 128
HEIGHT = 64
_PAGES = const(8)

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


class Ssd1306:
    """An I2C device: the bus calls `write` with the octets of one transaction, without the address."""

    width = WIDTH
    height = HEIGHT

    def __init__(self, address: int = 0x3C):
        self.address = address
        self.connected = True
        self.reset()

    def reset(self) -> None:
        """As after power-on (§8.5); the RAM is really random then, here a pattern that no screen has."""
        self.ram = bytearray(WIDTH * _PAGES)
        for index in range(len(self.ram)):
            self.ram[index] = 0xA5
        self.on = False
        self.charge_pump = False
        self.inverted = False
        self.all_on = False
        self.contrast = 0x7F
        self.start_line = 0
        self.offset = 0
        self.segment_remap = False
        self.com_reversed = False
        self.multiplex = 63
        self.mode = _PAGE
        self.unknown = 0  # octets taken for commands that the chip does not have
        self.octets = 0  # of display data received
        self.version = 0  # grows with every change of what is seen
        self._column = self._column_start = 0
        self._column_end = WIDTH - 1
        self._page = self._page_start = 0
        self._page_end = _PAGES - 1
        self._command = -1  # the one that waits for its arguments
        self._arguments = []

    # The bus

    def write(self, data) -> bool:
        """One write transaction; False if the chip does not acknowledge."""
        if not self.connected:
            return False
        index = 0
        # A control octet says what the next one is or, without its top bit, what all the rest are (§8.1.5.2).
        while index < len(data):
            control = data[index]
            end = index + 2 if control & 0x80 else len(data)
            take = self._data if control & 0x40 else self._command_octet
            for octet in data[index + 1 : end]:
                take(octet)
            index = end
        self.version += 1
        return True

    def read(self, length):
        """The status octet, over and over: bit 6 is set while the panel is off (§8.1.5.2)."""
        return bytes([0x00 if self.on else 0x40]) * length if self.connected else None

    # Data: at the pointer, which then moves as the addressing mode says (§10.1.3)

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
        self._page = (self._page + 1) % _PAGES
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
        elif command == 0x81:
            self.contrast = value
        elif command == 0x8D:
            self.charge_pump = bool(value & 4)
        elif command == 0xA8:
            self.multiplex = value & 0x3F
        elif command == 0xD3:
            self.offset = value & 0x3F

    def _switch(self, command) -> None:
        if command in (0xA0, 0xA1):
            self.segment_remap = command == 0xA1  # for what is written from now on; the RAM stays (§10.1.8)
        elif command in (0xA4, 0xA5):
            self.all_on = command == 0xA5
        elif command in (0xA6, 0xA7):
            self.inverted = command == 0xA7
        elif command in (0xAE, 0xAF):
            self.on = command == 0xAF
        elif command in (0xC0, 0xC8):
            self.com_reversed = command == 0xC8

    # What a person sees

    @property
    def lit(self) -> bool:
        """The panel has power: it is on, and its only source of high voltage, the charge pump, runs."""
        return self.on and self.charge_pump

    def image(self):
        """The RAM as the panel shows it when lit: 64 rows, from the top, of 128 octets 0 or 1."""
        rows = []
        for y in range(HEIGHT):
            # On these modules COM63 is at the top and SEG127 at the left.
            com = HEIGHT - 1 - y
            line = self.multiplex - com if self.com_reversed else com
            line = (line + self.start_line + self.offset) % HEIGHT
            page = (line >> 3) * WIDTH
            mask = 1 << (line & 7)
            row = bytearray(WIDTH)
            for x in range(WIDTH):
                if self.ram[page + WIDTH - 1 - x] & mask:
                    row[x] = 1
            rows.append(row)
        return rows

    def panel(self):
        """What is to be seen right now: the image, with the panel's power and inversion taken in."""
        rows = self.image()
        for row in rows:
            for x in range(WIDTH):
                lit = self.all_on or row[x] != self.inverted
                row[x] = 1 if self.lit and lit else 0
        return rows
