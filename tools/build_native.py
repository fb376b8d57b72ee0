#!/usr/bin/env python3
"""Build the cores in C (firmware/native): for CPython on this machine, and as native modules of MicroPython
for every chip whose compiler is installed.

CC names the compiler for this machine, CFLAGS adds options. Results of the same sources, compiler and options
are not built again. The modules are build/native/ARCHITECTURE/*.mpy.
"""

import argparse
import hashlib
import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools import build_micropython
from tools.lib.debian import DebianError
from tools.xtensa import natmod as xtensa
from tools.xtensa.toolchain import ToolError

NATIVE = ROOT / "firmware" / "native"
BUILD = ROOT / "build" / "native"

# Each is core/NAME.c, which includes its parts, and mpy/NAME.c, its binding. Code that not every call needs
# is in a module of its own, loaded on demand.
MODULES = ("voice_core", "srtp_core", "wide_core", "echo_core")

UNIT = NATIVE / "core" / "voice_core.c"
HOST_LIBRARY = BUILD / "host" / "voice_core.so"

# The core is linked without a library, so the compiler must not call one either: no memset for a loop.
CORE_FLAGS = ["-std=c99", "-O2", "-Wall", "-Wextra", "-ffreestanding", "-fno-tree-loop-distribute-patterns"]
HOST_FLAGS = ["-shared", "-fPIC", "-nostdlib", "-DCORE="]

# The flags of MicroPython's py/dynruntime.mk; its headers do not pass -Wextra.
MODULE_FLAGS = [
    "-Wno-unused-parameter",
    "-Wno-sign-compare",
    "-Wno-missing-field-initializers",
    "-DNDEBUG",
    "-DNO_QSTR",
    "-DMICROPY_ENABLE_DYNRUNTIME",
    "-DMICROPY_FLOAT_IMPL=MICROPY_FLOAT_IMPL_NONE",
]

# Raise it when link() changes, so that results of the older recipe are built again.
RECIPE = 4

NO_COMPILER = """no C compiler: {command} is not on the path. Install one, or name one in CC:
    sudo apt-get install gcc"""

# A program that includes what MicroPython's headers include.
PROBE = b"#include <errno.h>\n#include <stdio.h>\n#include <string.h>\n#include <stdint.h>\nint probe;\n"


class BuildError(Exception):
    """What is wrong and what to do, for a person to read."""


class Gcc:
    """A compiler for native modules. Other compilers have the same three methods."""

    def __init__(self, command: str, package: str, flags: "list[str]"):
        self.command = command
        self.package = package
        self.flags = [*flags, "-fpic", "-fno-common", "-fno-stack-protector", "-U_FORTIFY_SOURCE"]

    def missing(self) -> str:
        """The command that installs the compiler; "" where the compiler works."""
        if shutil.which(self.command):
            command = [self.command, *self._flags(), "-c", "-x", "c", "-", "-o", os.devnull]
            if subprocess.run(command, input=PROBE, capture_output=True).returncode == 0:
                return ""
        return "sudo apt-get install %s" % self.package

    def version(self) -> str:
        """A string that changes with the compiler and its options."""
        return run(self.command, "--version") + " ".join(self._flags())

    def compile(self, source: Path, output: Path, flags: "list[str]") -> None:
        """One C file to an object that tools/mpy_ld.py links."""
        run(self.command, *self._flags(), *flags, "-c", source, "-o", output)

    def _flags(self):
        return self.flags


class RiscvGcc(Gcc):
    """Debian's bare-metal gcc, which comes without a C library: picolibc has the headers."""

    def _flags(self):
        specs = run(self.command, "-print-file-name=picolibc.specs").strip()
        return [*self.flags, *(["-specs=" + specs] if "/" in specs else [])]


# Architecture, as MicroPython names it in a .mpy -> (where it runs, compiler).
ARCHITECTURES: "dict[str, tuple[str, Gcc | xtensa.Llvm]]" = {
    "x64": ("the 64-bit unix port", Gcc("gcc", "gcc libc6-dev", ["-m64"])),
    "x86": ("the 32-bit unix port", Gcc("gcc", "gcc-multilib", ["-m32"])),
    "rv32imc": (
        "ESP32-C3, C6, P4",
        RiscvGcc(
            "riscv64-unknown-elf-gcc",
            "gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf",
            ["-march=rv32imc", "-mabi=ilp32", "-mno-relax"],
        ),
    ),
    "xtensawin": ("ESP32, S2, S3", xtensa.Llvm()),
}


def run(*command, cwd: "Path | None" = None) -> str:
    """The output of a command; BuildError if the command fails."""
    words = [str(word) for word in command]
    result = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=cwd)
    if result.returncode:
        raise BuildError("%s\n%s failed" % ("\n".join(result.stdout.splitlines()[-30:]), shlex.join(words)))
    return result.stdout


def compiler() -> "list[str]":
    """The command of this machine's compiler: CC, or the first that is installed."""
    if os.environ.get("CC"):
        command = shlex.split(os.environ["CC"])
    else:
        command = [next((name for name in ("cc", "gcc", "clang") if shutil.which(name)), "cc")]
    if shutil.which(command[0]) is None:
        raise BuildError(NO_COMPILER.format(command=command[0]))
    return command


# Lengths in bytes: of the header, which MicroPython checks, and of the seal at the end.
HEADER, SEAL = 4, 8


def digest(*parts) -> str:
    """Hash of everything that a result depends on: the C sources and `parts`."""
    whole = hashlib.sha256("\0".join(parts).encode())
    for path in sorted(NATIVE.rglob("*.[ch]")):
        whole.update(path.name.encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()


def made_once(output: Path, wanted: str, make, quiet: bool) -> Path:
    """`output`, made by make(path) unless its stamp already says `wanted`, the digest of its inputs."""
    stamp = output.with_suffix(".sha256")
    if output.exists() and stamp.exists() and stamp.read_text() == wanted:
        return output
    output.parent.mkdir(parents=True, exist_ok=True)
    # Made under another name first: a process that has the old file open keeps it.
    fresh = output.with_suffix(".%d" % os.getpid())
    make(fresh)
    stamp.unlink(missing_ok=True)
    fresh.replace(output)
    stamp.write_text(wanted)
    if not quiet:
        print("native: %s" % output.relative_to(ROOT))
    return output


def build_host(quiet: bool = False) -> Path:
    """Build the shared libraries for CPython on this machine; returns the voice core's. BuildError says what
    is missing or failed."""
    options = [*compiler(), *CORE_FLAGS, *HOST_FLAGS, *shlex.split(os.environ.get("CFLAGS", ""))]
    version = subprocess.run([options[0], "--version"], stdout=subprocess.PIPE, text=True).stdout
    for module in MODULES:
        command = [*options, str(UNIT.with_name(module + ".c"))]

        def make(output, command=command):
            if subprocess.run([*command, "-o", str(output)]).returncode:
                raise BuildError("the compiler failed: %s" % shlex.join([*command, "-o", str(output)]))

        made_once(HOST_LIBRARY.with_name(module + ".so"), digest(version, *command), make, quiet)
    return HOST_LIBRARY


def build_module(architecture: str, quiet: bool = False, module: str = "voice_core") -> Path:
    """A native module for that architecture. BuildError says what is missing or failed."""
    _, tool = ARCHITECTURES[architecture]
    missing = tool.missing()
    if missing:
        raise BuildError(missing)
    flags = [*CORE_FLAGS, *MODULE_FLAGS]
    wanted = digest(tool.version(), *flags, architecture, build_micropython.key(), str(RECIPE))

    def make(output):
        with tempfile.TemporaryDirectory(dir=output.parent) as folder:
            link(module, architecture, tool, flags, Path(folder)).replace(output)

    return made_once(BUILD / architecture / (module + ".mpy"), wanted, make, quiet)


def link(name: str, architecture: str, tool, flags: "list[str]", work: Path) -> Path:
    """Compile and link a native module, by the steps of MicroPython's py/dynruntime.mk."""
    if not (importlib.util.find_spec("elftools") and importlib.util.find_spec("ar")):
        raise BuildError("pip install -r requirements/native.txt (make native does it)")
    try:
        tree = build_micropython.source()
    except (build_micropython.BuildError, DebianError) as error:
        raise BuildError(str(error))
    binding = NATIVE / "mpy" / (name + ".c")
    # The linker looks for qstrs in the files that it is given, not in those that they include.
    bindings = [binding, *binding.parent.glob("*.h")]
    config, compiled, module = [work / (name + ending) for ending in (".config.h", ".o", ".mpy")]
    linker = [sys.executable, tree / "tools" / "mpy_ld.py", "--arch", architecture]
    run(*linker, "--preprocess", "-o", config, *bindings)
    try:
        tool.compile(binding, compiled, [*flags, "-isystem", tree, "-DMP_CONFIGFILE=<%s>" % config])
    except ToolError as error:
        raise BuildError(str(error))
    # The linker writes its output's name into the module: without a folder, the bytes are always the same.
    run(*linker, "--qstrs", config.name, "-o", module.name, compiled.name, cwd=work)
    return sealed(module)


def sealed(module: Path) -> Path:
    """Append the seal, by which compat.py detects a truncated module."""
    octets = module.read_bytes()
    module.write_bytes(octets + hashlib.sha256(octets[HEADER:]).digest()[:SEAL])
    return module


def build_all() -> int:
    """Build all that the installed compilers can; print what is left out and the package that is missing."""
    build_host()
    for architecture, (where, tool) in ARCHITECTURES.items():
        missing = tool.missing()
        if missing:
            print("native: no module for %s (%s): %s" % (architecture, where, missing))
        else:
            for module in MODULES:
                build_module(architecture, module=module)
    return 0


def main() -> int:
    about, notes = __doc__.split("\n\n")
    parser = argparse.ArgumentParser(description=about, epilog=notes)
    parser.add_argument("--host", action="store_true", help="only the shared libraries for CPython")
    parser.add_argument("--arch", choices=list(ARCHITECTURES), help="only the modules for that architecture")
    options = parser.parse_args()
    try:
        if options.host:
            build_host()
        elif options.arch:
            for module in MODULES:
                build_module(options.arch, module=module)
        else:
            return build_all()
    except BuildError as error:
        print("build_native: %s" % error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
