"""Two places for the phone's software, of which one runs: how an update gets onto a board, or back off it."""

EBUSY = 16  # of OSError: the other slot is still needed


class Slots:
    """`kind` says what packages fit: "folders" (a tree of files) or "partition" (one file, the image).

    A slot that `switch` chose is started once, on trial. Unless it calls `confirm`, the start after that runs
    the slot before. OSError where the medium is full or broken; the running slot is never touched.
    """

    kind = ""

    @property
    def state(self) -> str:
        """ "settled"; "trial": this start is the running slot's only one until it confirms; "undone": the
        slot that was switched to last did not work, and the one before runs again; "new": the next start
        will be a trial; "none": no updates on this board."""

    def room(self) -> int:
        """How many octets a new release may have, once the other slot is empty."""

    def begin(self) -> None:
        """Empty the other slot. OSError (EBUSY) while the state is "trial": until the running slot confirms
        itself, the other one holds the only software that is known to work."""

    def create(self, path: str):
        """A new file in the other slot: `write(octets)`, `close()`. ValueError for a path that is no plain
        relative one."""

    def open(self, path: str):
        """A file of the other slot, to read back: `readinto(buffer)` -> count, `close()`."""

    def switch(self) -> None:
        """Run the other slot from the next start on, on trial: one write that happens or does not."""

    def confirm(self) -> None:
        """The running slot works: it stays."""

    def watchdog(self, ms: int):
        """A function to call more often than every `ms`, or the board restarts. Cannot be stopped."""


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
