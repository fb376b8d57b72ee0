"""Two slots for the phone's software, of which one runs: the interface for updates and their rollback."""

EBUSY = 16  # of OSError: the other slot is still needed


class Slots:
    """`kind` is the kind of package: "folders" (a tree of files) or "partition" (one file, the image).

    A slot chosen by `switch` is started once, on trial. Unless its software calls `confirm`, the next start
    runs the previous slot again. OSError if the medium is full or broken; the running slot is never changed.
    """

    kind = ""

    @property
    def state(self) -> str:
        """ "settled"; "trial": the running slot is on trial until `confirm`; "undone": the slot that was
        switched to last was not confirmed, and the previous one runs again; "new": the next start is a
        trial; "none": no updates on this board."""

    def room(self) -> int:
        """The size in octets that a new release may have, once the other slot is empty."""

    def begin(self) -> None:
        """Empty the other slot. OSError (EBUSY) while the state is "trial": until `confirm`, the other slot
        holds the only software that is known to work."""

    def create(self, path: str):
        """A new file in the other slot: `write(octets)`, `close()`. ValueError unless `path` is a plain
        relative path."""

    def open(self, path: str):
        """A file of the other slot, for verification: `readinto(buffer)` -> count, `close()`."""

    def switch(self) -> None:
        """Run the other slot, on trial, from the next start on: one atomic write."""

    def confirm(self) -> None:
        """Keep the running slot: it works."""

    def watchdog(self, ms: int):
        """Start a watchdog, which cannot be stopped: the board restarts unless the returned function is
        called more often than every `ms`."""


def check_path(path: str) -> None:
    """ValueError unless `path` is a plain relative path of at most 64 characters."""
    if not 1 <= len(path) <= 64:
        raise ValueError("path: %r" % path[:80])
    for part in path.split("/"):
        if not part or part[0] in ".-":
            raise ValueError("path: %r" % path)
        for c in part:
            if not ("a" <= c.lower() <= "z" or "0" <= c <= "9" or c in "._-"):
                raise ValueError("path: %r" % path)
