"""Firmware files for tests, in the form of MicroPython's releases, without code that runs."""

import hashlib
import struct

from hal.chips import CHIPS
from support.mirror import ROOT
from tools.lib import partitions
from tools.lib.esp_image import CHIP_IDS, FLASH_SIZES

# An address of each chip's code memory, so that esptool takes the segment for code.
ADDRESSES = {"esp32": 0x40080400, "esp32s3": 0x40374000, "esp32c3": 0x40380400}

TABLE = """
nvs,      data, nvs,     0x9000,   0x6000,
phy_init, data, phy,     0xf000,   0x1000,
factory,  app,  factory, 0x10000,  0x1f0000,
"""


def image(chip, content, flash_mib=4):
    """The image of a boot loader or application: one segment, with valid checksum and SHA-256."""
    content += bytes(-len(content) % 4)
    made = struct.pack("<4BI", 0xE9, 1, 2, FLASH_SIZES[flash_mib], ADDRESSES[chip])
    made += struct.pack("<4xHBHH4xB", CHIP_IDS[chip], 0, 0, 0xFFFF, 1)
    made += struct.pack("<II", ADDRESSES[chip], len(content)) + content
    checksum = 0xEF
    for octet in content:
        checksum ^= octet
    made += bytes(15 - len(made) % 16) + bytes([checksum])
    return made + hashlib.sha256(made).digest()


def description(project, version):
    """esp_app_desc_t, at the start of an application's first segment."""
    return struct.pack(
        "<IIQ32s32s16s16s32s32s", 0xABCD5432, 0, 0, version.encode(), project.encode(), b"", b"", b"v5.4", b""
    ) + bytes(80)


def release(chip, version="v1.26.1", size=20000, project="micropython", board=None):
    """A release for that chip, with `size` bytes of application; for a `board`, its custom firmware."""
    table = partitions.parse(TABLE)
    if board is not None:
        table = partitions.load(ROOT / "boards" / board / "partitions.csv")
    base = CHIPS[chip].bootloader
    whole = image(chip, bytes(range(256)) * 4)
    whole = whole.ljust(partitions.TABLE_OFFSET - base, b"\xff") + partitions.binary(table)
    content = description(project, version) + hashlib.sha256(b"").digest() * (size // 32)
    return whole.ljust(0x10000 - base, b"\xff") + image(chip, content)
