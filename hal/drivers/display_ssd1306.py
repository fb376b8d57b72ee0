"""A 128 x 64 (or 128 x 32) OLED with an SSD1306 on I2C. Commands: data sheet rev 1.1, §9 and §10."""

import binascii
import framebuf

from compat import const

_PAGE_BYTES = const(128)
DATA = b"\x40"  # control octet: all that follows is display data


class Display(framebuf.FrameBuffer):
    """Pages of eight rows; `show` sends the pages that differ from the chip's. `parts`: the number of pieces
    in which a page is sent while sound is on, each at most 5 ms on the bus: 1 at 400 kHz, 4 at 100 kHz."""

    # These differ between the chips of the family.
    _ADDRESSING = b"\x20\x00"  # along the row, then the next page
    _PRECHARGE = 0xF1
    _DESELECT = 0x20
    _PUMP = b"\x2e\x8d\x14"  # no scrolling; the charge pump, which makes the panel's voltage, is on

    def __init__(self, bus, address: int = 0x3C, height: int = 64, parts: int = 1):
        self.width = 128
        self.height = height
        self._bus = bus
        self._address = address
        pages = height // 8
        buffer = bytearray(pages * _PAGE_BYTES)
        super().__init__(buffer, 128, height, framebuf.MONO_VLSB)
        self._pages = [memoryview(buffer)[n * _PAGE_BYTES : (n + 1) * _PAGE_BYTES] for n in range(pages)]
        self._shown = [0] * pages  # a checksum of each page on the chip
        self._window = bytearray(b"\x00\x21\x00\x7f\x22\x00\x07")
        self._part = _PAGE_BYTES // parts
        # The page that was sent in part, the bytes sent, and its checksum then.
        self._at = self._begun = self._sum = 0
        self._ready = False
        self._dark = True  # until the RAM holds no more noise
        self._on = True
        self._level = 0x7F

    def show(self, part: bool = False) -> bool:
        try:
            if not self._ready:
                self._initialise()
                for number in range(len(self._pages)):
                    self._shown[number] = -1
                self._ready = self._dark = True
                if part:
                    return True
            for number in range(len(self._pages)):
                # Without the two highest bits, so that it is a small int, not on the heap.
                checksum = binascii.crc32(self._pages[number]) & 0x3FFFFFFF
                if checksum != self._shown[number]:
                    if part:
                        self._send_part(number, checksum)
                        return True
                    self._send(number, 0, _PAGE_BYTES)
                    self._shown[number] = checksum
            if self._dark and self._on:
                self._command(0xAF)
            self._dark = False
        except OSError:
            self._ready = False
        return False

    def _send_part(self, number, checksum) -> None:
        if (number, checksum) != (self._at, self._sum):
            self._at, self._sum, self._begun = number, checksum, 0
        self._send(number, self._begun, self._part)
        self._begun += self._part
        if self._begun == _PAGE_BYTES:
            self._shown[number] = checksum
            self._begun = 0

    def contrast(self, percent: int) -> None:
        self._level = max(0, min(100, percent)) * 255 // 100
        self._try(0x81, self._level)

    def power(self, on: bool) -> None:
        self._on = on
        self._try(0xAF if on else 0xAE)

    def _initialise(self) -> None:
        small = self.height == 32
        self._command(
            0xAE,  # off
            *self._ADDRESSING,
            0x40,  # RAM row 0 at the top
            0xA1,
            0xC8,  # columns and rows mirrored: the modules are mounted so
            0xA8,
            self.height - 1,  # rows
            0xD3,
            0x00,  # no offset
            0xDA,
            0x02 if small else 0x12,  # how the rows are wired to the glass
            0xD5,
            0x80,
            0xD9,
            self._PRECHARGE,
            0xDB,
            self._DESELECT,  # clock, pre-charge, deselect level
            0x81,
            self._level,
            0xA4,
            0xA6,  # show the RAM, not inverted
            *self._PUMP,
        )

    def _send(self, number, start, width) -> None:
        self._window[2] = start
        self._window[3] = start + width - 1
        self._window[5] = number
        self._bus.writeto(self._address, self._window)
        self._bus.writevto(self._address, (DATA, self._pages[number][start : start + width]))

    def _command(self, *octets) -> None:
        self._bus.writeto(self._address, b"\x00" + bytes(octets))

    def _try(self, *octets) -> None:
        # Before the first `show` nothing is sent: `_initialise` sends all of it.
        if self._ready:
            try:
                self._command(*octets)
            except OSError:
                self._ready = False
