"""The common part of the colour display controllers ST7789 and ILI9341: MIPI DCS on 4-wire SPI.

240 columns by 320 rows of RAM. The level of the D/C pin tells commands from data; 16 bits a pixel only.
"""

COLUMNS = 240
ROWS = 320

_MY = 0x80
_MX = 0x40
_MV = 0x20


class Tft:
    """`data_pin()` is the level of D/C. `inverted_glass`: correct colours need the inversion command, as on
    most ST7789 modules, whose panel is IPS."""

    def __init__(self, data_pin, inverted_glass: bool = False):
        self._data_pin = data_pin
        self._inverted_glass = inverted_glass
        self.backlight = 0  # per cent
        self.resets = 0
        self.octets = 0  # octets of pixel data received
        self.version = 0  # grows with every visible change
        self.unknown = 0  # pixels outside of the RAM
        self._power_on()

    def _power_on(self) -> None:
        self.ram = bytearray(COLUMNS * ROWS * 2)
        for index in range(1, len(self.ram), 7):
            self.ram[index] = 0xA5  # noise, really
        self._reset_registers()

    def reset(self) -> None:
        """The reset pin is low, or SWRESET: registers as after power-on; the RAM is kept."""
        self.resets += 1
        self._reset_registers()

    def _reset_registers(self) -> None:
        self.on = False
        self.asleep = True
        self.inverted = False
        self.access = 0  # MADCTL
        self.format = 0x66
        self._command = 0
        self._arguments = bytearray()
        self._window = [0, COLUMNS - 1, 0, ROWS - 1]
        self._x = self._y = 0
        self._half = None

    @property
    def width(self) -> int:
        return ROWS if self.access & _MV else COLUMNS

    @property
    def height(self) -> int:
        return COLUMNS if self.access & _MV else ROWS

    # The bus

    def write(self, data) -> None:
        if self._data_pin():
            if self._command == 0x2C:
                self._pixels(data)
            else:
                self._arguments += bytes(data)
                self._execute()
        else:
            for octet in data:
                self._command = octet
                self._arguments = bytearray()
                self._execute()
        self.version += 1

    def _execute(self) -> None:
        command, arguments = self._command, self._arguments
        if command == 0x01 and not arguments:
            self.reset()
        elif command in (0x10, 0x11):
            self.asleep = command == 0x10
        elif command in (0x20, 0x21):
            self.inverted = command == 0x21
        elif command in (0x28, 0x29):
            self.on = command == 0x29
        elif command == 0x36 and arguments:
            self.access = arguments[0]
        elif command == 0x3A and arguments:
            self.format = arguments[0]
        elif command in (0x2A, 0x2B) and len(arguments) == 4:
            at = 0 if command == 0x2A else 2
            self._window[at] = arguments[0] << 8 | arguments[1]
            self._window[at + 1] = arguments[2] << 8 | arguments[3]
        elif command == 0x2C:
            self._x, self._y = self._window[0], self._window[2]
            self._half = None

    def _pixels(self, data) -> None:
        """Two octets per pixel, the upper one first, along the window's rows."""
        self.octets += len(data)
        left, right, top, bottom = self._window
        for octet in data:
            if self._half is None:
                self._half = octet
                continue
            at = self._address(self._x, self._y)
            if at is None:
                self.unknown += 1
            else:
                self.ram[at] = self._half
                self.ram[at + 1] = octet
            self._half = None
            self._x += 1
            if self._x > right:
                self._x = left
                self._y = self._y + 1 if self._y < bottom else top

    def _address(self, x, y):
        if x >= self.width or y >= self.height:
            return None
        column, row = (y, x) if self.access & _MV else (x, y)
        if self.access & _MX:
            column = COLUMNS - 1 - column
        if self.access & _MY:
            row = ROWS - 1 - row
        return (row * COLUMNS + column) * 2

    # What a person sees

    @property
    def lit(self) -> bool:
        return self.on and not self.asleep and self.backlight > 0

    @property
    def contrast(self) -> int:
        return self.backlight

    def colour(self, x, y) -> int:
        """The RAM at a point as the program addresses it, RGB 5-6-5."""
        at = self._address(x, y)
        return self.ram[at] << 8 | self.ram[at + 1]

    def image(self, scale: int = 2):
        """One octet per cell of `scale` x `scale` pixels, 1 if its colour is bright."""
        rows = []
        wrong = self.inverted != self._inverted_glass
        for y in range(0, self.height, scale):
            row = bytearray(self.width // scale)
            for x in range(0, self.width, scale):
                bright = _brightness(self.colour(x, y)) >= 128
                row[x // scale] = bright != wrong
            rows.append(row)
        return rows

    def panel(self):
        """The visible image, cell by cell, with the backlight and the panel's power applied."""
        rows = self.image()
        if not self.lit:
            rows = [bytearray(len(row)) for row in rows]
        return rows


def _brightness(colour) -> int:
    red, green, blue = colour >> 11 << 3, (colour >> 5 & 63) << 2, (colour & 31) << 3
    return (3 * red + 6 * green + blue) // 10
