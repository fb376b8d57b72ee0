"""MicroPython's part of test_start.py: a chip that starts from what was written into its flash.

    micropython start_from_flash.py FLASH OFFSET TREE

The file system at OFFSET of the file FLASH becomes the root, as on a chip, and its main.py is run as there. The
chip and its parts are hal/sim's, from TREE; all else, drivers included, comes out of the flash. What the display
shows is printed when it changes.
"""

import sys
import vfs

BLOCK = 4096


class Partition:
    """esp32.Partition's block device, over a file."""

    def __init__(self, file, offset, size):
        self._file = file
        self._offset = offset
        self._size = size

    def _seek(self, block, within):
        self._file.seek(self._offset + block * BLOCK + within)

    def readblocks(self, block, buffer, within=0):
        self._seek(block, within)
        self._file.readinto(buffer)

    def writeblocks(self, block, buffer, within=None):
        if within is None:
            self.ioctl(6, block)
            within = 0
        self._seek(block, within)
        self._file.write(buffer)

    def ioctl(self, operation, argument):
        if operation == 4:
            return self._size // BLOCK
        if operation == 5:
            return BLOCK
        if operation == 6:
            self._seek(argument, 0)
            self._file.write(b"\xff" * BLOCK)
        return 0


def only_from(path, names):
    """Import modules from there; they stay, and the packages that they lie in do not."""
    sys.path.insert(0, path)
    for name in names:
        __import__(name)
    sys.path.pop(0)
    for name in names:
        del sys.modules[name.split(".")[0]]


flash, offset, size, tree = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
file = open(flash, "r+b")  # noqa: SIM115 - open as long as the chip has power
only_from(tree, ["hal.chips"])
vfs.umount("/")
vfs.mount(vfs.VfsLfs2(Partition(file, offset, size)), "/")
vfs.mount(vfs.VfsPosix(tree + "/hal/sim"), "/a/hal/sim")
vfs.mount(vfs.VfsPosix(tree + "/workbench"), "/a/workbench")
# As a chip finds modules. What is in its firmware (machine, network, esp32) is here in stand-ins.
sys.path[:] = ["", ".frozen", "/lib", "/a/hal/sim/modules"]

sys.path.insert(0, "/a")
import asyncio  # noqa: E402

from hal.sim.world import World  # noqa: E402
from workbench import screen_text  # noqa: E402

world = World()
sys.path.pop(0)


async def watch():
    shown = None
    while True:
        await asyncio.sleep_ms(50)
        lines = [line.strip() for line in screen_text.read_text(world.display.image())]
        if lines != shown:
            shown = lines
            print("display:", " | ".join(line for line in lines if line))


tasks = [asyncio.create_task(world.run_forever()), asyncio.create_task(watch())]
with open("main.py") as start:
    source = start.read()
exec(source, {"__name__": "__main__"})
