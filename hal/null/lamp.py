"""No lamp."""


class Lamp:
    lit = False

    def on(self) -> None:
        pass

    def off(self) -> None:
        pass

    def blink(self, on_ms: int, off_ms: int, now: int) -> None:
        pass

    def poll(self, now: int) -> None:
        pass
