"""An LED on a pin."""

from machine import Pin

from compat import ticks_diff


class Lamp:
    """`lit` is the level that lights it."""

    def __init__(self, pin, lit: int = 1):
        pin.init(Pin.OUT, value=1 - lit)
        self._pin = pin
        self._level = lit
        self._pattern = None  # (on ms, off ms)
        self._since = 0
        self.lit = False

    def on(self) -> None:
        self._pattern = None
        self._light(True)

    def off(self) -> None:
        self._pattern = None
        self._light(False)

    def blink(self, on_ms: int, off_ms: int, now: int) -> None:
        if self._pattern != (on_ms, off_ms):
            self._pattern = (on_ms, off_ms)
            self._since = now
            self._light(True)

    def poll(self, now: int) -> None:
        if self._pattern and ticks_diff(now, self._since) >= self._pattern[0 if self.lit else 1]:
            self._since = now
            self._light(not self.lit)

    def _light(self, lit) -> None:
        self.lit = lit
        self._pin.value(self._level if lit else 1 - self._level)
