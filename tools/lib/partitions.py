"""A board's partitions.csv, and the table that ESP-IDF's boot loader reads at 0x8000 in flash.

The format is ESP-IDF's ("Partition Tables" in its programming guide): 32 bytes a row, then a row with the
MD5 of those before it.
"""

import csv
import hashlib
import struct
from pathlib import Path

TABLE_OFFSET = 0x8000
TABLE_SIZE = 0xC00
FIRST_OFFSET = 0x9000

_MAGIC = b"\xaa\x50"
_MD5 = b"\xeb\xeb" + b"\xff" * 14
_ROW = struct.Struct("<2sBBII16sI")

_APP, _DATA = 0, 1
_TYPES = {"app": _APP, "data": _DATA}
_SUBTYPES = {
    _APP: {"factory": 0x00, "test": 0x20, **{"ota_%d" % slot: 0x10 + slot for slot in range(16)}},
    _DATA: {
        "ota": 0x00,
        "phy": 0x01,
        "nvs": 0x02,
        "coredump": 0x03,
        "nvs_keys": 0x04,
        "efuse": 0x05,
        "undefined": 0x06,
        "fat": 0x81,
        "spiffs": 0x82,
        "littlefs": 0x83,
    },
}


class PartitionError(Exception):
    """A mistake in a table, and its row."""


class Partition:
    """The bytes from `offset` to `end` of the flash."""

    def __init__(self, name: str, kind: int, subtype: int, offset: int, size: int):
        self.name = name
        self.kind = kind
        self.subtype = subtype
        self.offset = offset
        self.size = size

    @property
    def end(self) -> int:
        return self.offset + self.size

    @property
    def is_app(self) -> bool:
        return self.kind == _APP


def parse(text: str) -> "list[Partition]":
    """The rows of a partitions.csv; PartitionError says what is wrong with one."""
    found: "list[Partition]" = []
    for row in csv.reader(line for line in text.splitlines() if line.strip() and not line.startswith("#")):
        fields = [field.strip() for field in row]
        try:
            name, kind_name, subtype, offset, size = fields[:5]
            kind = _TYPES[kind_name]
            part = Partition(name, kind, _SUBTYPES[kind][subtype], int(offset, 0), int(size, 0))
        except (KeyError, ValueError):
            raise PartitionError("no partition: %s" % ", ".join(fields))
        if not 1 <= len(name.encode()) <= 15:
            raise PartitionError("%s: a name has 1 to 15 bytes" % name)
        if part.offset < (found[-1].end if found else FIRST_OFFSET):
            raise PartitionError("%s: 0x%x overlaps what is before it" % (name, part.offset))
        if part.offset % (0x10000 if part.is_app else 0x1000) or part.size % 0x1000 or part.size <= 0:
            raise PartitionError("%s: not aligned" % name)
        if name in [other.name for other in found]:
            raise PartitionError("%s: twice" % name)
        found.append(part)
    if not found:
        raise PartitionError("no partitions")
    return found


def load(path: Path) -> "list[Partition]":
    """The rows of that file; PartitionError names it."""
    try:
        return parse(path.read_text())
    except (OSError, PartitionError) as error:
        raise PartitionError("%s: %s" % (path.name, error))


def binary(table: "list[Partition]") -> bytes:
    """The table in its binary form in flash."""
    rows = b"".join(
        _ROW.pack(_MAGIC, part.kind, part.subtype, part.offset, part.size, part.name.encode(), 0)
        for part in table
    )
    rows += _MD5 + hashlib.md5(rows).digest()
    if len(rows) > TABLE_SIZE:
        raise PartitionError("too many partitions")
    return rows + b"\xff" * (TABLE_SIZE - len(rows))


def read(octets: bytes) -> "list[Partition]":
    """The rows of a table in its binary form; PartitionError if its MD5 is wrong."""
    found = []
    for at in range(0, len(octets) - 31, 32):
        row = octets[at : at + 32]
        if row[:16] == _MD5:
            if row[16:] != hashlib.md5(octets[:at]).digest():
                raise PartitionError("the MD5 of the table is wrong")
            return found
        magic, kind, subtype, offset, size, name, _ = _ROW.unpack(row)
        if magic != _MAGIC:
            break
        found.append(Partition(name.rstrip(b"\0").decode(), kind, subtype, offset, size))
    raise PartitionError("no table, or one without its MD5")


def file_system(table: "list[Partition]") -> Partition:
    """The data partition `vfs`, where MicroPython's port looks for its file system."""
    for part in table:
        if part.name == "vfs" and not part.is_app:
            return part
    raise PartitionError("there is no data partition named vfs")


def application(table: "list[Partition]") -> Partition:
    """The app partition of the firmware that starts first."""
    for part in table:
        if part.is_app:
            return part
    raise PartitionError("there is no app partition")
