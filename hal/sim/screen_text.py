"""Reads a screen as a person does: by the shapes of its letters, in the display chip's pixels.

Knows the font and that text stands on a grid of cells; of what the firmware meant to show it knows nothing.
"""

from ui import font
from ui.font_data import GLYPHS, ICONS, RANGES

_LIT = (1 << font.WIDTH * font.HEIGHT) - 1


def _shapes():
    shapes = {}
    at = 0
    for first, count in RANGES:
        for code in range(first, first + count):
            shape = 0
            for octet in GLYPHS[at : at + font.WIDTH]:
                shape = shape << font.HEIGHT | octet
            # Of letters that look alike the first is read, which is the Latin one. Icons are no text.
            if shape not in shapes:
                shapes[shape] = " " if chr(code) in ICONS.values() else chr(code)
            at += font.WIDTH
    return shapes


_SHAPES = _shapes()


def read_text(rows, placed: bool = False) -> "list[str]":
    """The lines of text on a screen given as rows of pixels, each 0 or 1; big text counts as one line.

    `placed` keeps each line where it stands: blanks before it, and an empty line below big text.
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
        character = None if shape is None else _SHAPES.get(shape, _SHAPES.get(_LIT ^ shape))
        if big and (character is None or character == " "):
            # Big text begins on any cell of the grid: an empty small cell may stand before it.
            if _shape(rows, x, y, 1) or _shape(rows, x, y + font.HEIGHT, 1):
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
    """Two small empty cells are one big space; those before the text show where it stands."""
    text = line.lstrip()
    return line[: len(line) - len(text)] + text.rstrip().replace("  ", " ")


def _shape(rows, x, y, scale):
    """The cell at (x, y) as a number, None if it is no cell drawn at this scale."""
    shape = 0
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
        shape = shape << font.HEIGHT | octet
    return shape
