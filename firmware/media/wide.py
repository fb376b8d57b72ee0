"""The voice core with G.722 in Python: the twin of `native/core/wide_core.c`, for tests alone.

Sound is split into two bands, each sampled at 8 kHz. The narrowband core handles the lower band; each
operation on its line is repeated on the upper band's line.
"""

import array

from media import core, g722, level, plc, reference, resample, rtp
from media.jitter import CELL

# The functions of a core.
from media.reference import (  # noqa: F401  # noqa: F401
    adjust,
    close,
    counters,
    mix,
    next_digit,
    open,
    play_tone,
    playout,
    receive,
    send_digit,
    set,
    start,
    transmit,
    update,
)

CODEC = 9  # G.722's static payload type (RFC 3551 table 4), and its number in the core


class Stream(reference.Stream):
    static = reference.Stream.static + (CODEC,)
    law = CODEC  # a new encoder starts here

    def __init__(self, parameters):
        self.encoder, self.decoder = g722.Codec(), g722.Codec()
        super().__init__(parameters)
        self.upper = plc.Concealer()
        self.lines = (self.plc, self.upper)
        self.above = [0] * core.FRAME_SAMPLES  # the upper band of the current frame

    def update(self, parameters):
        if parameters[0] == CODEC and self.law != CODEC:
            self.encoder = g722.Codec()
        if parameters[0] == CODEC and self.received_law != CODEC:
            self.decoder = g722.Codec()
        super().update(parameters)

    def silence(self, frame):
        super().silence(frame)
        self.above = [0] * core.FRAME_SAMPLES

    def _compress(self, octets, frame):
        if self.law != CODEC:
            super()._compress(octets, frame)
            return
        for index in range(len(frame)):
            octets[rtp.HEADER + index] = self.encoder.code(frame[index], self.above[index])

    def _begin(self):
        super()._begin()
        self.decoder = g722.Codec()

    def _switch(self, law):
        if CODEC in (law, self.received_law):
            self._begin()
        elif self.jitter.anchored:
            super()._switch(law)

    def _decode(self, place, cells):
        if self.received_law != CODEC:
            super()._decode(place, cells)
            for index in range(place, place + cells * CELL):
                self.upper.samples[index] = 0
            return
        for _ in range(cells):
            at = self.jitter.cell()
            for octet in self.jitter.octets[at : at + CELL]:
                self.plc.samples[place], self.upper.samples[place] = self.decoder.restore(octet)
                place += 1

    def _output(self, frame):
        super()._output(frame)
        self.above = array.array("h", bytes(2 * core.FRAME_SAMPLES))
        self.upper.output(self.above)


class _Down(resample.Down):
    """Splits into two bands if `voice` sends wideband, else down to 8 kHz."""

    def __init__(self, voice):
        super().__init__(voice.rate)
        self._voice = voice

    def halve(self, line, count):
        stream = self._voice.stream
        if stream is None or stream.law != CODEC:
            return super().halve(line, count)
        low, stream.above = g722.split(line[len(line) - count - g722.KEEP :])
        return low


class _Up(resample.Up):
    def __init__(self, voice):
        super().__init__(voice.rate)
        self._owner = voice
        self._joined = [0] * g722.KEEP

    def double(self, samples):
        stream = self._owner.stream
        return g722.join(self._joined, samples, stream.above if stream else [0] * len(samples))


class Voice(reference.Voice):
    stream_class = Stream

    def start(self, rate, capture_bits):
        super().start(rate, capture_bits)
        self.down, self.up = _Down(self), _Up(self)

    def _scale(self, samples):
        super()._scale(samples)
        if self.stream:
            level.scale(self.stream.above, self.options[core.VOLUME])


def new() -> Voice:
    return Voice()
