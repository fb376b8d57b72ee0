"""Phone book: up to 100 names and numbers that the owner stores on the phone."""

import json

import compat
from compat import const

_NAME = "phonebook.json"
MAX_COUNT = 100
_TELLING = const(7)  # numbers whose last 7 digits are equal are the same number, whatever the prefix


class PhoneBook:
    """Kept in memory as the stored JSON: a list of entries would take ten times the heap.

    `most` is the maximum number of entries.
    """

    most = MAX_COUNT

    def __init__(self, storage):
        self._storage = storage
        self._text = b"[]"
        try:
            octets = storage.read(_NAME)
            if octets:
                from phone.entries import malformed

                if not malformed(json.loads(octets), MAX_COUNT):
                    self._text = bytes(octets)
        except (OSError, ValueError, RuntimeError, MemoryError):
            pass  # malformed or truncated: start with an empty book
        compat.forget("phone.entries")

    @property
    def entries(self) -> "list[list[str]]":
        """[[name, number], …], sorted by name. Each access makes the list again, so keep the result."""
        return json.loads(self._text)

    def replace(self, entries) -> "list[str]":
        """Replace all entries, or none; returns the errors with their paths, [] when all are stored."""
        from phone.collation import order
        from phone.entries import wrong_entries

        mistakes = wrong_entries(entries, MAX_COUNT)
        compat.forget("phone.entries")
        if mistakes:
            return mistakes
        kept = [[name.strip(), number.strip()] for name, number in entries]
        kept.sort(key=lambda each: order(each[0]))
        compat.forget("phone.collation")
        text = json.dumps(kept, separators=(",", ":")).encode()
        try:
            self._storage.write(_NAME, text)
        except OSError as error:
            return ["names: could not be stored: %s" % error]
        self._text = text
        return []

    def name_of(self, number: str) -> "str | None":
        """The name for a number that came over the network; None if the number is not in the book.

        Two numbers are the same if the strings are equal; or if both consist of digits and the last seven are
        equal, whatever the prefixes.
        """
        if not number or len(self._text) < 3:
            return None
        digits = _digits(number)
        for name, known in self.entries:
            other = _digits(known)
            if known == number or (digits and digits == other):
                return name
            if min(len(digits), len(other)) >= _TELLING and digits[-_TELLING:] == other[-_TELLING:]:
                return name
        return None


def _digits(number):
    """The digits of a telephone number, without the separators that people write; "" for anything else."""
    bare = "".join(c for c in number if c not in " -./()+")
    return bare if not bare.strip("0123456789*#") else ""
