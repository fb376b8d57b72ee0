"""The compiler for native modules of `xtensawin` (ESP32, S2, S3), for tools/build_native.py."""

from pathlib import Path

from tools.xtensa import toolchain

# clang does not know this flag, and without a library it does not turn loops into calls anyway.
GCC_ONLY = {"-fno-tree-loop-distribute-patterns"}


class Llvm:
    def missing(self) -> str:
        """The command that installs the compiler; "" where the compiler works."""
        try:
            toolchain.require(toolchain.LLVM)
        except toolchain.ToolError as error:
            return str(error)
        return ""

    def version(self) -> str:
        """A string that changes with the compiler and its options."""
        return toolchain.version()

    def compile(self, source: Path, output: Path, flags: "list[str]") -> None:
        """One C file to an object that tools/mpy_ld.py links. ToolError says what failed."""
        toolchain.compile_module(source, output, [flag for flag in flags if flag not in GCC_ONLY])
