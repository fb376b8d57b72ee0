"""Stand-in for MicroPython's `neopixel`: a chain of WS2812 on a pin of hal.sim's current chip."""

from hal.sim.soc import current


class NeoPixel:
    def __init__(self, pin, n, bpp=3, timing=1):
        self._pin = pin
        self._pixels = [(0,) * bpp] * n
        pin.init(pin.OUT)

    def __len__(self):
        return len(self._pixels)

    def __setitem__(self, index, color):
        self._pixels[index] = tuple(color)

    def __getitem__(self, index):
        return self._pixels[index]

    def fill(self, color):
        self._pixels = [tuple(color)] * len(self._pixels)

    def write(self):
        soc = current()
        if soc.on_pixels:
            soc.on_pixels(self._pin.number, list(self._pixels))
