"""The jitter buffer: stores payloads by timestamp, and delays playout as much as media.delay requires.

The buffer is a ring of 1 ms cells: packets of any length, in any order, are placed by timestamp alone. The
first packet anchors the time line: it is played `delay.target` later, and the following packets relative to
it. When nothing is left to play, the time line waits: a late packet, and all after it, are played later.
`surplus` is the difference from the wanted depth; media.stretch corrects it by pitch periods.

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

# Results of `put`.
STORED = 0
LATE = 1
OVERFLOW = 2
REPEATED = 3

# Packets outside the ring in a row before the time line is anchored again: late ones weigh 1, far ones 4.
_STRAYS_MAX = 8
_STRAY_LATE = 1
_STRAY_FAR = 4

_IDLE_FRAMES = 25  # after half a second without packets the stream is at rest
_LOSS_MAX = 960  # samples: a longer gap is a pause of the peer
_FAR = RING * 128  # samples: 65 s; beyond, a timestamp says nothing
_MASK = 0xFFFFFFFF


class Buffer:
    """`floor` and `ceiling` limit the depth, in samples. `resynced` counts new anchors within a stream."""

    def __init__(self, floor: int, ceiling: int):
        self.delay = Delay(floor, ceiling)
        self.clock = 0  # timestamp that would be played if the time line had never moved
        self.play = 0  # timestamp of the next sample to take
        self.end = 0  # timestamp after the newest sample stored
        self.head = 0  # cell of `play`
        self.gaps = 0  # number of short gaps played
        self.stray = 0  # timestamp of the last packet outside the ring
        self.resynced = 0
        self.octets = bytearray(RING)
        self.filled = bytearray(CELLS)  # _EMPTY, _FILLED or _COVERED
        self.covered = False  # the last cell was empty, but covered by an event
        self.reset()

    def reset(self) -> None:
        """Drop the stored packets; the next packet anchors the time line."""
        for cell in range(CELLS):
            self.filled[cell] = _EMPTY
        self.anchored = False
        self.strays = 0
        self.idle = 0
        self.dry = 0  # samples taken since the last one that had arrived
        self.lost = 0  # of these, the samples that no event covered
        self.delay.anchor()

    def _anchor(self, timestamp):
        self.reset()
        self.anchored = True
        self.play = self.clock = (timestamp - (self.delay.target & -CELL)) & _MASK
        self.end = timestamp

    def surplus(self) -> int:
        """Samples stored beyond the wanted depth; negative if there are too few."""
        return self.delay.base + ahead(self.clock, self.play) - self.delay.target

    def _waits(self, late):
        """Whether a packet `late` samples too late can still be played: nothing has been played since."""
        depth = self.delay.base + ahead(self.clock, self.play) + late
        room = ahead(self.end, self.play) + late <= RING
        return late <= self.dry and depth <= self.delay.ceiling and room

    def _turn_back(self, late):
        self.play = (self.play - late) & _MASK
        self.head = (self.head - late // CELL) & (CELLS - 1)
        self.dry -= late
        self.lost = max(self.lost - late, 0)

    def _is_confirmed(self, timestamp, lead, samples):
        """Whether a packet outside the ring, and those before it, prove a new time line."""
        if not -RING <= ahead(timestamp, self.stray) <= RING:
            self.strays = 0  # the last stray packet was on another time line
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
        # Whole cells: a timestamp between two cells is less than 1 ms off, all of a stream by the same.
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
                continue  # already played
            cell = (self.head + first + index) & (CELLS - 1)
            if self.filled[cell] == _FILLED:
                continue
            self.filled[cell] = _FILLED
            verdict = STORED
            for octet in range(CELL):
                self.octets[cell * CELL + octet] = payload[offset + index * CELL + octet]
        return verdict

    def cover(self, timestamp: int, samples: int) -> None:
        """An event covers `samples` from `timestamp` on: voice that is missing there is not lost."""
        lead = ahead(timestamp, self.play)
        if not self.anchored or lead < -_FAR or lead > RING:
            return
        for index in range(max(lead, 0) // CELL, min((lead + samples) // CELL, CELLS)):
            cell = (self.head + index) & (CELLS - 1)
            if self.filled[cell] == _EMPTY:
                self.filled[cell] = _COVERED

    def run(self, first: int, most: int) -> int:
        """The number of filled cells in a row, from the cell `first` on; at most `most`."""
        cells = 0
        while cells < most and self.filled[(self.head + first + cells) & (CELLS - 1)] == _FILLED:
            cells += 1
        return cells

    def gap(self, most: int) -> int:
        """The number of cells before the next filled one; `most` if there is none nearer."""
        cells = 0
        while cells < most and self.filled[(self.head + cells) & (CELLS - 1)] != _FILLED:
            cells += 1
        return cells

    def cell(self) -> int:
        """The next cell's place in `octets`, -1 if it is empty; advances by one cell."""
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
        """The frame is complete; `empty`: no cell of it was filled."""
        self.clock = (self.clock + FRAME_SAMPLES) & _MASK
        if not empty:
            self.idle = 0
            return
        self.idle += 1
        if self.idle >= _IDLE_FRAMES and ahead(self.play, self.end) >= 0:
            self.reset()
