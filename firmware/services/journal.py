"""The log in flash, kept over a restart: two files of bounded length; the older file is replaced first.

Flash wears, so `append` is to be called seldom (phone.late_writes: at most every 30 s, never in a call).
"""

NAME = "log.txt"
OLD = "log.old.txt"
MAX_LENGTH = 4096  # bytes of each file


def save(storage, rows) -> None:
    """Add rows of a Log, without those of level debug."""
    try:
        append(storage, [row for row in rows if row.split(" ", 2)[1] != "debug"])
    except OSError:
        pass  # a full or broken storage loses the log at the next start, but must not stop the phone


def append(storage, rows) -> None:
    """Add rows of text. Raises OSError if the storage is full or broken."""
    added = b""
    for row in reversed(rows):
        line = row.encode() + b"\n"
        if len(added) + len(line) > MAX_LENGTH:
            break
        added = line + added
    if not added:
        return
    present = storage.read(NAME) or b""
    if len(present) + len(added) > MAX_LENGTH:
        storage.write(OLD, present)
        present = b""
    storage.write(NAME, present, added)


def pieces(storage, log):
    """The whole log as pieces of bytes, oldest first: the stored files, then the rows not stored yet."""
    for name in (OLD, NAME):
        try:
            yield storage.read(name) or b""
        except OSError:
            yield b""
    for row in log.rows():
        yield row.encode() + b"\n"
