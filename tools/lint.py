#!/usr/bin/env python3
"""Check the tree: ruff and its format, then mypy twice, because two interpreters run this code.

Firmware, simulator and tools are checked against CPython's own types; drivers, contracts and boards
against the ESP32 stubs, whose `machine` and `network` are those of the chip.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STUBS = ROOT / ".venv" / "stubs"

# Name -> (module, arguments, folders to check, search path). Folders that do not exist are left out.
CHECKS = {
    "ruff": ("ruff", ["check"], ["."], []),
    "format": ("ruff", ["format", "--check"], ["."], []),
    "types-host": (
        "mypy",
        [],
        ["firmware", "hal/sim", "workbench", "tools"],
        ["firmware", "hal/sim/modules", "."],
    ),
    "types-chip": (
        "mypy",
        ["--custom-typeshed-dir", str(STUBS)],
        ["hal/contract", "hal/drivers", "hal/null", "boards"],
        ["firmware", ".", str(STUBS)],
    ),
}


def run(name: str) -> bool:
    module, arguments, folders, search_path = CHECKS[name]
    present = [folder for folder in folders if any((ROOT / folder).rglob("*.py"))]
    if not present:
        return True
    print(f"{name}:", flush=True)
    environment = dict(os.environ, MYPYPATH=os.pathsep.join(search_path))
    command = [sys.executable, "-m", module, *arguments, *present]
    return subprocess.run(command, cwd=ROOT, env=environment).returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument(
        "checks",
        nargs="*",
        default=list(CHECKS),
        metavar="CHECK",
        help="one or more of %s (default: all)" % ", ".join(CHECKS),
    )
    options = parser.parse_args()
    unknown = [name for name in options.checks if name not in CHECKS]
    if unknown:
        parser.error("no such check: %s" % ", ".join(unknown))
    results = [run(name) for name in options.checks]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
