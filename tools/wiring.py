#!/usr/bin/env python3
"""Draw a board's wiring from the PINS of its board.py, into the board's README.

tools/wiring.py             every board
tools/wiring.py NAME …      these; --print shows the drawing instead of writing it
"""

import argparse
import importlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.lib import host_path

BEGIN = "<!-- wiring: made by tools/wiring.py -->"
END = "<!-- end of wiring -->"

EXPANDERS = {
    "pcf8574": ["P%d" % number for number in range(8)],
    "mcp23017": ["GP%s%d" % (port, number) for port in "AB" for number in range(8)],
}
DISPLAYS = {
    "ssd1306": "SSD1306 OLED",
    "sh1106": "SH1106 OLED",
    "st7789": "ST7789 display",
    "ili9341": "ILI9341 display",
}


def wires(board) -> "list[tuple[str, list[tuple[str, str]]]]":
    """[(part, [(pin of the board, terminal of the part)])]."""
    pins = board.PINS
    parts = getattr(board, "PARTS", {"ssd1306": 0x3C})
    expander = next((name for name in EXPANDERS if name in parts), None)

    def place(pin):
        if isinstance(pin, str):
            return "%s %s" % (expander.upper(), EXPANDERS[expander][int(pin[1:])])
        return "GPIO %d" % pin

    found = []
    for name in parts:
        if isinstance(parts[name], int):
            part = "%s (I2C 0x%02X)" % (DISPLAYS.get(name, name.upper()), parts[name])
            found.append((part, [(place(pins["i2c_scl"]), "SCL"), (place(pins["i2c_sda"]), "SDA")]))
        else:
            roles = ("tft_sck", "tft_mosi", "tft_cs", "tft_dc", "tft_reset", "backlight")
            terminals = ("SCK", "SDI", "CS", "D/C", "RESET", "LED")
            found.append((DISPLAYS[name], [(place(pins[role]), to) for role, to in zip(roles, terminals)]))
    rows = [(place(pin), "row %d" % (index + 1)) for index, pin in enumerate(pins["key_rows"])]
    columns = [(place(pin), "column %d" % (index + 1)) for index, pin in enumerate(pins["key_columns"])]
    found.append(("keys", rows + columns))
    if "encoder" in pins:
        found.append(("encoder (common: GND)", list(zip(map(place, pins["encoder"]), ("A", "B", "button")))))
    found.append(("hook switch (other side: GND)", [(place(pins["hook"]), "closed when lifted")]))
    if "mic_sd" in pins:
        found.append(
            (
                "INMP441 microphone (L/R: GND)",
                [
                    (place(pins["mic_sck"]), "SCK"),
                    (place(pins["mic_ws"]), "WS"),
                    (place(pins["mic_sd"]), "SD"),
                ],
            )
        )
    bus = [(place(pins["amp_sck"]), "BCLK"), (place(pins["amp_ws"]), "LRC"), (place(pins["amp_sd"]), "DIN")]
    if "es8311" in parts:
        terminals = ("SCLK", "LRCK", "DSDIN")
        found.append(("ES8311, sound", [(pin, to) for (pin, _), to in zip(bus, terminals)]))
        kind, terminal, bus = "PAM8302A amplifier (A+/A-: ES8311 OUTP/OUTN)", "SD", []
    else:
        kind, terminal = "MAX98357A amplifier", "SD_MODE"
    for output in pins["amplifiers"]:
        found.append(("%s: %s" % (kind, output), [*bus, (place(pins["amplifiers"][output]), terminal)]))
    if "ringer" in pins:
        found.append(("piezo sounder (other side: GND)", [(place(pins["ringer"]), "+")]))
    for name in pins.get("lamps", {}):
        found.append(("LED, %s lamp (resistor to GND)" % name, [(place(pins["lamps"][name]), "anode")]))
    for name, (pin, _) in pins.get("pixels", {}).items():
        found.append(("WS2812 on the board: %s lamp" % name, [(place(pin), "DIN")]))
    if "lan" in pins:
        lan = list(zip(map(place, pins["lan"][:4]), ("MDC", "MDIO", "power", "50 MHz clock")))
        found.append(("LAN8720 on the board (address %d)" % pins["lan"][4], lan))
    return found


def diagram(board) -> str:
    """The wiring as text: pins of the board on the left, each part as a box on the right."""
    found = wires(board)
    left = max(len(pin) for _, pairs in found for pin, _ in pairs)
    inside = max(len(text) for part, pairs in found for text in [part, *["  " + to for _, to in pairs]])
    lines = []
    for part, pairs in found:
        lines.append(" " * left + "     ┌" + "─" * (inside + 2) + "┐")
        lines.append(" " * left + "     │ " + part.ljust(inside) + " │")
        for pin, terminal in pairs:
            lines.append(pin.rjust(left) + " ────┤ " + ("  " + terminal).ljust(inside) + " │")
        lines.append(" " * left + "     └" + "─" * (inside + 2) + "┘")
    text = "\n".join(lines)
    keys = [[name or "–" for name in row] for row in board.KEYS]
    header = ["|" + "|".join([""] + [" column %d " % (n + 1) for n in range(len(keys[0]))]) + "|"]
    header.append("|---" * (len(keys[0]) + 1) + "|")
    for number, row in enumerate(keys):
        header.append("| row %d | %s |" % (number + 1, " | ".join("`%s`" % key for key in row)))
    return "```text\n%s\n```\n\n%s\n" % (text, "\n".join(header))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="a board's folder (default: all)")
    parser.add_argument("--print", action="store_true", help="show the wiring, change nothing")
    options = parser.parse_args()
    host_path.use(host_path.FIRMWARE)
    for name in options.names or sorted(path.parent.name for path in (ROOT / "boards").glob("*/board.py")):
        text = diagram(importlib.import_module("boards.%s.board" % name))
        readme = ROOT / "boards" / name / "README.md"
        before = readme.read_text() if readme.exists() else ""
        if options.print:
            print(text)
        elif BEGIN in before and END in before:
            head, _, rest = before.partition(BEGIN)
            readme.write_text(head + BEGIN + "\n" + text + END + rest.partition(END)[2])
        elif options.names:
            print("%s has no %s … %s" % (readme, BEGIN, END), file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
