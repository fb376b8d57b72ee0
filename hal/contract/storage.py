"""What every storage does, and the names that it takes."""

_ALLOWED = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"


def check_name(name: str) -> None:
    """ValueError unless `name` is one that a storage takes."""
    if not 1 <= len(name) <= 64 or name[0] in "._-":
        raise ValueError("storage name: %r" % name)
    for character in name:
        if character not in _ALLOWED:
            raise ValueError("storage name: %r" % name)


class Storage:
    """Small named files that survive a loss of power.

    A name is 1 to 64 characters of `a-z A-Z 0-9 . _ -` and starts with a letter or a digit; others raise
    ValueError. OSError only where the medium is full or broken.
    """

    def read(self, name: str) -> "bytes | None":
        """The whole content, or None if there is no such file."""

    def write(self, name: str, *pieces: bytes) -> None:
        """Replace the whole content by `pieces`, one after the other: the heap need not hold it at once.

        If power fails, the file is as before or as after, never between.
        """

    def remove(self, name: str) -> None:
        """Delete the file, if there is one."""

    def names(self) -> "list[str]":
        """All names, sorted."""
