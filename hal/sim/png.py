"""Black and white pictures as PNG (W3C PNG, third edition), without a compressor: screens are small."""

import binascii
import struct

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Octets per stored block; small, as a chip's heap has no large free blocks.
_STORED = 4096


def _chunk(kind, data):
    checksum = binascii.crc32(kind + data) & 0xFFFFFFFF
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


def _stored(data):
    """`data` as a zlib stream of stored blocks (RFC 1950, RFC 1951 §3.2.4)."""
    low, high = 1, 0
    for octet in data:
        low = (low + octet) % 65521
        high = (high + low) % 65521
    blocks = [b"\x78\x01"]
    for start in range(0, len(data), _STORED):
        piece = data[start : start + _STORED]
        last = start + _STORED >= len(data)
        blocks.append(struct.pack("<BHH", last, len(piece), len(piece) ^ 0xFFFF) + piece)
    return b"".join(blocks) + struct.pack(">HH", high, low)


def encode(width: int, height: int, pixel, scale: int = 1) -> bytes:
    """A PNG file of `width` × `height` pixels, white where `pixel(x, y)`, each `scale` wide and high."""
    rows = []
    for y in range(height):
        row = bytearray((width * scale + 7) // 8)
        for x in range(width * scale):
            if pixel(x // scale, y):
                row[x >> 3] |= 0x80 >> (x & 7)
        # Each line begins with its filter type: none.
        rows.append((b"\0" + bytes(row)) * scale)
    header = struct.pack(">IIBBBBB", width * scale, height * scale, 1, 0, 0, 0, 0)
    chunks = (_chunk(b"IHDR", header), _chunk(b"IDAT", _stored(b"".join(rows))), _chunk(b"IEND", b""))
    return _SIGNATURE + b"".join(chunks)
