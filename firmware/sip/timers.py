"""Timers on a wrapping millisecond tick, which callers pass in; nothing here reads a clock."""

from compat import const, ticks_add, ticks_diff

# A longer delay is split, so that no two due ticks are too far apart for `ticks_diff`.
_MAX_LEG = const(1 << 28)


class Timer:
    """One running timer: calls `owner.on_timer(name, now)` when it is due. `due` is None once it has run."""

    def __init__(self, owner, name):
        self.owner = owner
        self.name = name
        self.due = None
        self.rest = 0  # ms still to run after `due`

    def remaining(self, now: int) -> int:
        """Milliseconds until it runs, 0 when it is due or has run."""
        return 0 if self.due is None else max(0, ticks_diff(self.due, now) + self.rest)


class Timers:
    """All the timers of an endpoint, in the order in which they are due."""

    def __init__(self):
        self._running = []

    def __len__(self):
        return len(self._running)

    def start(self, ms: int, owner, name, now: int) -> Timer:
        """Call `owner.on_timer(name, now)` in `ms` milliseconds, at the first `run` that is not earlier."""
        timer = Timer(owner, name)
        self._arm(timer, ms, now)
        return timer

    def stop(self, timer: "Timer | None") -> None:
        """Forget `timer`, which may have run already, or be None."""
        if timer is not None and timer.due is not None:
            timer.due = None
            self._running.remove(timer)

    def deadline(self) -> "int | None":
        """The tick at which `run` must be called next, None when nothing is running."""
        return self._running[0].due if self._running else None

    def run(self, now: int) -> None:
        """Call every owner whose timer is due, in the order of the due ticks."""
        while self._running and ticks_diff(self._running[0].due, now) <= 0:
            timer = self._running.pop(0)
            if timer.rest:
                self._arm(timer, timer.rest + ticks_diff(timer.due, now), now)
            else:
                timer.due = None
                timer.owner.on_timer(timer.name, now)

    def _arm(self, timer, ms, now):
        leg = min(max(ms, 0), _MAX_LEG)
        timer.rest = max(ms, 0) - leg
        timer.due = due = ticks_add(now, leg)
        low = 0
        high = len(self._running)
        # Timers that are due at the same tick run in the order in which they were started.
        while low < high:
            middle = (low + high) >> 1
            if ticks_diff(self._running[middle].due, due) <= 0:
                low = middle + 1
            else:
                high = middle
        self._running.insert(low, timer)
