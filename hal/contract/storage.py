"""The interface of every storage, and the file names that it accepts."""

_ALLOWED = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"


def check_name(name: str) -> None:
    """ValueError unless `name` is valid for a storage."""
    if not 1 <= len(name) <= 64 or name[0] in "._-":
        raise ValueError("storage name: %r" % name)
    for character in name:
        if character not in _ALLOWED:
            raise ValueError("storage name: %r" % name)


class Storage:
    """Small named files that survive a loss of power.

    A name is 1 to 64 characters of `a-z A-Z 0-9 . _ -` and starts with a letter or a digit; others raise
    ValueError. OSError only if the medium is full or broken.
    """

    def read(self, name: str) -> "bytes | None":
        """The whole content, or None if there is no such file."""

    def write(self, name: str, *pieces: bytes) -> None:
        """Replace the whole content by `pieces`, one after the other: the heap need not hold all at once.

        If power fails, the file has either the old or the new content.
        """

    def remove(self, name: str) -> None:
        """Delete the file, if there is one."""

    def names(self) -> "list[str]":
        """All names, sorted."""
