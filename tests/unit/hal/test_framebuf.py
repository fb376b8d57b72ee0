"""framebuf: MicroPython's own and the stand-in for CPython draw the same."""

import framebuf

from support.check import raises

FORMATS = (framebuf.MONO_VLSB, framebuf.MONO_HLSB, framebuf.MONO_HMSB)


def drawn(format, *operations):
    buffer = bytearray(8)
    canvas = framebuf.FrameBuffer(buffer, 8, 8, format)
    for operation in operations:
        getattr(canvas, operation[0])(*operation[1:])
    return bytes(buffer)


def picture(format, buffer):
    canvas = framebuf.FrameBuffer(bytearray(buffer), 8, 8, format)
    return ["".join("#" if canvas.pixel(x, y) else "." for x in range(8)) for y in range(8)]


# What to draw, and the picture, its rows joined from the top; rows that are empty at the end are left out.
TABLE = (
    ((("pixel", 1, 0, 1),), ".#......"),
    ((("fill", 1), ("pixel", 1, 0, 0), ("fill_rect", 0, 1, 8, 7, 0)), "#.######"),
    ((("hline", 2, 1, 3, 1),), "........ ..###..."),
    ((("hline", -2, 0, 4, 1),), "##......"),
    ((("vline", 7, -1, 3, 1),), ".......# .......#"),
    ((("fill_rect", 6, 0, 9, 2, 1),), "......## ......##"),
    ((("fill_rect", 9, 9, 2, 2, 1),), ""),
    ((("fill_rect", 0, 0, 0, 5, 1),), ""),
    ((("rect", 0, 0, 4, 3, 1),), "####.... #..#.... ####...."),
    ((("rect", 0, 0, 3, 2, 1, True),), "###..... ###....."),
    ((("line", 0, 0, 3, 3, 1),), "#....... .#...... ..#..... ...#...."),
    ((("line", 0, 1, 3, 1, 1),), "........ ####...."),
    ((("pixel", 0, 0, 1), ("scroll", 2, 1)), "#....... ..#....."),
    ((("pixel", 7, 1, 1), ("scroll", -1, -1)), "......#. .......#"),
)


def test_pictures():
    for operations, expected in TABLE:
        rows = expected.split(" ") if expected else []
        rows += ["........"] * (8 - len(rows))
        for format in FORMATS:
            assert picture(format, drawn(format, *operations)) == rows, operations


def test_where_the_octets_are():
    assert drawn(framebuf.MONO_VLSB, ("pixel", 2, 3, 1)) == b"\0\0\x08\0\0\0\0\0"
    assert drawn(framebuf.MONO_HLSB, ("pixel", 2, 3, 1)) == b"\0\0\0\x20\0\0\0\0"
    assert drawn(framebuf.MONO_HMSB, ("pixel", 2, 3, 1)) == b"\0\0\0\x04\0\0\0\0"


def test_pixels_outside():
    canvas = framebuf.FrameBuffer(bytearray(8), 8, 8, framebuf.MONO_VLSB)
    for x, y in ((-1, 0), (0, -1), (8, 0), (0, 8)):
        canvas.pixel(x, y, 1)
        assert canvas.pixel(x, y) is None
    assert canvas.pixel(0, 0) == 0


def test_blit():
    source = framebuf.FrameBuffer(bytearray(b"\xc0\x40"), 2, 2, framebuf.MONO_HLSB)
    for (x, y, *key), expected in (
        ((1, 1), "........ .##..... ..#....."),
        ((-1, -1), "#"),
        ((7, 0), ".......#"),
        ((1, 1, 0), "........ .##..... ..#....."),
        ((8, 8), ""),
    ):
        canvas = framebuf.FrameBuffer(bytearray(8), 8, 8, framebuf.MONO_VLSB)
        canvas.blit(source, x, y, *key)
        rows = ["".join("#" if canvas.pixel(i, j) else "." for i in range(8)) for j in range(8)]
        wanted = [row + "." * (8 - len(row)) for row in expected.split(" ")]
        assert rows == wanted + ["........"] * (8 - len(wanted)), (x, y)


def test_the_key_colour_is_left_out():
    source = framebuf.FrameBuffer(bytearray(b"\x80"), 2, 1, framebuf.MONO_HLSB)
    for key, expected in ((-1, "#."), (0, "##"), (1, "..")):
        canvas = framebuf.FrameBuffer(bytearray(8), 8, 8, framebuf.MONO_VLSB)
        canvas.pixel(0, 0, 0)
        canvas.pixel(1, 0, 1)
        canvas.blit(source, 0, 0, key)
        assert "".join("#" if canvas.pixel(x, 0) else "." for x in range(2)) == expected, key


def test_a_buffer_that_is_too_small():
    for format in FORMATS:
        raises(ValueError, framebuf.FrameBuffer, bytearray(7), 8, 8, format)
    raises(ValueError, framebuf.FrameBuffer, bytearray(8), 8, 8, 99)


def test_odd_widths():
    # Rows of the horizontal formats end on an octet.
    buffer = bytearray(4)
    canvas = framebuf.FrameBuffer(buffer, 9, 2, framebuf.MONO_HLSB)
    canvas.pixel(8, 1, 1)
    assert buffer == b"\0\0\0\x80"
    narrow = bytearray(10)
    framebuf.FrameBuffer(narrow, 5, 9, framebuf.MONO_VLSB).pixel(4, 8, 1)
    assert narrow == b"\0" * 9 + b"\x01"
