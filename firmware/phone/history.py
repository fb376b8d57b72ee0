"""History: the last calls, newest first, kept over a restart."""

import json

from compat import const

_NAME = "history.json"
_MAX_COUNT = const(30)
_FIELDS = ("kind", "name", "number", "at", "seconds")
KINDS = ("missed", "received", "placed", "elsewhere", "forwarded")


class Entry:
    """One call.

    `kind` is one of KINDS, `number` the number to call back, `at` the local time (year, month, day, hour,
    minute) or None, `seconds` the length of the call after the answer.
    """

    def __init__(self, kind: str, name: str, number: str, at=None, seconds: int = 0):
        self.kind = kind
        self.name = name
        self.number = number
        self.at = at
        self.seconds = seconds


class History:
    """The last calls; `unseen` counts the missed calls that nobody has looked at.

    Memory and storage keep a call as a row of JSON, which takes a third of the heap of an Entry.
    `later(history)` calls `save` some time after a change; without `later` every change is stored at once.
    """

    def __init__(self, storage, later=None):
        self.unseen = 0
        self._later = later or History.save
        self._rows = []
        self._storage = storage
        self._load()

    @property
    def entries(self) -> "list[Entry]":
        """The calls, newest first. Each access makes the list again, so keep the result."""
        return [_entry(json.loads(row)) for row in self._rows]

    def add(self, entry: Entry) -> None:
        """Put `entry` first; if there are too many, remove the oldest."""
        self._rows.insert(0, _row(entry))
        del self._rows[_MAX_COUNT:]
        if entry.kind == "missed":
            self.unseen += 1
        self._later(self)

    def seen(self) -> None:
        """The person has looked at the list."""
        if self.unseen:
            self.unseen = 0
            self._later(self)

    def clear(self) -> None:
        """Remove all calls."""
        self._rows = []
        self.unseen = 0
        self.save()

    def last_placed(self) -> "str | None":
        """The number for the redial key."""
        for entry in self.entries:
            if entry.kind == "placed" and entry.number:
                return entry.number
        return None

    def save(self) -> None:
        """Store the calls."""
        pieces = [('{"unseen":%d,"entries":[' % self.unseen).encode()]
        for row in self._rows:
            pieces += [b",", row] if len(pieces) > 1 else [row]
        try:
            self._storage.write(_NAME, *pieces, b"]}")
        except OSError:
            pass  # a full or broken storage loses the list at the next start, but must not stop the call

    def _load(self):
        try:
            octets = self._storage.read(_NAME)
            document = json.loads(octets) if octets else {}
            rows = [row for row in document.get("entries", [])[:_MAX_COUNT] if _is_entry(row)]
            self._rows = [_row(_entry(row)) for row in rows]
            missed = len([row for row in rows if row[0] == "missed"])
            self.unseen = min(max(int(document.get("unseen", 0)), 0), missed)
        except (OSError, ValueError, TypeError, AttributeError, OverflowError, RuntimeError):
            self._rows = []  # malformed or truncated: start with an empty list
            self.unseen = 0


def _is_entry(row):
    """Whether a row read from storage is valid."""
    if not isinstance(row, list) or len(row) != len(_FIELDS):
        return False
    kind, name, number, at, seconds = row
    return (
        kind in KINDS
        and isinstance(name, str)
        and isinstance(number, str)
        and (at is None or isinstance(at, list) and len(at) == 5 and all(_is_count(part) for part in at))
        and _is_count(seconds)
    )


def _is_count(value):
    return isinstance(value, int) and 0 <= value < 1 << 30


def _row(entry):
    # Kept as bytes: the string that json returns takes more heap than its length.
    return json.dumps([getattr(entry, field) for field in _FIELDS], separators=(",", ":")).encode()


def _entry(row):
    kind, name, number, at, seconds = row
    return Entry(kind, name, number, tuple(at) if at else None, seconds)
