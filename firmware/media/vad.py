"""Voice activity detection on the microphone: frames well above the background, with a hangover after them.

The twin of `native/core/vad.c`.
"""

from media import pitch

# The kind of a frame.
SPEECH = 0
NOISE = 1  # a pause whose level is sent now
NOTHING = 2  # a pause

_PART_SHIFT = 8  # of `background`
_RISE_SHIFT = 8  # a 256th per frame: it doubles in 3.5 s
_ABOVE = 3  # speech is this many times as loud as the background,
_LEAST = 24  # and louder by this much
_HOLD = 15  # frames of hangover: 300 ms, so that no word is cut
_AGAIN = 25  # frames after which the level is sent again
_FULL_SCALE = 26210  # mean magnitude of noise at 0 dBov
_SILENCE = 8  # a lower mean magnitude is silence
_DECIBEL = 29205  # 1 dB less, Q15


class Detector:
    def __init__(self):
        self.background = 0  # its mean magnitude, in 256ths
        self.hold = 0  # remaining frames of speech
        self.quiet = 0  # frames since speech ended

    def hear(self, samples) -> int:
        """Classify a frame: SPEECH, NOISE or NOTHING."""
        level = pitch.level(samples, 0, len(samples))
        part = level << _PART_SHIFT
        known = self.background != 0
        if part <= self.background or not known:
            self.background = part + 1
        else:
            self.background += (self.background >> _RISE_SHIFT) + 1
        loud = level > (self.background * _ABOVE) >> _PART_SHIFT
        if not known or (loud and part > self.background + (_LEAST << _PART_SHIFT)):
            self.hold = _HOLD
        if self.hold:
            self.hold -= 1
            self.quiet = 0
            return SPEECH
        self.quiet += 1
        return NOISE if (self.quiet - 1) % _AGAIN == 0 else NOTHING

    def level(self) -> int:
        """The level of the background in -dBov, 0 to 127: RFC 3389 §3.1."""
        level, scale = 0, _FULL_SCALE
        size = self.background >> _PART_SHIFT
        while scale > size:
            scale = scale * _DECIBEL >> 15
            if scale < _SILENCE:
                return 127
            level += 1
        return level
