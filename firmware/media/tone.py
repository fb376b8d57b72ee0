"""Tones: up to three sines at once, in a cadence of segments.

An oscillator's phase counts in 1/8000 of a turn, so frequencies in whole Hz are exact.

The twin of `native/core/tone.c`.
"""

from media.level import saturate
from media.tables import SINE

SEGMENTS = 8
SINES = 3
SEGMENT_OCTETS = 8  # in a script: ms and three frequencies in Hz, 16 bits each, big-endian

_TURN = 8000
_RAMP = 32  # samples of fade at either end of a sound: 4 ms, against clicks
_RAMP_SHIFT = 5

# Amplitude of each of 1, 2, 3 sines: together about -13 dBm0, within E.180's -10 +- 5 dBm0 at the exchange.
_AMPLITUDES = (0, 6000, 4240, 3460)


def sine(phase: int) -> int:
    """sin of phase/8000 of a turn, Q15."""
    half = phase if phase < _TURN // 2 else phase - _TURN // 2
    quarter = half if half <= _TURN // 4 else _TURN // 2 - half
    place = (quarter * 16777) >> 10  # 2000 -> 128 steps of 256 parts, less one part
    step = place >> 8
    value = SINE[step] + (((SINE[step + 1] - SINE[step]) * (place & 255)) >> 8)
    return value if half == phase else -value


class Player:
    """Plays one script at a time; `playing` is true meanwhile."""

    def __init__(self):
        self.segments = []  # (ms, frequencies)
        self.playing = False
        self.repeat = False
        self.current = 0
        self.position = 0
        self.phases = [0] * SINES

    def load(self, script) -> bool:
        """Take a script: one octet that says whether to repeat, then segments.

        An empty script stops the player. False for an invalid script.
        """
        self.playing = False
        if len(script) == 0:
            return True
        count = (len(script) - 1) // SEGMENT_OCTETS
        if not 0 < count <= SEGMENTS or len(script) != 1 + count * SEGMENT_OCTETS:
            return False
        segments = []
        for at in range(1, len(script), SEGMENT_OCTETS):
            numbers = [script[at + 2 * index] << 8 | script[at + 2 * index + 1] for index in range(4)]
            if max(numbers[1:]) >= _TURN // 2:
                return False
            frequencies = numbers[1:] + [0]
            segments.append((numbers[0], frequencies[: frequencies.index(0)]))
        self._begin(segments, script[0] != 0)
        return True

    def pair(self, low: int, high: int, ms: int, pause_ms: int) -> None:
        """One pair of sines for `ms`, then silence for `pause_ms`, once."""
        self._begin([(ms, (low, high)), (pause_ms, ())], False)

    def _begin(self, segments, repeat):
        self.segments = segments
        self.repeat = repeat
        self.current = 0
        self.position = 0
        self.playing = True

    def _add_sines(self, frequencies, samples, start, count, left):
        """Add samples of one segment, of which `left` samples remain; 0: it never ends."""
        amplitude = _AMPLITUDES[len(frequencies)]
        for index in range(count):
            total = 0
            for number in range(len(frequencies)):
                total += (sine(self.phases[number]) * amplitude) >> 15
                self.phases[number] = (self.phases[number] + frequencies[number]) % _TURN
            edge = self.position + index
            if left and left - index < edge:
                edge = left - index
            if edge < _RAMP:
                total = (total * edge) >> _RAMP_SHIFT
            samples[start + index] = saturate(samples[start + index] + total)

    def add(self, samples) -> None:
        """Add the next samples to all of `samples`, saturating."""
        at, count = 0, len(samples)
        while count and self.playing:
            ms, frequencies = self.segments[self.current]
            length = ms * 8
            left = length - self.position
            run = left if length and left < count else count
            if self.position == 0:
                self.phases = [0] * SINES
            if frequencies:
                self._add_sines(frequencies, samples, at, run, left if length else 0)
            at += run
            count -= run
            if length == 0:  # endless: the position only has to stay beyond the ramp
                self.position = _RAMP
                continue
            self.position += run
            if self.position == length:
                self.position = 0
                self.current += 1
                if self.current == len(self.segments):
                    self.current = 0
                    self.playing = self.repeat
