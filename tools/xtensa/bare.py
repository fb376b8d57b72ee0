"""Programs in C for qemu-xtensa with nothing under them: what costs is counted on, without MicroPython."""

import tempfile
from pathlib import Path

from tools.xtensa import toolchain
from tools.xtensa.port import PORT

# For programs that want three functions of the machine: see the file.
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
