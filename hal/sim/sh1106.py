"""The SH1106 display controller as its data sheet (V2.2) has it, on a module mounted the usual way up.

As an SSD1306 to look at, but its RAM is 132 columns wide, it has page addressing only, and its charge pump is
another command. What the glass shows are the RAM's columns 2 to 129.
"""

from hal.sim.ssd1306 import HEIGHT, WIDTH

COLUMNS = 132
_LEFT = 2
_PAGES = 8

# Commands with one octet that follows.
_DOUBLE = (0x81, 0xA8, 0xAD, 0xD3, 0xD5, 0xD9, 0xDA, 0xDB)
_SINGLE = (0xA0, 0xA1, 0xA4, 0xA5, 0xA6, 0xA7, 0xAE, 0xAF, 0xE0, 0xE3, 0xEE)


class Sh1106:
    """An I2C device: the bus calls `write` with the octets of one transaction, without the address."""

    width = WIDTH
    height = HEIGHT

    def __init__(self, address: int = 0x3C):
        self.address = address
        self.connected = True
        self.reset()

    def reset(self) -> None:
        """As after power-on; the RAM is really random then, here a pattern that no screen has."""
        self.ram = bytearray(b"\xa5" * (COLUMNS * _PAGES))
        self.on = False
        self.pump = True
        self.inverted = False
        self.all_on = False
        self.contrast = 0x80
        self.start_line = 0
        self.offset = 0
        self.segment_remap = False
        self.com_reversed = False
        self.multiplex = 63
        self.unknown = 0  # octets taken for commands that the chip does not have
        self.octets = 0  # of display data received
        self.version = 0  # grows with every change of what is seen
        self._column = 0
        self._page = 0
        self._command = -1  # the one that waits for its argument

    def write(self, data) -> bool:
        """One write transaction; False if the chip does not acknowledge."""
        if not self.connected:
            return False
        index = 0
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
        """The status octet: bit 6 is set while the panel is off."""
        return bytes([0x00 if self.on else 0x40]) * length if self.connected else None

    def _data(self, octet) -> None:
        # The column stays at the end: there is no wrapping and no next page.
        if self._column < COLUMNS:
            self.ram[self._page * COLUMNS + self._column] = octet
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
        if command == 0x81:
            self.contrast = value
        elif command == 0xA8:
            self.multiplex = value & 0x3F
        elif command == 0xAD:
            self.pump = value == 0x8B
        elif command == 0xD3:
            self.offset = value & 0x3F

    def _switch(self, command) -> None:
        if command in (0xA0, 0xA1):
            self.segment_remap = command == 0xA1
        elif command in (0xA4, 0xA5):
            self.all_on = command == 0xA5
        elif command in (0xA6, 0xA7):
            self.inverted = command == 0xA7
        elif command in (0xAE, 0xAF):
            self.on = command == 0xAF

    @property
    def lit(self) -> bool:
        return self.on and self.pump

    def image(self):
        """The RAM as the panel shows it when lit: 64 rows, from the top, of 128 octets 0 or 1."""
        rows = []
        for y in range(HEIGHT):
            com = HEIGHT - 1 - y
            line = self.multiplex - com if self.com_reversed else com
            line = (line + self.start_line + self.offset) % HEIGHT
            page = (line >> 3) * COLUMNS
            mask = 1 << (line & 7)
            row = bytearray(WIDTH)
            for x in range(WIDTH):
                # The module is mounted with segment 131 at the left; remapped, RAM column 0 drives it.
                column = _LEFT + x if self.segment_remap else COLUMNS - 1 - _LEFT - x
                if self.ram[page + column] & mask:
                    row[x] = 1
            rows.append(row)
        return rows

    def panel(self):
        """What is to be seen right now: the image, with the panel's power and inversion taken in."""
        rows = self.image()
        for row in rows:
            for x in range(WIDTH):
                row[x] = 1 if self.lit and (self.all_on or row[x] != self.inverted) else 0
        return rows
