"""Compiles C for the Xtensa cores of ESP32, S2 and S3 with Debian's packages: clang -> llc -> llvm-mc.

Debian has no compiler for these cores, but LLVM's back end knows them. clang does not know their names, so
clang makes intermediate code, llc turns this into assembly, and llvm-mc assembly into an object.
"""

import re
import shutil
import subprocess
from pathlib import Path

from tools.xtensa import object_fix

FOLDER = Path(__file__).resolve().parent
INCLUDE = FOLDER / "port" / "include"

# Program -> Debian's package. The version is fixed: the code of others is not tested.
LLVM = {"clang-22": "clang-22", "llc-22": "llvm-22", "llvm-mc-22": "llvm-22"}
LINKER = {"xtensa-lx106-elf-ld": "binutils-xtensa-lx106"}
EMULATOR = {"qemu-xtensa": "qemu-user"}
MAKE = {"make": "make"}
HOST_COMPILER = {"cc": "gcc"}

# The chips' instruction set without floats, which the S2 lacks, and mul32high, which the emulated core lacks.
CORE = ["-mcpu=esp32", "-mattr=-fp,-mul32high"]

CLANG_FLAGS = [
    "--target=xtensa-esp-elf",
    "-nostdlibinc",
    "-isystem",
    str(INCLUDE),
    # With a frame pointer, a function of six or more arguments loses the sixth.
    "-fomit-frame-pointer",
    "-fno-common",
    "-fno-jump-tables",
    "-fno-stack-protector",
]


# For the C cores: C99 without a library, which the compiler then does not call either.
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
    """A failure, for a person to read."""


class ToolMissing(ToolError):
    """A program is missing; the message is the command that installs it."""


def require(*groups) -> None:
    """Raise ToolMissing with the packages of those programs in `groups` that are not installed."""
    packages = {package for group in groups for name, package in group.items() if not shutil.which(name)}
    if packages:
        raise ToolMissing("sudo apt-get install %s" % " ".join(sorted(packages)))


def run(*command, **options) -> str:
    """The output of a command; ToolError if it fails."""
    command = [str(word) for word in command]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if result.returncode:
        tail = "\n".join(result.stdout.splitlines()[-30:])
        raise ToolError("%s failed:\n%s" % (Path(command[0]).name, tail))
    return result.stdout


def version() -> str:
    """A string that changes with the compiler and its options."""
    ours = [path.read_text() for path in [*sorted(FOLDER.glob("*.py")), *sorted(INCLUDE.rglob("*.h"))]]
    return run("clang-22", "--version") + run("llc-22", "--version") + "".join(ours)


def compile_c(source: Path, output: Path, flags: "list[str]") -> None:
    """Compile one C file to an object."""
    assemble(to_assembly(source, output, flags), output)


def compile_module(source: Path, output: Path, flags: "list[str]") -> None:
    """Compile one C file to an object for MicroPython's linker of native modules."""
    assembly = to_assembly(source, output, flags)
    # That linker relocates pointers in .data.rel.ro only; the code finds either section through its literals.
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
    """Compile a C file to assembly; returns the file, beside `output`."""
    middle, assembly = output.with_suffix(".ll"), output.with_suffix(".s")
    warnings = run("clang-22", *CLANG_FLAGS, *flags, "-emit-llvm", "-S", source, "-o", middle)
    if warnings:
        print(warnings, end="")
    run("llc-22", "-O2", "-march=xtensa", *CORE, "-filetype=asm", middle, "-o", assembly)
    return assembly


def assemble(source: Path, output: Path) -> None:
    run("llvm-mc-22", "-arch=xtensa", *CORE, "-filetype=obj", source, "-o", output)


def link(objects: "list[Path]", output: Path) -> None:
    """Link objects to a program for qemu-xtensa."""
    run("xtensa-lx106-elf-ld", *LINK_FLAGS, "-o", output, *objects)
