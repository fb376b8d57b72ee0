"""Oscillators, cadences and the table of countries."""

import math
from array import array

from media import call_progress, tone
from support.check import raises


def played(script, samples):
    player = tone.Player()
    assert player.load(script)
    out = array("h", [0] * samples)
    for start in range(0, samples, 160):
        part = array("h", [0] * 160)
        player.add(part)
        out[start : start + 160] = part
    return out


def strength(samples, frequency):
    """Amplitude of one frequency (a DFT bin at 8 kHz)."""
    real = imaginary = 0.0
    for index in range(len(samples)):
        angle = 2 * math.pi * ((frequency * index) % 8000) / 8000
        real += samples[index] * math.cos(angle)
        imaginary += samples[index] * math.sin(angle)
    return 2 * math.sqrt(real * real + imaginary * imaginary) / len(samples)


def test_a_sine_is_a_sine():
    for phase in range(0, 8000, 13):
        assert abs(tone.sine(phase) - 32767 * math.sin(2 * math.pi * phase / 8000)) < 3, phase


def test_frequencies_and_level():
    out = played(call_progress.script("us", "dial"), 1760)[160:]
    for frequency, expected in ((350, 4240), (440, 4240), (400, 0), (700, 0), (880, 0)):
        assert abs(strength(out, frequency) - expected) < 30, frequency


def test_no_drift_in_an_hour():
    player = tone.Player()
    player.load(call_progress.script("etsi", "dial"))
    player.position = tone._RAMP
    # One hour on, in one step: the phase is exact, so the wave is the one of the first second.
    first = array("h", [0] * 160)
    player.add(first)
    player.phases = [(425 * 3600 * 8000) % 8000, 0, 0]
    later = array("h", [0] * 160)
    player.add(later)
    assert first == later


def test_cadence_to_the_sample():
    player = tone.Player()
    player.load(call_progress.script("uk", "ringback"))
    part = array("h", [0] * 8)
    for ms in range(3200):
        for index in range(8):
            part[index] = 0
        player.add(part)
        assert any(part) == (ms % 3000 < 400 or 600 <= ms % 3000 < 1000), ms


def test_no_click():
    out = played(call_progress.script("us", "call_waiting"), 2560)
    for at in range(1, len(out)):
        assert abs(out[at] - out[at - 1]) < 2100  # the steepest that 425 Hz at this level is


def test_mixing_saturates():
    player = tone.Player()
    player.load(call_progress.script("etsi", "dial"))
    loud = array("h", [32000] * 160)
    player.add(loud)
    assert max(loud) == 32767


def test_once_and_stop():
    player = tone.Player()
    player.load(call_progress.key_script("5", 50))
    out = array("h", [0] * 800)
    player.add(out)
    assert not player.playing
    assert any(out[:400]) and not any(out[400:])
    player.load(call_progress.script("etsi", "dial"))
    assert player.playing
    assert player.load(b"")
    assert not player.playing


def test_key_tones_are_dtmf():
    out = played(call_progress.key_script("#", 200), 1440)[80:]
    for frequency in (697, 770, 852, 941, 1209, 1336, 1477, 1633):
        assert (strength(out, frequency) > 3500) == (frequency in (941, 1477)), frequency


def test_scripts_that_are_none():
    player = tone.Player()
    for script in (b"\x01", bytes(8), bytes(10), bytes(1 + 8 * 9), b"\x01\x00\x64\x0f\xa0\x00\x00\x00\x00"):
        assert not player.load(script), script
        assert not player.playing


def test_every_country_has_every_tone():
    for country in call_progress.COUNTRIES:
        assert len(call_progress.COUNTRIES[country]) == len(call_progress.NAMES)
        for name in call_progress.NAMES:
            assert tone.Player().load(call_progress.script(country, name)), (country, name)


def test_unknown_tones():
    raises(KeyError, call_progress.script, "atlantis", "dial")
    raises(KeyError, call_progress.script, "etsi", "howler")
    raises(KeyError, call_progress.key_script, "x", 100)
    raises(KeyError, call_progress.key_script, "", 100)
