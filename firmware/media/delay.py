"""The depth that the jitter buffer needs, from a histogram of how late packets arrive.

`a` of a packet is its timestamp less the playout clock: equal for all packets with the same transit time.
A packet's lateness is counted from the earliest packet of the last 16 s. The histogram decays over half a
minute of received voice: so packets of any length weigh by their duration, and pauses do not age it.

The twin of `native/core/delay.c`.
"""

import array

FRAME_SAMPLES = 160
BIN = 40  # samples: 5 ms
BINS = 64
_SPANS = 8  # of 2 s
_BLOCKS = 3  # of half a second

_BLOCK_MS = 500
_SPAN_BLOCKS = 4  # blocks per span
_RECENT_SPANS = 3  # spans whose greatest lateness counts in full, not by its weight
_STEP = 200  # samples: blocks this far apart mean a new network path, not jitter
_FORGET_SHIFT = 5  # a 32nd of the histogram is dropped each second
_TAIL_SHIFT = 8  # a 256th of the voice may come later than the target
_LOSS = 512  # weight of one loss; a 64th of the sum is dropped each block
_LOSS_SHIFT = 6
_LOSSES_MATTER = 900  # two losses within some seconds set `lossy`,
_LOSSES_PAST = 256  # and three quarters of a minute without a loss reset it
_NEVER = -0x40000000


class Delay:
    """`target` is the depth that the buffer should have, within `floor` and `ceiling`; all in samples."""

    def __init__(self, floor: int, ceiling: int):
        self.floor = floor
        self.ceiling = ceiling
        self.target = floor
        self.bins = array.array("H", [0] * BINS)  # ms of voice per bin of lateness
        self.total = 0
        self.losses = 0  # weight of the recent losses
        self.lossy = False
        self.packet = 0  # samples of the last packet
        self.anchor()

    def anchor(self) -> None:
        """Restart the time line: the histogram is kept, the arrival times are dropped."""
        self.voice_ms = 0  # in the present block
        self.passed = 0  # blocks of the present span
        self.base = _NEVER  # `a` of the earliest packets
        self.early = [_NEVER]  # the earliest of each span, the newest first
        self.late = [0]  # the greatest lateness of each span
        self.high = [_NEVER]  # earliest and latest of the last blocks
        self.low = [-_NEVER]

    def _quantile(self):
        """The lowest bin with no more than the tail above it."""
        tail = self.total >> _TAIL_SHIFT
        above = 0
        for number in range(BINS - 1, 0, -1):
            above += self.bins[number]
            if above > tail:
                return number
        return 0

    def _aim(self):
        target = max(self._quantile() * BIN, max(self.late[:_RECENT_SPANS]))
        self.lossy = self.losses >= (_LOSSES_PAST if self.lossy else _LOSSES_MATTER)
        if self.lossy:
            target = max(target, self.packet + FRAME_SAMPLES)  # concealment needs the packet after a gap
        self.target = min(max(target, self.floor), self.ceiling)

    def _rebase(self):
        """Move the base to a longer path: a whole block came later than a whole earlier block."""
        longer = self.base - self.high[0]
        for number in range(1, BINS):
            content = self.bins[number]
            self.bins[number] = 0
            self.bins[max(number - longer // BIN, 0)] += content
        self.early = [self.high[0]] * len(self.early)
        self.late = [max(late - longer, 0) for late in self.late]
        self.base = self.high[0]
        self.high, self.low = self.high[:1], self.low[:1]

    def _begin_span(self):
        self.passed = 0
        self.base = max(self.early[: _SPANS - 1])
        self.early = [_NEVER] + self.early[: _SPANS - 1]
        self.late = [0] + self.late[: _SPANS - 1]

    def _forget(self):
        for number in range(BINS):
            content = self.bins[number]
            self.bins[number] = content - ((content + (1 << _FORGET_SHIFT) - 1) >> _FORGET_SHIFT)
        self.total = sum(self.bins)

    def _begin_block(self):
        self.voice_ms = 0
        self.losses -= self.losses >> _LOSS_SHIFT
        if len(self.high) == _BLOCKS and self.high[0] + _STEP < self.low[2]:
            self._rebase()
        self.passed += 1
        if self.passed == _SPAN_BLOCKS:
            self._begin_span()
        if self.passed & 1:
            self._forget()
        self.high = [_NEVER] + self.high[: _BLOCKS - 1]
        self.low = [-_NEVER] + self.low[: _BLOCKS - 1]
        self._aim()

    def note(self, a: int, samples: int) -> None:
        """A packet of `samples` came."""
        self.early[0] = max(self.early[0], a)
        self.base = max(self.base, a)
        self.high[0] = max(self.high[0], a)
        self.low[0] = min(self.low[0], a)
        late = self.base - a
        self.late[0] = max(self.late[0], late)
        ms = samples // 8
        self.bins[min((late + BIN - 1) // BIN, BINS - 1)] += ms
        self.total += ms
        self.packet = samples
        self.voice_ms += ms
        if self.voice_ms >= _BLOCK_MS:
            self._begin_block()
        elif late > self.target:
            self._aim()

    def lost(self) -> None:
        """A packet was missing when it had to be played."""
        self.losses += _LOSS
        self._aim()
