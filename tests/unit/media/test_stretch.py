"""Speech made longer and shorter: by whole periods, in pauses first, and nothing else is changed."""

import math
from array import array

from media import plc, stretch

FRAME = 160


def buzz(at, period):
    angle = 2 * math.pi * at / period
    return int(5000 * (0.6 * math.sin(angle) + 0.4 * math.sin(2 * angle + 1)))


class Talker:
    """Plays `sound(sample)` as a phone does, with `surplus` to be worked off."""

    def __init__(self, sound, surplus):
        self.sound = sound
        self.surplus = surplus
        self.at = 0
        self.line = plc.Concealer()
        self.stretch = stretch.Stretch()
        self.played = array("h")

    def fill(self, samples):
        while self.line.pending < samples:
            for index in range(8):
                self.line.samples[self.line.place + index] = self.sound(self.at + index)
            self.at += 8
            self.line.take(8)

    def frames(self, count):
        for _ in range(count):
            self.fill(FRAME)
            self.stretch.hear(self.line)
            if self.stretch.wants(self.surplus):
                if self.surplus > 0:
                    self.fill(stretch.AHEAD)
                before = self.line.pending
                lag = self.stretch.choose(self.line, self.surplus)
                if lag:
                    stretch.by(self.line, self.surplus, lag)
                self.surplus += self.line.pending - before
            out = array("h", [0] * FRAME)
            self.line.output(out)
            self.played.extend(out)
        return self


def test_nothing_is_done_without_need():
    for surplus in (0, 90, -39):
        talker = Talker(lambda at: buzz(at, 50), surplus).frames(50)
        assert talker.stretch.changes == 0
        for at in range(len(talker.played)):
            assert talker.played[at] == buzz(at, 50)


def test_steady_sound_gives_up_whole_periods_after_waiting_for_a_pause():
    talker = Talker(lambda at: buzz(at, 50), 300).frames(35)
    assert talker.stretch.changes == 0
    talker.frames(60)
    assert 0 <= talker.surplus < 96 and talker.stretch.changes >= 2
    assert (300 - talker.surplus) % 50 == 0
    steepest = max(abs(buzz(at, 50) - buzz(at - 1, 50)) for at in range(1, 200))
    played = talker.played
    assert max(abs(played[at] - played[at - 1]) for at in range(1, len(played))) <= 1.2 * steepest


def test_and_takes_them_in():
    talker = Talker(lambda at: buzz(at, 50), -200).frames(60)
    assert talker.surplus == 0
    played = talker.played
    assert all(abs(played[at] - played[at - 50]) < 300 for at in range(100, len(played)))


def test_a_pause_is_used_at_once():
    def sound(at):
        return buzz(at, 50) if at < 4000 else (at * 7919) % 40 - 20

    talker = Talker(sound, 600).frames(25)
    assert talker.stretch.changes == 0
    talker.frames(14)
    assert talker.surplus < 96


def test_noise_as_loud_as_speech_is_left_alone():
    state = [1]

    def noise(at):
        state[0] = (state[0] * 69069 + 1) & 0xFFFFFFFF
        return (state[0] >> 18) - 8192

    talker = Talker(noise, 300).frames(100)
    assert talker.stretch.changes == 0


def test_an_urgent_want_does_not_wait():
    talker = Talker(lambda at: buzz(at, 50), -320).frames(2)
    assert talker.stretch.changes == 2
