"""Find a known sound in a recording: its position, likeness and level. Fast enough for a test."""

import math
import struct
import wave
from operator import mul

RATE = 8000
_BLOCK = RATE // 200  # samples in a step of the coarse search: 5 ms
_SPREAD = 8  # samples that the fine search covers on each side beyond a block


class Match:
    """`start` in s from the start of the recording, `likeness` -1…1, `level_db` relative to the original."""

    def __init__(self, start: float, likeness: float, level_db: float):
        self.start = start
        self.likeness = likeness
        self.level_db = level_db

    def __repr__(self):
        return f"at {self.start:.3f} s, likeness {self.likeness:.3f}, {self.level_db:+.1f} dB"


def load(path) -> list:
    """The samples of a mono 16-bit WAV file, averaged down to 8 kHz."""
    return load_phases(path)[0]


def load_phases(path) -> list:
    """The file's samples at 8 kHz, once for each phase of the averaging.

    With an offset of half a sample, the likeness of high sounds would be much too low.
    """
    with wave.open(str(path), "rb") as file:
        step = file.getframerate() // RATE
        octets = file.readframes(file.getnframes())
    samples = struct.unpack(f"<{len(octets) // 2}h", octets)
    if step == 1:
        return [list(samples)]
    return [
        [sum(samples[at : at + step]) / step for at in range(phase, len(samples) - step + 1, step)]
        for phase in range(step)
    ]


def rms(samples) -> float:
    return math.sqrt(sum(map(mul, samples, samples)) / len(samples)) if samples else 0.0


def find(original: list, recording: list, earliest: float = 0, latest: "float | None" = None) -> Match:
    """The place in `recording` that is most like `original`, beginning `earliest` to `latest` s into it."""
    if len(recording) < len(original):
        recording = recording + [0] * (len(original) - len(recording))
    room = len(recording) - len(original)
    first = min(room, int(earliest * RATE))
    last = room if latest is None else min(room, int(latest * RATE))
    start = _coarse(original, recording, first, last)
    nearby = range(max(first, start - _BLOCK - _SPREAD), min(last, start + _BLOCK + _SPREAD) + 1)
    products = [(sum(map(mul, original, recording[lag : lag + len(original)])), lag) for lag in nearby]
    product, lag = max(products)
    found = recording[lag : lag + len(original)]
    energy, found_energy = sum(map(mul, original, original)), sum(map(mul, found, found))
    if product <= 0 or not found_energy:
        return Match(lag / RATE, 0.0, -math.inf)
    return Match(lag / RATE, product / math.sqrt(energy * found_energy), 20 * math.log10(product / energy))


def _coarse(original, recording, first, last):
    """The lag at which the envelopes of the two correlate best."""
    shape, course = _envelope(original), _envelope(recording[first : last + len(original)])
    mean = sum(shape) / len(shape)
    shape = [value - mean for value in shape]
    lags = range(max(1, len(course) - len(shape) + 1))
    scores = []
    for lag in lags:
        part = course[lag : lag + len(shape)]
        spread = math.sqrt(sum(map(mul, part, part))) or 1.0
        scores.append((sum(map(mul, shape, part)) / spread, lag))
    return first + max(scores)[1] * _BLOCK


def _envelope(samples):
    blocks = range(0, len(samples) - _BLOCK + 1, _BLOCK)
    return [math.sqrt(sum(map(mul, samples[at : at + _BLOCK], samples[at : at + _BLOCK]))) for at in blocks]


def find_in_pieces(original: list, recording: list, piece_s: float = 1.0) -> list:
    """Matches of the pieces of `original`, in order, each near its place in the match of the whole.

    A voice stream may slip by a frame when packets are late: the pieces show whether each part arrived.
    """
    whole = find(original, recording)
    size = int(piece_s * RATE)
    found = []
    for at in range(0, len(original) - size // 2, size):
        piece = original[at : at + size]
        if rms(piece) < 200:
            continue
        expected = whole.start + at / RATE
        found.append(find(piece, recording, max(0, expected - 0.1), expected + 0.1))
    return found
