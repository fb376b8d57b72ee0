"""Tones written to WAV files, and found again in recordings by frequency and level."""

import array
import math
import wave

FULL_SCALE = 32767


def write_tone(path, hz: float, seconds: float, level_db: float = -12.0, rate: int = 8000) -> str:
    """A 16-bit mono WAV of one sine; `level_db` is its peak below full scale. Returns the path as text."""
    peak = FULL_SCALE * 10 ** (level_db / 20)
    step = 2 * math.pi * hz / rate
    samples = array.array("h", (round(peak * math.sin(step * at)) for at in range(int(seconds * rate))))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return str(path)


def read(path) -> "tuple[array.array, int]":
    """(16-bit samples of the first channel, rate) of a WAV file."""
    with wave.open(str(path), "rb") as file:
        assert file.getsampwidth() == 2, "not 16 bits"
        samples = array.array("h", file.readframes(file.getnframes()))
        return samples[:: file.getnchannels()], file.getframerate()


def goertzel(samples, rate: int, hz: float) -> float:
    """The peak of the sine at `hz` in `samples`, in dB below full scale."""
    coefficient = 2 * math.cos(2 * math.pi * hz / rate)
    before = last = 0.0
    for sample in samples:
        before, last = last, sample + coefficient * last - before
    power = before * before + last * last - coefficient * before * last
    peak = 2 * math.sqrt(max(power, 0.0)) / max(len(samples), 1)
    return 20 * math.log10(max(peak, 1e-3) / FULL_SCALE)


def rms(samples) -> float:
    """The level of all that sounds, as the peak of a sine of that power, in dB below full scale."""
    power = sum(sample * sample for sample in samples) / max(len(samples), 1)
    return 10 * math.log10(max(2 * power, 1e-6)) - 20 * math.log10(FULL_SCALE)


def clearest(samples, rate: int, hz: float, seconds: float = 0.5) -> "tuple[float, float]":
    """(level at `hz`, level of everything) in the stretch of `samples` where `hz` is loudest, in dB."""
    length = int(seconds * rate)
    best = (-120.0, -120.0)
    for start in range(0, max(len(samples) - length, 0) + 1, length // 2):
        stretch = samples[start : start + length]
        best = max(best, (goertzel(stretch, rate, hz), rms(stretch)))
    return best


def seconds_of(samples, rate: int, hz: float, within_db: float = 3.0) -> float:
    """For how long nothing but the tone at `hz` is heard, in steps of 100 ms."""
    length = rate // 10
    heard = 0
    for start in range(0, len(samples) - length + 1, length):
        stretch = samples[start : start + length]
        level = goertzel(stretch, rate, hz)
        heard += level > -60 and rms(stretch) - level < within_db
    return heard / 10
