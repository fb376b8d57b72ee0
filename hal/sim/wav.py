"""Sound files for the simulated phone's microphone and earpiece: RIFF WAVE, 16-bit PCM.

Sound streams through: a long file needs no more memory than a short one.
"""

import array
import struct

RATES = (8000, 16000, 48000)
_HEADER = 44


class WavError(ValueError):
    """The file cannot be read as sound; the message says why."""


class Reader:
    """The sound in the file at `path`: mono or stereo, 8, 16 or 48 kHz. Raises WavError or OSError.

    `read` is a source for hal.sim.world's microphone.
    """

    def __init__(self, path: str):
        self._file = open(path, "rb")  # noqa: SIM115 - closed by close()
        try:
            self._channels, self._rate, self._left = self._header()
        except WavError:
            self._file.close()
            raise
        self._wire_rate = 0
        self._down = self._up = 1
        # The file's last sample that was read, and the wire's position between it and the next.
        self._before = self._after = 0
        self._phase = 0
        self._chunk = array.array("h", bytes(512))
        self._chunk_length = self._chunk_used = 0

    def read(self, frames: int, rate: int) -> bytes:
        """The next `frames` mono samples at `rate`, 16-bit little-endian; after the file's end silence.

        Stereo is mixed to mono; a higher rate is averaged down, a lower one interpolated linearly.
        """
        if rate != self._wire_rate:
            self._wire_rate = rate
            self._down = max(1, self._rate // rate)
            self._up = max(1, rate // self._rate)
            self._phase = 0
        sound = bytearray(2 * frames)
        for index in range(0, 2 * frames, 2):
            if self._phase == 0:
                self._before = self._after
                self._after = self._next()
            sample = self._before + (self._after - self._before) * self._phase // self._up
            sound[index] = sample & 0xFF
            sound[index + 1] = sample >> 8 & 0xFF
            self._phase = (self._phase + 1) % self._up
        return bytes(sound)

    def close(self) -> None:
        self._file.close()

    def _header(self):
        riff = self._file.read(12)
        if len(riff) < 12 or riff[:4] != b"RIFF" or riff[8:] != b"WAVE":
            raise WavError("not a WAV file")
        form = None
        while True:
            header = self._file.read(8)
            if len(header) < 8:
                raise WavError("no sound in the file")
            size = struct.unpack("<I", header[4:])[0]
            if header[:4] == b"data" and form:
                return form[0], form[1], size // 2
            if header[:4] == b"fmt " and 16 <= size <= 1024:
                form = self._form(self._file.read(size + (size & 1)))
            else:
                self._file.seek(size + (size & 1), 1)

    def _form(self, fields):
        if len(fields) < 16:
            raise WavError("cut off in its header")
        kind, channels, rate, _, _, bits = struct.unpack("<HHIIHH", fields[:16])
        # 0xFFFE is the extensible form, in which some programs write plain PCM too.
        if kind not in (1, 0xFFFE) or bits != 16:
            raise WavError("must be 16-bit PCM")
        if channels not in (1, 2):
            raise WavError("must have one or two channels, not %d" % channels)
        if rate not in RATES:
            raise WavError("must have 8000, 16000 or 48000 samples a second, not %d" % rate)
        return channels, rate

    def _next(self):
        """The next sample at the file's rate, or at the wire's where that is lower."""
        total = 0
        count = self._down * self._channels
        for _ in range(count):
            if self._chunk_used == self._chunk_length:
                self._refill()
                if not self._chunk_length:
                    break
            total += self._chunk[self._chunk_used]
            self._chunk_used += 1
        return total // count

    def _refill(self):
        octets = self._file.read(min(self._left, len(self._chunk)) * 2)
        self._chunk_length = len(octets) // 2
        self._chunk_used = 0
        self._left = self._left - self._chunk_length if self._chunk_length else 0
        for index in range(self._chunk_length):
            self._chunk[index] = _sample(octets, index * 2)


class Writer:
    """Writes mono sound of `rate` samples a second to a new file, which can be read after every `write`."""

    def __init__(self, path: str, rate: int):
        self._file = open(path, "wb")  # noqa: SIM115 - closed by close()
        self._octets = 0
        form = struct.pack("<HHIIHH", 1, 1, rate, rate * 2, 2, 16)
        self._file.write(b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0" + form + b"data\0\0\0\0")
        self._file.flush()

    def write(self, samples) -> None:
        """Append signed 16-bit little-endian samples (bytes-like)."""
        self._file.seek(_HEADER + self._octets)
        self._octets += self._file.write(samples)
        for position, size in ((4, self._octets + _HEADER - 8), (40, self._octets)):
            self._file.seek(position)
            self._file.write(struct.pack("<I", size))
        self._file.flush()

    def close(self) -> None:
        self._file.close()


def _sample(octets, at):
    value = octets[at] | octets[at + 1] << 8
    return value - 65536 if value > 32767 else value
