"""A lock for builds that several processes may want at the same time, as the processes of a test run do."""

import contextlib
import fcntl
from pathlib import Path


@contextlib.contextmanager
def locked(folder: Path):
    """Hold the lock of `folder`, which is created if missing; other processes wait."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder.parent / (folder.name + ".lock")).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
