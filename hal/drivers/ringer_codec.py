"""Rings through the loudspeaker, for boards without a separate sounder.

Calls have priority on the sound path. They use it through `Shared`, which appears stopped while only the
ringer uses it. They may start it at any time; the ringer then keeps its cadence, but is not heard.
"""

import math
import struct

from compat import const
from hal.drivers.cadences import Cadenced, loudness

_FRAME_MS = const(20)
_TURN = const(3)  # frames of one pitch before the other
_PITCHES = (850, 1050)  # Hz; whole periods fit into a frame, so the change does not click
_LOUDEST = const(16000)  # of 32767: small loudspeakers rattle above this


class Shared:
    """A codec (hal.contract.codec) that the ringer uses too."""

    def __init__(self, codec):
        self._codec = codec
        self.running = False

    def __getattr__(self, name):
        return getattr(self._codec, name)

    @property
    def ready(self):
        return self._codec.ready

    @ready.setter
    def ready(self, flag):
        self._codec.ready = flag

    def start(self, rate: int, frame_ms: int = 20) -> None:
        self._codec.start(rate, frame_ms)
        self.running = True

    def stop(self) -> None:
        if self.running:
            self.running = False
            self._codec.stop()

    def read_into(self, frame) -> bool:
        return self.running and self._codec.read_into(frame)

    def write(self, frame) -> bool:
        return self.running and self._codec.write(frame)

    def poll(self, now: int) -> None:
        self._codec.poll(now)

    def volume(self, percent: int) -> bool:
        return self._codec.volume(percent)

    def gain(self, percent: int) -> bool:
        return self._codec.gain(percent)

    def route(self, output: str) -> str:
        return self._codec.route(output)


class Ringer(Cadenced):
    """`codec` is the board's, `shared` the Shared of the calls; `output` is the output to ring on.

    A poll more than 40 ms late is heard as a gap.
    """

    def __init__(self, codec, shared, output: str = "speaker"):
        self._codec = codec
        self._shared = shared
        self._output = output
        self._rate = 16000 if 16000 in codec.rates else codec.rates[0]
        self._tones = [bytearray(self._rate * _FRAME_MS // 500) for _ in _PITCHES]
        self._scratch = bytearray(0)
        self._amplitude = -1
        self._frame = 0
        self._before = codec.output  # the calls' output
        self._ours = False  # the codec runs for the ringer
        self.volume(100)

    def poll(self, now: int) -> None:
        self._has_turned(now)
        self._sound()

    def volume(self, percent: int) -> None:
        amplitude = loudness(percent, _LOUDEST)
        if amplitude == self._amplitude:
            return
        self._amplitude = amplitude
        for tone, pitch in zip(self._tones, _PITCHES):
            turn = 2 * math.pi * pitch / self._rate
            for index in range(len(tone) // 2):
                struct.pack_into("<h", tone, 2 * index, int(amplitude * math.sin(turn * index)))

    def _sound(self) -> None:
        if not self.sounding:
            self._release()
            return
        if self._shared.running:
            self._ours = False  # a call has taken the codec, and has restarted it
            return
        codec = self._codec
        if not self._ours:
            self._before = codec.output
            codec.route(self._output)
            try:
                codec.start(self._rate, _FRAME_MS)
            except (OSError, MemoryError):
                return  # no memory for the streams now: lamp and display still show the call
            codec.volume(100)
            if len(self._scratch) != codec.capture_bytes:
                self._scratch = bytearray(codec.capture_bytes)
            self._ours = True
        while codec.read_into(self._scratch):
            pass
        while codec.write(self._tones[self._frame // _TURN % 2]):
            self._frame += 1

    def _release(self) -> None:
        if self._ours and not self._shared.running:
            self._codec.stop()
            self._codec.route(self._before)
        self._ours = False
