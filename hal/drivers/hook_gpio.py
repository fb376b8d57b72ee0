"""A hook switch between a pin and ground."""

from machine import Pin

from compat import const, ticks_diff

_DEBOUNCE_MS = const(30)


class HookSwitch:
    """`lifted` is the pin's level with the handset lifted. `pulled`: the board has a pull resistor of its
    own, which an input-only pin needs."""

    def __init__(self, pin, lifted: int = 0, pulled: bool = False):
        pin.init(Pin.IN, None if pulled else Pin.PULL_UP)
        self._pin = pin
        self._lifted = lifted
        self._seen = None
        self._changed_at = 0
        self.off_hook = False

    def poll(self, now: int) -> "str | None":
        lifted = self._pin.value() == self._lifted
        if lifted != self._seen:
            self._seen = lifted
            self._changed_at = now
        if lifted == self.off_hook or ticks_diff(now, self._changed_at) < _DEBOUNCE_MS:
            return None
        self.off_hook = lifted
        return "off" if lifted else "on"
