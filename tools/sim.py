#!/usr/bin/env python3
"""Run one simulated phone, without a window, driven by JSON lines on stdin; events are JSON lines on stdout.

docs/bench.md describes the commands and events. `make sim` shows phones in the terminal instead.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools import build_frozen, build_micropython
from tools.lib import application, esp32_port, host_path

FROZEN_PATH = [Path(".frozen/hal/sim/modules"), Path(".frozen")]


# The program for MicroPython's -c; -m would search the current folder first.
START = """
import sys
sys.path.pop(0)
from start import start
def load():
    from workbench import bench
    return bench.main(sys.argv[1:])
sys.exit(start(load))
"""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bench", action="store_true", required=True, help="speak the bench protocol")
    parser.add_argument(
        "--config",
        default="",
        metavar="FILE",
        help="the phone's settings, phone.json (default: those in its flash)",
    )
    parser.add_argument("--data", metavar="FOLDER", help="the phone's flash (default: forgotten at the end)")
    parser.add_argument(
        "--flash",
        metavar="FOLDER",
        help="start from this folder as a board does, by its main.py (docs/updates.md)",
    )
    parser.add_argument("--pcap", metavar="FILE", help="record all that the phone sends")
    parser.add_argument(
        "--page",
        default="",
        metavar="PORT",
        help="the port of the web interface, 0 for any (default: no web interface)",
    )
    parser.add_argument(
        "--runtime", choices=RUNTIMES, default="cpython", help="the interpreter (default: %(default)s)"
    )
    parser.add_argument(
        "--board",
        default="sim",
        choices=application.boards(),
        help="with runtime esp32: the board (default: %(default)s)",
    )
    parser.add_argument(
        "--frozen",
        action="store_true",
        help="with that runtime: the firmware frozen into it, as a custom image has it",
    )
    parser.add_argument("--heap", metavar="SIZE", help="MicroPython's (default: 1m, 160k when frozen)")
    parser.add_argument(
        "--modules",
        metavar="FOLDER",
        help="with that runtime: where more modules are, such as build/native/x86",
    )
    parser.add_argument(
        "--micropython",
        metavar="PROGRAM",
        help="that runtime's program (default: as `make micropython` built it)",
    )
    return parser.parse_args()


def run_here(options: argparse.Namespace, folder: str) -> int:
    """Run the phone in this process; returns its exit code."""
    host_path.use(host_path.PHONE)
    from workbench import bench

    try:
        return bench.main([options.config, folder, options.pcap or "", options.page])
    except SystemExit as end:
        return int(end.code or 0)


def run_micropython(options: argparse.Namespace, folder: str) -> int:
    """Run the phone in a MicroPython process, which inherits our standard input and output."""
    if options.frozen:
        program, missing, path = build_frozen.program("unix"), "tools/build_frozen.py unix", FROZEN_PATH
    else:
        program, missing = build_micropython.program(32), build_micropython.why_missing(32)
        path = [*host_path.PHONE, Path(".frozen")]
    program = options.micropython or program
    if program is None:
        print(f"MicroPython is missing: {missing}", file=sys.stderr)
        return 1
    if options.modules:
        path = [Path(options.modules), *path]
    heap = options.heap or ("160k" if options.frozen else "1m")
    command = [str(program), "-X", "heapsize=" + heap, "-c", START]
    command += [options.config, folder, options.pcap or "", options.page]
    environment = dict(os.environ, MICROPYPATH=":".join(str(folder) for folder in path))
    return os.spawnvpe(os.P_WAIT, command[0], command, environment)


# The exit code of a board that resets itself, the same as in hal.sim.modules.machine.
RESTART = 75

RUNTIMES = {"cpython": run_here, "micropython": run_micropython, "esp32": esp32_port.run}


def main() -> int:
    options = arguments()
    if options.flash:
        from tools.lib import sim_flash

        return sim_flash.run(options)
    folder = options.data or tempfile.mkdtemp(prefix="phone-")
    try:
        code = RUNTIMES[options.runtime](options, folder)
        if code == RESTART:
            # After a reset the phone uses its stored settings, not those of --config.
            again = ["--data", folder, "--config", ""]
            code = subprocess.call([sys.executable, *sys.argv, *again])
        return code
    finally:
        if not options.data:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
