"""A speakerphone in a room: what its microphone hears of its loudspeaker, of who speaks there, and of noise.

Impulse responses come from image sources (Allen and Berkley, 1979) in a room of 4.3 m by 3.4 m by 2.6 m.
"""

import functools

import numpy

from .speech import RATE, speech

SOUND_M_S = 343
SIZE_M = (4.3, 3.4, 2.6)
LOUDSPEAKER = (2.0, 1.5, 0.8)
NEAR_MICROPHONE, FAR_MICROPHONE = (2.12, 1.58, 0.83), (2.3, 1.2, 1.0)
SECONDS = 20
NEAR_FROM_S = 4  # where both talk

# Name -> (what it is, seconds until it fades by 60 dB, options of `scene`).
ROOMS = {
    "rt200": ("fades by 60 dB in 0.2 s", 0.2, {}),
    "rt400": ("0.4 s", 0.4, {}),
    "rt600": ("0.6 s", 0.6, {}),
    "distorted": ("0.4 s, a loudspeaker that is overdriven", 0.4, {"limit": 0.3}),
    "noisy": ("0.4 s, noise at -50 dBov", 0.4, {"noise_dbov": -50}),
    "loud": ("0.4 s, the echo 9 dB louder than who speaks there", 0.4, {"echo_dbov": -17}),
    "moved": ("0.4 s, the microphone moved after 9 s", 0.4, {"moved_s": 9}),
    "late": ("0.4 s, 60 ms of delay that the canceller is told", 0.4, {"delay_ms": 60}),
}


@functools.lru_cache(None)
def impulse_response(microphone, rt60):
    """From the loudspeaker to there, with the energy 1."""
    volume = numpy.prod(SIZE_M)
    surface = 2 * (SIZE_M[0] * SIZE_M[1] + SIZE_M[0] * SIZE_M[2] + SIZE_M[1] * SIZE_M[2])
    reflection = (
        1 - min(1 - numpy.exp(-24 * numpy.log(10) * volume / (SOUND_M_S * surface * rt60)), 0.99)
    ) ** 0.5
    length = int(RATE * rt60)
    distances, bounces = [], []
    for axis, size in enumerate(SIZE_M):
        order = int(numpy.ceil(rt60 * SOUND_M_S / (2 * size))) + 1
        rooms = numpy.arange(-order, order + 1)
        images = [(1 - 2 * q) * LOUDSPEAKER[axis] + 2 * rooms * size - microphone[axis] for q in (0, 1)]
        distances.append(numpy.concatenate(images))
        bounces.append(numpy.concatenate([numpy.abs(rooms - q) + numpy.abs(rooms) for q in (0, 1)]))
    grid = numpy.ix_(*distances)
    distance = numpy.sqrt(grid[0] ** 2 + grid[1] ** 2 + grid[2] ** 2).ravel()
    walls = sum(numpy.ix_(*bounces)).ravel()
    at = distance / SOUND_M_S * RATE
    heard = at < length
    at, strength = at[heard], reflection ** walls[heard] / numpy.maximum(distance[heard], 0.05)
    response = numpy.zeros(length + 64)
    for tap in range(-8, 9):
        offset = tap - (at - at.astype(int))
        weight = numpy.sinc(offset) * (0.5 + 0.5 * numpy.cos(numpy.pi * offset / 9))
        numpy.add.at(response, numpy.clip(at.astype(int) + tap, 0, length + 63), strength * weight)
    response = response[:length]
    return response / numpy.sqrt((response**2).sum())


def through(sound, response):
    size = len(sound) + len(response)
    return numpy.fft.irfft(numpy.fft.rfft(sound, size) * numpy.fft.rfft(response, size), size)[: len(sound)]


def dbov(sound):
    return 10 * numpy.log10(numpy.mean(numpy.square(sound, dtype=float)) + 1e-9) - 90.3


def to_samples(sound):
    return numpy.clip(numpy.round(sound), -32768, 32767).astype("int16")


def scene(name, talk):
    """(what the loudspeaker plays, what the microphone hears, what the one there says): `talk` is "st" where the
    far end alone talks, "dt" where both do, "nst" where only the one there does."""
    _, rt60, options = ROOMS[name]
    voice = speech().astype(float)
    far, near = voice[: SECONDS * RATE], numpy.roll(voice, 11 * RATE)[: SECONDS * RATE]
    loudspeaker = far
    if "limit" in options:
        limit = 32768 * options["limit"]
        loudspeaker = limit * numpy.tanh(far / limit)
    echo = through(loudspeaker, impulse_response(NEAR_MICROPHONE, rt60))
    if "moved_s" in options:
        at = options["moved_s"] * RATE
        echo[at:] = 1.3 * through(loudspeaker, impulse_response(FAR_MICROPHONE, rt60))[at:]
    late = options.get("delay_ms", 0) * RATE // 1000
    echo = numpy.concatenate([numpy.zeros(late), echo])[: len(far)]
    echo *= 10 ** ((options.get("echo_dbov", -23) - dbov(echo)) / 20)
    dice = numpy.random.default_rng(0)
    noise = dice.standard_normal(len(far)) * 32768 * 10 ** (options.get("noise_dbov", -65) / 20)
    noise = numpy.convolve(noise, [1, 0.7, 0.4], "same") / 1.28
    if talk == "st":
        near = numpy.zeros(len(far))
    elif talk == "dt":
        near = numpy.concatenate([numpy.zeros(NEAR_FROM_S * RATE), near[NEAR_FROM_S * RATE :]])
    else:
        far, echo = numpy.zeros(len(far)), numpy.zeros(len(far))
    return to_samples(far), to_samples(echo + near + noise), to_samples(near)
