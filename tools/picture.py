#!/usr/bin/env python3
"""Draw the phone for the README: a desk phone in SVG, with a screenshot's own pixels on its display."""

import argparse
import pathlib
import struct
import sys
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
PIXEL = 2.5  # how large a pixel of the screen is drawn

# What stands on the caps, as on the keypad of boards/sim.
KEYS = (
    ("1", ""),
    ("2", "abc"),
    ("3", "def"),
    ("4", "ghi"),
    ("5", "jkl"),
    ("6", "mno"),
    ("7", "pqrs"),
    ("8", "tuv"),
    ("9", "wxyz"),
    ("*", ""),
    ("0", "+"),
    ("#", ""),
)
WORDS = ("line 1", "line 2", "hold", "transfer", "mute", "speaker", "redial", "messages")

FRAME = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 520"
 font-family="Helvetica, Arial, sans-serif">
<title>Bakelite, a SIP desk phone</title>
<defs>
<linearGradient id="body" x1="0" y1="0" x2="0" y2="1">
<stop offset="0" stop-color="#4a2a1c"/>
<stop offset=".5" stop-color="#2f1810"/><stop offset="1" stop-color="#1c0d08"/>
</linearGradient>
<linearGradient id="shine" x1="0" y1="0" x2="1" y2="0">
<stop offset="0" stop-color="#7a4a33"/>
<stop offset=".45" stop-color="#3a1f14"/><stop offset="1" stop-color="#1a0c07"/>
</linearGradient>
<linearGradient id="cap" x1="0" y1="0" x2="0" y2="1">
<stop offset="0" stop-color="#f6ead2"/><stop offset="1" stop-color="#d8c49c"/>
</linearGradient>
</defs>
<ellipse cx="380" cy="492" rx="340" ry="18" fill="#000" opacity=".18"/>
<path d="M70 40h620q34 0 38 34l26 360q2 46-44 46H50q-46 0-44-46L32 74q4-34 38-34z" fill="url(#body)"/>
<path d="M74 52h612q24 0 28 24l4 44H42l4-44q4-24 28-24z" fill="#fff" opacity=".06"/>
<g fill="url(#shine)" stroke="#140905" stroke-width="2">
<rect x="92" y="96" width="56" height="340" rx="28"/>
<rect x="64" y="70" width="112" height="104" rx="42"/>
<rect x="64" y="358" width="112" height="104" rx="42"/>
</g>
<path d="M84 92q8-12 30-12M84 380q8-12 30-12" fill="none"
 stroke="#c08a6a" stroke-width="4" stroke-linecap="round"/>
<rect x="222" y="76" width="352" height="192" rx="10" fill="#120a06" stroke="#a8824a" stroke-width="3"/>
"""


def read_png(path):
    """Rows of booleans of a one-bit greyscale PNG as the bench writes it; ValueError for another kind."""
    data = path.read_bytes()
    width, height, depth, color = struct.unpack(">IIBB", data[16:26])
    if data[:8] != b"\x89PNG\r\n\x1a\n" or (depth, color) != (1, 0):
        raise ValueError(f"{path}: not a screenshot of the bench")
    packed, at = b"", 8
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        if kind == b"IDAT":
            packed += data[at + 8 : at + 8 + length]
        at += length + 12
    lines = zlib.decompress(packed)
    stride = (width + 7) // 8 + 1
    return [
        [bool(lines[y * stride + 1 + x // 8] & 0x80 >> x % 8) for x in range(width)] for y in range(height)
    ]


def screen(rows, left, top):
    """The lit pixels as one path of runs."""
    path = ""
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            run = 0
            while x + run < len(row) and row[x + run]:
                run += 1
            if run:
                length = run * PIXEL
                path += f"M{left + x * PIXEL:g} {top + y * PIXEL:g}h{length:g}v{PIXEL:g}h{-length:g}z"
            x += run + 1
    return f'<path d="{path}" fill="#ffc46b"/>\n'


def key(x, y, width, height, label, letters=""):
    size = 17 if len(label) == 1 else 10
    text = f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="7"'
    text += ' fill="url(#cap)" stroke="#140905"/>'
    shift = -5 if letters else 0
    text += f'<text x="{x + width / 2}" y="{y + height / 2 + size / 3 + shift}" font-size="{size}"'
    text += f' text-anchor="middle" fill="#2f1810">{label}</text>'
    if letters:
        text += f'<text x="{x + width / 2}" y="{y + height - 5}" font-size="8" text-anchor="middle"'
        text += f' fill="#7a5a3a">{letters}</text>'
    return text + "\n"


def draw(rows):
    svg = FRAME + screen(rows, 238, 90)
    for slot in range(4):
        svg += key(232 + slot * 86, 278, 74, 20, "")
    for number, (label, letters) in enumerate(KEYS):
        svg += key(290 + number % 3 * 76, 312 + number // 3 * 40, 64, 34, label, letters)
    for number, word in enumerate(WORDS):
        svg += key(602 + number % 2 * 62, 312 + number // 2 * 40, 56, 34, word)
    svg += '<circle cx="650" cy="110" r="9" fill="#e2452f" stroke="#140905" stroke-width="2"/>\n'
    for row in range(4):
        for column in range(6):
            svg += f'<circle cx="{612 + column * 15}" cy="{160 + row * 15}" r="4" fill="#140905"/>'
    return svg + "\n</svg>\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    incoming = ROOT / "build/demo/202-2-incoming.png"
    parser.add_argument(
        "screenshot",
        nargs="?",
        type=pathlib.Path,
        default=incoming,
        help="default: the demo's, of an incoming call",
    )
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "docs/images/phone.svg")
    options = parser.parse_args()
    try:
        rows = read_png(options.screenshot)
    except FileNotFoundError:
        sys.exit(f"{options.screenshot}: not there; make it with: make demo")
    except ValueError as error:
        sys.exit(str(error))
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(draw(rows))
    print(options.output)


if __name__ == "__main__":
    main()
