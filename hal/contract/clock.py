"""What every board's wall clock does."""


class Clock:
    """The clock behind `time.gmtime`, in UTC. A chip's starts at 2000-01-01 with the power, and drifts."""

    needs_setting: bool  # False where the system below keeps the time
    is_set: bool  # since the power came, `set` was told a time that somebody knew

    def set(self, seconds: int) -> None:
        """It is so many seconds since 1970; `time.gmtime` goes on from there."""
