"""When a frame is due: every 20 ms of the codec's clock, although its DMA buffers end at other times.

A frame is ready when the DMA buffer that holds its end is full: at 16 kHz after 16, 16, 16 and 32 ms. Packets
sent in that rhythm would look like jitter to the peer. So frames that are ready early wait.
"""

import compat

_FRAME_MS = 20
_MAX_EARLY_MS = 44  # two frames in one buffer of 32 ms, at 8 kHz
_FRAMES = 64  # after 64 frames of which all had to wait, later frames are due 1 ms earlier


class Pace:
    """Call `wait` for each frame that is ready. As both clocks drift, a late frame delays all later ones."""

    def __init__(self):
        self._due = None  # tick of the next frame
        self._least = _MAX_EARLY_MS  # shortest wait of the counted frames, ms
        self._count = 0

    def wait(self, now: int) -> int:
        """A frame is ready at `now`: the ms for which the frame is to wait."""
        early = 0 if self._due is None else compat.ticks_diff(self._due, now)
        if not 0 < early <= _MAX_EARLY_MS:
            # Late, or the first frame after a pause.
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
