"""A simulated board that starts as a real one does: with the start file, from a folder that is its flash.

Used through `tools/sim.py --flash`. The phone's process is the chip: it exits with RESTART for a reset, and
is killed and started again when it does not feed its watchdog.
"""

import functools
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tools import build_micropython
from tools.lib import application

ROOT = Path(__file__).resolve().parents[2]

# The exit code of hal.sim.modules.machine for a reset.
RESTART = 75

# Runs main.py, as MicroPython does at power-on. The end of the bench stands for a power cut.
START = """
import sys
scope = {"__name__": "boot"}
with open("main.py") as file:
    exec(file.read(), scope)
def run():
    from start import start
    def load():
        from workbench import bench
        return bench.main(sys.argv[1:])
    code = start(load)
    if code in (0, 130):
        sys.exit(code)
scope["main"](run)
sys.exit(1)
"""


def sources() -> "list[tuple[str, Path]]":
    """[(path in a slot, Python file)] of the phone, the simulated board and the bench."""
    found = dict(application.sources("sim"))
    for folder in ("hal", "workbench"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "modules" not in path.parts and "__pycache__" not in path.parts:
                found.setdefault(path.relative_to(ROOT).as_posix(), path)
    return sorted(found.items())


def files(runtime: str, changes=()) -> "list[tuple[str, bytes]]":
    """[(path, bytes)] for a slot: sources for CPython, bytecode for MicroPython.

    `changes` are (path, bytes of source) that replace or add files.
    """
    made = {name: path.read_bytes() for name, path in sources()}
    made.update(changes)
    if runtime == "cpython":
        return sorted(made.items())
    return [(name[:-3] + ".mpy", compiled(name, octets)) for name, octets in sorted(made.items())]


@functools.cache
def compiled(name: str, octets: bytes) -> bytes:
    """The bytecode of a source."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "module.py")
        path.write_bytes(octets)
        return application.compile_file(path, name, application.ARCHITECTURES["sim"])


def write_slot(folder: Path, content: "list[tuple[str, bytes]]") -> None:
    for name, octets in content:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(octets)


def make(flash: Path, content: "list[tuple[str, bytes]]") -> None:
    """Fill a board's flash as in the factory: the start file and one slot."""
    write_slot(flash, application.start_files())
    write_slot(flash / application.SLOT, content)


def command(options) -> "tuple[list[str], dict[str, str]]":
    """(command, environment) of the chip's process."""
    modules = str(ROOT / "hal" / "sim" / "modules")
    arguments = [
        os.path.abspath(options.config) if options.config else "",
        "data",
        os.path.abspath(options.pcap) if options.pcap else "",
        options.page,
    ]
    if options.runtime == "cpython":
        return [sys.executable, "-c", START, *arguments], dict(os.environ, PYTHONPATH=modules)
    program = options.micropython or build_micropython.program(32)
    if program is None:
        raise SystemExit(f"MicroPython is missing: {build_micropython.why_missing(32)}")
    heap = ["-X", "heapsize=" + (options.heap or "2m")]
    return [str(program), *heap, "-c", START, *arguments], dict(os.environ, MICROPYPATH=modules + ":.frozen")


def run(options) -> int:
    """Run the board until its power ends; returns the exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    line, environment = command(options)
    with tempfile.TemporaryDirectory(prefix="watchdog-") as folder:
        fed = Path(folder, "fed")
        environment["BAKELITE_WATCHDOG"] = str(fed)
        while True:
            code = live(line, environment, options.flash, fed)
            if code not in (RESTART, None):
                return code
            fed.unlink(missing_ok=True)


def live(line, environment, flash, fed) -> "int | None":
    """Run the chip from a start to a reset or its end; returns the exit code, None after a watchdog reset."""
    chip = subprocess.Popen(line, env=environment, cwd=flash)
    try:
        while True:
            try:
                return chip.wait(0.1)
            except subprocess.TimeoutExpired:
                if is_starved(fed):
                    print("watchdog: the board restarts", file=sys.stderr, flush=True)
                    return None
    finally:
        if chip.poll() is None:
            chip.kill()
            chip.wait()


def is_starved(fed: Path) -> bool:
    try:
        limit_ms = int(fed.read_text() or 0)
        return bool(limit_ms) and (time.time() - fed.stat().st_mtime) * 1000 > limit_ms
    except (OSError, ValueError):
        return False  # the file is being written
