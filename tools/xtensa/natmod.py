"""The compiler for native modules of `xtensawin` (ESP32, S2, S3), as tools/build_native.py wants one."""

from pathlib import Path

from tools.xtensa import toolchain

# What clang does not know: without a library it makes no calls of one out of loops anyway.
GCC_ONLY = {"-fno-tree-loop-distribute-patterns"}


class Llvm:
    def missing(self) -> str:
        """What to type where it cannot be used; "" where it can."""
        try:
            toolchain.require(toolchain.LLVM)
        except toolchain.ToolError as error:
            return str(error)
        return ""

    def version(self) -> str:
        """Changes when the compiler or what it is told does."""
        return toolchain.version()

    def compile(self, source: Path, output: Path, flags: "list[str]") -> None:
        """One C file to an object that tools/mpy_ld.py links. ToolError says what failed."""
        toolchain.compile_module(source, output, [flag for flag in flags if flag not in GCC_ONLY])
