"""A WS2812 (NeoPixel), which many dev boards have, as a lamp of one colour."""

from neopixel import NeoPixel

from hal.drivers import lamp_gpio


class _Pixel:
    """A pixel with the interface of a pin. Several lamps may share a chain, each with its own index."""

    def __init__(self, chain, index, color):
        self._chain = chain
        self._index = index
        self._color = color

    def init(self, mode, value=0) -> None:
        self.value(value)

    def value(self, lit) -> None:
        self._chain[self._index] = self._color if lit else (0, 0, 0)
        self._chain.write()


class Lamp(lamp_gpio.Lamp):
    """`chain` is a pin, or a neopixel.NeoPixel that several lamps share. `color` is (red, green, blue):
    a full 255 dazzles."""

    def __init__(self, chain, color=(40, 0, 0), index: int = 0):
        if not hasattr(chain, "write"):
            chain = NeoPixel(chain, index + 1)
        super().__init__(_Pixel(chain, index, color))
