"""The interface of a board's wall clock."""


class Clock:
    """The clock behind `time.gmtime`, in UTC. A chip's clock starts at 2000-01-01 at power-on, and drifts."""

    needs_setting: bool  # False if the operating system keeps the time
    is_set: bool  # `set` has been called since power-on

    def set(self, seconds: int) -> None:
        """Set the time to `seconds` since 1970; `time.gmtime` continues from there."""
