"""What every echo canceller is put through, as `vectors.py` does with the voice core: the same numbers everywhere."""

import array
from binascii import crc32

from vectors import Numbers

NOISE, LEVEL = 1, 2
PATH = ((9, 3), (40, -4), (95, 5), (230, -6), (560, 8))  # samples and what they are divided by


class Recorder:
    """Drives one canceller and adds up what it sends."""

    def __init__(self, core):
        self.core = core
        self.numbers = Numbers(11)
        self.checksum = 0

    def start(self, rate, options, delay=0):
        self.state = self.core.new(rate, options, delay)
        self.block = rate // 100
        self.past = array.array("h", [0] * 800)

    def frame(self, far, near=None, echo=True):
        """A block of sound each, as the microphone would hear it."""
        mic = array.array("h", near or [0] * len(far))
        past = self.past
        for at, sample in enumerate(far):
            past[at] = sample
        if echo:
            for at in range(len(far)):
                heard = mic[at]
                for delay, by in PATH:
                    heard += past[at - delay] // by
                mic[at] = min(max(heard, -32768), 32767)
        # Index -1 is the sample before this block's first.
        self.past = past[len(far) :] + past[: len(far)]
        self.core.cancel(self.state, mic, array.array("h", far))
        self.checksum = crc32(b"".join([b"%d " % sample for sample in mic]), self.checksum)

    def noise(self, loud, blocks=1):
        return [self.numbers.below(2 * loud + 1) - loud for _ in range(self.block * blocks)]


def single(recorder):
    """The far end alone, over more blocks than the filter has parts; then silence."""
    recorder.start(8000, NOISE)
    for _ in range(8):
        recorder.frame(recorder.noise(9000, 2))
    for _ in range(3):
        recorder.frame([0] * recorder.block)


def both(recorder):
    """Both sides, the level evened, with a delay; another path from one block to the next."""
    recorder.start(8000, NOISE | LEVEL, 3)
    for at in range(9):
        recorder.frame(recorder.noise(9000 >> at % 3), recorder.noise(6000 >> at % 4), echo=at < 7)
    for _ in range(3):
        recorder.frame(recorder.noise(12000), [-sample for sample in recorder.noise(12000)])


def extremes(recorder):
    """Full scale, DC, one impulse, the faintest sound."""
    recorder.start(8000, LEVEL)
    block = recorder.block
    recorder.frame([32767] * block, [32767] * block)
    recorder.frame([32767 if at & 1 else -32768 for at in range(block)], [-32768] * block)
    recorder.frame([32767 if at // 20 & 1 else -32768 for at in range(2 * block)])
    recorder.frame([0] * 20 + [32767] + [0] * (block - 21))
    recorder.frame([0] * block, recorder.noise(1))
    recorder.frame(recorder.noise(32767), recorder.noise(32767), echo=False)
    recorder.frame([0] * block, [-32768] * block)


def wide(recorder):
    """16 kHz."""
    recorder.start(16000, NOISE | LEVEL, 1)
    for at in range(4):
        recorder.frame(recorder.noise(10000), recorder.noise(300 << at))
    recorder.frame([-32768] * (2 * recorder.block))


def noise(recorder):
    """Noise alone, until it is known to be some: what is left of it is comfort noise."""
    recorder.start(8000, NOISE)
    for at in range(12):
        recorder.frame([0] * recorder.block, recorder.noise(200 >> at // 6))


def capture(recorder):
    """A microphone of 32 bits, with gain."""
    for gain in (0, 3, 6):
        recorder.start(8000, NOISE | gain << 8)
        for _ in range(3):
            far = recorder.noise(8000)
            mic = array.array("i", [(sample * 37 >> gain) * 1024 + 77 for sample in far])
            recorder.core.cancel_wide(recorder.state, mic, array.array("h", far))
            recorder.checksum = crc32(b"".join([b"%d " % sample for sample in mic]), recorder.checksum)


VECTORS = (single, both, extremes, wide, noise, capture)


def checksum(core, vector) -> int:
    """What a canceller makes of a vector, as one number."""
    recorder = Recorder(core)
    vector(recorder)
    return recorder.checksum
