"""The base of the drivers for colour displays with a MIPI command set on SPI: ST7789 and ILI9341.

The phone draws with one bit per pixel. The driver keeps a small bitmap, which it scales and colours when it
sends it: one row at a time, through a strip of a few hundred octets, so a display of 150 KB costs 4 KB of
memory.
"""

import framebuf
from machine import PWM, Pin

from compat import const, sleep_ms

_PART = const(4)  # rows at a time while sound is on: 2.6 KB of pixels each, 0.5 ms on the wire
_SCALE = const(2)  # pixels of the panel, each way, per pixel of the bitmap


class Tft(framebuf.FrameBuffer):
    """`bus` is a machine.SPI. `backlight` is a pin that lights it when high; None if it is wired to power.

    `width` and `height` are the panel's, in pixels, as mounted. `colors` are (dark, lit) as RGB 5-6-5.
    `turned`: the module is mounted the other way up.
    """

    def __init__(
        self,
        bus,
        cs,
        dc,
        reset=None,
        backlight=None,
        width: int = 320,
        height: int = 240,
        colors=(0x0000, 0xFFFF),
        turned: bool = False,
    ):
        self.width = width // _SCALE
        self.height = height // _SCALE
        self._bus = bus
        self._cs = cs
        self._dc = dc
        self._reset = reset
        self._turned = turned
        cs.init(Pin.OUT, value=1)
        dc.init(Pin.OUT, value=1)
        if reset is not None:
            reset.init(Pin.OUT, value=1)
        self._light = None if backlight is None else PWM(backlight, freq=5000, duty_u16=0)
        row = (self.width + 7) // 8
        buffer = bytearray(row * self.height)
        super().__init__(buffer, self.width, self.height, framebuf.MONO_HLSB, row * 8)
        self._rows = [memoryview(buffer)[n * row : (n + 1) * row] for n in range(self.height)]
        self._shown = [bytearray(row) for _ in range(self.height)]
        self._strip = bytearray(row * 8 * _SCALE * 2)
        self._four = [_pixels(bits, colors) for bits in range(16)]
        self._octet = bytearray(1)
        self._window = bytearray(4)
        self._ready = False
        self._dark = True
        self._clean = 0  # rows of the RAM, from the top, that hold no more noise
        self._on = True
        self._level = 100

    def show(self, part: bool = False) -> bool:
        if not self._ready:
            self._wake()
            self._ready = self._dark = True
            self._clean = 0
        sent = 0
        for number in range(self.height):
            if number >= self._clean or self._rows[number] != self._shown[number]:
                if part and sent == _PART:
                    return True
                self._send(number)
                self._clean = max(self._clean, number + 1)
                sent += 1
        if self._dark:
            # Only now, as the RAM held noise before.
            self._dark = False
            self.power(self._on)
        return False

    def contrast(self, percent: int) -> None:
        self._level = max(0, min(100, percent))
        self._set_light()

    def power(self, on: bool) -> None:
        self._on = on
        if self._ready:
            self._command(0x29 if on else 0x28)
        self._set_light()

    def _set_light(self) -> None:
        if self._light is not None:
            # At 5 % the display is still readable indoors.
            duty = 5 + self._level * 95 // 100 if self._on and self._ready else 0
            self._light.duty_u16(duty * 65535 // 100)

    def _wake(self) -> None:
        if self._reset is not None:
            self._reset.value(0)
            sleep_ms(1)
            self._reset.value(1)
            sleep_ms(120)
        self._command(0x01)
        sleep_ms(150)
        self._command(0x11)  # out of sleep
        sleep_ms(120)
        self._command(0x3A, b"\x55")  # 16 bits a pixel
        self._initialise()

    def _initialise(self) -> None:
        """Set up this controller: orientation, colours."""
        raise NotImplementedError

    def _send(self, number) -> None:
        row, strip, four = self._rows[number], self._strip, self._four
        at = 0
        step = 4 * _SCALE * 2
        for octet in row:
            strip[at : at + step] = four[octet >> 4]
            at += step
            strip[at : at + step] = four[octet & 15]
            at += step
        self._range(0x2A, 0, self.width * _SCALE - 1)
        self._range(0x2B, number * _SCALE, number * _SCALE + _SCALE - 1)
        self._command(0x2C)
        self._cs.value(0)
        for _ in range(_SCALE):
            self._bus.write(strip)
        self._cs.value(1)
        self._shown[number][:] = row

    def _range(self, command, first, last) -> None:
        window = self._window
        window[0] = first >> 8
        window[1] = first & 255
        window[2] = last >> 8
        window[3] = last & 255
        self._command(command, window)

    def _command(self, command, arguments=None) -> None:
        self._octet[0] = command
        self._dc.value(0)
        self._cs.value(0)
        self._bus.write(self._octet)
        self._dc.value(1)
        if arguments is not None:
            self._bus.write(arguments)
        self._cs.value(1)


def _pixels(bits, colors) -> bytes:
    """Four pixels of the bitmap, the left in bit 3, as sent to the panel."""
    out = bytearray()
    for bit in (8, 4, 2, 1):
        color = colors[1 if bits & bit else 0]
        for _ in range(_SCALE):
            out.append(color >> 8)
            out.append(color & 255)
    return bytes(out)
