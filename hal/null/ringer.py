"""No ringer: rings silently."""


class Ringer:
    cadences = ("etsi",)
    sounding = False

    def __init__(self):
        self.ringing = False

    def start(self, cadence: str, now: int) -> None:
        self.ringing = True

    def stop(self) -> None:
        self.ringing = False

    def poll(self, now: int) -> None:
        pass

    def volume(self, percent: int) -> None:
        pass
