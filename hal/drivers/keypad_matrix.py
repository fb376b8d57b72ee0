"""Keys at the crossings of rows and columns, with or without a diode in each.

Rows have pull-ups; a column is driven low or released (open drain), never driven high: without diodes two
keys in one row would short a high output to the low one. Diodes point with their cathodes to the columns.
"""

from machine import Pin

from compat import const, ticks_diff

_DEBOUNCE_MS = const(15)
_LONG_MS = const(800)


class Keypad:
    """`names[row][column]` is the name of a key, "" if there is none."""

    def __init__(self, rows, columns, names, diodes: bool = False):
        self._rows = rows
        self._columns = columns
        for row in rows:
            row.init(Pin.IN, Pin.PULL_UP)
        # At rest every column is low: then one read of the rows tells that no key is down.
        for column in columns:
            column.init(Pin.OPEN_DRAIN, value=0)
        self._begin(names, diodes)

    def _begin(self, names, diodes) -> None:
        self._names = names
        self._diodes = diodes
        self.keys = tuple(name for row in names for name in row if name)
        # One octet per column, bit n for row n: just scanned, scanned before, debounced, and reported.
        columns = len(names[0])
        self._none = bytes(columns)
        self._scan = bytearray(columns)
        self._before = bytearray(columns)
        self._stable = bytearray(columns)
        self._told = bytearray(columns)
        self._scanned_at = None
        self._changed_at = 0
        self._down = []  # [key, since, "long" was reported]

    def poll(self, now: int) -> "tuple[str, str] | None":
        if self._scanned_at != now:
            self._scanned_at = now
            self._read()
            if self._scan != self._before or self._scan != self._stable:
                self._debounce(now)
        return self._change(now) or self._long(now)

    def _debounce(self, now) -> None:
        if self._scan != self._before:
            self._before[:] = self._scan
            self._changed_at = now
        elif ticks_diff(now, self._changed_at) >= _DEBOUNCE_MS and (self._diodes or not self._ghosts()):
            self._stable[:] = self._scan

    def _read(self) -> None:
        if self._read_rows():
            self._read_columns()
        elif self._scan != self._none:
            self._scan[:] = self._none

    def _read_columns(self) -> None:
        """Fill `_scan` in one column after the other."""
        for column in self._columns:
            column.value(1)
        for index, column in enumerate(self._columns):
            column.value(0)
            # Rows that the previous column held low take some µs to rise: the first read is dropped.
            self._read_rows()
            self._scan[index] = self._read_rows()
            column.value(1)
        for column in self._columns:
            column.value(0)

    def _read_rows(self) -> int:
        low = 0
        bit = 1
        for row in self._rows:
            if not row.value():
                low |= bit
            bit <<= 1
        return low

    def _ghosts(self) -> bool:
        """Whether two columns have two rows in common: then three keys look like four."""
        scan = self._scan
        for index in range(len(scan)):
            for other in range(index):
                common = scan[index] & scan[other]
                if common & (common - 1):
                    return True
        return False

    def _change(self, now):
        if self._told == self._stable:
            return None
        for index in range(len(self._stable)):
            different = self._stable[index] ^ self._told[index]
            for row in range(len(self._names)):
                if different & (1 << row):
                    self._told[index] ^= 1 << row
                    name = self._names[row][index]
                    if name:
                        return self._tell(name, self._told[index] & (1 << row), now)
        return None

    def _tell(self, key, pressed, now):
        if pressed:
            self._down.append([key, now, False])
            return key, "press"
        self._down = [entry for entry in self._down if entry[0] != key]
        return key, "release"

    def _long(self, now):
        for entry in self._down:
            if not entry[2] and ticks_diff(now, entry[1]) >= _LONG_MS:
                entry[2] = True
                return entry[0], "long"
        return None
