"""What every ringer does."""


class Ringer:
    """Rings in a named cadence until stopped. Names: a country's usual ring ("etsi", "us", "uk" …) and
    "distinctive1" … for calls that sound different (Bellcore-dr1 … in an Alert-Info)."""

    cadences: tuple  # the names there are, the default first
    ringing: bool  # between start and stop, pauses included
    sounding: bool  # making noise right now

    def start(self, cadence: str, now: int) -> None:
        """Begin to ring at once. An unknown name rings in the default: a silent phone would be worse."""

    def stop(self) -> None:
        """Silence, at once; again is harmless."""

    def poll(self, now: int) -> None:
        """Step the cadence; call every 50 ms or so while ringing."""

    def volume(self, percent: int) -> None:
        """Loudness, 0 (silent, but the cadence runs on) to 100."""
