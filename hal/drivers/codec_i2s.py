"""An I2S microphone (INMP441 and its kind) on one controller, I2S amplifiers (MAX98357A) on the other.

`machine.I2S` in its non-blocking mode takes one buffer at a time reliably: its queue of requests has room for
one, and drops a second without a word. So each request is followed by the next from the interrupt of the one
before, and the DMA rings bridge the time between: their sizes are in i2s_streams.

Both controllers run from the same clock, so one frame captured is one frame played. That is also how frames
of silence are counted here, since `machine.I2S` does not report them: by the microphone's interrupts.
Program and interrupts share nothing that both write: an interrupt may come between any two bytecodes.
"""

import compat
from hal.drivers.amplifiers import Amplified


class Codec(Amplified):
    """`microphone` and `speaker` are (controller, sck, ws, sd); `amplifiers` are those of Amplified.

    `swaps`: the chip is the classic ESP32, which exchanges the samples of each pair on the wire of a
    16-bit mono output (ESP-IDF, I2S, "STD TX Mode"; the S2, S3 and C3 do not).
    """

    # The DMA rings are as long in time at any rate; at 16 kHz a frame takes a third of the heap.
    rates = (16000, 48000, 8000)
    _capture = _playout = None  # both while it runs

    def __init__(self, microphone, speaker, amplifiers, capture_bits: int = 32, swaps: bool = False):
        self._swaps = swaps
        self._wiring = (microphone, speaker)
        super().__init__(amplifiers)
        self.capture_bits = capture_bits
        self.ready = compat.ThreadSafeFlag()
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
        # There while sound is on: the module, and 8 KB of buffers at 16 kHz.
        from hal.drivers.i2s_streams import Capture, Playout

        self._playout = Playout(self._wiring[1], rate, self.playout_bytes, self._swaps)
        self._capture = Capture(self, self._wiring[0], rate, self.capture_bits, self.capture_bytes)
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
        """The microphone's interrupt, once a frame: the clock of both directions."""
        if self._playout.frame_passed():
            self.underruns += 1
        self.ready.set()
