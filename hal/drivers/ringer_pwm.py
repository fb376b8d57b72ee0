"""A piezo sounder on a PWM pin."""

from machine import PWM

from compat import ticks_diff

# ms of sound, ms of silence, … and again. A country's own: ITU-T E.180 Supplement 2 (the ringing tone follows
# the bell). Distinctive: Telcordia GR-506, patterns 1 to 4.
CADENCES = (
    ("etsi", (1000, 4000)),
    ("us", (2000, 4000)),
    ("uk", (400, 200, 400, 2000)),
    ("fr", (1500, 3500)),
    ("jp", (1000, 2000)),
    ("distinctive1", (2000, 4000)),
    ("distinctive2", (800, 400, 800, 4000)),
    ("distinctive3", (400, 200, 400, 200, 800, 4000)),
    ("distinctive4", (300, 200, 1000, 200, 300, 4000)),
)


class Ringer:
    """`frequency` in Hz: where the sounder is loudest."""

    cadences = tuple(name for name, _ in CADENCES)

    def __init__(self, pin, frequency: int = 2048):
        self._pwm = PWM(pin, freq=frequency, duty_u16=0)
        self._steps = ()
        self._step = 0
        self._since = 0
        self._duty = 32768
        self.ringing = False
        self.sounding = False

    def start(self, cadence: str, now: int) -> None:
        self._steps = CADENCES[0][1]
        for name, steps in CADENCES:
            if name == cadence:
                self._steps = steps
        self._step = 0
        self._since = now
        self.ringing = True
        self._sound(True)

    def stop(self) -> None:
        self.ringing = False
        self._sound(False)

    def poll(self, now: int) -> None:
        if self.ringing and ticks_diff(now, self._since) >= self._steps[self._step]:
            self._step = (self._step + 1) % len(self._steps)
            self._since = now
            self._sound(self._step % 2 == 0)

    def volume(self, percent: int) -> None:
        # Half of the time on is loudest; the ear hears a square law as even steps.
        percent = max(0, min(100, percent))
        self._duty = percent * percent * 32768 // 10000
        self._sound(self.sounding)

    def _sound(self, on) -> None:
        self.sounding = on
        self._pwm.duty_u16(self._duty if on else 0)
