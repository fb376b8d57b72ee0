"""C for the Xtensa cores of ESP32, S2 and S3, by programs that Debian packages: clang -> llc -> llvm-mc.

Debian has no compiler for these cores, but LLVM's back end knows them. clang does not know their names, so
it makes intermediate code, llc assembly of that and llvm-mc an object: three steps, each by its own program.
"""

import re
import shutil
import subprocess
from pathlib import Path

from tools.xtensa import object_fix

FOLDER = Path(__file__).resolve().parent
INCLUDE = FOLDER / "port" / "include"

# Program -> Debian's package of it. One version: another one's code has not been tried.
LLVM = {"clang-22": "clang-22", "llc-22": "llvm-22", "llvm-mc-22": "llvm-22"}
LINKER = {"xtensa-lx106-elf-ld": "binutils-xtensa-lx106"}
EMULATOR = {"qemu-xtensa": "qemu-user"}
MAKE = {"make": "make"}
HOST_COMPILER = {"cc": "gcc"}

# All three chips have these instructions, but the emulated core lacks the second, and the S2 the first.
CORE = ["-mcpu=esp32", "-mattr=-fp,-mul32high"]

CLANG_FLAGS = [
    "--target=xtensa-esp-elf",
    "-nostdlibinc",
    "-isystem",
    str(INCLUDE),
    # With a frame pointer, a function of six arguments or more loses the sixth.
    "-fomit-frame-pointer",
    "-fno-common",
    "-fno-jump-tables",
    "-fno-stack-protector",
]


# For the voice core and the like: as C99 without a library, the compiler calls none either.
CORE_FLAGS = ["-std=c99", "-O2", "-Wall", "-Wextra", "-Wno-unused-parameter", "-ffreestanding"]

LINK_FLAGS = [
    "-nostdlib",
    "--no-relax",
    "-z",
    "noexecstack",
    "--no-warn-rwx-segments",
    "-T",
    str(FOLDER / "port" / "link.ld"),
]


class ToolError(Exception):
    """What failed, for a person to read."""


class ToolMissing(ToolError):
    """The command that brings what is not there."""


def require(*groups) -> None:
    """ToolMissing naming the packages, where a program of these groups is not installed."""
    packages = {package for group in groups for name, package in group.items() if not shutil.which(name)}
    if packages:
        raise ToolMissing("sudo apt-get install %s" % " ".join(sorted(packages)))


def run(*command, **options) -> str:
    """Output of a command that is expected to work."""
    command = [str(word) for word in command]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if result.returncode:
        tail = "\n".join(result.stdout.splitlines()[-30:])
        raise ToolError("%s failed:\n%s" % (Path(command[0]).name, tail))
    return result.stdout


def version() -> str:
    """Changes when the compiler does, or what it is told."""
    ours = [path.read_text() for path in [*sorted(FOLDER.glob("*.py")), *sorted(INCLUDE.rglob("*.h"))]]
    return run("clang-22", "--version") + run("llc-22", "--version") + "".join(ours)


def compile_c(source: Path, output: Path, flags: "list[str]") -> None:
    """One C file to an object."""
    assemble(to_assembly(source, output, flags), output)


def compile_module(source: Path, output: Path, flags: "list[str]") -> None:
    """One C file to an object for MicroPython's linker of native modules."""
    assembly = to_assembly(source, output, flags)
    # That linker relocates pointers in .data.rel.ro; the code finds either through its literals.
    assembly.write_text(
        re.sub(
            r"^\s*\.section\s+\.rodata.*$",
            '\t.section .data.rel.ro,"aw",@progbits',
            assembly.read_text(),
            flags=re.MULTILINE,
        )
    )
    assemble(assembly, output)
    object_fix.fix(output)


def to_assembly(source: Path, output: Path, flags: "list[str]") -> Path:
    """A file beside `output`."""
    middle, assembly = output.with_suffix(".ll"), output.with_suffix(".s")
    warnings = run("clang-22", *CLANG_FLAGS, *flags, "-emit-llvm", "-S", source, "-o", middle)
    if warnings:
        print(warnings, end="")
    run("llc-22", "-O2", "-march=xtensa", *CORE, "-filetype=asm", middle, "-o", assembly)
    return assembly


def assemble(source: Path, output: Path) -> None:
    run("llvm-mc-22", "-arch=xtensa", *CORE, "-filetype=obj", source, "-o", output)


def link(objects: "list[Path]", output: Path) -> None:
    """Objects to a program for qemu-xtensa."""
    run("xtensa-lx106-elf-ld", *LINK_FLAGS, "-o", output, *objects)
