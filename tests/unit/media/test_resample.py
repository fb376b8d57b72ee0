"""The resampling filters, measured: what passes, what does not, and that frames join."""

import math
from array import array

from media import resample
from media.tables import HALF_BAND, THIRD_BAND

LOUD = 16000


def sine(frequency, rate, samples):
    return array("h", [wave(LOUD, 0, frequency, rate, at) for at in range(samples)])


def wave(sine_part, cosine_part, frequency, rate, at):
    angle = 2 * math.pi * ((frequency * at) % rate) / rate
    return int(sine_part * math.sin(angle) + cosine_part * math.cos(angle))


def through(filters, samples, frame):
    out = array("h")
    for start in range(0, len(samples), frame):
        out.extend(array("h", filters.frame(samples[start : start + frame])))
    return out


def decibel(samples):
    """RMS against that of the sine that went in."""
    square = sum(sample * sample for sample in samples) / len(samples)
    return 10 * math.log(square / (LOUD * LOUD / 2) + 1e-10) / math.log(10)


def down(rate, frequency):
    frame = rate // 50
    return decibel(through(resample.Down(rate), sine(frequency, rate, 4 * frame), frame)[160:])


def test_telephone_band_passes_down():
    for rate in (16000, 48000):
        for frequency in (300, 1000, 2000, 3000, 3400):
            assert abs(down(rate, frequency)) < 0.2, (rate, frequency)


def test_what_would_fold_does_not_pass_down():
    for rate, frequencies in (
        (16000, (4600, 5000, 6000, 7000, 7900)),
        (48000, (4600, 6000, 9000, 11000, 13000, 15000, 16100, 19000, 22000, 23900)),
    ):
        for frequency in frequencies:
            assert down(rate, frequency) < -40, (rate, frequency)


def test_up_is_the_tone_and_nothing_else():
    for rate in (16000, 48000):
        for frequency in (400, 1000, 3400):
            out = through(resample.Up(rate), sine(frequency, 8000, 480), 160)
            assert len(out) == 480 * rate // 8000
            out = out[rate // 50 :]
            real = imaginary = 0.0
            for at in range(len(out)):
                angle = 2 * math.pi * ((frequency * at) % rate) / rate
                real += out[at] * math.cos(angle) * 2 / len(out)
                imaginary += out[at] * math.sin(angle) * 2 / len(out)
            amplitude = math.sqrt(real * real + imaginary * imaginary)
            assert abs(amplitude / LOUD - 1) < 0.02, (rate, frequency)
            for at in range(len(out)):
                out[at] -= wave(imaginary, real, frequency, rate, at)
            assert decibel(out) < -40, (rate, frequency)


def test_frames_join_without_a_seam():
    samples = sine(1000, 48000, 1920)
    assert through(resample.Down(48000), samples, 960) == through(resample.Down(48000), samples, 240)
    samples = sine(1000, 8000, 320)
    assert through(resample.Up(48000), samples, 160) == through(resample.Up(48000), samples, 40)


def test_full_scale_is_held():
    square = [32767 if at // 24 % 2 else -32768 for at in range(960)]
    out = resample.Down(48000).frame(square)
    assert max(out) == 32767 and min(out) == -32768
    out = resample.Up(48000).frame([32767 if at // 4 % 2 else -32768 for at in range(160)])
    assert max(out) == 32767 and min(out) == -32768


def test_sums_fit_32_bits():
    centre = 16384
    assert 32768 * (2 * sum(abs(tap) for tap in HALF_BAND) + centre) + 16384 < 1 << 31
    assert 32768 * 2 * sum(abs(tap) for tap in THIRD_BAND) + 16384 < 1 << 31
