"""One call through the engine in counted time, and what is heard of it: PESQ, PLCMOS, delay, gaps."""

import numpy
from pesq import PesqError, pesq

from media.engine import Engine

from .traces import as_sent

RATE = 8000
PIECE = 8 * RATE
FRAME = 160
TAIL_MS = 600  # played on after the last packet
SEARCH = RATE  # samples: no delay is longer
MATCH = 24  # samples that prove that a place is played


def play(arrivals, phase_ms=10, engine=None, **options):
    """(sound played, stats): `arrivals` into an engine whose earpiece takes a frame each 20 ms from `phase_ms`."""
    if engine is None:
        engine = Engine(native=True)
        engine.open("PCMU", 0, event_payload_type=101, ssrc=1, **options)
    frame = numpy.zeros(FRAME, "int16")
    played, waiting = [], 0
    time = phase_ms
    end = arrivals[-1][0] + TAIL_MS
    while time < end:
        while waiting < len(arrivals) and arrivals[waiting][0] <= time:
            at, packet = arrivals[waiting]
            engine.receive(packet, len(packet), int(at))
            waiting += 1
        engine.playout(frame)
        played.append(frame.copy())
        time += 20
    sound = numpy.concatenate([numpy.zeros(phase_ms * 8, "int16"), *played])
    return sound, engine.stats()


def delays(reference, played):
    """[(place in reference in samples, delay in ms)] of each 20 ms that are found in what was played."""
    sent = as_sent(reference)
    keys = played[:-3].astype("int64")
    for shift in (1, 2, 3):
        keys = keys * 65536 + played[shift : len(played) - 3 + shift]
    found, last = [], 0
    for at in range(0, len(sent) - FRAME, FRAME):
        piece = sent[at : at + MATCH]
        if numpy.abs(piece.astype(int)).mean() < 300:
            continue
        key = 0
        for index in range(4):
            key = key * 65536 + int(piece[index])
        first = at
        places = first + numpy.flatnonzero(keys[first : first + SEARCH] == numpy.int64(wrap64(key)))
        good = [p for p in places if numpy.array_equal(played[p : p + MATCH], piece)]
        if good:
            place = min(good, key=lambda p: abs(p - at - last))
            last = place - at
            found.append((at, last / 8))
    return found


def wrap64(number):
    number &= (1 << 64) - 1
    return number - (1 << 64) if number >> 63 else number


def gaps(reference, played, delay_ms):
    """ms of silence of 10 ms and more where the reference speaks."""
    shift = int(delay_ms * 8)
    length = min(len(reference), len(played) - shift)
    said = numpy.abs(as_sent(reference[:length]).astype(int))[: length // 80 * 80].reshape(-1, 80).mean(1)
    heard = numpy.abs(played[shift : shift + length].astype(int))[: length // 80 * 80].reshape(-1, 80).max(1)
    return int(10 * numpy.count_nonzero((said > 300) & (heard < 30)))


def score(reference, played, found):
    """[PESQ of each piece]: MOS-LQO by P.862.1; each is cut out at its own delay, `found` by delays()."""
    scores, shift = [], 0
    for begin in range(0, len(reference) - PIECE + 1, PIECE):
        shift = int(median([ms for at, ms in found if begin <= at < begin + PIECE], shift) * 8)
        heard = played[begin + shift : begin + shift + PIECE]
        try:
            scores.append(pesq(RATE, reference[begin : begin + PIECE], heard, "nb"))
        except PesqError:
            scores.append(1.0)
    return scores


def median(values, otherwise=0):
    return sorted(values)[len(values) // 2] if values else otherwise / 8


_model = None


def plcmos(played):
    """PLCMOS v2 of a sound at 8 kHz, mean of pieces of 8 s; the model's random raters are seeded."""
    global _model
    if _model is None:
        from speechmos.plcmos import PLCMOS

        _model = PLCMOS()
    numpy.random.seed(1)
    pieces = [played[at : at + PIECE] for at in range(0, len(played) - PIECE + 1, PIECE)]
    return float(numpy.mean([_model.get_mos(up(piece)) for piece in pieces]))


def up(sound):
    """8 to 16 kHz in the range -1 to 1, by the spectrum."""
    spectrum = numpy.fft.rfft(sound / 32768.0)
    wide = numpy.zeros(len(sound) + 1, complex)
    wide[: len(spectrum)] = spectrum
    return numpy.fft.irfft(wide, 2 * len(sound)) * 2
