#!/usr/bin/env python3
"""Build the voice core in C (firmware/native) for this machine.

CC names the compiler, CFLAGS adds options. What is built already from the same sources, compiler and options
is left alone.
"""

import argparse
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NATIVE = ROOT / "firmware" / "native"
BUILD = ROOT / "build" / "native"

UNIT = NATIVE / "core" / "voice_core.c"
HOST_LIBRARY = BUILD / "host" / "voice_core.so"

# The core has no library under it, so the compiler must not call one in either: no memset for a loop.
CORE_FLAGS = ["-std=c99", "-O2", "-Wall", "-Wextra", "-ffreestanding", "-fno-tree-loop-distribute-patterns"]
HOST_FLAGS = ["-shared", "-fPIC", "-nostdlib", "-DCORE="]

NO_COMPILER = """no C compiler: {command} is not on the path. Install one, or name one in CC:
    sudo apt-get install gcc"""


class BuildError(Exception):
    """What is wrong and what to do, for a person to read."""


def compiler() -> "list[str]":
    """The compiler's command, from CC or the first that is there."""
    if os.environ.get("CC"):
        command = shlex.split(os.environ["CC"])
    else:
        command = [next((name for name in ("cc", "gcc", "clang") if shutil.which(name)), "cc")]
    if shutil.which(command[0]) is None:
        raise BuildError(NO_COMPILER.format(command=command[0]))
    return command


def digest(command) -> str:
    """What the result depends on: the sources, the compiler and the command line."""
    version = subprocess.run([*command[:1], "--version"], capture_output=True)
    whole = hashlib.sha256(version.stdout + "\0".join(command).encode())
    for path in sorted((NATIVE / "core").glob("*.[ch]")):
        whole.update(path.name.encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()


def build_host(quiet: bool = False) -> Path:
    """The shared library for CPython on this machine. BuildError says what is missing or failed."""
    flags = [*CORE_FLAGS, *HOST_FLAGS, *shlex.split(os.environ.get("CFLAGS", ""))]
    command = [*compiler(), *flags, str(UNIT)]
    stamp = HOST_LIBRARY.with_suffix(".sha256")
    wanted = digest(command)
    if HOST_LIBRARY.exists() and stamp.exists() and stamp.read_text() == wanted:
        return HOST_LIBRARY
    HOST_LIBRARY.parent.mkdir(parents=True, exist_ok=True)
    # Linked under another name first: whoever has the library open keeps the one that it has.
    fresh = HOST_LIBRARY.with_suffix(".%d" % os.getpid())
    result = subprocess.run([*command, "-o", str(fresh)])
    if result.returncode:
        raise BuildError("the compiler failed: %s" % shlex.join([*command, "-o", str(fresh)]))
    stamp.unlink(missing_ok=True)
    fresh.replace(HOST_LIBRARY)
    stamp.write_text(wanted)
    if not quiet:
        print("native: %s" % HOST_LIBRARY.relative_to(ROOT))
    return HOST_LIBRARY


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0], epilog=__doc__.split("\n\n")[1])
    parser.add_argument("--host", action="store_true",
                        help="a shared library for CPython on this machine (default)")
    parser.parse_args()
    try:
        build_host()
    except BuildError as error:
        print("build_native: %s" % error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
