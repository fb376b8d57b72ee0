"""Firmware files as the ESP32 chips' boot loaders read them, and MicroPython's releases in that form.

The format is in esptool's documentation ("Firmware Image Format") and ESP-IDF's ("App Image Format"). A
release is one file: boot loader, partition table at 0x8000 in flash and application at 0x10000, with gaps of
0xff; its first byte belongs at the offset of the chip's boot loader.
"""

import hashlib
import struct

from hal.chips import CHIPS
from tools.lib.partitions import TABLE_OFFSET, TABLE_SIZE, Partition, PartitionError, application, read

# "Chip ID" of the extended header.
CHIP_IDS = {"esp32": 0, "esp32s2": 2, "esp32c3": 5, "esp32s3": 9, "esp32c2": 12, "esp32c6": 13, "esp32p4": 18}

# MB -> the high four bits of the header's fourth byte.
FLASH_SIZES = {1: 0x00, 2: 0x10, 4: 0x20, 8: 0x30, 16: 0x40, 32: 0x50}

_HEADER = 24
_MAGIC = 0xE9
_DESCRIPTION_MAGIC = 0xABCD5432


class ImageError(Exception):
    """A mistake in a firmware file, for a person to read."""


class Image:
    """One complete, valid image of `size` bytes, which begins at `at` in `octets`.

    `chip` is the chip's name; `version` and `project` are "" without a description (in a boot loader).
    ImageError says what is wrong with the image.
    """

    def __init__(self, octets: bytes, at: int, what: str):
        self.what = what
        header = octets[at : at + _HEADER]
        if len(header) < _HEADER or header[0] != _MAGIC:
            raise ImageError("there is no %s at 0x%x of the file" % (what, at))
        number = struct.unpack_from("<H", header, 12)[0]
        self.chip = next((name for name, known in CHIP_IDS.items() if known == number), "chip %d" % number)
        end = at + _HEADER
        checksum = 0xEF
        for _ in range(header[1]):
            if end + 8 > len(octets):
                raise self._cut()
            length = struct.unpack_from("<I", octets, end + 4)[0]
            content = octets[end + 8 : end + 8 + length]
            if len(content) < length:
                raise self._cut()
            for octet in _folded(content):
                checksum ^= octet
            end += 8 + length
        # The checksum is the last byte of a block of 16.
        end += 16 - (end - at) % 16
        if end > len(octets):
            raise self._cut()
        if octets[end - 1] != checksum:
            raise ImageError("the %s is damaged: its checksum is wrong" % what)
        self.has_hash = header[23] == 1
        if self.has_hash:
            if octets[end : end + 32] != hashlib.sha256(octets[at:end]).digest():
                raise ImageError("the %s is damaged or cut short: its SHA-256 is wrong" % what)
            end += 32
        self.size = end - at
        self.project = self.version = ""
        described = at + _HEADER + 8
        if struct.unpack_from("<I", octets, described)[0] == _DESCRIPTION_MAGIC:
            self.version = _text(octets[described + 16 : described + 48])
            self.project = _text(octets[described + 48 : described + 80])

    def _cut(self):
        return ImageError("the %s is cut short" % self.what)


def _folded(content: bytes) -> bytes:
    """At most 64 bytes with the same exclusive-or: a loop over a megabyte would be slow."""
    number = int.from_bytes(content, "little")
    length = len(content)
    while length > 64:
        half = (length + 1) // 2
        number = (number >> (8 * half)) ^ (number & ((1 << (8 * half)) - 1))
        length = half
    return number.to_bytes(length, "little")


def _text(octets: bytes) -> str:
    return octets.split(b"\0")[0].decode("ascii", "replace")


class Release:
    """MicroPython's released firmware, or ours in the same form, in `octets`, for `chip`.

    `application` is its Image, `partitions` its own table. ImageError says why `octets` is not a release.
    """

    def __init__(self, octets: bytes, chip: str):
        base = CHIPS[chip].bootloader
        if not octets or octets[0] != _MAGIC:
            raise ImageError("this is no firmware for an ESP32 (is it a .uf2, or an .app-bin?)")
        self.octets = octets
        self.base = base
        # The chip is checked first: a file for another chip has its parts at other offsets.
        number = struct.unpack_from("<H", octets.ljust(14, b"\0"), 12)[0]
        if number != CHIP_IDS[chip]:
            name = next((name for name, known in CHIP_IDS.items() if known == number), "chip %d" % number)
            raise ImageError("this is firmware for %s, and the board has %s" % (name, chip))
        self.loader = Image(octets, 0, "boot loader")
        if self.loader.version or self.loader.size > TABLE_OFFSET - base:
            raise ImageError("there is no boot loader: the file is an application alone (.app-bin)")
        try:
            start = TABLE_OFFSET - base
            self.partitions = read(octets[start : start + TABLE_SIZE])
            self.application = self._application(application(self.partitions), chip)
        except PartitionError as error:
            raise ImageError("its partition table: %s" % error)

    def _application(self, part: Partition, chip: str) -> Image:
        self.application_at = part.offset - self.base
        found = Image(self.octets, self.application_at, "application")
        if found.chip != chip:
            raise ImageError("its application is for %s, and the board has %s" % (found.chip, chip))
        return found

    def application_octets(self) -> bytes:
        return self.octets[self.application_at : self.application_at + self.application.size]

    def loader_octets(self, flash_mib: int) -> bytes:
        """The boot loader with that flash size in its header: it refuses partitions beyond the size."""
        made = bytearray(self.octets[: self.loader.size])
        made[3] = FLASH_SIZES[flash_mib] | made[3] & 0x0F
        if self.loader.has_hash:
            made[-32:] = hashlib.sha256(made[:-32]).digest()
        return bytes(made)


def release_number(version: str) -> "tuple[int, ...] | None":
    """(1, 26, 1) of "v1.26.1" or "v1.27.0-preview.5.gabc"; None for anything else."""
    numbers = version.lstrip("v").split("-")[0].split(".")
    if len(numbers) < 2 or not all(number.isdecimal() for number in numbers):
        return None
    return tuple(int(number) for number in numbers)
