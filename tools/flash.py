#!/usr/bin/env python3
"""Write an image onto a board, through esptool: find the port, check the chip, write, verify.

A wrong chip, too small a flash or a damaged image is refused before anything is written. Everything on the
board is replaced, its settings too; `make deploy` brings a changed program to a phone that has MicroPython.
"""

import argparse
import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.image import BUILD
from tools.lib import application
from tools.lib.application import ApplicationError

# USB vendor IDs of the serial bridges on such boards: Espressif, Silicon Labs, WCH, FTDI, Prolific.
BRIDGES = (0x303A, 0x10C4, 0x1A86, 0x0403, 0x067B)

ESPTOOL = [sys.executable, "-m", "esptool"]
PROBE_TIMEOUT_S = 60

NO_PORT = """no board found on USB. Is the cable one for data, not only for charging? On a board with two
sockets, is it in the one marked UART or USB? Name the port if you know it:
    make flash BOARD=%s PORT=/dev/ttyUSB0"""

NO_ANSWER = """no chip answers on %s:
    %s
Hold the button BOOT, press and release RESET (EN), release BOOT, and try again. "Permission denied" means
that you may not use the port:  sudo usermod -a -G dialout $USER  and log in again."""

DONE = """
Written and verified: %(product)s %(version)s for %(board)s.

What to do next: press RESET if the display stays dark. A phone without settings says there how to reach its
set-up page; see docs/getting-started.md. To read along what it says:
    make repl PORT=%(port)s"""


class FlashError(Exception):
    """Why nothing, or not everything, was written, and what to do; for a person to read."""


class Chip:
    """The chip on a port: `name` as in board.json, `flash_mib` (0: unknown), `mac` and `features`."""

    def __init__(self, name: str, flash_mib: int, mac: str, features: str = ""):
        self.name = name
        self.flash_mib = flash_mib
        self.mac = mac
        self.features = features


def esptool(*arguments, timeout: "int | None" = None) -> "subprocess.CompletedProcess":
    command = [*ESPTOOL, *(str(argument) for argument in arguments)]
    return subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout
    )


def probe(port: str) -> Chip:
    """The chip on that port, left in its serial loader. FlashError if there is none."""
    try:
        result = esptool("--port", port, "--after", "no-reset", "flash-id", timeout=PROBE_TIMEOUT_S)
        said = result.stdout
    except subprocess.TimeoutExpired:
        said = "no answer in %d seconds" % PROBE_TIMEOUT_S
    name = re.search(r"^Connected to (ESP\S+) on", said, re.MULTILINE)
    if name is None:
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        raise FlashError(NO_ANSWER % (port, "\n    ".join(lines[-3:])))
    flash = re.search(r"^Detected flash size: +(\d+)MB", said, re.MULTILINE)
    mac = re.search(r"^MAC: +(\S+)", said, re.MULTILINE)
    features = re.search(r"^Features: +(.*)", said, re.MULTILINE)
    return Chip(
        name[1].lower().replace("-", ""),
        int(flash[1]) if flash else 0,
        mac[1] if mac else "unknown",
        features[1] if features else "",
    )


def usb_ports() -> "list[str]":
    """Serial ports that may belong to a board, by their USB vendor."""
    from serial.tools import list_ports

    return sorted(port.device for port in list_ports.comports() if port.vid in BRIDGES)


def find(board: str, port: "str | None", ports: "list[str]") -> "tuple[str, Chip]":
    """(port, chip): `port`, or else the one of `ports` that has the board's chip. FlashError if none has."""
    wanted = application.papers(board)["mcu"]
    if port:
        return port, probe(port)
    if not ports:
        raise FlashError(NO_PORT % board)
    found, problems = [], []
    for each in ports:
        try:
            found.append((each, probe(each)))
            print("flash: %s has %s" % (each, found[-1][1].name), flush=True)
        except FlashError as error:
            problems.append(error)
    fitting = [(each, chip) for each, chip in found if chip.name == wanted] or found
    if not fitting:
        raise problems[0]
    if len(fitting) > 1:
        raise FlashError(
            "several boards are connected; say which:\n"
            + "\n".join(
                "    make flash BOARD=%s PORT=%s    (%s, %s)" % (board, each, chip.name, chip.mac)
                for each, chip in fitting
            )
        )
    return fitting[0]


class Prepared:
    """An image as tools/image.py wrote it to `folder`; FlashError if it differs from its manifest.

    writes   [(offset, path)]
    """

    def __init__(self, board: str, folder: Path, with_firmware: bool):
        try:
            self.manifest = json.loads((folder / "manifest.json").read_text())
            outputs = self.manifest["outputs"]
            if self.manifest["board"] != board:
                raise FlashError("%s is an image for %s" % (folder, self.manifest["board"]))
        except (OSError, ValueError, KeyError):
            raise FlashError("no image for it yet:\n    make image BOARD=%s MICROPYTHON_BIN=…" % board)
        joined = [each for each in outputs if each["file"] == "bakelite-%s.bin" % board]
        if with_firmware and not joined:
            raise FlashError(
                "the image has no firmware in it:\n    make image BOARD=%s MICROPYTHON_BIN=…\n"
                "To write beside a MicroPython that is on the board: --without-firmware" % board
            )
        chosen = joined if with_firmware else [each for each in outputs if each not in joined]
        self.writes = []
        self.end = 0
        for each in chosen:
            path = folder / each["file"]
            octets = path.read_bytes() if path.exists() else b""
            if hashlib.sha256(octets).hexdigest() != each["sha256"]:
                raise FlashError("%s is not what was built: make the image again" % path)
            self.writes.append((each["offset"], path))
            self.end = max(self.end, each["offset"] + len(octets))


def check(board: str, chip: Chip, image: Prepared) -> None:
    """FlashError unless the image is for that chip and fits into its flash."""
    paper = application.papers(board)
    if chip.name != paper["mcu"]:
        raise FlashError("this is %s, and %s has %s. Nothing was written." % (chip.name, board, paper["mcu"]))
    if not chip.flash_mib:
        raise FlashError("the size of the flash cannot be read. Nothing was written.")
    if chip.flash_mib < paper["flash_mib"] or chip.flash_mib << 20 < image.end:
        raise FlashError(
            "the flash has %d MB, and %s needs %d. Nothing was written."
            % (chip.flash_mib, board, paper["flash_mib"])
        )


def note_psram(board: str, chip: Chip) -> None:
    """Warn about an ESP32-S3 that reports no PSRAM; an ESP32 does not report the PSRAM of its module."""
    if chip.name == "esp32s3" and application.papers(board)["psram"] and "PSRAM" not in chip.features:
        print(
            "flash: NOTE: this chip names no PSRAM (N8R8 and N16R8 have it, N8 has none): without it the\n"
            "phone does not start",
            flush=True,
        )


def write(port: str, chip: Chip, image: Prepared, baud: int) -> None:
    """Write and verify; FlashError says what failed."""
    common = ["--chip", chip.name, "--port", port, "--baud", str(baud)]
    pieces = [str(word) for offset, path in image.writes for word in (hex(offset), path)]
    # Not captured, so that esptool's progress is shown.
    if subprocess.run([*ESPTOOL, *common, "--after", "no-reset", "write-flash", *pieces]).returncode:
        raise FlashError(
            "writing failed: esptool's message stands above. The board does not start as it\n"
            "is; try again, with --baud 115200 if it fails again."
        )
    print("flash: verifying", flush=True)
    result = esptool(*common, "--after", "hard-reset", "verify-flash", *pieces)
    if result.returncode:
        raise FlashError("what is in the flash is not what was written:\n%s" % result.stdout)


def flash(
    board: str,
    port: "str | None",
    folder: Path,
    with_firmware: bool = True,
    baud: int = 460800,
    ports: "list[str] | None" = None,
) -> None:
    """Find the board, check its chip, write the image. Raises FlashError or ApplicationError."""
    application.papers(board)
    image = Prepared(board, folder, with_firmware)
    port, chip = find(board, port, usb_ports() if ports is None else ports)
    facts = (chip.name, chip.flash_mib, chip.mac, port)
    print("flash: %s, %d MB of flash, MAC %s, on %s" % facts, flush=True)
    check(board, chip, image)
    note_psram(board, chip)
    write(port, chip, image, baud)
    print(DONE % dict(image.manifest, port=port))


def main() -> int:
    about, notes = __doc__.split("\n\n")
    parser = argparse.ArgumentParser(description=about, epilog=notes)
    parser.add_argument("board", metavar="BOARD", help="one of: " + ", ".join(application.boards()))
    parser.add_argument("--port", help="such as /dev/ttyUSB0 (default: the one that has the board's chip)")
    parser.add_argument("--image", metavar="FOLDER", type=Path, help="default: build/image/BOARD")
    parser.add_argument(
        "--without-firmware",
        action="store_true",
        help="only partition table and file system, beside a MicroPython that is there",
    )
    parser.add_argument("--baud", type=int, default=460800, help="default: %(default)s")
    options = parser.parse_args()
    try:
        flash(
            options.board,
            options.port,
            options.image or BUILD / options.board,
            not options.without_firmware,
            options.baud,
        )
    except (FlashError, ApplicationError) as error:
        print("flash: %s" % error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
