"""The vectors of a module, on every interpreter and instruction set: {vector: checksum}, or every step of one."""

import importlib
import os
import subprocess
from pathlib import Path

from support import mirror
from support.require import missing
from tools import build_frozen, build_micropython, build_native
from tools.lib import rv32
from tools.lib.debian import DebianError
from tools.xtensa import emulator
from tools.xtensa.toolchain import ToolMissing

HERE = Path(__file__).resolve().parent


class Vectors:
    """The vectors in tests/twin/NAME.py, for the core called `core`; `media` are the parts of firmware/media that
    they need on a chip."""

    def __init__(self, name: str, core: str, media):
        self.name = name
        self.core = core
        self.media = media

    def on_architecture(self, architecture: str) -> "dict[str, int]":
        """By the native module, loaded by MicroPython on that architecture or under its emulator."""
        try:
            module = build_native.build_module(architecture, quiet=True, module=self.core)
        except build_native.BuildError as error:
            missing("a compiler for %s" % architecture, str(error))
        return RUNNERS[architecture](self, module)

    def on_unix_port(self, program, core: "str | None" = None, *path) -> "dict[str, int]":
        """By a core in a program of the unix port."""
        folders = [*path, mirror.ROOT / "firmware", HERE, ".frozen"]
        environment = dict(os.environ, MICROPYPATH=":".join(str(folder) for folder in folders))
        command = [
            str(program),
            "-X",
            "heapsize=400k",
            str(HERE / "print_checksums.py"),
            core or self.core,
            self.name,
        ]
        result = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=110)
        return _checksums(result.stdout, result.returncode, result.stdout[-2000:] + result.stderr)

    def on_frozen(self, kind: str) -> "dict[str, int]":
        """By the user C module in the frozen phone, `kind` "unix" or "rv32"."""
        try:
            image = build_frozen.make(kind)
        except (build_micropython.BuildError, DebianError) as error:
            missing("the frozen phone (%s)" % kind, str(error))
        return self.on_unix_port(image) if kind == "unix" else self.on_qemu({}, image)

    def on_qemu(self, files, image=None) -> "dict[str, int]":
        """In MicroPython's QEMU port, or in `image`."""
        files["compat.py"] = (HERE / "bare" / "compat.py").read_bytes()
        for name in ("vectors", self.name):
            files[name + ".py"] = (HERE / (name + ".py")).read_bytes()
        parts = ("core", "call_progress", "level", "tables", *self.media)
        for part in () if image else parts:  # an image has them frozen, and less memory
            files["media/%s.py" % part] = (mirror.ROOT / "firmware" / "media" / (part + ".py")).read_bytes()
        script = "import %s as vectors, %s as core\nfor vector in vectors.VECTORS:\n" % (self.name, self.core)
        script += "    print(vector.__name__, vectors.checksum(core, vector))\n"
        return _checksums(rv32.run_script(script, files, image=image), 0, "")


def host_core(name: str):
    """The core in C, for CPython on this machine."""
    try:
        build_native.build_host(quiet=True)
    except build_native.BuildError as error:
        missing("a C compiler", str(error))
    return importlib.import_module("native.host." + name)


def transcript(recorder, core, vector) -> list:
    """Every (what, value) that `vector` records of `core`; `recorder` is the vectors' Recorder."""
    steps = []
    found = recorder(core)
    add_up = found.record

    def record(what, value):
        add_up(what, value)
        steps.append((what, value))

    found.record = record
    vector(found)
    return steps


def assert_same(expected: list, found: list) -> None:
    """Two transcripts; the first difference is named."""
    for step, (one, other) in enumerate(zip(expected, found)):
        assert one == other, "step %d of %d" % (step, len(expected))
    assert len(expected) == len(found)


def micropython(bits: int):
    """The unix port of that word size."""
    program = build_micropython.program(bits)
    if program is None:
        missing("MicroPython (%d-bit)" % bits, build_micropython.why_missing(bits))
    return program


def _on_rv32(vectors, module):
    try:
        rv32.program()
    except build_micropython.BuildError as error:
        missing("MicroPython for RISC-V", str(error))
    return vectors.on_qemu({module.name: module.read_bytes()})


def _on_xtensa(vectors, module):
    path = [HERE / "bare", module.parent, mirror.ROOT / "firmware", HERE]
    arguments = (vectors.core, vectors.name)
    try:
        output = emulator.run_script(HERE / "print_checksums.py", *arguments, path=path, timeout=300)
    except ToolMissing as error:
        missing("the emulation of Xtensa", str(error))
    return _checksums(output, 0, "")


def _checksums(output, status, said):
    assert status == 0, said
    return {name: int(number) for name, number in (line.split() for line in output.splitlines())}


RUNNERS = {
    "x86": lambda vectors, module: vectors.on_unix_port(micropython(32), None, module.parent),
    "x64": lambda vectors, module: vectors.on_unix_port(micropython(64), None, module.parent),
    "rv32imc": _on_rv32,
    "xtensawin": _on_xtensa,
}
