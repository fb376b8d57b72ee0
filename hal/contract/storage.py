"""What every storage does."""


class Storage:
    """Small named files that survive a loss of power.

    A name is 1 to 64 characters of `a-z A-Z 0-9 . _ -` and starts with a letter or a digit; others raise
    ValueError. OSError only where the medium is full or broken.
    """

    def read(self, name: str) -> "bytes | None":
        """The whole content, or None if there is no such file."""

    def write(self, name: str, data: bytes) -> None:
        """Replace the whole content. If power fails, the file is as before or as after, never between."""

    def remove(self, name: str) -> None:
        """Delete the file, if there is one."""

    def names(self) -> "list[str]":
        """All names, sorted."""
