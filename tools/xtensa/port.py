"""MicroPython for qemu-xtensa: the port in port/, compiled like the native modules that it loads."""

import hashlib
import os
import sys
import tempfile
from pathlib import Path

from tools import build_micropython
from tools.xtensa import toolchain
from tools.xtensa.toolchain import ToolMissing

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "xtensa"
PORT = toolchain.FOLDER / "port"


def key() -> str:
    """A hash of everything that the program is made from."""
    digest = hashlib.sha256((toolchain.version() + build_micropython.key()).encode())
    for path in sorted(PORT.rglob("*")):
        if path.is_file():
            digest.update(str(path.relative_to(PORT.parent)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:10]


def program() -> Path:
    """The program, built if it is not there yet. Raises ToolMissing or ToolError."""
    toolchain.require(toolchain.LLVM, toolchain.LINKER, toolchain.EMULATOR, toolchain.MAKE)
    built = BUILD / ("micropython-" + key())
    if not built.exists():
        BUILD.mkdir(parents=True, exist_ok=True)
        tree = source()
        print("xtensa: MicroPython %s" % build_micropython.version_of(tree), file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(dir=BUILD) as work:
            build(tree, Path(work))
            os.replace(Path(work) / "micropython", built)
    return built


def source() -> Path:
    """MicroPython's source tree."""
    try:
        return build_micropython.source()
    except (build_micropython.BuildError, build_micropython.DebianError) as error:
        raise ToolMissing(str(error))


def build(tree: Path, folder: Path) -> None:
    compiler = "%s %s" % (sys.executable, toolchain.FOLDER / "cc.py")
    environment = dict(
        os.environ, MICROPY_GIT_TAG="v" + build_micropython.version_of(tree), MICROPY_GIT_HASH="release"
    )
    toolchain.run(
        "make",
        "-j%d" % os.cpu_count(),
        "-C",
        PORT,
        "TOP=%s" % tree,
        "BUILD=%s" % folder,
        "CC=%s" % compiler,
        "AS=%s -c" % compiler,
        "PYTHON=%s" % sys.executable,
        "LDFLAGS=%s" % " ".join(toolchain.LINK_FLAGS),
        "MPY_LIB_DIR=%s/lib" % tree,
        env=environment,
    )
