"""Concealment: a gap in a periodic sound goes on, fades, and joins without a step."""

import math

from media import plc

FRAME = 160


def run(frames, period=61.7, loud=8000, lost=()):
    """Play a rounded buzz of `period` samples; the frames in `lost` are concealed."""
    concealer = plc.Concealer()
    played = []
    for number in range(frames):
        out = [0] * FRAME
        concealer.begin()
        if number in lost:
            concealer.conceal(out, 0, FRAME)
        else:
            for index in range(FRAME):
                concealer.samples[concealer.place + index] = wave(number * FRAME + index, period, loud)
            concealer.play(out, 0, FRAME)
        played += out
    return played


def wave(at, period, loud):
    angle = 2 * math.pi * at / period
    return int(loud * (0.6 * math.sin(angle) + 0.4 * math.sin(2 * angle + 1)))


def error(played, period, loud, first, last):
    """RMS of the difference to the wave, as a part of `loud`."""
    total = 0
    for at in range(first, last):
        total += (played[at] - wave(at, period, loud)) ** 2
    return math.sqrt(total / (last - first)) / loud


def test_nothing_lost_nothing_changed():
    assert error(run(5), 61.7, 8000, 0, 800) == 0


def test_ten_ms_of_a_periodic_sound_are_as_if_nothing_was_lost():
    for period in (45.3, 61.7, 100.4, 118.9):
        played = run(8, period, 8000, lost=(5,))
        assert error(played, period, 8000, 800, 880) < 0.12, period
        assert error(played, period, 8000, 960 + 32, 1280) == 0


def test_no_step_at_either_end():
    for period in (45.3, 61.7, 100.4):
        whole = run(8, period)
        steepest = max(abs(whole[at] - whole[at - 1]) for at in range(1, len(whole)))
        played = run(8, period, lost=(5,))
        for at in range(790, 1010):
            assert abs(played[at] - played[at - 1]) < 1.5 * steepest, (period, at)


def test_a_long_gap_fades_to_silence():
    played = run(16, lost=(6, 7, 8, 9, 10))
    energy = [sum(abs(sample) for sample in played[at : at + FRAME]) for at in range(0, len(played), FRAME)]
    assert energy[6] > energy[7] > energy[8] > energy[9] == energy[10] == 0
    assert played[11 * FRAME] == 0  # and comes back by a ramp
    assert error(played, 61.7, 8000, 11 * FRAME + 32, 16 * FRAME) == 0


def test_gap_at_full_scale_stays_in_range():
    played = run(9, 61.7, 32700, lost=(4, 6, 7))
    assert max(played) <= 32767 and min(played) >= -32768


def test_a_gap_before_anything_is_silence():
    assert run(1, lost=(0,)) == [0] * FRAME


def test_a_splice_blends():
    concealer = plc.Concealer()
    out = [0] * FRAME
    for number in range(4):
        concealer.begin()
        for index in range(FRAME):
            concealer.samples[concealer.place + index] = wave(number * FRAME + index, 50, 8000)
        if number == 3:
            for index in range(FRAME):  # the same tone, out of step by half a period
                concealer.samples[concealer.place + index] = wave(number * FRAME + index + 25, 50, 8000)
            last = out[-1]
            concealer.splice()
        concealer.play(out, 0, FRAME)
    steepest = max(abs(wave(at, 50, 8000) - wave(at - 1, 50, 8000)) for at in range(50))
    assert abs(out[0] - last) <= 1.5 * steepest
    assert out[40:] == [wave(3 * FRAME + index + 25, 50, 8000) for index in range(40, FRAME)]
