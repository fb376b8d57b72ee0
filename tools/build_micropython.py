#!/usr/bin/env python3
"""Get MicroPython's source and build its unix port the way the ESP32 images are built.

Three programs: 32-bit, which has the heap layout of the chips, 64-bit, and "esp32": 32-bit with the ESP32
port's own C for sound, network and flash over a model of ESP-IDF (docs/ported.md). The source comes from
MICROPYTHON=<a checkout>, or else from Debian's source package through a package manager root of our own
(the system is not touched), or else from a shallow git clone. The result is kept in build/micropython/
and built again only when the source or the variant changes.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.lib import debian
from tools.lib.debian import DebianError, run

BUILD = ROOT / "build" / "micropython"
VARIANT = ROOT / "tools" / "micropython_variant"
PORT_VARIANT = ROOT / "tools" / "esp32_port"

# Debian's archives of releases that were built and passed the tests, with their SHA-256.
ACCEPTED = {
    "micropython_1.26.1+ds.orig.tar.xz": "f5ad2ec89d3e921f753d448955af98b6005655f84ba26087dde6ba0e8d062f34",
}
SUITES = ("sid", "forky")

GIT_URL = "https://github.com/micropython/micropython.git"
GIT_TAG = "v1.26.1"

# Raise it when build() changes, so that results of the older recipe are built again.
RECIPE = 1

# Bits -> (Debian's name of the architecture, compiler flag, make variables).
WIDTHS = {
    32: ("i386", "-m32", ["MICROPY_FORCE_32BIT=1"]),
    64: ("amd64", "-m64", []),
}

# The 32-bit program with the ESP32 port's own C.
PORTED = "esp32"
PROGRAMS = (*WIDTHS, PORTED)

# Functions that mbedtls gets from the chip: here from the model (tools/esp32_port/model).
RENAMED = ("calloc", "free", "time")

HELP = """cannot get MicroPython's source:
{problems}
Get a checkout of a release from 1.26 on and name its folder:
    git clone --depth 1 --branch {tag} {url}
    git -C micropython submodule update --init --depth 1 lib/mbedtls
    make micropython MICROPYTHON=$PWD/micropython"""


class BuildError(Exception):
    """What is missing and what to do, for a person to read."""


def width(which) -> "tuple[str, str, list[str]]":
    """The row of WIDTHS of a program: 32, 64 or PORTED."""
    return WIDTHS[32 if which == PORTED else which]


def key(which=32) -> str:
    """A hash of everything that this program is made from."""
    digest = hashlib.sha256(repr((RECIPE, WIDTHS, ACCEPTED, GIT_TAG)).encode())
    paths = sorted(VARIANT.iterdir())
    if which == PORTED:
        paths += sorted(path for path in PORT_VARIANT.rglob("*.[ch]"))
        paths += [PORT_VARIANT / "mpconfigvariant.mk", PORT_VARIANT / "manifest.py"]
    for path in paths:
        digest.update(path.read_bytes())
    checkout = os.environ.get("MICROPYTHON")
    if checkout:
        head = subprocess.run(["git", "-C", checkout, "rev-parse", "HEAD"], capture_output=True)
        digest.update(os.path.abspath(checkout).encode() + head.stdout)
    return digest.hexdigest()[:10]


def program(which) -> "Path | None":
    """The built program, 32, 64 or PORTED, or None."""
    found = sorted(BUILD.glob(f"*-{key(which)}/micropython-{which}"))
    return found[-1] if found else None


def why_missing(which) -> str:
    """The command to type where program(which) is None."""
    note = BUILD / f"missing-{which}"
    return note.read_text() if note.exists() else "make micropython"


def get_source(work: Path) -> Path:
    """A source tree, from the first source that works here."""
    checkout = os.environ.get("MICROPYTHON")
    if checkout:
        if not (Path(checkout) / "ports" / "unix").is_dir():
            raise BuildError(f"MICROPYTHON={checkout} is not a checkout of MicroPython")
        return Path(checkout).resolve()
    problems = []
    for name, way in (("Debian's source package", source_from_debian), ("git", source_from_git)):
        try:
            return way(work)
        except DebianError as error:
            problems.append(f"  {name}: {error}")
    raise BuildError(HELP.format(problems="\n".join(problems), tag=GIT_TAG, url=GIT_URL))


def source() -> Path:
    """The source tree, downloaded if it is not here yet. BuildError or DebianError says why it cannot be."""
    kept = [BUILD / "source" / (name.split("_")[1].split("+")[0]) for name in ACCEPTED]
    for tree in [*kept, BUILD / "source" / f"git-{GIT_TAG}"]:
        if not os.environ.get("MICROPYTHON") and (tree / "py" / "mpconfig.h").exists():
            return tree
    BUILD.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=BUILD) as work:
        return get_source(Path(work))


def source_from_debian(work: Path) -> Path:
    seen = []
    for suite in SUITES:
        folder = work / suite
        folder.mkdir()
        debian.Archive(work / f"apt-{suite}", suite, ["amd64"]).source("micropython", folder)
        for archive in folder.glob("*.orig.tar.xz"):
            digest = hashlib.sha256(archive.read_bytes()).hexdigest()
            if ACCEPTED.get(archive.name) == digest:
                return unpack(archive, work)
            seen.append(f"{suite} has {archive.name}, SHA-256 {digest}, not one of the accepted versions")
    raise DebianError("; ".join(seen))


def unpack(archive: Path, work: Path) -> Path:
    tree = BUILD / "source" / archive.name.split("_")[1].split("+")[0]
    with tarfile.open(archive) as content:
        # The archive's SHA-256 is known; without this, Python from 3.14 on filters what it extracts.
        content.extraction_filter = getattr(tarfile, "fully_trusted_filter", None)
        content.extractall(work / "tree")
    (top,) = (work / "tree").iterdir()
    shutil.rmtree(tree, ignore_errors=True)
    tree.parent.mkdir(exist_ok=True)
    top.rename(tree)
    return tree


def source_from_git(work: Path) -> Path:
    if not shutil.which("git"):
        raise DebianError("git is missing: apt-get install git")
    tree = empty(BUILD / "source" / f"git-{GIT_TAG}")
    quiet = dict(os.environ, GIT_TERMINAL_PROMPT="0")
    run("git", "clone", "--quiet", "--depth", "1", "--branch", GIT_TAG, GIT_URL, tree, env=quiet)
    update = ["submodule", "--quiet", "update", "--init", "--depth", "1", "lib/mbedtls"]
    run("git", "-C", tree, *update, env=quiet)
    return tree


def get_mbedtls(work: Path, architecture: str) -> Path:
    """A folder with include/ and lib/ of Debian's static mbedtls: Debian's MicroPython source lacks it."""
    _, suite = debian.mirror()
    folder = BUILD / f"mbedtls-{suite}-{architecture}"
    if (folder / "lib").is_dir():
        return folder
    unpacked = work / f"mbedtls-{architecture}"
    archive = debian.Archive(work / f"apt-{architecture}", suite, [architecture])
    archive.unpack(f"libmbedtls-dev:{architecture}", unpacked)
    empty(folder)
    shutil.copytree(unpacked / "usr/include", folder / "include")
    (folder / "lib.new").mkdir()
    for library in (unpacked / "usr/lib").rglob("*.a"):
        shutil.copy(library, folder / "lib.new")
    (folder / "lib.new").rename(folder / "lib")
    return folder


def empty(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def version_of(tree: Path) -> str:
    text = (tree / "py" / "mpconfig.h").read_text()
    return ".".join(re.findall(r"#define MICROPY_VERSION_(?:MAJOR|MINOR|MICRO) (\d+)", text)[:3])


def check_compiler(which) -> None:
    flag = width(which)[1]
    with tempfile.NamedTemporaryFile(suffix=".c") as source:
        source.write(b"#include <stdio.h>\n#include <errno.h>\nint main(void) { return 0; }\n")
        source.flush()
        command = ["gcc", flag, "-o", os.devnull, source.name]
        try:
            compiled = subprocess.run(command, capture_output=True).returncode == 0
        except OSError:
            compiled = False
    if not compiled:
        raise BuildError(
            "sudo apt-get install "
            + ("gcc-multilib" if flag == "-m32" else "build-essential")
            + f" (gcc {flag} makes no program here)"
        )


def environment(tree: Path) -> "dict[str, str]":
    # The tree may lie inside this repository, whose version is not MicroPython's.
    made = dict(os.environ, MICROPY_GIT_TAG="v" + version_of(tree), MICROPY_GIT_HASH="release")
    made.pop("MAKEFLAGS", None)  # the flags of our own make are not for MicroPython's
    return made


def cross_compiler(tree: Path) -> Path:
    """mpy-cross of that tree, built if it is not there yet."""
    folder = BUILD / "mpy-cross" / version_of(tree)
    run(
        "make",
        f"-j{os.cpu_count()}",
        "V=0",
        "-C",
        tree / "mpy-cross",
        f"BUILD={folder}",
        env=environment(tree),
    )
    return folder / "mpy-cross"


def variables(tree: Path, which, work: Path) -> "list[str]":
    """The make variables for this program."""
    architecture, flag, given = width(which)
    if flag == "-m32" and "no longer affecting" in (tree / "ports" / "unix" / "Makefile").read_text():
        given = [*given, "CC=gcc -m32"]  # from 1.29 on
    if (tree / "lib" / "mbedtls" / "library").is_dir():
        return given
    mbedtls = get_mbedtls(work, architecture)
    if which == PORTED:
        rename_for_model(mbedtls)
    return [*given, f"MBEDTLS={mbedtls}"]


def rename_for_model(mbedtls: Path) -> None:
    """Make model/ beside lib/: the same libraries, taking memory and time from the model of the chip."""
    if (mbedtls / "model").is_dir():
        return
    folder = empty(mbedtls / "model.new")
    names = [word for name in RENAMED for word in ("--redefine-sym", f"{name}=model_{name}")]
    for library in (mbedtls / "lib").glob("*.a"):
        run("objcopy", *names, library, folder / library.name)
    folder.rename(mbedtls / "model")


def build(tree: Path, which, output: Path, work: Path) -> None:
    """Build one program into `output`; the source tree stays as it is."""
    cross = cross_compiler(tree)
    folder = work / f"unix-{which}"
    run(
        "make",
        f"-j{os.cpu_count()}",
        "V=0",
        "-C",
        tree / "ports" / "unix",
        f"VARIANT_DIR={PORT_VARIANT if which == PORTED else VARIANT}",
        f"BUILD={folder}",
        f"MPY_LIB_DIR={tree}/lib",
        f"MICROPY_MPYCROSS={cross}",
        "MICROPY_MPYCROSS_DEPENDENCY=",
        *variables(tree, which, work),
        env=environment(tree),
    )
    output.mkdir(parents=True, exist_ok=True)
    shutil.copy(cross, output)
    shutil.copy(folder / "micropython", output / f"micropython-{which}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument(
        "programs",
        nargs="*",
        metavar="PROGRAM",
        choices=[[], *map(str, PROGRAMS)],
        help="build only these: 32, 64, esp32 (default: all)",
    )
    named = parser.parse_args().programs
    chosen = [which for which in PROGRAMS if str(which) in named or not named]
    wanted = [which for which in chosen if not program(which)]
    if wanted:
        BUILD.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=BUILD) as folder:
            make_programs(wanted, Path(folder))
    for path in map(program, chosen):
        if path:
            print(path.relative_to(ROOT))
    return 0 if all(map(program, chosen)) else 1


def make_programs(wanted: list, work: Path) -> None:
    """Build the `wanted` programs; print why one cannot be built, and keep the reason for why_missing()."""
    tree = None
    for which in wanted:
        note = BUILD / f"missing-{which}"
        try:
            check_compiler(which)
            if tree is None:
                tree = source()
            print(f"micropython: {version_of(tree)}, {which}", flush=True)
            build(tree, which, BUILD / f"{version_of(tree)}-{key(which)}", work)
            note.unlink(missing_ok=True)
        except (BuildError, DebianError) as error:
            print(f"micropython: {error}", file=sys.stderr)
            note.write_text(str(error).splitlines()[0])


if __name__ == "__main__":
    sys.exit(main())
