"""The amplifiers on an I2S bus, one for each output: the base of their codec drivers."""

from machine import Pin

import compat


class Amplified:
    """A codec (hal.contract.codec) without its streams. `amplifiers` is a list of (output, pin). A pin is the
    SD_MODE of its output's MAX98357A: low shuts it down, high lets it play. The amplifiers share the bus.

    They have no volume control: `volume` and `gain` return False, and the caller scales samples.
    """

    running = False
    # The DMA rings are as long in time at any rate; at 16 kHz a frame takes a third of the heap.
    rates = (16000, 48000, 8000)

    def __init__(self, amplifiers):
        self.ready = compat.ThreadSafeFlag()
        self.rate = 0
        self.capture_bytes = 0
        self.playout_bytes = 0
        self.lead_ms = 0
        self.overruns = 0
        self.underruns = 0
        self.stalls = 0
        self._amplifiers = amplifiers
        for _, pin in amplifiers:
            pin.init(Pin.OUT, value=0)
        self.outputs = tuple(output for output, _ in amplifiers)
        self.output = self.outputs[0]

    def _samples(self, rate: int, frame_ms: int) -> int:
        """The number of samples in a frame; ValueError for a rate that the codec does not have."""
        if rate not in self.rates:
            raise ValueError("rate: %r" % rate)
        return rate * frame_ms // 1000

    def volume(self, percent: int) -> bool:
        return False

    def gain(self, percent: int) -> bool:
        return False

    def route(self, output: str) -> str:
        self.output = output if output in self.outputs else self.outputs[0]
        self._power_amplifiers()
        return self.output

    def _power_amplifiers(self) -> None:
        """While the codec runs, power the amplifier of the output in use; switch the others off first."""
        for output, pin in self._amplifiers:
            if not (self.running and output == self.output):
                pin.value(0)
        for output, pin in self._amplifiers:
            if self.running and output == self.output:
                pin.value(1)
