"""The line of samples to play, with packet loss concealment on it, similar to G.711 appendix I.

Decoded samples follow the played ones, so the pitch is found in place. A gap is filled by repeating the last
pitch period, later the last two and three, which fade. If the samples after the gap are known, their own
periods are repeated backwards into it, and the two sides are crossfaded.

The twin of `native/core/plc.c`.
"""

import array

from media import pitch
from media.level import saturate
from media.pitch import WEIGHT, WEIGHT_SHIFT

FRAME_SAMPLES = 160
CYCLE = 3 * pitch.MAX + pitch.MAX // 4
HISTORY = 400  # samples: more than a cycle
GAP = 2 * FRAME_SAMPLES  # samples: the longest gap that is bridged,
BEYOND = FRAME_SAMPLES  # and the samples used after it
ROOM = FRAME_SAMPLES + GAP + BEYOND

_STEP_SAMPLES = 16  # samples over which the jump at the start is smoothed
_STEP_SHIFT = 4
_MERGE_MIN = 32  # samples over which the returning signal is faded in,
_MERGE_MAX = 80
_MERGE_SHIFT = 3  # plus an eighth of the gap
_FADE_AFTER = 80  # samples: 10 ms at full level,
_FADE_END = 480  # silent after 60
_FADE_SLOPE = 82  # Q15 per sample: 1.0 over the samples between
_TWO_AFTER = 80  # samples after which two periods are repeated,
_THREE_AFTER = 160  # and three


class Concealer:
    """Put decoded samples into `samples` from `place` on, then `take` them; `conceal` missing ones.

    `pending` samples wait to be played; `output` plays a frame of them.
    """

    def __init__(self):
        self.samples = array.array("h", bytes(2 * (HISTORY + ROOM)))  # played samples, then pending ones
        self.cycle = array.array(
            "h", bytes(2 * CYCLE)
        )  # the periods that are repeated, and the samples before them
        self.pending = 0
        self.lag = 0  # length of a period
        self.phase = 0  # next sample of the cycle
        self.periods = 0  # repeated from the next turn on
        self.missing = 0  # samples concealed in a row
        self.merge = 0  # remaining samples of the crossfade to the returning signal,
        self.merging = 0  # of this many
        self.rise = 0  # Q14 per sample: of the crossfade at the end of a turn,
        self.slope = 0  # and of the one to the returning signal
        self.dice = 0  # state of the noise generator
        self.step = 0  # the jump to the first concealed sample

    @property
    def place(self) -> int:
        """Where the next decoded samples go."""
        return HISTORY + self.pending

    def _make_cycle(self, lead):
        """Copy the last periods before `place` into the cycle."""
        end = self.place
        self.lag = (
            pitch.find(self.samples, end - pitch.WINDOW, pitch.MIN, pitch.MAX) if lead is self else lead.lag
        )
        for index in range(CYCLE):
            self.cycle[index] = self.samples[end - CYCLE + index]
        self.rise = WEIGHT // ((self.lag >> 2) + 1)
        self.missing = 0
        self.periods = _periods_after(0)
        self.phase = CYCLE - self.periods * self.lag
        self.step = self.samples[end - 1] - self.cycle[self.phase - 1]

    def _next_sample(self):
        """The next sample of the cycle, before fading."""
        quarter = self.lag >> 2
        left = CYCLE - self.phase
        sample = self.cycle[self.phase]
        if left == quarter:
            self.periods = _periods_after(self.missing)
        if left <= quarter:  # crossfade a turn's last quarter period into the samples before the next turn
            before = self.cycle[self.phase - self.periods * self.lag]
            sample += ((before - sample) * ((quarter - left + 1) * self.rise)) >> WEIGHT_SHIFT
        self.phase += 1
        if self.phase == CYCLE:
            self.phase -= self.periods * self.lag
        if self.missing < _STEP_SAMPLES:
            sample += (self.step * (_STEP_SAMPLES - self.missing)) >> _STEP_SHIFT
        self.missing += 1
        return saturate(sample)

    def _prepare_merge(self):
        longer = self.missing >> _MERGE_SHIFT if self.missing < _FADE_END else 0
        self.merging = self.merge = min(_MERGE_MIN + longer, _MERGE_MAX)
        self.slope = WEIGHT // self.merging

    def conceal(self, count: int, lead) -> None:
        """Make up `count` missing samples with the pitch of `lead`: this line, or one concealed before."""
        if self.missing == 0:
            self._make_cycle(lead)
        place = self.place
        for index in range(place, place + count):
            sample = self._next_sample()
            self.samples[index] = _fade(sample, self.missing)
        self._prepare_merge()
        self.pending += count

    def take(self, count: int) -> None:
        """Append the `count` decoded samples at `place` to the pending ones."""
        place = self.place
        index = 0
        while index < count and self.merge:
            made_up = _fade(self._next_sample(), self.missing)
            weight = (self.merging - self.merge) * self.slope
            arrived = self.samples[place + index]
            self.samples[place + index] = made_up + (((arrived - made_up) * weight) >> WEIGHT_SHIFT)
            index += 1
            self.merge -= 1
        if self.merge == 0:
            self.missing = 0
        self.pending += count

    def bridge(self, gap: int, beyond: int, lag: int) -> None:
        """Join the latest `gap` samples, which were made up, to the `beyond` decoded ones at `place`.

        `lag` is the period of the decoded samples, 0 if unknown.
        """
        if lag:
            self._blend_back(self.place - gap, gap, lag)
            self.missing = 0
            self.merge = 0
        self.take(beyond)

    def _blend_back(self, at, count, lag):
        """Crossfade `count` samples into the first period after them, repeated backwards."""
        phase = (count + lag - 1) // lag * lag - count
        weight = rise = WEIGHT // (count + 1)
        for index in range(at, at + count):
            sample = self.samples[index]
            sample += ((self.samples[at + count + phase] - sample) * weight) >> WEIGHT_SHIFT
            self.samples[index] = sample
            weight += rise
            phase += 1
            if phase == lag:
                phase = 0

    def noise(self, count: int, amplitude: int) -> None:
        """A pause of the peer: `count` samples of comfort noise; `amplitude` is Q15 of full scale."""
        for index in range(self.place, self.place + count):
            last = _signed(self.dice >> 16)
            self.dice = (self.dice * 69069 + 12345) & 0xFFFFFFFF
            # Low-passed, like the noise of a room.
            self.samples[index] = (((last + _signed(self.dice >> 16)) >> 1) * amplitude) >> 15
        self.pending += count
        self.missing = 0
        self.merge = 0

    def rest(self, count: int) -> None:
        """No stream: `count` samples of silence."""
        for index in range(self.place, self.place + count):
            self.samples[index] = 0
        self.pending += count
        self.missing = 0
        self.merge = 0

    def output(self, out) -> None:
        """Play one frame."""
        kept = HISTORY + self.pending - FRAME_SAMPLES
        out[:FRAME_SAMPLES] = self.samples[HISTORY : HISTORY + FRAME_SAMPLES]
        self.samples[:kept] = self.samples[FRAME_SAMPLES : FRAME_SAMPLES + kept]
        self.pending -= FRAME_SAMPLES


def _signed(number):
    return number - 0x10000 if number & 0x8000 else number


def _periods_after(missing):
    if missing >= _THREE_AFTER:
        return 3
    return 2 if missing >= _TWO_AFTER else 1


def _fade(sample, missing):
    if missing <= _FADE_AFTER:
        return sample
    if missing >= _FADE_END:
        return 0
    return (sample * ((_FADE_END - missing) * _FADE_SLOPE >> 1)) >> 14
