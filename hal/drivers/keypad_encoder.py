"""A rotary encoder with a push button as the keys up, down and ok: EC11 and its kind, contacts to ground.

The contacts are read in interrupts, as a quick turn is too fast for polling. Bounce cancels out: a bouncing
contact goes one step of the table back and forth.
"""

from machine import Pin

from compat import const, ticks_diff

_DEBOUNCE_MS = const(15)
_LONG_MS = const(800)
_MAX_WAITING = const(16)  # turns not yet polled

# State before and after, two bits each (A is 2, B is 1) -> a quarter step forward or back; 0 if it skipped.
_STEPS = (0, -1, 1, 0, 1, 0, 0, -1, -1, 0, 0, 1, 0, 1, -1, 0)


class Keypad:
    """`names` are the keys of a turn to the left, a turn to the right, and the button. `quarters`: quarter
    steps from one detent to the next, 4 or 2."""

    def __init__(self, a, b, button, names=("up", "down", "ok"), quarters: int = 4):
        self.keys = tuple(names)
        self._quarters = quarters
        self._a = a
        self._b = b
        self._button = button
        for pin in (a, b, button):
            pin.init(Pin.IN, Pin.PULL_UP)
        self._seen = self._contacts()
        self._position = 0  # moved by the interrupt only
        self._told = 0  # moved by poll only
        self._turning = None  # a key whose release is to be reported
        self._raw = False
        self._since = 0
        self._pressed_at = None
        self._long = False
        a.irq(self._moved, Pin.IRQ_RISING | Pin.IRQ_FALLING)
        b.irq(self._moved, Pin.IRQ_RISING | Pin.IRQ_FALLING)

    def poll(self, now: int) -> "tuple[str, str] | None":
        if self._turning:
            key, self._turning = self._turning, None
            return key, "release"
        turned = self._position - self._told
        if abs(turned) > _MAX_WAITING * self._quarters:
            self._told = self._position
        elif abs(turned) >= self._quarters:
            self._told += self._quarters if turned > 0 else -self._quarters
            self._turning = self.keys[1 if turned > 0 else 0]
            return self._turning, "press"
        return self._poll_button(now)

    def _poll_button(self, now):
        down = not self._button.value()
        if down != self._raw:
            self._raw = down
            self._since = now
        settled = ticks_diff(now, self._since) >= _DEBOUNCE_MS
        if settled and down and self._pressed_at is None:
            self._pressed_at = now
            self._long = False
            return self.keys[2], "press"
        if settled and not down and self._pressed_at is not None:
            self._pressed_at = None
            return self.keys[2], "release"
        if self._pressed_at is not None and not self._long and ticks_diff(now, self._pressed_at) >= _LONG_MS:
            self._long = True
            return self.keys[2], "long"
        return None

    def _contacts(self) -> int:
        return (2 if self._a.value() else 0) | (1 if self._b.value() else 0)

    def _moved(self, _) -> None:
        now = self._contacts()
        self._position += _STEPS[self._seen << 2 | now]
        self._seen = now
