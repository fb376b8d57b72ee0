"""What every G.722 codec is put through, as `vectors.py` does with the voice core: the same numbers everywhere."""

import array
from binascii import crc32

from vectors import Numbers


class Recorder:
    """Drives one codec and adds up what comes out of it."""

    def __init__(self, core):
        self.core = core
        self.numbers = Numbers(7)
        self.encoder, self.decoder = core.new(), core.new()
        self.checksum = 0

    def send(self, samples, again=True):
        """What an encoder makes of samples, and what a decoder makes of that."""
        samples = array.array("h", samples)
        octets = bytearray(len(samples) // 2)
        self.core.encode(self.encoder, samples, octets)
        self.checksum = crc32(bytes(octets), self.checksum)
        if again:
            self.receive(octets)

    def receive(self, octets):
        samples = array.array("h", [0] * (2 * len(octets)))
        self.core.decode(self.decoder, octets, samples)
        self.checksum = crc32(b"".join([b"%d " % sample for sample in samples]), self.checksum)


def loudness(recorder):
    """Noise from the faintest to the loudest, square waves at full scale, silence."""
    numbers = recorder.numbers
    for loud in (0, 1, 7, 100, 3000, 32767):
        recorder.send([numbers.below(2 * loud + 1) - loud for _ in range(320)])
    for period in (1, 2, 7, 100):
        recorder.send([32767 if at // period % 2 else -32768 for at in range(640)])
    recorder.send([0] * 1280)


def sweep(recorder):
    """A triangle whose pitch rises through both bands."""
    phase, step, samples = 0, 100, []
    for _ in range(3200):
        phase = (phase + step) & 0xFFFF
        step += 6
        samples.append(abs(phase - 32768) * 2 // 3 - 10922)
    for at in range(0, len(samples), 320):
        recorder.send(samples[at : at + 320])


def lengths(recorder):
    """Pieces of every length join without a seam."""
    numbers = recorder.numbers
    for pairs in (0, 1, 2, 39, 40, 41, 80, 81, 160, 7):
        recorder.send([numbers.below(20001) - 10000 for _ in range(2 * pairs)])


def hostile(recorder):
    """Bytes that no encoder made."""
    numbers = recorder.numbers
    for value in (0, 255, 0x3F, 0xC0, 0x7C, 0x83):
        recorder.receive(bytes([value]) * 160)
    for _ in range(8):
        recorder.receive(numbers.octets(1 + numbers.below(200)))


VECTORS = (loudness, sweep, lengths, hostile)


def checksum(core, vector) -> int:
    """What a codec makes of a vector, as one number."""
    recorder = Recorder(core)
    vector(recorder)
    return recorder.checksum
