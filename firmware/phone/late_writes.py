"""Late writes: what changes with every call and message reaches the flash seldom, for flash wears.

Changes are gathered for some seconds, in a call until it is over or half a minute has passed. While they go
on, the time between two writes doubles, up to ten minutes. A loss of power alone loses what waits.
"""

from compat import ticks_diff

GATHER_MS = 5_000
MAX_WAIT_MS = 30_000  # in a call
APART_MS = 30_000
MAX_APART_MS = 600_000


class LateWrites:
    """`save()` of what changed is called later: by `poll`, or all at once by `flush`."""

    def __init__(self):
        self._changed = []
        self._first = None  # tick at which the oldest change was seen
        self._last = None  # tick of the last write, until it was quiet for long enough
        self._apart_ms = APART_MS

    def later(self, thing) -> None:
        """`thing` has changed."""
        if thing not in self._changed:
            self._changed.append(thing)

    def poll(self, now: int, busy: bool) -> bool:
        """Write what is due; `busy` says whether there is a call. False when nothing is left to wait for."""
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
        """Write all that has changed now; in a call what is patient (the log) waits for its end."""
        changed, self._changed, self._first = self._changed, [], None
        for thing in changed:
            if busy and _is_patient(thing):
                self._changed.append(thing)
            else:
                thing.save()

    def _is_urgent(self):
        # A generator would be garbage, a hundred times a second.
        for thing in self._changed:
            if not _is_patient(thing):
                return True
        return False

    def _is_too_soon(self, now):
        return self._last is not None and ticks_diff(now, self._last) < self._apart_ms


def _is_patient(thing):
    return getattr(thing, "is_patient", False)
