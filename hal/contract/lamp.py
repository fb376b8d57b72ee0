"""What every lamp does."""


class Lamp:
    """One indicator light."""

    lit: bool  # giving light right now

    def on(self) -> None:
        """Steady light."""

    def off(self) -> None:
        """Dark."""

    def blink(self, on_ms: int, off_ms: int, now: int) -> None:
        """Light for `on_ms`, dark for `off_ms`, and so on; starts lit. The same again changes nothing."""

    def poll(self, now: int) -> None:
        """Step the blinking; call every 50 ms or so."""
