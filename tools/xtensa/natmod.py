"""Native modules of MicroPython for `xtensawin`: the ESP32, the S2 and the S3."""

import re
import sys
from pathlib import Path

from tools.xtensa import toolchain

ARCHITECTURE = "xtensawin"

FLAGS = [*toolchain.CORE_FLAGS, "-DNDEBUG", "-DNO_QSTR", "-DMICROPY_ENABLE_DYNRUNTIME",
         "-DMICROPY_FLOAT_IMPL=MICROPY_FLOAT_IMPL_FLOAT"]

# A word of another name for the loader, or a line that says from which file the next ones are.
_NAME = re.compile(r"\bMP_QSTR_\w+")
_PLACE = re.compile(r'# \d+ "([^"]*)"')


def build(source: Path, output: Path, tree: Path, work: Path) -> None:
    """One C file, which includes what else belongs to the module, to a .mpy file.

    `tree` is MicroPython's source, `work` an empty folder for what lies between. ToolError says what failed.
    """
    toolchain.require(toolchain.LLVM)
    linker = [sys.executable, tree / "tools" / "mpy_ld.py", "--arch", ARCHITECTURE]
    config, names, module = work / "config.h", work / "names.c", work / "module.o"
    flags = [*FLAGS, "-I%s" % tree, "-isystem%s" % work, "-DMP_CONFIGFILE=<config.h>"]
    names.touch()
    toolchain.run(*linker, "--preprocess", "-o", config, names)
    names.write_text("\n".join(names_of(source, tree, flags)))
    toolchain.run(*linker, "--preprocess", "-o", config, names)
    toolchain.compile_module(source, module, flags)
    toolchain.run(*linker, "--qstrs", config, "-o", output, module)


def names_of(source: Path, tree: Path, flags: "list[str]") -> "list[str]":
    """MP_QSTR_… of the module, those that macros paste together included, without those of MicroPython's headers."""
    found, ours = set(), True
    for line in toolchain.run("clang-22", *toolchain.CLANG_FLAGS, *flags, "-E", source).splitlines():
        place = _PLACE.match(line)
        if place:
            ours = str(tree) not in place.group(1)
        elif ours:
            found.update(_NAME.findall(line))
    return sorted(found)
