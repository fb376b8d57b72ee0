"""The interface of every ringer."""


class Ringer:
    """Rings in a named cadence until stopped. Names: a country's usual ring ("etsi", "us", "uk" …) and
    "distinctive1" … for calls that sound different (Bellcore-dr1 … in an Alert-Info)."""

    cadences: tuple  # the known names, the default first
    ringing: bool  # between start and stop, pauses included
    sounding: bool  # audible at the moment

    def start(self, cadence: str, now: int) -> None:
        """Begin to ring at once. An unknown name rings in the default cadence."""

    def stop(self) -> None:
        """Stop ringing at once; a second call is harmless."""

    def poll(self, now: int) -> None:
        """Step the cadence; call about every 50 ms while ringing."""

    def volume(self, percent: int) -> None:
        """Loudness, 0 (silent, but the cadence continues) to 100."""
