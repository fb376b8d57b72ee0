"""The jitter buffer: octets by timestamp, played a fixed depth after they came.

It is a ring of 1 ms cells, so packets of any length, in any order, find their place by their timestamp alone.
The first packet anchors the time line: it will be played `depth` later, and what follows in its place. Where
the peer's clock runs faster or slower than ours, whole frames are left out or put in.

The twin of `native/core/jitter.c`.
"""

from compat import const
from media.rtp import ahead

FRAME_SAMPLES = 160
CELL = const(8)  # octets: 1 ms of G.711
CELLS = const(512)
RING = CELLS * CELL
FRAME_CELLS = FRAME_SAMPLES // CELL

_EMPTY = 0
_FILLED = 1
_COVERED = 2

# What `put` found.
STORED = 0
LATE = 1
OVERFLOW = 2
REPEATED = 3

# Where the next frame comes from.
REST = 0  # no stream
FRAME = 1  # the ring
SHORTER = 2  # the ring, after a frame that was left out
LONGER = 3  # nowhere: a frame is put in, the ring stays where it is

# Packets outside the ring in a row before the time line is anchored anew: late ones weigh 1, far ones 4.
_STRAYS_MAX = 8
_STRAY_LATE = 1
_STRAY_FAR = 4

_LEADS = 64  # packets over which the mean lead is taken
_LEAD_SLACK = 200  # samples: more than the one frame by which the lead swings with the phase
_IDLE_FRAMES = 25  # after half a second of nothing, the stream is at rest
_MASK = 0xFFFFFFFF


class Buffer:
    """`depth` is in samples.

    `slipped` counts frames left out or put in, `resynced` new anchors amid a stream.
    """

    def __init__(self, depth: int):
        self.depth = depth
        self.play = 0  # timestamp of the next sample to play
        self.end = 0  # timestamp after the newest sample stored
        self.head = 0  # cell of `play`
        self.stray = 0  # timestamp of the last packet outside the ring
        self.slipped = 0
        self.resynced = 0
        self.octets = bytearray(RING)
        self.filled = bytearray(CELLS)  # _EMPTY, _FILLED or _COVERED
        self.covered = False  # where the last cell was empty: an event stood in for it
        self.reset()

    def reset(self) -> None:
        """Forget what is stored; the next packet anchors the time line."""
        for cell in range(CELLS):
            self.filled[cell] = _EMPTY
        self.anchored = False
        self.strays = 0
        self.idle = 0
        self.lead_sum = 0
        self.leads = 0
        self.slip = 0

    def _anchor(self, timestamp):
        self.reset()
        self.anchored = True
        self.play = (timestamp - self.depth) & _MASK
        self.end = timestamp

    def _watch_drift(self, lead):
        """The mean lead strays from the depth as the two clocks drift apart."""
        self.lead_sum += lead
        self.leads += 1
        if self.leads < _LEADS:
            return
        mean = self.lead_sum // _LEADS
        if mean > self.depth + _LEAD_SLACK:
            self.slip = 1
        elif mean < self.depth - min(self.depth // 2, _LEAD_SLACK):
            self.slip = -1
        else:
            self.slip = 0
        self.lead_sum = 0
        self.leads = 0

    def put(self, timestamp: int, payload, offset: int, length: int) -> int:
        """Store `length` octets of `payload` from `offset` on."""
        cells = length // CELL
        if cells == 0 or cells > CELLS // 2:
            return OVERFLOW
        if not self.anchored:
            self._anchor(timestamp)
        # Whole cells: a timestamp between two is at most 1 ms off, and all of one stream by the same.
        lead = ahead(timestamp, self.play) & -CELL
        last = lead + cells * CELL
        if lead < -RING or last > RING or last <= 0:
            if not -RING <= ahead(timestamp, self.stray) <= RING:
                self.strays = 0  # no time line that another packet confirms
            self.stray = timestamp
            self.strays += _STRAY_FAR if lead < -RING or last > RING else _STRAY_LATE
            if self.strays < _STRAYS_MAX:
                if last > RING:
                    return OVERFLOW
                if lead >= -RING:
                    self._watch_drift(lead)
                return LATE
            self._anchor(timestamp)
            self.resynced += 1
            lead = self.depth & -CELL
            last = lead + cells * CELL
        self.strays = 0
        self._watch_drift(lead)
        if ahead(self.play + last, self.end) > 0:
            self.end = (self.play + last) & _MASK
        return self._store(lead // CELL, payload, offset, cells)

    def _store(self, first, payload, offset, cells):
        verdict = REPEATED
        for index in range(cells):
            if first + index < 0:
                continue  # its time is past
            cell = (self.head + first + index) & (CELLS - 1)
            if self.filled[cell] == _FILLED:
                continue
            self.filled[cell] = _FILLED
            verdict = STORED
            for octet in range(CELL):
                self.octets[cell * CELL + octet] = payload[offset + index * CELL + octet]
        return verdict

    def cover(self, timestamp: int, samples: int) -> None:
        """For `samples` from `timestamp` on an event stands in for voice: what is missing is not a loss."""
        lead = ahead(timestamp, self.play)
        if not self.anchored or lead < -RING * 128 or lead > RING:
            return
        for index in range(max(lead, 0) // CELL, min((lead + samples) // CELL, CELLS)):
            cell = (self.head + index) & (CELLS - 1)
            if self.filled[cell] == _EMPTY:
                self.filled[cell] = _COVERED

    def step(self) -> int:
        """Decide on the next frame."""
        slip = self.slip
        if not self.anchored:
            return REST
        if slip == 0:
            return FRAME
        self.slip = 0
        self.slipped += 1
        if slip < 0:
            return LONGER
        for _ in range(FRAME_CELLS):
            self.cell()
        return SHORTER

    def cell(self) -> int:
        """Where in `octets` the next cell of the frame lies, or -1 where nothing came; moves on by one."""
        cell = self.head
        self.head = (cell + 1) & (CELLS - 1)
        self.play = (self.play + CELL) & _MASK
        content = self.filled[cell]
        self.filled[cell] = _EMPTY
        self.covered = content == _COVERED
        return cell * CELL if content == _FILLED else -1

    def played(self, empty: bool) -> None:
        """The frame is done; `empty` when no cell of it was filled."""
        if not empty:
            self.idle = 0
            return
        self.idle += 1
        if self.idle >= _IDLE_FRAMES and ahead(self.play, self.end) >= 0:
            self.reset()
