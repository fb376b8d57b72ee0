"""The base of the display controllers SSD1306 and SH1106, on a module mounted the usual way up."""

WIDTH = 128
HEIGHT = 64
PAGES = 8


class Oled:
    """An I2C device: the bus calls `write` with one transaction's octets, without the address."""

    width = WIDTH
    height = HEIGHT
    _COLUMNS = WIDTH  # of the RAM
    _CONTRAST = 0x7F  # after power-on
    _PUMP = False

    def __init__(self, address: int = 0x3C):
        self.address = address
        self.connected = True
        self.reset()

    def reset(self) -> None:
        """The state after power-on. The RAM is random on a real chip, here a pattern that no screen has."""
        self.ram = bytearray(b"\xa5" * (self._COLUMNS * PAGES))
        self.on = False
        self.pump = self._PUMP
        self.inverted = False
        self.all_on = False
        self.contrast = self._CONTRAST
        self.start_line = 0
        self.offset = 0
        self.segment_remap = False
        self.com_reversed = False
        self.multiplex = 63
        self.unknown = 0  # octets that are no command of this chip
        self.octets = 0  # octets of display data received
        self.version = 0  # grows with every visible change
        self._column = 0
        self._page = 0
        self._command = -1  # the command that waits for its arguments

    # The bus

    def write(self, data) -> bool:
        """One write transaction; False if the chip does not acknowledge."""
        if not self.connected:
            return False
        index = 0
        # A control octet gives the type of the next octet or, without its top bit, of all remaining ones.
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
        """The status octet, over and over: bit 6 is set while the panel is off."""
        return bytes([0x00 if self.on else 0x40]) * length if self.connected else None

    def _data(self, octet) -> None:
        raise NotImplementedError

    def _command_octet(self, octet) -> None:
        raise NotImplementedError

    # Commands that both chips have

    def _set(self, command, value) -> None:
        if command == 0x81:
            self.contrast = value
        elif command == 0xA8:
            self.multiplex = value & 0x3F
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

    # What a person sees

    @property
    def lit(self) -> bool:
        """Whether the panel has power: it is on, and the charge pump, its only high voltage, runs."""
        return self.on and self.pump

    def _left(self) -> "tuple[int, int]":
        """(the RAM's column at the left edge of the panel, 1 or -1: the step to the next)."""
        raise NotImplementedError

    def image(self):
        """The RAM as the panel shows it when lit: 64 rows, from the top, of 128 octets, 0 or 1."""
        rows = []
        left, step = self._left()
        for y in range(HEIGHT):
            com = HEIGHT - 1 - y  # COM63 is at the top on these modules
            line = self.multiplex - com if self.com_reversed else com
            line = (line + self.start_line + self.offset) % HEIGHT
            first = (line >> 3) * self._COLUMNS + left
            mask = 1 << (line & 7)
            row = bytearray(WIDTH)
            for x in range(WIDTH):
                if self.ram[first + step * x] & mask:
                    row[x] = 1
            rows.append(row)
        return rows

    def panel(self):
        """The visible image, with the panel's power and inversion applied."""
        rows = self.image()
        for row in rows:
            for x in range(WIDTH):
                row[x] = 1 if self.lit and (self.all_on or row[x] != self.inverted) else 0
        return rows
