#!/usr/bin/env python3
"""Make firmware/ui/font_data.py from two X11 bitmap fonts and the icons drawn below.

ASCII comes from Schumacher Clean 6x8, all else from Misc Fixed 6x10, which is as wide and as heavy, pressed
into eight rows (both are in Debian's xfonts-base). A letter that neither has is shown as its base letter, or
as a question mark. Run it again after changing an icon.
"""

import argparse
import gzip
import pathlib
import struct
import sys
import unicodedata

ROOT = pathlib.Path(__file__).resolve().parent.parent
WIDTH, HEIGHT = 6, 8
ASCENT = 7
# The characters of names, numbers and our screens: (first code point, count).
RANGES = ((0x20, 95), (0xA0, 224), (0x384, 75), (0x401, 95), (0x490, 2), (0x2013, 20), (0x20AC, 1))
# Letters without a glyph of their own that are shown as their base letter: Vietnamese, Pinyin, Livonian …
BASES = ((0x1CD, 79), (0x1E00, 256))

ICONS = {
    "registered": "......;.....#;....#.;#..#..;.##...;.#....;......;......",
    "failed": "......;#...#.;.#.#..;..#...;.#.#..;#...#.;......;......",
    "waiting": ".###..;#.#.#.;#.#.#.;#.###.;#...#.;.###..;......;......",
    "handset": ".##...;####..;##....;##....;##....;####..;.##...;......",
    "speaker": "...#..;..##..;####..;####..;####..;..##..;...#..;......",
    "muted": "..#.#.;.#.#..;###.#.;.###..;###.#.;#.##..;.#..#.;......",
    "missed": "#...#.;.#.##.;..##..;.###..;......;#####.;#...#.;......",
    "received": "....#.;.#.#..;.##...;.###..;......;#####.;#...#.;......",
    "placed": "..###.;...##.;..#.#.;.#....;......;#####.;#...#.;......",
    "bell": "..#...;.###..;.###..;.###..;#####.;......;..#...;......",
    "full": "######;######;######;######;######;######;######;......",
    "empty": "######;......;......;......;......;......;######;......",
    "rule": "......;######;......;......;......;......;......;......",
    "edge": "#.....;#.....;#.....;#.....;#.....;#.....;#.....;#.....",
    "lip": "......;......;......;......;......;......;......;######",
    "corner": "......;......;......;......;......;......;......;.#####",
    "lock": ".###..;#...#.;#...#.;#####.;##.##.;##.##.;#####.;......",
}
_ICONS_AT = 0xE000

HEADER = '''"""The screen font as data, made by tools/font.py: do not edit.

Printable ASCII: Schumacher Clean 6x8.
    Copyright 1989 Dale Schumacher, dal@syntel.mn.org
    399 Beacon Ave., St. Paul, MN 55104-3527
    Permission to use, copy, modify, and distribute this software and its documentation for any purpose and
    without fee is hereby granted, provided that the above copyright notice appear in all copies and that both
    that copyright notice and this permission notice appear in supporting documentation, and that the name of
    Dale Schumacher not be used in advertising or publicity pertaining to distribution of the software without
    specific, written prior permission. Dale Schumacher makes no representations about the suitability of this
    software for any purpose. It is provided "as is" without express or implied warranty.
Other letters: Misc Fixed 6x10, in the public domain.
"""

# (first code point, number of glyphs), in the order in which they lie in GLYPHS.
'''


def load_pcf(path):
    """{code point: (left bearing, ascent, rows of "0" and "1")} of a gzipped PCF font."""
    with gzip.open(path) as file:
        data = file.read()
    if data[:4] != b"\x01fcp":
        raise ValueError(f"{path}: not a PCF font")
    count = struct.unpack_from("<I", data, 4)[0]
    tables = {}
    for number in range(count):
        kind, form, _, offset = struct.unpack_from("<4I", data, 8 + 16 * number)
        tables[kind] = form, offset
    metrics = list(_metrics(data, *tables[4]))
    bitmaps = list(_bitmaps(data, metrics, *tables[8]))
    form, offset = tables[32]
    order = ">" if form & 4 else "<"
    low, high, first, last, _ = struct.unpack_from(order + "5H", data, offset + 4)
    glyphs = {}
    position = offset + 14
    for row in range(first, last + 1):
        for column in range(low, high + 1):
            number = struct.unpack_from(order + "H", data, position)[0]
            position += 2
            if number != 0xFFFF:
                glyphs[row * 256 + column] = metrics[number][0], metrics[number][3], bitmaps[number]
    return glyphs


def _metrics(data, form, offset):
    order = ">" if form & 4 else "<"
    if form & 0x100:
        count = struct.unpack_from(order + "H", data, offset + 4)[0]
        for number in range(count):
            yield [octet - 0x80 for octet in data[offset + 6 + 5 * number : offset + 11 + 5 * number]]
    else:
        count = struct.unpack_from(order + "I", data, offset + 4)[0]
        for number in range(count):
            yield list(struct.unpack_from(order + "5h", data, offset + 8 + 12 * number))


def _bitmaps(data, metrics, form, offset):
    order = ">" if form & 4 else "<"
    count = struct.unpack_from(order + "I", data, offset + 4)[0]
    offsets = struct.unpack_from(f"{order}{count}I", data, offset + 8)
    start = offset + 8 + 4 * count + 16
    pad = 1 << (form & 3)
    for (left, right, _, ascent, descent), place in zip(metrics, offsets):
        width = right - left
        stride = (width + 8 * pad - 1) // (8 * pad) * pad
        rows = []
        for y in range(ascent + descent):
            octets = data[start + place + y * stride : start + place + (y + 1) * stride]
            bits = "".join(f"{octet:08b}" if form & 8 else f"{octet:08b}"[::-1] for octet in octets)
            rows.append(bits[:width])
        yield rows


def columns(glyph):
    """Six bytes, left column first, the top pixel in bit 0 (framebuf.MONO_VLSB)."""
    left, ascent, rows = glyph
    octets = bytearray(WIDTH)
    for y, row in enumerate(rows):
        for x, bit in enumerate(row):
            if bit == "1" and 0 <= x + left < WIDTH and 0 <= y + ASCENT - ascent < HEIGHT:
                octets[x + left] |= 1 << (y + ASCENT - ascent)
    return bytes(octets)


def pressed(code, fixed):
    """A 6x10 glyph (ascent 8, descent 2) reduced to eight rows (ascent 7, descent 1), as six bytes."""
    rows = cell(fixed[code])
    below = rows[9] if "1" in rows[9] else rows[8]
    small = ord(chr(code).lower()[0])
    for spare in _spare(rows[:8], small == code):
        octets = columns((0, ASCENT, [*rows[:spare], *rows[spare + 1 : 8], below]))
        # Ö must not become ö.
        if small == code or small not in fixed or octets != pressed(small, fixed):
            break
    return octets


def cell(glyph):
    """Ten rows of six pixels, with the first column empty if there is room, as Clean has it."""
    left, ascent, drawn = glyph
    rows = ["0" * WIDTH] * 10
    for y, row in enumerate(drawn, 8 - ascent):
        rows[y] = ("0" * left + row).ljust(WIDTH, "0")[:WIDTH]
    if all(row[-1] == "0" for row in rows):
        rows = ["0" + row[:-1] for row in rows]
    return rows


def _spare(rows, is_small):
    """The rows above the base line that a letter can lose, the least important first."""
    if "1" not in rows[0]:
        return [0]
    alike = [y for y in range(len(rows) - 1, 1, -1) if rows[y] == rows[y - 1] and "1" in rows[y]]
    empty = [y for y in range(1, len(rows)) if "1" not in rows[y]]
    return (empty + alike if is_small else alike + empty) + [1]


def icon(drawing):
    rows = [row.replace("#", "1").replace(".", "0") for row in drawing.split(";")]
    return columns((0, ASCENT, rows))


def find(code, clean, fixed):
    if code < 0x7F:
        return columns(clean[code])
    if code in fixed:
        return pressed(code, fixed)
    letter = unicodedata.normalize("NFD", chr(code))[0]
    return find(ord(letter) if ord(letter) != code else ord("?"), clean, fixed)


def base(code):
    """The ASCII letter under the accents of a character, or "?"."""
    letter = unicodedata.normalize("NFKD", chr(code))[0]
    return letter if "A" <= letter <= "z" else "?"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fonts", default="/usr/share/fonts/X11/misc", help="folder with the PCF fonts")
    parser.add_argument("--output", default=str(ROOT / "firmware/ui/font_data.py"))
    options = parser.parse_args()
    folder = pathlib.Path(options.fonts)
    try:
        clean, fixed = load_pcf(folder / "clR6x8.pcf.gz"), load_pcf(folder / "6x10.pcf.gz")
    except OSError as error:
        sys.exit(f"{error.filename}: {error.strerror}; install the fonts: sudo apt-get install xfonts-base")
    ranges = RANGES + ((_ICONS_AT, len(ICONS)),)
    glyphs = [find(code, clean, fixed) for first, count in RANGES for code in range(first, first + count)]
    glyphs += [icon(drawing) for drawing in ICONS.values()]
    with open(options.output, "w") as out:
        out.write(HEADER + "RANGES = (\n")
        for first, count in ranges:
            out.write(f"    (0x{first:04X}, {count}),\n")
        out.write(f")\n\n# Names of the icons, from U+{_ICONS_AT:04X} on.\nICONS = (\n")
        for name in ICONS:
            out.write(f'    "{name}",\n')
        out.write(")\n\n# (first code point, the base letters of it and those after it).\nBASES = (\n")
        for first, count in BASES:
            letters = "".join(base(code) for code in range(first, first + count))
            out.write(f"    (\n        0x{first:04X},\n")
            for at in range(0, count, 64):
                out.write(f'        "{letters[at : at + 64]}"\n')
            out.write("    ),\n")
        out.write(")\n\n# Six bytes a glyph: columns from the left, the top pixel in bit 0.\nGLYPHS = (\n")
        octets = b"".join(glyphs)
        for at in range(0, len(octets), 4 * WIDTH):
            out.write('    b"' + "".join(f"\\x{octet:02x}" for octet in octets[at : at + 4 * WIDTH]) + '"\n')
        out.write(")\n")
    print(f"{options.output}: {len(glyphs)} glyphs")


if __name__ == "__main__":
    main()
