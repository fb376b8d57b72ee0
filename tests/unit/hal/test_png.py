import binascii
import struct

from hal.sim import png


def chunks(data):
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    found, at = [], 8
    while at < len(data):
        length = struct.unpack(">I", data[at : at + 4])[0]
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length : at + 12 + length])[0] == binascii.crc32(kind + body)
        found.append((kind, body))
        at += 12 + length
    return found


def test_pixels_come_out_bit_by_bit():
    found = chunks(png.encode(10, 2, lambda x, y: (x + y) % 3 == 0))
    assert [kind for kind, _ in found] == [b"IHDR", b"IDAT", b"IEND"]
    assert found[0][1] == struct.pack(">IIBBBBB", 10, 2, 1, 0, 0, 0, 0)
    # zlib header, one stored block of two lines, checksum.
    lines = b"\0\x92\x40" + b"\0\x24\x80"
    assert found[1][1][:7] == b"\x78\x01\x01\x06\x00\xf9\xff" and found[1][1][7:-4] == lines
    assert found[1][1][-4:] == b"\x04\xa8\x01\x77"


def test_a_pixel_may_be_drawn_larger():
    found = chunks(png.encode(2, 1, lambda x, y: x == 1, scale=4))
    assert struct.unpack(">II", found[0][1][:8]) == (8, 4)
    assert found[1][1][7:-4] == b"\0\x0f" * 4


def test_a_picture_of_more_than_one_block():
    data = dict(chunks(png.encode(320, 120, lambda x, y: False)))[b"IDAT"]
    assert data[2:7] == b"\x00\x00\x10\xff\xef"
    assert data[7 + 4096 : 12 + 4096] == struct.pack("<BHH", 1, 824, 824 ^ 0xFFFF) and len(data) == 4936
