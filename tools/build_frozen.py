#!/usr/bin/env python3
"""Build the phone as a custom image has it: the firmware frozen, the voice core a user C module.

For the unix port (32-bit, like the chips), where tools/sim.py --frozen runs it, and for MicroPython's QEMU
port on RISC-V, where instructions can be counted. The result is in build/frozen/, built again only when its
sources change.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools import build_micropython
from tools.build_micropython import BuildError
from tools.lib.debian import DebianError, run
from tools.lib.lock import locked

BUILD = ROOT / "build" / "frozen"
RECIPE = ROOT / "tools" / "frozen"
SOURCES = ["firmware", "hal", "boards", "workbench", "tests/cost/phone"]
OURSELVES = ["tools/frozen", "tools/build_frozen.py"]

PROGRAMS = {"unix": "micropython", "rv32": "firmware.elf"}
# Also "esp32-BOARD": a board's image on the ESP32 port's own C (docs/ported.md), built on request.
PORTED = "esp32-"

# Python's heap on a chip without PSRAM, once Wi-Fi is up.
RV32_HEAP = 200 * 1024


def digest_of(names: "list[str]") -> str:
    digest = hashlib.sha256(build_micropython.key().encode())
    for name in names:
        for path in [ROOT / name, *sorted((ROOT / name).rglob("*"))]:
            if path.suffix in (".py", ".c", ".h", ".mk") and "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def key(kind: str = "") -> str:
    """A hash of everything that the image is made from."""
    return digest_of([*SOURCES, *OURSELVES, *(["tools/esp32_port"] if kind.startswith(PORTED) else [])])


def program(kind: str) -> "Path | None":
    """The image of that kind if it is built from the present tree, else None."""
    stamp = BUILD / kind / "key"
    return BUILD / kind / file_of(kind) if stamp.exists() and stamp.read_text() == key(kind) else None


def file_of(kind: str) -> str:
    return PROGRAMS["unix" if kind.startswith(PORTED) else kind]


def make(kind: str) -> Path:
    """The image of that kind, built if not there yet. BuildError or DebianError says what is missing."""
    with locked(BUILD / kind):
        return _make(kind)


def _make(kind):
    found = program(kind)
    if found is None:
        folder = BUILD / kind
        folder.mkdir(parents=True, exist_ok=True)
        wanted, recipe = key(kind), digest_of(OURSELVES)
        note = folder / "recipe"
        if not note.exists() or note.read_text() != recipe:
            # make does not notice changed variables.
            shutil.rmtree(folder / "objects", ignore_errors=True)
            note.write_text(recipe)
        with tempfile.TemporaryDirectory(dir=BUILD) as work:
            if kind.startswith(PORTED):
                made = make_ported(kind[len(PORTED) :], folder, Path(work))
            else:
                made = {"unix": make_unix, "rv32": make_rv32}[kind](folder, Path(work))
        shutil.copy(made, folder / file_of(kind))
        (folder / "key").write_text(wanted)
        found = folder / file_of(kind)
    return found


def make_unix(folder: Path, work: Path) -> Path:
    build_micropython.check_compiler(32)
    tree = build_micropython.source()
    variables = build_micropython.variables(tree, 32, work)
    more = [f"VARIANT_DIR={build_micropython.VARIANT}", *variables]
    port(tree, "unix", "simulator/manifest.py", folder / "objects", more)
    return folder / "objects" / "micropython"


def make_ported(board: str, folder: Path, work: Path) -> Path:
    build_micropython.check_compiler(build_micropython.PORTED)
    tree = build_micropython.source()
    variables = build_micropython.variables(tree, build_micropython.PORTED, work)
    more = [f"VARIANT_DIR={build_micropython.PORT_VARIANT}", *variables]
    port(tree, "unix", "ported/manifest.py", folder / "objects", more, BAKELITE_BOARD=board)
    return folder / "objects" / "micropython"


def make_rv32(folder: Path, _: Path) -> Path:
    check_rv32()
    tree = build_micropython.source()
    port(
        tree,
        "qemu",
        "manifest.py",
        folder / "objects",
        [
            "BOARD=VIRT_RV32",
            # The linker finds libgcc for the right instruction set only with the flag here, too.
            "LIBS=-march=rv32imac",
            # As ESP-IDF compiles MicroPython.
            "COPT=-O2 -DNDEBUG",
            f"MICROPY_HEAP_SIZE={RV32_HEAP}",
            f"CFLAGS_EXTRA=-I{RECIPE / 'qemu'} -DMP_CONFIGFILE='<mpconfigqemu.h>'",
        ],
    )
    return folder / "objects" / "firmware.elf"


def check_rv32() -> None:
    for name, package in (
        ("riscv64-unknown-elf-gcc", "gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf"),
        ("qemu-system-riscv32", "qemu-system-misc"),
    ):
        if shutil.which(name) is None:
            raise BuildError(f"sudo apt-get install {package}")


def port(tree: Path, name: str, manifest: str, objects: Path, variables: "list[str]", **environment) -> None:
    """Make one of MicroPython's ports with our C modules and the files of `manifest`, reusing `objects`."""
    cross = build_micropython.cross_compiler(tree)
    run(
        "make",
        f"-j{os.cpu_count()}",
        "V=0",
        "-C",
        tree / "ports" / name,
        f"BUILD={objects}",
        f"MPY_LIB_DIR={tree}/lib",
        f"MICROPY_MPYCROSS={cross}",
        "MICROPY_MPYCROSS_DEPENDENCY=",
        f"FROZEN_MANIFEST={RECIPE / manifest}",
        f"USER_C_MODULES={ROOT / 'firmware' / 'native'}",
        *variables,
        env=dict(build_micropython.environment(tree), **environment),
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("kinds", nargs="*", metavar="KIND", help="unix or rv32 (default: both)")
    options = parser.parse_args()
    failed = False
    for kind in options.kinds or PROGRAMS:
        if kind not in PROGRAMS and not kind.startswith(PORTED):
            parser.error(f"no such image: {kind}")
        try:
            print(make(kind).relative_to(ROOT), flush=True)
        except (BuildError, DebianError, subprocess.SubprocessError) as error:
            print(f"frozen, {kind}: {error}", file=sys.stderr)
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
