"""The two streams of codec_i2s (reasons: see there): frames, and the interrupts that move them."""

from machine import I2S

import compat
from compat import const, ticks_diff

_DMA_FRAMES = const(256)  # samples in one DMA buffer of machine.I2S
_MAX_BUFFERS = const(12)  # of 2 KB each, in internal RAM
_PLAYOUT_RING_MS = const(60)  # how long the voice loop may be late, one frame included
_SLOTS = const(4)  # frame buffers in each direction: one in the current request, the others wait
_STALL_MS = const(100)  # without an interrupt: it was lost, as MicroPython queues only eight
_WINDOW_MS = const(1000)  # in which the captured frames are compared with the time


class _Key:
    def __getitem__(self, key):
        return key


WHOLE = _Key()[:]  # a slice of everything, made once: each `frame[:]` would allocate another


def _ring_buffers(rate, ms) -> int:
    return max(2, -(-rate * ms // 1000 // _DMA_FRAMES))


class Capture:
    """The microphone's side of one start. The interrupt moves `_fill`, the reader moves `_take`.

    `ring_ms`: how long the interrupt may be late, as in a garbage collection.
    """

    def __init__(self, codec, wiring, rate, bits, octets, frame_ms, ring_ms):
        self._codec = codec
        self._count = max(_SLOTS, ring_ms // frame_ms + 2)
        self._slots = [bytearray(octets) for _ in range(self._count)]
        self._frame_ms = frame_ms
        self._frames = 0  # captured, counted by the interrupt
        self._seen = 0  # `_frames` at the last progress that `poll` saw
        self._seen_at = self._window = None  # ticks of that progress, and of the window's start
        self._passed_ms = 0
        self._least = self._usual = None  # fewest missing frames, in this window and in the last
        self._last = 0
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
            ibuf=min(_ring_buffers(rate, ring_ms), _MAX_BUFFERS) * _DMA_FRAMES * 8,
        )
        self._i2s.irq(self._filled)
        self._request()

    def _filled(self, _) -> None:
        self._pending = False
        if not self._running:
            return
        self._frames += 1
        following = (self._fill + 1) % self._count
        if following == self._take:
            self._codec.overruns += 1  # this frame is overwritten
        else:
            self._fill = following
        self._request()
        self._codec._frame_passed()

    def _request(self) -> None:
        self._pending = True
        self._i2s.readinto(self._slots[self._fill])

    def read_into(self, frame) -> bool:
        if self._take == self._fill:
            return False
        frame[WHOLE] = self._slots[self._take]
        self._take = (self._take + 1) % self._count
        return True

    @property
    def waiting(self) -> bool:
        return self._take != self._fill

    def poll(self, now) -> int:
        """Continue after a lost interrupt; returns the frames lost in the ring, within two seconds."""
        if self._seen_at is None:
            self._seen_at = self._window = self._last = now
        if self._frames != self._seen:
            self._seen = self._frames
            self._seen_at = now
        elif ticks_diff(now, self._seen_at) >= _STALL_MS:
            self._seen_at = now
            self._codec.stalls += 1
            self._filled(None)
        self._passed_ms += ticks_diff(now, self._last)
        self._last = now
        missing = self._passed_ms // self._frame_ms - self._frames
        if self._least is None or missing < self._least:
            self._least = missing
        if ticks_diff(now, self._window) < _WINDOW_MS:
            return 0
        # A late interrupt only delays frames; the least number missing within a second is really lost.
        lost = 0 if self._usual is None else self._least - self._usual
        self._usual, self._least, self._window = self._least, None, now
        return max(lost, 0)

    def end(self) -> bool:
        """No more of it; whether the hardware has nothing in hand any more."""
        self._running = False
        return not self._pending

    def deinit(self) -> None:
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
        self._busy = False  # a request is current: of slot `_sent`, or of the silence
        self._busy_with_silence = False
        self._dry = False
        self._done = 0  # requests, counted by the interrupt
        self._running = True
        self.ring = _ring_buffers(rate, _PLAYOUT_RING_MS) * _DMA_FRAMES  # samples, all silence at first
        self._moved_at = None  # the tick at which `poll` saw the last progress
        self._seen = 0
        self._written = 0  # frames, counted by the writer
        self._played = 0  # frames, counted by the interrupt
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
            ibuf=self.ring * 2,
        )
        self._i2s.irq(self._emptied)

    def _lead(self) -> int:
        """Samples that are still to be played."""
        return self.ring + (self._written - self._played) * self._samples

    def frame_passed(self) -> bool:
        """The clock advanced by one frame; True if there was no frame left to play."""
        if self._lead() >= self._samples:
            self._played += 1
            return False
        self._dry = True
        return self._written > 0

    def write(self, frame) -> bool:
        following = (self._put + 1) % _SLOTS
        if following == self._sent or self._lead() + self._samples > self.ring:
            return False
        if self._dry and not self._busy:
            # A frame of silence first: else the next frame that is a little late causes another underrun.
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
        self._done += 1
        if not self._running:
            self._busy = False
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

    def passed(self, frames) -> None:
        """The clock has advanced by `frames` without interrupts."""
        self._played += frames
        if self._lead() < 0:
            self._dry = True

    def poll(self, now) -> bool:
        """Continue after a lost interrupt; whether there was one."""
        if self._done != self._seen or not self._busy or self._moved_at is None:
            self._seen = self._done
            self._moved_at = now
        elif ticks_diff(now, self._moved_at) >= _STALL_MS:
            self._moved_at = now
            self._emptied(None)
            return True
        return False

    def end(self) -> bool:
        """No more of it; whether the hardware has nothing in hand any more."""
        self._running = False
        return not self._busy

    def deinit(self) -> None:
        self._i2s.deinit()
