"""`machine` on micropython-esp32: I2S, RTC and WDT are the ESP32 port's own C, the rest is from hal/sim.

With a simulated board (hal.sim.world) on the chip, its microphone and its earpiece are connected to the wires
of the port's I2S.
"""

import esp32_model
import umachine
from umachine import RTC, WDT  # noqa: F401

from hal.sim import soc as chips
from hal.sim.modules import machine as standin
from hal.sim.modules.machine import (  # noqa: F401
    DEEPSLEEP_RESET,
    HARD_RESET,
    I2C,
    PWM,
    PWRON_RESET,
    SOFT_RESET,
    SPI,
    WDT_RESET,
    Pin,
    Timer,
    freq,
    idle,
    reset,
    reset_cause,
    unique_id,
)

# How far the wire is kept ahead of the world's clock, which advances in steps of 5 ms.
_LEAD_MS = 60


class _Wire:
    """A stream for hal.sim.soc: moves sound between the world and the model's wire."""

    def __init__(self, index, number, transmits, rate):
        self._index = index
        self._number = number
        self.mode = standin.I2S.TX if transmits else standin.I2S.RX
        self.rate = rate
        self.source = None
        self.sink = None
        self._buffer = bytearray(512)
        self._clock = 0
        self._due = 0 if transmits else _LEAD_MS * rate // 1000

    def advance(self, ms):
        if all(channel[0] != self._index for channel in esp32_model.i2s_channels()):
            chips.current().stop_stream(self._number)
        elif self.mode == standin.I2S.RX:
            self._clock += self.rate * ms
            self._due += self._clock // 1000
            self._clock %= 1000
            # In whole buffers, as the stand-in's wire asks the world.
            while self._due >= 256:
                self._due -= 256
                sound = self.source(256, self.rate) if self.source else None
                esp32_model.i2s_hear(self._index, _filled(sound))
        else:
            while esp32_model.i2s_waiting(self._index) >= 256:
                esp32_model.i2s_said(self._index, self._buffer)
                if self.sink:
                    self.sink(bytes(self._buffer), self.rate)


def _filled(sound):
    sound = bytes(sound[:512]) if sound else b""
    return sound + bytes(512 - len(sound))


class _I2S:
    """The port's I2S, with a wire for each new stream."""

    RX = umachine.I2S.RX
    TX = umachine.I2S.TX
    MONO = umachine.I2S.MONO
    STEREO = umachine.I2S.STEREO

    def __call__(self, number, **given):
        stream = umachine.I2S(number, **given)
        for index, transmits, controller, sck, ws, sd, rate, _, _, _ in esp32_model.i2s_channels():
            if controller == number:
                wire = _Wire(index, number, transmits, rate)
                chips.current().start_stream(number, sck, ws, sd, wire)
        return stream


I2S = _I2S()
