"""An I2S amplifier and no microphone, for chips with a single controller: captured frames are silence.

The output's interrupts are the clock: each reports that a frame went into the DMA ring, where one more is
always waiting, a frame of silence if none was written. Program and interrupt share no variable that both
write.
"""

from machine import I2S

import compat
from compat import const, ticks_diff
from hal.drivers.amplifiers import Amplified
from hal.drivers.i2s_streams import WHOLE

_DMA_FRAMES = const(256)
_RING_MS = const(60)
_SLOTS = const(5)  # one more than _AHEAD
_STALL_MS = const(100)  # without an interrupt: it is taken as lost
_AHEAD = const(4)  # frames of silence at the start: how late the voice loop may be


class Codec(Amplified):
    """`speaker` is (controller, sck, ws, sd); `amplifiers` are those of Amplified."""

    capture_bits = 16

    def __init__(self, speaker, amplifiers):
        self._wiring = speaker
        super().__init__(amplifiers)
        self._pending = False
        self._done = self._seen = 0  # requests counted by the interrupt, and seen by `poll`
        self._moved_at = None
        self._i2s = None
        self._slots = []
        self._silence = b""
        self._put = self._sent = 0  # slots of the writer and of the interrupt
        self._taken = self._passed = 0  # frames counted by the reader and by the interrupt
        self._written = False
        self._with_silence = False

    def start(self, rate: int, frame_ms: int = 20) -> None:
        octets = self._samples(rate, frame_ms) * 2
        self.stop()
        self._end_now()
        self.rate = rate
        # Allocated while sound is on.
        self._slots = [bytearray(octets) for _ in range(_SLOTS)]
        self._silence = bytes(octets)
        self.capture_bytes = self.playout_bytes = octets
        self._sent = 0
        self._put = _AHEAD
        self._taken = self._passed = 0
        self._written = False
        self._done = self._seen = 0
        self._moved_at = None
        number, sck, ws, sd = self._wiring
        ring = max(2, -(-rate * _RING_MS // 1000 // _DMA_FRAMES)) * _DMA_FRAMES
        self._i2s = I2S(
            number, sck=sck, ws=ws, sd=sd, mode=I2S.TX, bits=16, format=I2S.MONO, rate=rate, ibuf=ring * 2
        )
        self.running = True
        self._i2s.irq(self._emptied)
        self._send()
        self._power_amplifiers()

    def stop(self) -> None:
        if self.running:
            self.running = False
            self._power_amplifiers()
            self._moved_at = None

    def poll(self, now: int) -> None:
        if self._i2s is None:
            return
        if self._done != self._seen or self._moved_at is None:
            self._seen = self._done
            self._moved_at = now
        late = ticks_diff(now, self._moved_at) >= _STALL_MS
        if not self.running:
            # `deinit` during a request: see codec_i2s.
            if late or not self._pending:
                self._deinit()
        elif late:
            self._moved_at = now
            self.stalls += 1
            self._emptied(None)

    def _end_now(self) -> None:
        if self._i2s is not None:
            for _ in range(_STALL_MS // 10):
                if not self._pending:
                    break
                compat.sleep_ms(10)
            self._deinit()

    def _deinit(self) -> None:
        self._i2s.deinit()
        self._i2s = None
        self._slots = []
        self._silence = b""

    def read_into(self, frame) -> bool:
        if not self.running or self._taken == self._passed:
            return False
        frame[WHOLE] = self._silence
        self._taken += 1
        if self._taken != self._passed:
            self.ready.set()
        return True

    def write(self, frame) -> bool:
        following = (self._put + 1) % _SLOTS
        if not self.running or following == self._sent:
            return False
        self._slots[self._put][WHOLE] = frame
        self._put = following
        self._written = True
        return True

    def _emptied(self, _) -> None:
        self._pending = False
        self._done += 1
        if not self.running:
            return
        if not self._with_silence:
            self._sent = (self._sent + 1) % _SLOTS
        if self._passed - self._taken < _AHEAD:
            self._passed += 1
        else:
            self.overruns += 1
        self._send()
        self.ready.set()

    def _send(self) -> None:
        self._with_silence = self._sent == self._put
        if self._with_silence and self._written:
            self.underruns += 1
        self._pending = True
        self._i2s.write(self._silence if self._with_silence else self._slots[self._sent])
