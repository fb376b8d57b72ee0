"""Reads a screen by the shapes of its letters, from the display chip's pixels.

It knows the font and that text is on a grid of cells, but not the strings that the firmware drew.
"""

from ui import font
from ui.font_data import GLYPHS, ICONS, RANGES

_EMPTY = bytes(font.WIDTH)
_ICONS = [font.icon(name) for name in ICONS]


def _character(shape):
    """The character that the font draws as `shape`, or as its negative; None if there is none."""
    at = _glyph(shape)
    if at < 0:
        at = _glyph(bytes(octet ^ 0xFF for octet in shape))
        if at < 0:
            return None
    for first, count in RANGES:
        if at < count:
            letter = chr(first + at)
            return " " if letter in _ICONS else letter  # icons are read as blanks
        at -= count
    return None


def _glyph(shape):
    """The index of the first glyph of that shape, or -1. Of letters that look alike it is the Latin one."""
    at = GLYPHS.find(shape)
    while at > 0 and at % font.WIDTH:
        at = GLYPHS.find(shape, at + 1)
    return at // font.WIDTH


def read_text(rows, placed: bool = False) -> "list[str]":
    """The lines of text on a screen, given as rows of pixels (0 or 1); big text is one line.

    With `placed`, lines keep their place: leading blanks, and an empty line below big text.
    """
    width, height = len(rows[0]), len(rows)
    left = width % font.WIDTH // 2
    lines = []
    y = 0
    while y + font.HEIGHT <= height:
        line = _read_line(rows, left, y, 1)
        if "\ufffd" in line:
            big = _read_line(rows, left, y, 2) if y + 2 * font.HEIGHT <= height else "\ufffd"
            if "\ufffd" not in big:
                line = big + "\n" if placed else big
                y += font.HEIGHT
        lines += [each.rstrip() if placed else each.strip() for each in line.split("\n")]
        y += font.HEIGHT
    return lines


def _read_line(rows, left, y, scale):
    line = ""
    x = left
    big = scale == 2
    cells = (len(rows[0]) - left) // font.WIDTH
    cell = 0
    while cell < cells:
        shape = _shape(rows, x, y, scale) if cell + scale <= cells else None
        character = None if shape is None else _character(shape)
        if big and (character is None or character == " "):
            # Big text may start in any cell of the grid, after an empty small cell.
            if _shape(rows, x, y, 1) != _EMPTY or _shape(rows, x, y + font.HEIGHT, 1) != _EMPTY:
                if character is None:
                    return "\ufffd"
            else:
                line += " "
                x += font.WIDTH
                cell += 1
                continue
        line += "\ufffd" if character is None else character
        x += font.WIDTH * scale
        cell += scale
    return _single_spaced(line) if big else line


def _single_spaced(line):
    """Two small empty cells make one big space; cells before the text are kept, as its indentation."""
    text = line.lstrip()
    return line[: len(line) - len(text)] + text.rstrip().replace("  ", " ")


def _shape(rows, x, y, scale):
    """The cell at (x, y), a byte for each column; None if it is not drawn at this scale."""
    shape = bytearray(font.WIDTH)
    for column in range(font.WIDTH):
        octet = 0
        for row in range(font.HEIGHT):
            pixel = rows[y + row * scale][x + column * scale]
            if scale == 2:
                line, below = rows[y + 2 * row], rows[y + 2 * row + 1]
                at = x + 2 * column
                if not pixel == line[at + 1] == below[at] == below[at + 1]:
                    return None
            octet |= pixel << row
        shape[column] = octet
    return bytes(shape)
