#!/usr/bin/env python3
"""Run a MicroPython script on the instruction set of ESP32, S2 and S3, emulated on this machine.

The script reads the host's files and loads native modules for xtensawin (make native builds the voice core).
MicroPython is compiled for it once, into build/xtensa. With --count the script can use the module `counter`:
counter.read() gives (instructions executed in native modules, instructions in all).
"""

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.xtensa import emulator, port
from tools.xtensa.toolchain import ToolError


def main() -> int:
    about, notes = __doc__.split("\n\n")
    parser = argparse.ArgumentParser(description=about, epilog=notes)
    parser.add_argument(
        "--path", default="", metavar="FOLDER[:FOLDER]", help="where the script finds modules"
    )
    parser.add_argument("--count", action="store_true", help="count instructions")
    parser.add_argument("script", nargs="?", help="(without one: only build)")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="for the script")
    options = parser.parse_args()
    try:
        program = port.program()
        if not options.script:
            print(program.relative_to(ROOT))
            return 0
        command = emulator.command(
            program, "-p", options.path, options.script, *options.arguments, count=options.count
        )
    except ToolError as error:
        print("emulate_xtensa: %s" % error, file=sys.stderr)
        return 1
    sys.stdout.flush()
    os.execvp(command[0], command)


if __name__ == "__main__":
    sys.exit(main())
