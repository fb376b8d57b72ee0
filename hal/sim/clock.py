"""Where simulated time comes from: millisecond ticks that wrap, as on a chip."""

import compat


class RealClock:
    """Time as it passes on the host."""

    def now(self) -> int:
        return compat.ticks_ms()


class VirtualClock:
    """Time that stands still until a test moves it; `start` is a tick."""

    def __init__(self, start: int = 0):
        self._now = start

    def now(self) -> int:
        return self._now

    def advance(self, ms: int) -> int:
        """Let `ms` pass; return the new time."""
        self._now = compat.ticks_add(self._now, ms)
        return self._now
