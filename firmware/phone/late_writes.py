"""Late writes: lists that change with every call and message are seldom written, because flash wears.

Changes are gathered for 5 seconds; in a call for half a minute, or until the call ends. While changes
continue, the time between two writes doubles, up to ten minutes. Only a power loss loses unwritten changes.
"""

from compat import ticks_diff

GATHER_MS = 5_000
MAX_WAIT_MS = 30_000  # in a call
APART_MS = 30_000
MAX_APART_MS = 600_000


class LateWrites:
    """Calls `save()` of changed objects later: `poll` does when a write is due, `flush` at once."""

    def __init__(self):
        self._changed = []
        self._first = None  # tick at which the oldest change was seen
        self._last = None  # tick of the last write; None once the time without changes was long enough
        self._apart_ms = APART_MS

    def later(self, thing) -> None:
        """`thing` has changed."""
        if thing not in self._changed:
            self._changed.append(thing)

    def poll(self, now: int, busy: bool) -> bool:
        """Write if a write is due; `busy`: there is a call. False: this object is not needed any more."""
        if self._last is not None and ticks_diff(now, self._last) >= 2 * self._apart_ms:
            self._last = None
        if not self._changed:
            return self._last is not None
        if self._first is None:
            self._first = now
        wait = MAX_WAIT_MS if busy else GATHER_MS
        if ticks_diff(now, self._first) >= wait and not self._is_too_soon(now):
            if busy and not self._is_urgent():
                return True
            self._apart_ms = APART_MS if self._last is None else min(2 * self._apart_ms, MAX_APART_MS)
            self._last = now
            self.flush(busy)
        return True

    def flush(self, busy: bool = False) -> None:
        """Save all changed objects now; during a call (`busy`) not those with `is_patient` (the log)."""
        changed, self._changed, self._first = self._changed, [], None
        for thing in changed:
            if busy and _is_patient(thing):
                self._changed.append(thing)
            else:
                thing.save()

    def _is_urgent(self):
        # Not `any(…)`: its generator would be garbage, a hundred times a second.
        for thing in self._changed:
            if not _is_patient(thing):
                return True
        return False

    def _is_too_soon(self, now):
        return self._last is not None and ticks_diff(now, self._last) < self._apart_ms


def _is_patient(thing):
    return getattr(thing, "is_patient", False)
