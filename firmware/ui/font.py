"""The screen font: 6×8 glyphs, also drawn at twice the size. Missing characters are shown as "?"."""

import framebuf

from compat import const
from ui.font_data import BASES, GLYPHS, ICONS, RANGES

WIDTH = const(6)
HEIGHT = const(8)
_FIRST_ICON = const(0xE000)

_GLYPHS = memoryview(GLYPHS)
_cell = bytearray(WIDTH)
_CELL = framebuf.FrameBuffer(_cell, WIDTH, HEIGHT, framebuf.MONO_VLSB)
_double = bytearray(4 * WIDTH)
_DOUBLE = framebuf.FrameBuffer(_double, 2 * WIDTH, 2 * HEIGHT, framebuf.MONO_VLSB)

# Four bits of a column, each bit doubled.
_TWICE = bytes(sum(3 << 2 * bit for bit in range(4) if nibble >> bit & 1) for nibble in range(16))


def icon(name: str) -> str:
    """The character that shows an icon; ValueError for an unknown name."""
    return chr(_FIRST_ICON + ICONS.index(name))


def printable(text: str) -> str:
    """`text` with one character per cell: letters that the font lacks become their base letters."""
    for character in text:
        # The last of these are icons.
        if not (
            " " <= character < "\x7f" or "\xa0" <= character < "\u0180" or "\ue000" <= character < "\uf900"
        ):
            break
    else:
        return text
    cells = ""
    for character in text:
        code = ord(character)
        if code < 32 or code == 0x2028 or code == 0x2029:
            cells += " "
        elif not _takes_no_room(code):
            cells += _base(character, code)
    return cells


def _takes_no_room(code):
    """Whether `code` is a combining mark, or a control of direction or joining."""
    return (
        0x300 <= code < 0x370
        or 0x7F <= code < 0xA0
        or 0x200B <= code < 0x2010
        or 0x202A <= code < 0x202F
        or 0x2060 <= code < 0x2070
        or 0xFE00 <= code < 0xFE10
        or code == 0xFEFF
    )


def _base(character, code):
    for first, letters in BASES:
        if first <= code < first + len(letters):
            return letters[code - first]
    return character


def offset(character: str) -> int:
    """Where the glyph's six octets begin in GLYPHS."""
    code = ord(character)
    if 32 <= code < 127:
        return (code - 32) * WIDTH
    before = 0
    for first, count in RANGES:
        if first <= code < first + count:
            return (before + code - first) * WIDTH
        before += count
    return offset("?")


def draw(display, character: str, x: int, y: int, inverted: bool = False) -> None:
    """Draw a character with its top left pixel at (x, y)."""
    _fill_cell(offset(character), inverted)
    display.blit(_CELL, x, y)


# A function of its own: MicroPython puts the frame of a longer one on the heap.
def _fill_cell(start, inverted):
    _cell[:] = _GLYPHS[start : start + WIDTH]
    if inverted:
        for column in range(WIDTH):
            _cell[column] ^= 0xFF


def draw_double(display, character: str, x: int, y: int) -> None:
    """Draw a character at 12×16 pixels."""
    start = offset(character)
    for column in range(WIDTH):
        octet = GLYPHS[start + column]
        upper, lower = _TWICE[octet & 15], _TWICE[octet >> 4]
        at = 2 * column
        _double[at] = _double[at + 1] = upper
        _double[at + 2 * WIDTH] = _double[at + 2 * WIDTH + 1] = lower
    display.blit(_DOUBLE, x, y)
