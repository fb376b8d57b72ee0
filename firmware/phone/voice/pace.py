"""When a frame is due: every 20 ms of the codec's clock, however unevenly its buffers end.

A frame is there when a DMA buffer ends behind it: at 16 kHz after 16, 16, 16 and 32 ms. What goes to the
network in that rhythm looks like jitter to the peer. So frames wait for the latest of them.
"""

import compat

_FRAME_MS = 20
_MAX_EARLY_MS = 44  # two frames in one buffer of 32 ms, at 8 kHz
_FRAMES = 64  # after so many of which none was late, all are to be earlier


class Pace:
    """`wait` for each frame that is ready. Both clocks may drift: a late frame moves all later ones."""

    def __init__(self):
        self._due = None  # tick of the next frame
        self._least = _MAX_EARLY_MS  # ms that a frame has waited, of those counted
        self._count = 0

    def wait(self, now: int) -> int:
        """A frame is ready at `now`: the ms for which it is to wait."""
        early = 0 if self._due is None else compat.ticks_diff(self._due, now)
        if not 0 < early <= _MAX_EARLY_MS:
            # Late, or the first for a while.
            early = 0
            self._due = now
        self._due = compat.ticks_add(self._due, _FRAME_MS)
        self._least = min(self._least, early)
        self._count += 1
        if self._count == _FRAMES:
            if self._least > 1:
                self._due = compat.ticks_add(self._due, -1)
            self._least = _MAX_EARLY_MS
            self._count = 0
        return early
