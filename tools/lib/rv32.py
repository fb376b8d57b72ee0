"""MicroPython on RISC-V, the instruction set of ESP32-C3, C6 and P4: its unmodified QEMU port, which loads
native modules.

Scripts and modules are typed into the raw REPL through the emulated serial line. The port has LittleFS but no
storage, no network and no asyncio.
"""

import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

from tools import build_frozen, build_micropython
from tools.build_micropython import BuildError
from tools.lib.debian import DebianError, run
from tools.lib.lock import locked

BUILD = ROOT / "build" / "rv32"
HEAP = 2_000_000

QEMU = [
    "qemu-system-riscv32",
    "-bios",
    "none",
    "-machine",
    "virt",
    "-display",
    "none",
    "-monitor",
    "none",
    "-semihosting",
    "-serial",
    "stdio",
    "-kernel",
]

# Mounts a read-only file system of `files`, a dictionary of bytes, at the root.
FILE_SYSTEM = """
import io, sys, vfs
files = {}
class File(io.IOBase):
    def __init__(self, content):
        self.rest = content
    def ioctl(self, request, argument):
        return 0 if request == 4 else -1
    def readinto(self, buffer):
        part = self.rest[:len(buffer)]
        buffer[:len(part)] = part
        self.rest = self.rest[len(part):]
        return len(part)
class Files:
    def mount(self, readonly, make):
        pass
    def umount(self):
        pass
    def stat(self, path):
        path = path.strip("/")
        if path in files:
            return (0x8000,) + (0,) * 9
        if [name for name in files if name.startswith(path + "/")]:
            return (0x4000,) + (0,) * 9
        raise OSError(2)
    def open(self, path, mode):
        return File(files[path.strip("/")])
vfs.mount(Files(), "/typed")
sys.path.insert(0, "/typed")
"""

_PIECE = 512  # bytes of a file in one statement


def program() -> Path:
    """The image, built if it is not there yet. BuildError says what is missing or failed."""
    build_frozen.check_rv32()
    with locked(BUILD):
        return _program()


def _program():
    image = BUILD / f"{build_micropython.key()}-littlefs" / "firmware.elf"
    if image.exists():
        return image
    try:
        tree = build_micropython.source()
        cross = build_micropython.cross_compiler(tree)
        BUILD.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=BUILD) as work:
            # The linker finds libgcc for the right instruction set only with the flag here, too.
            variables = [
                "BOARD=VIRT_RV32",
                "LIBS=-march=rv32imac",
                "FROZEN_MANIFEST=",
                f"MICROPY_HEAP_SIZE={HEAP}",
                "MICROPY_VFS_LFS2=1",
                "CFLAGS_EXTRA='-Dmp_hal_time_ns()=0'",
            ]  # the port has no clock, so files have no times
            run(
                "make",
                "-j2",
                "V=0",
                "-C",
                tree / "ports" / "qemu",
                f"BUILD={work}",
                *variables,
                f"MPY_LIB_DIR={tree}/lib",
                f"MICROPY_MPYCROSS={cross}",
                "MICROPY_MPYCROSS_DEPENDENCY=",
                env=build_micropython.environment(tree),
            )
            image.parent.mkdir(exist_ok=True)
            (Path(work) / "firmware.elf").replace(image)
    except DebianError as error:
        raise BuildError(str(error))
    return image


def run_script(script: str, files: "dict[str, bytes]", timeout_s: int = 100, image=None) -> str:
    """The output of `script`, with `files` (name -> bytes) to import, in `image` (default: `program()`).

    BuildError when the script fails.
    """
    steps = [FILE_SYSTEM]
    for name, octets in files.items():
        steps.append("octets = bytearray()")
        steps += ["octets += %r" % octets[at : at + _PIECE] for at in range(0, len(octets), _PIECE)]
        steps.append("files[%r] = bytes(octets)" % name)
    steps.append("print('@begin')\n" + script + "\nprint('@end')")
    # Ctrl-A enters the raw REPL; Ctrl-D ends each step.
    typed = "\x01" + "".join(step + "\x04" for step in steps) + "import machine\nmachine.reset()\x04"
    command = [*QEMU, str(image or program())]
    result = subprocess.run(command, input=typed.encode(), capture_output=True, timeout=timeout_s)
    said = result.stdout.decode("utf-8", "replace").replace("\r\n", "\n")
    if "@begin\n" not in said or "\n@end\n" not in said:
        raise BuildError("the script failed: %s%s" % (said[-3000:], result.stderr.decode()))
    return said.split("@begin\n")[1].split("@end\n")[0]
