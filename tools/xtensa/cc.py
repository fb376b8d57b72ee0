#!/usr/bin/env python3
"""The C compiler for MicroPython's makefiles: takes -c or -E, C or assembly, -o, and clang's flags."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tools.xtensa import toolchain


def main(arguments: "list[str]") -> int:
    if "-E" in arguments:
        os.execvp("clang-22", ["clang-22", *toolchain.CLANG_FLAGS, *arguments])
    words = iter(arguments)
    flags, source, output = [], None, None
    for word in words:
        if word == "-o":
            output = Path(next(words))
        elif word.endswith((".c", ".s")):
            source = Path(word)
        elif word != "-c":
            flags.append(word)
    if "-MD" in flags:
        flags += ["-MT", str(output)]
    try:
        if source.suffix == ".s":
            toolchain.assemble(source, output)
        else:
            toolchain.compile_c(source, output, flags)
    except toolchain.ToolError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
