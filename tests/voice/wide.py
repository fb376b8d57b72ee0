"""The same for G.722: speech with both bands, and P.862.2 of what is heard of it."""

import ctypes
import struct

import numpy
from native.host import wide_core
from pesq import pesq

from media.engine import Engine

from . import speech, traces

RATE = 16000
PIECE = speech.PIECE_S * RATE
TRACES = {
    "clean": traces.Network,
    "jitter20": lambda: traces.Uniform(40),
    "wifi150": lambda: traces.Stalls(150, 2000, 5),
    "loss1": lambda: traces.Loss(1),
    "loss5": lambda: traces.Loss(5),
    "burst5": lambda: traces.Bursts(5, 3),
}
_library = ctypes.CDLL(str(wide_core.LIBRARY))


def _start():
    state = (ctypes.c_uint32 * 64)()
    _library.g722_start(state)
    return state


def decode(octets: bytes) -> "numpy.ndarray":
    """int16 samples at 16 kHz; what does not fill 5 ms is left out."""
    count = len(octets) // 40 * 40
    low, high, out = ((ctypes.c_int16 * size)() for size in (count, count, 2 * count))
    history = (ctypes.c_int16 * 22)()
    _library.g722_restore(_start(), low, high, octets, count)
    for at in range(0, count, 40):
        places = [
            ctypes.byref(place, octet) for place, octet in ((low, 2 * at), (high, 2 * at), (out, 4 * at))
        ]
        _library.g722_join(history, *places, 40)
    return numpy.array(out, "int16")


def encode(samples) -> bytes:
    """G.722 of int16 samples at 16 kHz."""
    line = numpy.concatenate([numpy.zeros(22, "int16"), samples])
    count = len(samples) // 2
    low, high, octets = (ctypes.c_int16 * count)(), (ctypes.c_int16 * count)(), (ctypes.c_uint8 * count)()
    _library.g722_split(ctypes.c_void_p(line.ctypes.data), low, high, count)
    _library.g722_code(_start(), octets, low, high, count)
    return bytes(octets)


def sent(octets, network):
    """[(time in ms of its arrival, packet)] of 20 ms each."""
    found = []
    for number in range(len(octets) // 160):
        delay = network.delay(number * 20)
        if delay is not None:
            head = struct.pack(">BBHII", 0x80, 9, number & 0xFFFF, number * 160, traces.SSRC)
            found.append((number * 20 + delay, head + octets[number * 160 : number * 160 + 160]))
    return sorted(found, key=lambda arrival: arrival[0])


def play(arrivals, phase_ms=10):
    """What an engine plays of them, whose earpiece takes a frame each 20 ms from `phase_ms`."""
    engine = Engine(native=True)
    engine.open("G722", 9, event_payload_type=101, ssrc=1, rate=RATE)
    frame = numpy.zeros(RATE // 50, "int16")
    played, waiting, time = [numpy.zeros(phase_ms * 16, "int16")], 0, phase_ms
    while time < arrivals[-1][0] + 600:
        while waiting < len(arrivals) and arrivals[waiting][0] <= time:
            at, packet = arrivals[waiting]
            engine.receive(packet, len(packet), int(at))
            waiting += 1
        engine.playout(frame)
        played.append(frame.copy())
        time += 20
    return numpy.concatenate(played)


def delay_of(reference, heard) -> int:
    """Samples by which `heard` is most like `reference`, up to a second."""
    size = 1 << 19
    spectrum = (
        numpy.fft.rfft(heard.astype(float), size) * numpy.fft.rfft(reference.astype(float), size).conj()
    )
    return int(numpy.fft.irfft(spectrum, size)[:RATE].argmax())


def measure(name: str) -> "tuple[str, list[float]]":
    """(name, PESQ of each piece)."""
    sound = speech.wide_speech(decode)
    heard = play(sent(encode(sound), TRACES[name]()))
    scores = []
    for begin in range(0, len(sound) - PIECE + 1, PIECE):
        reference = sound[begin : begin + PIECE]
        shift = begin + delay_of(reference, heard[begin : begin + PIECE + RATE])
        scores.append(float(pesq(RATE, reference, heard[shift : shift + PIECE], "wb")))
    return name, scores
