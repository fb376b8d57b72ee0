#!/usr/bin/env python3
"""Build a board's custom firmware with ESP-IDF: MicroPython, our C as a user C module, our Python frozen.

It needs ESP-IDF (IDF_PATH) and a checkout of MicroPython (MICROPYTHON); without them it says how to get both.
The results, build/firmware/BOARD/firmware.bin and application.bin, go into `make image` and `make release`.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools import build_micropython
from tools.lib import application, esp_image, partitions
from tools.lib.application import ApplicationError
from tools.lib.esp_image import ImageError
from tools.lib.partitions import PartitionError

BUILD = ROOT / "build" / "firmware"

# What MicroPython's ESP32 port recommends for the release that we pin.
IDF_VERSION = "v5.4.2"

NO_IDF = """%s
ESP-IDF builds this firmware, and takes some 3 GB. To get it:
    git clone --branch %s --recursive --depth 1 --shallow-submodules \\
        https://github.com/espressif/esp-idf.git
    cd esp-idf
    ./install.sh %s
    . ./export.sh
and in that same shell try again."""

NO_MICROPYTHON = """%s
To get MicroPython's source with what its ESP32 port needs (another release needs another ESP-IDF: its
ports/esp32/README.md says which; from 1.28 on it is 5.5):
    git clone --depth 1 --branch %s %s
    make -C micropython/mpy-cross
    make -C micropython/ports/esp32 submodules
    make firmware BOARD=%s MICROPYTHON=$PWD/micropython"""

# What MicroPython freezes for every ESP32, without the packages that the phone does not use; then ours.
MANIFEST = """freeze("$(PORT_DIR)/modules")
include("$(MPY_DIR)/extmod/asyncio")
require("neopixel")
include("%(root)s/firmware/manifest.py")
include("%(root)s/boards/%(board)s/manifest.py")
module("boot.py", base_path="%(folder)s")
"""

# MicroPython runs boot.py, and then main.py unless boot.py ended in an exception. An image on trial, as noted
# by hal/drivers/slots_partition.py, starts the watchdog before anything else, which might hang.
BOOT = """import esp32

try:
    _mark = bytearray(16)
    _length = esp32.NVS("bakelite").get_blob("trial", _mark)
    if str(_mark[:_length], "ascii") == esp32.Partition(esp32.Partition.RUNNING).info()[4]:
        import machine

        machine.WDT(timeout=60000)
except OSError:
    pass  # no trial

import start

if start.main():
    raise MemoryError  # start has said what is wrong: on to the REPL
raise SystemExit  # restarts
"""

# Starts from MicroPython's definition of the same board, which has the settings (and work-arounds) of the
# chip. Bluetooth is removed, names are ours; a phone's settings and boards/BOARD/sdkconfig are added.
CMAKE = """set(MICROPY_BOARD_OF_PORT boards/%(model)s)
include(${MICROPY_BOARD_OF_PORT}/mpconfigboard.cmake)
include(${MICROPY_BOARD_OF_PORT}/mpconfigvariant%(variant)s.cmake%(optional)s)
set(IDF_TARGET %(mcu)s)
unset(MICROPY_DEF_BOARD)
list(REMOVE_ITEM SDKCONFIG_DEFAULTS boards/sdkconfig.ble)
%(speed)slist(APPEND SDKCONFIG_DEFAULTS ${MICROPY_BOARD_DIR}/sdkconfig.board)
"""

SPEED = """list(APPEND SDKCONFIG_DEFAULTS boards/sdkconfig.240mhz)
"""

HEADER = """#define MICROPY_HW_BOARD_NAME "Bakelite %(board)s"
#define MICROPY_HW_MCU_NAME "%(MCU)s"
#define MICROPY_HW_ENABLE_UART_REPL (1)
#define MICROPY_HW_ENABLE_SDCARD (0)
#define MICROPY_PY_BLUETOOTH (0)
#define MICROPY_PY_ESPNOW (0)
"""

# A heap that grows doubles, and takes the RAM of sockets, TLS and sound. Without PSRAM the heap therefore has
# its full size from the start, enough for a call. The classic ESP32 has no larger contiguous block of RAM.
FIRST_AREA_KB = {"esp32": 128, "esp32c3": 144}
HEAP = "#define MICROPY_GC_INITIAL_HEAP_SIZE (%d * 1024)\n"

# A board on a cable keeps the RAM that Wi-Fi would take.
NO_WIFI = "#define MICROPY_PY_NETWORK_WLAN (0)\n"

SDKCONFIG = """CONFIG_ESPTOOLPY_FLASHSIZE_%(flash)dMB=y
CONFIG_PARTITION_TABLE_CUSTOM=y
CONFIG_PARTITION_TABLE_CUSTOM_FILENAME="%(root)s/boards/%(board)s/partitions.csv"
CONFIG_COMPILER_OPTIMIZATION_SIZE=y
CONFIG_COMPILER_OPTIMIZATION_PERF=n
CONFIG_COMPILER_OPTIMIZATION_CHECKS_SILENT=y
CONFIG_LWIP_MAX_SOCKETS=16
CONFIG_LWIP_IP4_REASSEMBLY=y
CONFIG_LWIP_UDP_RECVMBOX_SIZE=12
"""

# The boot loader rolls back an application that was not confirmed (esp32.Partition).
ROLLBACK = "CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE=y\n"

# (chip, PSRAM) -> MicroPython's board, for a board of ours that names none.
GENERIC = {
    ("esp32", ""): "ESP32_GENERIC",
    ("esp32", "quad"): "ESP32_GENERIC-SPIRAM",
    ("esp32s3", ""): "ESP32_GENERIC_S3",
    ("esp32s3", "quad"): "ESP32_GENERIC_S3",
    ("esp32s3", "octal"): "ESP32_GENERIC_S3-SPIRAM_OCT",
    ("esp32c3", ""): "ESP32_GENERIC_C3",
}

# Chips that never run at 240 MHz.
SLOW = ("esp32c3",)


class FirmwareError(Exception):
    """What is missing and what to do, for a person to read."""


def check_tools(board: str) -> Path:
    """The folder of MicroPython's ESP32 port; FirmwareError where the port or ESP-IDF is missing."""
    chip = application.papers(board)["mcu"]
    idf = os.environ.get("IDF_PATH")
    if not idf:
        raise FirmwareError(NO_IDF % ("IDF_PATH is not set.", IDF_VERSION, chip))
    if not Path(idf).is_dir():
        raise FirmwareError(NO_IDF % ("IDF_PATH=%s is no folder." % idf, IDF_VERSION, chip))
    if shutil.which("idf.py") is None:
        raise FirmwareError(NO_IDF % ("idf.py is not on the path: . %s/export.sh" % idf, IDF_VERSION, chip))
    checkout = os.environ.get("MICROPYTHON", "")
    port = Path(checkout).resolve() / "ports" / "esp32"
    if not checkout or not (port / "Makefile").exists():
        told = "MICROPYTHON=%s is no checkout of it." % checkout if checkout else "MICROPYTHON is not set."
        raise FirmwareError(
            NO_MICROPYTHON % (told, build_micropython.GIT_TAG, build_micropython.GIT_URL, board)
        )
    return port


def prepare(board: str, folder: Path) -> Path:
    """Write the board definition for MicroPython's ESP32 port; returns its folder, under `folder`."""
    paper = application.papers(board)
    model, _, variant = (paper.get("micropython") or GENERIC[paper["mcu"], paper["psram"]]).partition("-")
    made = folder / "board"
    made.mkdir(parents=True, exist_ok=True)
    values = {
        "board": board,
        "mcu": paper["mcu"],
        "MCU": paper["mcu"].upper(),
        "root": ROOT,
        "folder": made,
        "flash": paper["flash_mib"],
        "model": model,
        "variant": "_" + variant if variant else "",
        "optional": "" if variant else " OPTIONAL",
        "speed": "" if paper["mcu"] in SLOW else SPEED,
    }
    own = ROOT / "boards" / board / "sdkconfig"
    table = partitions.load(ROOT / "boards" / board / "partitions.csv")
    sdkconfig = SDKCONFIG % values + (ROLLBACK if any(part.name == "otadata" for part in table) else "")
    header = HEADER % values + ("" if paper["psram"] else HEAP % FIRST_AREA_KB[paper["mcu"]])
    if "WiFi" not in paper["features"]:
        header += NO_WIFI
    manifest = MANIFEST % values
    if application.RELEASE_KEY.exists():
        manifest += 'module("%s", base_path="%s")\n' % (
            application.RELEASE_KEY.name,
            application.RELEASE_KEY.parent,
        )
    for name, text in (
        ("mpconfigboard.cmake", CMAKE % values),
        ("mpconfigboard.h", header),
        ("sdkconfig.board", sdkconfig + (own.read_text() if own.exists() else "")),
        ("manifest.py", manifest),
        ("boot.py", BOOT),
    ):
        # A file that is left untouched is not compiled again.
        if not (made / name).exists() or (made / name).read_text() != text:
            (made / name).write_text(text)
    return made


def build(board: str, folder: Path) -> "list[Path]":
    """Build firmware.bin (boot loader, table, application) and application.bin. Raises FirmwareError."""
    port = check_tools(board)
    folder.mkdir(parents=True, exist_ok=True)
    # Checked first: for a missing source file CMake's message is worse.
    application.sources(board)
    definition = prepare(board, folder)
    work = folder / "work"
    command = [
        "make",
        "-C",
        str(port),
        "BOARD_DIR=%s" % definition,
        "BOARD=%s" % board,
        "BUILD=%s" % work,
        "USER_C_MODULES=%s" % (ROOT / "firmware" / "native" / "mpy" / "micropython.cmake"),
        "FROZEN_MANIFEST=%s" % (definition / "manifest.py"),
    ]
    environment = dict(os.environ)
    environment.pop("MAKEFLAGS", None)  # the flags of our own make are not for MicroPython's
    environment.pop("MAKELEVEL", None)
    if subprocess.run(command, env=environment).returncode:
        raise FirmwareError("the build failed: its messages stand above")
    made = []
    for name, source in (("firmware.bin", "firmware.bin"), ("application.bin", "micropython.bin")):
        if not (work / source).exists():
            raise FirmwareError("the build left no %s" % (work / source))
        made.append(Path(shutil.copyfile(work / source, folder / name)))
    check(board, made[0].read_bytes())
    return made


def check(board: str, firmware: bytes) -> None:
    """Print how full the slots are; FirmwareError or ImageError if the firmware is not for this board."""
    release = esp_image.Release(firmware, application.papers(board)["mcu"])
    table = partitions.load(ROOT / "boards" / board / "partitions.csv")
    for part in table:
        if part.is_app:
            size = release.application.size
            print(
                "%-10s %7d KB of %d, %d %% free"
                % (part.name, size // 1024, part.size // 1024, 100 - 100 * size // part.size)
            )
            if size > part.size:
                raise FirmwareError("%d KB too much for %s" % (-(part.size - size) // 1024, part.name))


def main() -> int:
    about, notes = __doc__.split("\n\n")
    parser = argparse.ArgumentParser(description=about, epilog=notes)
    parser.add_argument("board", metavar="BOARD", help="one of: " + ", ".join(application.boards()))
    parser.add_argument("--output", metavar="FOLDER", type=Path, help="default: build/firmware/BOARD")
    options = parser.parse_args()
    try:
        if options.board == "sim":
            raise FirmwareError("the simulated board needs no firmware: make sim")
        made = build(options.board, (options.output or BUILD / options.board).resolve())
        for path in made:
            print(path)
    except (FirmwareError, ApplicationError, ImageError, PartitionError) as error:
        print("firmware: %s" % error, file=sys.stderr)
        return 1
    print("\nNow into an image:\n    make image BOARD=%s MICROPYTHON_BIN=%s" % (options.board, made[0]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
