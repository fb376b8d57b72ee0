"""An I2S microphone (INMP441 and its kind) on one controller, I2S amplifiers (MAX98357A) on the other.

`machine.I2S` in its non-blocking mode takes one buffer at a time reliably: its queue of requests has room for
one, and drops a second without a word. So each request is followed by the next from the interrupt of the one
before, and the DMA rings bridge the time between: theirs are the sizes below.

Both controllers run from the same clock, so one frame captured is one frame played. That is also how frames
of silence are counted here, since `machine.I2S` does not report them: by the microphone's interrupts.
Program and interrupts share nothing that both write: an interrupt may come between any two bytecodes.
"""

from machine import I2S, Pin

import compat
from compat import const

_DMA_FRAMES = const(256)  # samples in one DMA buffer of machine.I2S
_CAPTURE_RING_MS = const(40)  # how long the interrupt may be late, as in a garbage collection
_PLAYOUT_RING_MS = const(60)  # how long the voice loop may be late, one frame included
_SLOTS = const(4)  # frame buffers each way: one in the hardware's hands, the others wait


class _Key:
    def __getitem__(self, key):
        return key


WHOLE = _Key()[:]  # a slice of everything, made once: each `frame[:]` would take heap for another


def _ring_buffers(rate, ms) -> int:
    return max(2, -(-rate * ms // 1000 // _DMA_FRAMES))


class _Capture:
    """The microphone's side of one start. The interrupt moves `_fill`, the reader moves `_take`."""

    def __init__(self, codec, wiring, rate, bits, octets):
        self._codec = codec
        self._slots = [bytearray(octets) for _ in range(_SLOTS)]
        self._fill = 0
        self._take = 0
        self._running = True
        number, sck, ws, sd = wiring
        self._i2s = I2S(number, sck=sck, ws=ws, sd=sd, mode=I2S.RX, bits=bits, format=I2S.MONO, rate=rate,
                        ibuf=_ring_buffers(rate, _CAPTURE_RING_MS) * _DMA_FRAMES * 8)
        self._i2s.irq(self._filled)
        self._i2s.readinto(self._slots[0])

    def _filled(self, _) -> None:
        if not self._running:
            return
        following = (self._fill + 1) % _SLOTS
        if following == self._take:
            self._codec.overruns += 1  # this frame is written over
        else:
            self._fill = following
        self._i2s.readinto(self._slots[self._fill])
        self._codec._frame_passed()

    def read_into(self, frame) -> bool:
        if self._take == self._fill:
            return False
        frame[WHOLE] = self._slots[self._take]
        self._take = (self._take + 1) % _SLOTS
        return True

    @property
    def waiting(self) -> bool:
        return self._take != self._fill

    def stop(self) -> None:
        self._running = False
        self._i2s.deinit()


class _Playout:
    """The output's side of one start. The interrupt moves `_sent`, the writer moves `_put`."""

    def __init__(self, wiring, rate, octets):
        self._slots = [bytearray(octets) for _ in range(_SLOTS)]
        self._silence = bytes(octets)
        self._samples = octets // 2
        self._put = 0
        self._sent = 0
        self._busy = False  # the hardware has a frame in hand: slot `_sent`, or the silence
        self._busy_with_silence = False
        self._dry = False
        self._running = True
        self._ring = _ring_buffers(rate, _PLAYOUT_RING_MS) * _DMA_FRAMES  # samples, all silence at first
        self._written = 0  # frames, by the writer
        self._played = 0  # frames, by the interrupt
        number, sck, ws, sd = wiring
        self._i2s = I2S(number, sck=sck, ws=ws, sd=sd, mode=I2S.TX, bits=16, format=I2S.MONO, rate=rate,
                        ibuf=self._ring * 2)
        self._i2s.irq(self._emptied)

    def _lead(self) -> int:
        """Samples that are still to be played."""
        return self._ring + (self._written - self._played) * self._samples

    def frame_passed(self) -> bool:
        """The clock went on by one frame; True if there was none left to play for it."""
        if self._lead() >= self._samples:
            self._played += 1
            return False
        self._dry = True
        return self._written > 0

    def write(self, frame) -> bool:
        following = (self._put + 1) % _SLOTS
        if following == self._sent or self._lead() + self._samples > self._ring:
            return False
        if self._dry and not self._busy:
            # A frame of silence first: else the next one that is late by a moment runs dry again.
            self._dry = False
            self._written += 1
            self._busy = self._busy_with_silence = True
            self._i2s.write(self._silence)
        self._slots[self._put][WHOLE] = frame
        self._put = following
        self._written += 1
        if not self._busy:
            self._send()
        return True

    def _emptied(self, _) -> None:
        if not self._running:
            return
        if self._busy_with_silence:
            self._busy_with_silence = False
        else:
            self._sent = (self._sent + 1) % _SLOTS
        self._busy = False
        self._send()

    def _send(self) -> None:
        if self._sent != self._put:
            self._busy = True
            self._i2s.write(self._slots[self._sent])

    def stop(self) -> None:
        self._running = False
        self._i2s.deinit()


class Codec:
    """`microphone` and `speaker` are (controller, sck, ws, sd). `amplifiers` is a list of (output, pin): the
    pin is the SD_MODE of that output's MAX98357A, low to shut it down, high to play. They share the bus.

    Neither chip has a volume control: `volume` and `gain` are False, and the caller scales samples.
    """

    # The DMA rings are as long in time at any rate; at 16 kHz a frame takes a third of the heap.
    rates = (16000, 48000, 8000)
    _capture = _playout = None  # both while it runs

    def __init__(self, microphone, speaker, amplifiers, capture_bits: int = 32):
        self._wiring = (microphone, speaker)
        self._amplifiers = amplifiers
        for _, pin in amplifiers:
            pin.init(Pin.OUT, value=0)
        self.capture_bits = capture_bits
        self.outputs = tuple(output for output, _ in amplifiers)
        self.output = self.outputs[0]
        self.ready = compat.ThreadSafeFlag()
        self.running = False
        self.rate = 0
        self.capture_bytes = 0
        self.playout_bytes = 0
        self.overruns = 0
        self.underruns = 0

    def start(self, rate: int, frame_ms: int = 20) -> None:
        if rate not in self.rates:
            raise ValueError("rate: %r" % rate)
        self.stop()
        samples = rate * frame_ms // 1000
        self.capture_bytes, self.playout_bytes = samples * self.capture_bits // 8, samples * 2
        self.rate = rate
        # 8 KB of buffers at 16 kHz, there while sound is on.
        self._playout = _Playout(self._wiring[1], rate, self.playout_bytes)
        self._capture = _Capture(self, self._wiring[0], rate, self.capture_bits, self.capture_bytes)
        self.running = True
        self._power_amplifiers()

    def stop(self) -> None:
        if not self.running:
            return
        self.running = False
        # Amplifiers first: a clock that stops under one is heard.
        self._power_amplifiers()
        self._capture.stop()
        self._playout.stop()
        self._capture = self._playout = None  # and their buffers

    def read_into(self, frame) -> bool:
        if not self.running or not self._capture.read_into(frame):
            return False
        if self._capture.waiting:
            self.ready.set()
        return True

    def write(self, frame) -> bool:
        return self.running and self._playout.write(frame)

    def volume(self, percent: int) -> bool:
        return False

    def gain(self, percent: int) -> bool:
        return False

    def route(self, output: str) -> str:
        self.output = output if output in self.outputs else self.outputs[0]
        self._power_amplifiers()
        return self.output

    def _frame_passed(self) -> None:
        """The microphone's interrupt, once a frame: the clock of both directions."""
        if self._playout.frame_passed():
            self.underruns += 1
        self.ready.set()

    def _power_amplifiers(self) -> None:
        for output, pin in self._amplifiers:
            if not (self.running and output == self.output):
                pin.value(0)
        for output, pin in self._amplifiers:
            if self.running and output == self.output:
                pin.value(1)
