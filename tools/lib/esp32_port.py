"""Runs a phone on micropython-esp32: the ESP32 port's own C over a model of ESP-IDF (docs/ported.md).

Used through `tools/sim.py --runtime esp32`. The code is compiled beforehand, as for a board, so that no
compiler uses stack or heap that a chip does not have.
"""

import hashlib
import os
import subprocess
from pathlib import Path

from tools import build_frozen, build_micropython, build_native, firmware
from tools.lib import application

ROOT = Path(__file__).resolve().parents[2]
MODULES = ROOT / "tools" / "esp32_port" / "modules"
COMPILED = ROOT / "build" / "esp32_port"

# The exit code of hal.sim.modules.machine for a reset, and of the model for a panic or a watchdog reset.
RESTART = 75

# The heap of the simulated hardware and the bench in a call: 39 KB, measured on a frozen image (19 when
# idle), and temporary lines of JSON. Without PSRAM the memory and its first area are larger by this much.
SIMULATOR_KB = 48
HEAP_KB = 240  # of internal RAM when MicroPython starts: an estimate, like the model's default

START = "import sys; sys.path.pop(0); import esp32_bench; esp32_bench.start()"


def sources(board: str) -> "list[tuple[str, Path]]":
    """[(path, Python file)] of the phone on that board, of the simulator around it and of the bench."""
    found = dict(application.sources(board))
    for folder in ("hal", "workbench"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            found.setdefault(path.relative_to(ROOT).as_posix(), path)
    for path in sorted(MODULES.glob("*.py")):
        found[path.name] = path
    return sorted(found.items())


def compiled(board: str) -> Path:
    """A folder with the bytecode of all `sources`; unchanged files are not compiled again."""
    march = application.ARCHITECTURES["sim"]
    version = application.compiler_version()
    folder = COMPILED / board
    for name, source in sources(board):
        content = source.read_bytes()
        digest = hashlib.sha256(version.encode() + name.encode() + content).hexdigest()
        kept = COMPILED / "files" / (digest + ".mpy")
        if not kept.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            made = kept.with_suffix(f".{os.getpid()}")
            made.write_bytes(application.compile_file(source, name, march))
            made.rename(kept)
        place = (folder / name).with_suffix(".mpy")
        if not place.is_symlink() or os.readlink(place) != str(kept):
            place.parent.mkdir(parents=True, exist_ok=True)
            new = place.with_suffix(f".{os.getpid()}")
            new.symlink_to(kept)
            new.rename(place)
    return folder


def native(board: str) -> "Path | None":
    """The folder of the voice core for this program; None where its compiler is missing."""
    try:
        return build_native.build_module("x86", quiet=True).parent
    except build_native.BuildError:
        return None


def model(board: str, data: Path) -> str:
    """The value of ESP32_MODEL for that board; its NVS and flash are files beside the phone's own."""
    papers = application.papers(board)
    chip = "esp32s3" if board == "sim" else papers["mcu"]
    settings = {"chip": chip, "nvs": data / "chip.nvs", "flash": data / "chip.flash"}
    settings["flash_size"] = "%dm" % papers.get("flash_mib", 4)
    if papers.get("memory") == "psram" or board == "sim":
        settings["psram"] = "%dm" % papers.get("psram_mib", 8 if chip == "esp32s3" else 4)
    else:
        settings["heap"] = "%dk" % (HEAP_KB + SIMULATOR_KB)
    return ",".join(f"{name}={value}" for name, value in settings.items())


def frozen(board: str) -> bool:
    """Whether the board needs an image of its own, with the firmware frozen into it."""
    return application.papers(board).get("memory") != "psram" and board != "sim"


def run(options, folder: str) -> int:
    """Run the phone; returns its exit code, RESTART where the board was reset."""
    heap = options.heap
    if frozen(options.board):
        program, path = options.micropython or build_frozen.make(build_frozen.PORTED + options.board), []
        first = firmware.FIRST_AREA_KB[application.papers(options.board)["mcu"]]
        heap = heap or "%dk" % (first + SIMULATOR_KB)
    else:
        program = options.micropython or build_micropython.program(build_micropython.PORTED)
        core = options.modules or native(options.board)
        path = [*([str(core)] if core else []), str(compiled(options.board))]
    if program is None:
        print(f"MicroPython is missing: {build_micropython.why_missing(build_micropython.PORTED)}")
        return 1
    path.append(".frozen")
    command = [str(program), *(["-X", "heapsize=" + heap] if heap else []), "-c", START]
    command += [options.config, folder, options.pcap or "", options.page]
    environment = dict(os.environ, MICROPYPATH=":".join(path), ESP32_MODEL=model(options.board, Path(folder)))
    return subprocess.call(command, env=environment)
