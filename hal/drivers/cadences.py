"""Ringing cadences: the base of every ringer driver."""

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


def loudness(percent: int, loudest: int) -> int:
    """0 to `loudest`, by a square law, which the ear hears as even steps."""
    percent = max(0, min(100, percent))
    return loudest * percent * percent // 10000


class Cadenced:
    """A ringer (hal.contract.ringer) without its sounder: a driver's `_sound` follows `sounding`."""

    cadences = tuple(name for name, _ in CADENCES)
    ringing = False
    sounding = False

    def start(self, cadence: str, now: int) -> None:
        self._steps = CADENCES[0][1]
        for name, steps in CADENCES:
            if name == cadence:
                self._steps = steps
        self._step = 0
        self._since = now
        self.ringing = True
        self.sounding = True
        self._sound()

    def stop(self) -> None:
        self.ringing = False
        self.sounding = False
        self._sound()

    def _has_turned(self, now: int) -> bool:
        """Whether the cadence changed between sound and silence at `now`."""
        if not self.ringing or ticks_diff(now, self._since) < self._steps[self._step]:
            return False
        self._step = (self._step + 1) % len(self._steps)
        self._since = now
        self.sounding = self._step % 2 == 0
        return True

    def _sound(self) -> None:
        raise NotImplementedError
