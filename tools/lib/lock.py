"""One build at a time of what several processes may want at once: tests run in several."""

import contextlib
import fcntl
from pathlib import Path


@contextlib.contextmanager
def locked(folder: Path):
    """Hold the lock of `folder`, which is made where it is not there; others wait."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder.parent / (folder.name + ".lock")).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
