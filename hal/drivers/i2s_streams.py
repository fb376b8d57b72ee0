"""The two streams under codec_i2s, which has the reasons: frames, and the interrupts that move them."""

from machine import I2S

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


class Capture:
    """The microphone's side of one start. The interrupt moves `_fill`, the reader moves `_take`."""

    def __init__(self, codec, wiring, rate, bits, octets):
        self._codec = codec
        self._slots = [bytearray(octets) for _ in range(_SLOTS)]
        self._fill = 0
        self._take = 0
        self._running = True
        number, sck, ws, sd = wiring
        self._i2s = I2S(
            number,
            sck=sck,
            ws=ws,
            sd=sd,
            mode=I2S.RX,
            bits=bits,
            format=I2S.MONO,
            rate=rate,
            ibuf=_ring_buffers(rate, _CAPTURE_RING_MS) * _DMA_FRAMES * 8,
        )
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


class Playout:
    """The output's side of one start. The interrupt moves `_sent`, the writer moves `_put`."""

    def __init__(self, wiring, rate, octets, swaps=False):
        self._swaps = swaps
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
        self._i2s = I2S(
            number,
            sck=sck,
            ws=ws,
            sd=sd,
            mode=I2S.TX,
            bits=16,
            format=I2S.MONO,
            rate=rate,
            ibuf=self._ring * 2,
        )
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
        slot = self._slots[self._put]
        slot[WHOLE] = frame
        if self._swaps:
            compat.swap_pairs(slot)
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
