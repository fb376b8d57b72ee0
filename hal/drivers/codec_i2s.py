"""An I2S microphone (INMP441 and its kind) on one controller, I2S amplifiers (MAX98357A) on the other.

`machine.I2S` in its non-blocking mode takes one buffer at a time: its request queue has room for one, and
drops a second without an error. So the interrupt of each request makes the next one, and the DMA rings bridge
the time between: their sizes are in i2s_streams.

Both controllers run from the same clock, so one frame is played for each one captured. `machine.I2S` does not
report frames of silence, so they are counted by the microphone's interrupts. Frames that the microphone's
ring has lost are found by comparison with the time that `poll` is given.

`deinit` during a request lets two tasks of the port race for the driver, and one of them may use it after it
is freed (machine_i2s.c). So a stopped stream is freed only when its last request has ended.
Program and interrupts share no variable that both write: an interrupt may come between any two bytecodes.
"""

import compat
from compat import const, ticks_diff
from hal.drivers.amplifiers import Amplified

_END_MS = const(60)  # a current request ends within 20 ms


class Codec(Amplified):
    """`microphone` and `speaker` are (controller, sck, ws, sd); `amplifiers` are those of Amplified.

    `swaps`: the chip is the classic ESP32, which exchanges the samples of each pair on the wire of a
    16-bit mono output (ESP-IDF, I2S, "STD TX Mode"; the S2, S3 and C3 do not).
    """

    _capture = _playout = None  # both exist while the codec runs, and until they have ended
    _ending_since = None

    def __init__(
        self, microphone, speaker, amplifiers, capture_bits: int = 32, swaps: bool = False, ring_ms: int = 40
    ):
        self._ring_ms = ring_ms
        self._swaps = swaps
        self._wiring = (microphone, speaker)
        super().__init__(amplifiers)
        self.capture_bits = capture_bits

    def start(self, rate: int, frame_ms: int = 20) -> None:
        samples = self._samples(rate, frame_ms)
        self.stop()
        self._end_now()
        self.rate = rate
        self.capture_bytes, self.playout_bytes = samples * self.capture_bits // 8, samples * 2
        # Allocated while sound is on: the module, and 8 KB of buffers at 16 kHz.
        from hal.drivers.i2s_streams import Capture, Playout

        self._playout = Playout(self._wiring[1], rate, self.playout_bytes, self._swaps)
        try:
            self._capture = Capture(
                self, self._wiring[0], rate, self.capture_bits, self.capture_bytes, frame_ms, self._ring_ms
            )
        except (OSError, MemoryError):
            self._playout.deinit()  # it has no request yet
            self._playout = None
            raise
        self._ending_since = None
        self.lead_ms = self._playout.ring * 1000 // rate
        self.running = True
        self._power_amplifiers()

    def stop(self) -> None:
        if not self.running:
            return
        self.running = False
        # Amplifiers first: a clock that stops under a powered one is audible.
        self._power_amplifiers()
        self._end()

    def poll(self, now: int) -> None:
        if self.running:
            lost = self._capture.poll(now)
            if lost:
                self.overruns += lost
                self._playout.passed(lost)
            if self._playout.poll(now):
                self.stalls += 1
        elif self._capture is not None:
            if self._ending_since is None:
                self._ending_since = now
            if self._end() or ticks_diff(now, self._ending_since) >= _END_MS:
                self._deinit()

    def _end(self) -> bool:
        ended = self._capture.end()
        return self._playout.end() and ended

    def _end_now(self) -> None:
        if self._capture is not None:
            for _ in range(_END_MS // 10):
                if self._end():
                    break
                compat.sleep_ms(10)
            self._deinit()

    def _deinit(self) -> None:
        self._capture.deinit()
        self._playout.deinit()
        self._capture = self._playout = None  # frees their buffers too
        compat.forget("hal.drivers.i2s_streams")

    def read_into(self, frame) -> bool:
        if not self.running or not self._capture.read_into(frame):
            return False
        if self._capture.waiting:
            self.ready.set()
        return True

    def write(self, frame) -> bool:
        return self.running and self._playout.write(frame)

    def _frame_passed(self) -> None:
        """The microphone's interrupt, once per frame: the clock of both directions."""
        if self._playout.frame_passed():
            self.underruns += 1
        self.ready.set()
