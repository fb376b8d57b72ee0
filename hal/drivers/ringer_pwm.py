"""A piezo sounder on a PWM pin."""

from machine import PWM

from hal.drivers.cadences import Cadenced


class Ringer(Cadenced):
    """`frequency` in Hz: where the sounder is loudest."""

    def __init__(self, pin, frequency: int = 2048):
        self._pwm = PWM(pin, freq=frequency, duty_u16=0)
        self._duty = 32768

    def poll(self, now: int) -> None:
        if self._has_turned(now):
            self._sound()

    def volume(self, percent: int) -> None:
        # Half of the time on is loudest; the ear hears a square law as even steps.
        percent = max(0, min(100, percent))
        self._duty = percent * percent * 32768 // 10000
        self._sound()

    def _sound(self) -> None:
        self._pwm.duty_u16(self._duty if self.sounding else 0)
