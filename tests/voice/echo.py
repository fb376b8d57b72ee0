"""Echo cancellers on the same sound: how much of the echo they take, and what they leave of who speaks."""

import ctypes
import os

import numpy
from pesq import PesqError, pesq

from . import rooms
from .measure import up
from .rooms import RATE

FRAME = 160
ERLE_FROM_S = 2


def ours(far, heard, delay_ms=0):
    """(what is sent, its delay in samples): by the core in C, with noise reduction, without the level."""
    from native.host import echo_core

    sent = heard[: len(heard) // FRAME * FRAME].copy()
    state = echo_core.new(RATE, 1, delay_ms // 10)
    for at in range(0, len(sent), FRAME):
        echo_core.cancel(state, sent[at : at + FRAME], far[at : at + FRAME])
    return sent, RATE // 100


def speexdsp(far, heard, delay_ms=0):
    """The same by libspeexdsp: a filter of 100 ms, and its preprocessor."""
    library = ctypes.CDLL("libspeexdsp.so.1")
    for name in ("speex_echo_state_init", "speex_preprocess_state_init"):
        getattr(library, name).restype = ctypes.c_void_p
    far = numpy.concatenate([numpy.zeros(delay_ms * RATE // 1000, "int16"), far])
    echo = ctypes.c_void_p(library.speex_echo_state_init(FRAME, RATE // 10))
    preprocessor = ctypes.c_void_p(library.speex_preprocess_state_init(FRAME, RATE))
    library.speex_echo_ctl(echo, 24, ctypes.byref(ctypes.c_int(RATE)))
    library.speex_preprocess_ctl(preprocessor, 24, echo)
    sent = numpy.zeros(len(heard) // FRAME * FRAME, "int16")
    for at in range(0, len(sent), FRAME):
        frames = [numpy.ascontiguousarray(part[at : at + FRAME]) for part in (heard, far)]
        out = sent[at : at + FRAME]
        pointers = [part.ctypes.data_as(ctypes.c_void_p) for part in (*frames, out)]
        library.speex_echo_cancellation(echo, *pointers)
        library.speex_preprocess_run(preprocessor, pointers[2])
    library.speex_echo_state_destroy(echo)
    library.speex_preprocess_state_destroy(preprocessor)
    return sent, FRAME


def measure(canceller, room, listen=True):
    """{erle, pesq, near} of a canceller in a room, and where `listen` {single, double, other}.

    `erle` in dB, from 2 s on, noise counted as echo; `pesq` of who speaks there while both talk, `near` while
    only they do. AECMOS of the echo while the far end talks alone, of the echo while both do, and of all else then.
    """
    delay = rooms.ROOMS[room][2].get("delay_ms", 0)
    far, heard, _ = rooms.scene(room, "st")
    sent, late = canceller(far, heard, delay)
    begin = ERLE_FROM_S * RATE
    found = {"erle": rooms.dbov(heard[begin:]) - rooms.dbov(sent[begin:])}
    if listen:
        found["single"], _ = aecmos("st", far, heard, sent, late)
    far, heard, near = rooms.scene(room, "dt")
    sent, _ = canceller(far, heard, delay)
    found["pesq"] = score(near, sent, late)
    if listen:
        found["double"], found["other"] = aecmos("dt", far, heard, sent, late)
    far, heard, near = rooms.scene(room, "nst")
    sent, _ = canceller(far, heard, delay)
    found["near"] = score(near, sent, late)
    return found


def score(near, sent, late):
    """PESQ, the mean of two pieces of 8 s."""
    scores = []
    for second in (4, 11):
        begin, end = second * RATE, (second + 8) * RATE
        try:
            scores.append(pesq(RATE, near[begin:end], sent[begin + late : end + late], "nb"))
        except PesqError:
            scores.append(1.0)
    return sum(scores) / len(scores)


# ---- AECMOS, without what its package wants for a spectrogram ----

SIZE, HOP, BANDS = 513, 256, 160


def mel_bands(rate=16000):
    """Slaney's scale: steps of 200/3 Hz to 1 kHz, 27 to each factor of 6.4 above; each band of area 1."""
    knee, spacing, ratio = 15.0, 200 / 3, numpy.log(6.4) / 27
    mels = numpy.linspace(0, knee + numpy.log(rate / 2000) / ratio, BANDS + 2)
    edges = numpy.where(mels < knee, spacing * mels, 1000 * numpy.exp(ratio * (mels - knee)))
    hertz = numpy.arange(SIZE // 2 + 1) * rate / SIZE
    rise = (hertz - edges[:-2, None]) / numpy.diff(edges)[:-1, None]
    fall = (edges[2:, None] - hertz) / numpy.diff(edges)[1:, None]
    return numpy.maximum(0, numpy.minimum(rise, fall)) * (2 / (edges[2:] - edges[:-2]))[:, None]


def spectrogram(sound):
    """Bands of sound at 16 kHz as the model wants them: dB to the loudest, 40 dB below it 0."""
    padded = numpy.pad(sound, SIZE // 2)
    frames = numpy.lib.stride_tricks.sliding_window_view(padded, SIZE)[::HOP]
    window = 0.5 - 0.5 * numpy.cos(2 * numpy.pi * numpy.arange(SIZE) / SIZE)
    power = numpy.abs(numpy.fft.rfft(frames * window)) ** 2 @ mel_bands().T
    decibels = 10 * numpy.log10(numpy.maximum(power, 1e-10))
    decibels -= decibels.max()
    return ((numpy.maximum(decibels, -80) + 40) / 40).astype("float32")


_session = None


def aecmos(talk, far, heard, sent, late):
    """(of the echo, of all else), 1 to 5: Microsoft's estimate of what listeners say, of the last 15 s."""
    global _session
    if _session is None:
        import importlib.util

        import onnxruntime

        folder = os.path.dirname(importlib.util.find_spec("speechmos").origin)
        _session = onnxruntime.InferenceSession(
            os.path.join(folder, "aecmos_models", "Run_1663915512_Stage_0.onnx")
        )
    length = len(sent) - late
    parts = [far[:length], heard[:length], sent[late : late + length]]
    parts = [spectrogram(up(part[-15 * RATE :])) for part in parts]
    marks = [talk != "nst", talk != "st", True]
    marked = []
    for part, mark in zip(parts, marks):
        ends = [numpy.full((20, BANDS), mark, "float32"), numpy.zeros((20, BANDS), "float32")]
        marked.append(numpy.concatenate([part, *ends]))
    hidden = numpy.zeros((4, 1, 64), "float32")
    result = _session.run([], {_session.get_inputs()[0].name: numpy.stack(marked)[None], "h0": hidden})[0]
    return float(result[0]), float(result[1])
