"""Concealment: a gap in a periodic sound goes on, fades, and joins without a step."""

import math
from array import array

from media import pitch, plc

FRAME = 160


def run(frames, period=61.7, loud=8000, lost=(), known=False):
    """Play a rounded buzz of `period` samples; the frames in `lost` are concealed, or bridged: `known`."""
    line = plc.Concealer()
    played = []
    number = 0
    while number < frames:
        while line.pending < FRAME:
            if number not in lost:
                put(line, line.place, number, period, loud)
                line.take(FRAME)
            elif known:
                line.conceal(FRAME, line)
                put(line, line.place, number + 1, period, loud)
                line.bridge(FRAME, FRAME, pitch.find_ahead(line.samples, line.place))
                number += 1
            else:
                line.conceal(FRAME, line)
            number += 1
        played += output(line)
    while line.pending >= FRAME:
        played += output(line)
    return played


def output(line):
    out = array("h", [0] * FRAME)
    line.output(out)
    return list(out)


def put(line, place, number, period, loud):
    for index in range(FRAME):
        line.samples[place + index] = wave(number * FRAME + index, period, loud)


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
        assert error(played, period, 8000, 960 + 52, 1280) == 0


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


def test_a_gap_with_both_sides_known_is_closed_without_a_merge():
    for period in (45.3, 61.7, 100.4, 118.9):
        played = run(8, period, 8000, lost=(5,), known=True)
        assert error(played, period, 8000, 800, 960) < 0.15, period
        assert error(played, period, 8000, 960, 1280) == 0


def test_a_pitch_that_changes_in_the_gap_is_met():
    """One period before, another after: the end of the gap is that of the other."""
    line = plc.Concealer()
    for number in range(5):
        put(line, line.place, number, 50, 8000)
        line.take(FRAME)
        output(line)
    line.conceal(FRAME, line)
    put(line, line.place, 1, 80, 8000)
    line.bridge(FRAME, FRAME, pitch.find_ahead(line.samples, line.place))
    played = output(line)
    last = [wave(FRAME - 20 + index, 80, 8000) for index in range(20)]
    apart = sum(abs(one - other) for one, other in zip(played[-20:], last))
    assert apart < 0.15 * sum(abs(sample) for sample in last)


def test_a_long_gap_is_made_of_more_than_one_period():
    """After 10 ms two periods are repeated, after 20 three: a buzz with a beat keeps its beat."""
    line = plc.Concealer()
    for number in range(4):
        for index in range(FRAME):
            at = number * FRAME + index
            line.samples[line.place + index] = wave(at, 60, 8000) + wave(at, 90, 4000)
        line.take(FRAME)
        output(line)
    for _ in range(3):
        line.conceal(FRAME, line)
    made = output(line) + output(line)
    assert made[:60] != made[60:120]
    assert line.periods == 3


def test_a_merge_is_longer_after_a_longer_gap_and_short_after_silence():
    merges = []
    for frames in (1, 2, 4):
        line = plc.Concealer()
        put(line, line.place, 0, 50, 8000)
        line.take(FRAME)
        output(line)
        for _ in range(frames):
            line.conceal(FRAME, line)
            output(line)
        merges.append(line.merge)
    assert merges == [52, 72, 32]
