"""Bare-metal programs in C for qemu-xtensa, to count instructions without MicroPython."""

import tempfile
from pathlib import Path

from tools.xtensa import toolchain
from tools.xtensa.port import PORT

# A header with the machine's three functions, for such programs.
MACHINE = toolchain.FOLDER / "bare_machine.h"


def build(sources: "list[Path]", output: Path, flags: "list[str]") -> None:
    """Compile and link C files, one of which includes MACHINE. ToolError says what is missing or failed."""
    toolchain.require(toolchain.LLVM, toolchain.LINKER)
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent) as folder:
        objects = [Path(folder) / ("%d.o" % index) for index in range(len(sources) + 1)]
        toolchain.assemble(PORT / "start.s", objects[0])
        for source, made in zip(sources, objects[1:]):
            toolchain.compile_c(source, made, [*toolchain.CORE_FLAGS, *flags])
        toolchain.link(objects, output)
