"""The interface of every lamp."""


class Lamp:
    """One indicator light."""

    lit: bool  # the light is on at the moment

    def on(self) -> None:
        """Switch to steady light."""

    def off(self) -> None:
        """Switch the light off."""

    def blink(self, on_ms: int, off_ms: int, now: int) -> None:
        """Repeat `on_ms` of light and `off_ms` of dark, lit first. The same pattern again has no effect."""

    def poll(self, now: int) -> None:
        """Step the blinking; call about every 50 ms."""
