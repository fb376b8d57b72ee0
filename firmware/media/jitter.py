"""The jitter buffer: octets by timestamp, played as late as media.delay says is needed.

It is a ring of 1 ms cells, so packets of any length, in any order, find their place by their timestamp alone.
The first packet anchors the time line: it will be played `delay.target` later, and what follows in its place.
Where nothing is left to play the line waits: what comes late then is played late, and all that follows. How
far the line is from where it should be is `surplus`; media.stretch moves it there by pitch periods.

The twin of `native/core/jitter.c`.
"""

from compat import const
from media.delay import Delay
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

# Packets outside the ring in a row before the time line is anchored again: late ones weigh 1, far ones 4.
_STRAYS_MAX = 8
_STRAY_LATE = 1
_STRAY_FAR = 4

_IDLE_FRAMES = 25  # after half a second of nothing, the stream is at rest
_LOSS_MAX = 960  # samples: what is missing longer is a pause of the peer's
_FAR = RING * 128  # samples: 65 s; beyond, a timestamp says nothing
_MASK = 0xFFFFFFFF


class Buffer:
    """`floor` and `ceiling`, of the depth, are in samples. `resynced` counts new anchors amid a stream."""

    def __init__(self, floor: int, ceiling: int):
        self.delay = Delay(floor, ceiling)
        self.clock = 0  # timestamp that would be played if the line had never moved
        self.play = 0  # timestamp of the next sample to take
        self.end = 0  # timestamp after the newest sample stored
        self.head = 0  # cell of `play`
        self.gaps = 0  # short ones that were played, in all
        self.stray = 0  # timestamp of the last packet outside the ring
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
        self.dry = 0  # samples taken since the last that was there
        self.lost = 0  # of these, those that nothing stood in for
        self.delay.anchor()

    def _anchor(self, timestamp):
        self.reset()
        self.anchored = True
        self.play = self.clock = (timestamp - (self.delay.target & -CELL)) & _MASK
        self.end = timestamp

    def surplus(self) -> int:
        """Samples that are stored beyond what should be; negative where there should be more."""
        return self.delay.base + ahead(self.clock, self.play) - self.delay.target

    def _waits(self, late):
        """Whether a packet that is `late` samples too late can still be played: nothing was since."""
        depth = self.delay.base + ahead(self.clock, self.play) + late
        room = ahead(self.end, self.play) + late <= RING
        return late <= self.dry and depth <= self.delay.ceiling and room

    def _turn_back(self, late):
        self.play = (self.play - late) & _MASK
        self.head = (self.head - late // CELL) & (CELLS - 1)
        self.dry -= late
        self.lost = max(self.lost - late, 0)

    def _is_confirmed(self, timestamp, lead, samples):
        """A packet outside the ring: whether it and those before it are a new time line."""
        if not -RING <= ahead(timestamp, self.stray) <= RING:
            self.strays = 0  # no time line that another packet confirms
        is_far = lead < -RING or lead > RING - samples
        self.stray = timestamp
        self.strays += _STRAY_FAR if is_far else _STRAY_LATE
        if self.strays >= _STRAYS_MAX:
            return True
        if not is_far:
            self.delay.note(ahead(timestamp, self.clock), samples)
        return False

    def put(self, timestamp: int, payload, offset: int, length: int) -> int:
        """Store `length` octets of `payload` from `offset` on."""
        cells = length // CELL
        if cells == 0 or cells > CELLS // 2:
            return OVERFLOW
        if not self.anchored:
            self._anchor(timestamp)
        # Whole cells: a timestamp between two is at most 1 ms off, and all of one stream by the same.
        lead = ahead(timestamp, self.play) & -CELL
        samples = cells * CELL
        if -RING <= lead < 0 and self._waits(-lead):
            self._turn_back(-lead)
            lead = 0
        if lead <= -samples or lead > RING - samples:
            if not self._is_confirmed(timestamp, lead, samples):
                return OVERFLOW if lead > 0 else LATE
            self._anchor(timestamp)
            self.resynced += 1
            lead = ahead(timestamp, self.play) & -CELL
        self.strays = 0
        self.delay.note(ahead(timestamp, self.clock), samples)
        last = (self.play + lead + samples) & _MASK
        if ahead(last, self.end) > 0:
            self.end = last
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
        if not self.anchored or lead < -_FAR or lead > RING:
            return
        for index in range(max(lead, 0) // CELL, min((lead + samples) // CELL, CELLS)):
            cell = (self.head + index) & (CELLS - 1)
            if self.filled[cell] == _EMPTY:
                self.filled[cell] = _COVERED

    def run(self, first: int, most: int) -> int:
        """Cells that are filled from `first` cells on, no more than `most`."""
        cells = 0
        while cells < most and self.filled[(self.head + first + cells) & (CELLS - 1)] == _FILLED:
            cells += 1
        return cells

    def gap(self, most: int) -> int:
        """Cells from here to the next that is filled; `most` where there is none nearer."""
        cells = 0
        while cells < most and self.filled[(self.head + cells) & (CELLS - 1)] != _FILLED:
            cells += 1
        return cells

    def cell(self) -> int:
        """Where in `octets` the next cell of the frame lies, or -1 where nothing came; moves on by one."""
        cell = self.head
        self.head = (cell + 1) & (CELLS - 1)
        self.play = (self.play + CELL) & _MASK
        content = self.filled[cell]
        self.filled[cell] = _EMPTY
        self.covered = content == _COVERED
        if content != _FILLED:
            self.dry += CELL if self.dry < RING else 0
            self.lost += 0 if self.covered else CELL
            return -1
        if self.lost:
            self.gaps += 1 if self.lost <= _LOSS_MAX else 0
            self.lost = 0
        self.dry = 0
        return cell * CELL

    def played(self, empty: bool) -> None:
        """The frame is done; `empty` when no cell of it was filled."""
        self.clock = (self.clock + FRAME_SAMPLES) & _MASK
        if not empty:
            self.idle = 0
            return
        self.idle += 1
        if self.idle >= _IDLE_FRAMES and ahead(self.play, self.end) >= 0:
            self.reset()
