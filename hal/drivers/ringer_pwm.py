"""A piezo sounder on a PWM pin."""

from machine import PWM

from compat import const
from hal.drivers.cadences import Cadenced, loudness

_LOUDEST = const(32768)  # duty of 65536: 50 %


class Ringer(Cadenced):
    """`frequency` in Hz: where the sounder is loudest."""

    def __init__(self, pin, frequency: int = 2048):
        self._pwm = PWM(pin, freq=frequency, duty_u16=0)
        self._duty = _LOUDEST

    def poll(self, now: int) -> None:
        if self._has_turned(now):
            self._sound()

    def volume(self, percent: int) -> None:
        self._duty = loudness(percent, _LOUDEST)
        self._sound()

    def _sound(self) -> None:
        self._pwm.duty_u16(self._duty if self.sounding else 0)
