"""Cuts the power at every block write and erase that an operation makes, on MicroPython's own LittleFS.

    micropython cuts.py OPERATION [CHUNK CHUNKS]

runs the operation for each of its writes and erases, with the power gone in the middle of that one: the block
keeps nothing, a part, all or rubbish of what was to be written. Then the board starts, and must be as before
or as after. Prints a line with the number of cuts, or raises.
"""

import asyncio
import errno
import os
import sys

# This file's folder: nothing in it is meant to be imported.
sys.path.pop(0)

import vfs

from boot import main as boot

from hal.drivers.slots_folders import Slots
from hal.drivers.storage_vfs import Storage
from services import factory_reset
from services.log import Log
from services.settings import settings_store
from services.update import updates
from services.update.trial import Trial
from support import releases
from support.slots import files_below

BLOCK = 4096
BLOCKS = 56
TEARS = 4
MOUNT = "/flash"


class Flash:
    """NOR flash as VfsLfs2 sees it: bits are cleared by writing and set by erasing a block.

    `cut` is the number of the write or erase, from 0, in which the power goes; from then on all fails. `tear`
    says what of that one is done: 0 nothing, 1 the first half, 2 all, 3 the first half and rubbish.
    """

    def __init__(self, octets, cut=None, tear=0):
        self.octets = octets
        self.changes = 0
        self.is_dead = False
        self._cut = cut
        self._tear = tear

    def readblocks(self, block, buffer, offset=0):
        if self.is_dead:
            return -errno.EIO
        start = block * BLOCK + offset
        buffer[:] = memoryview(self.octets)[start : start + len(buffer)]

    def writeblocks(self, block, buffer, offset=0):
        return self._change(block * BLOCK + offset, buffer)

    def ioctl(self, operation, argument):
        if operation == 4:
            return BLOCKS
        if operation == 5:
            return BLOCK
        if operation == 6:
            return self._change(argument * BLOCK, None)
        return 0

    def _change(self, start, buffer):
        """Write `buffer`, or erase a block; or begin to, and lose the power."""
        if self.is_dead:
            return -errno.EIO
        length = BLOCK if buffer is None else len(buffer)
        number = self.changes
        self.changes += 1
        done = length
        if number == self._cut:
            self.is_dead = True
            done = (0, length // 2, length, length // 2)[self._tear]
        view = memoryview(self.octets)
        for at in range(done) if buffer is not None else ():
            view[start + at] &= buffer[at]
        if buffer is None:
            view[start : start + done] = b"\xff" * done
        if not self.is_dead:
            return 0
        if self._tear == 3:
            for at in range(done, length):
                view[start + at] &= (at * 37 + number) & 255
        return -errno.EIO


def mounted(octets, cut=None, tear=0):
    flash = Flash(octets, cut, tear)
    vfs.mount(vfs.VfsLfs2(flash), MOUNT)
    return flash


def unmount():
    os.chdir("/")
    vfs.umount(MOUNT)


def write(path, text):
    folder = MOUNT
    for part in path.split("/")[:-1]:
        folder += "/" + part
        try:
            os.mkdir(folder)
        except OSError:
            pass
    with open(MOUNT + "/" + path, "w") as file:
        file.write(text)


# ---- a small application ----

STARTED = []  # what the slots that were started say of themselves


def application(version):
    """[(path, octets)]: a start that loads all of it, and says whether it is of one piece."""
    parts = ["part%d" % number for number in range(8)]
    start = "def main():\n    found = ['%s']\n" % version
    for part in parts:
        start += "    from deep.%s import VERSION\n    found.append(VERSION)\n" % part
    start += "    import report\n    report.STARTED.append(found)\n"
    made = [("start.py", start)]
    for number, part in enumerate(parts):
        filler = "# %s\n" % (version * 40)
        made.append(("deep/%s.py" % part, filler * (3 * number + 1) + "VERSION = '%s'\n" % version))
    return [(path, text.encode()) for path, text in made]


OLD, NEW = application("0.1"), application("0.2")
SETTINGS = b'{"lines": [{"aor": "sip:201@example.com"}]}'
PACKED = releases.pack(NEW, version="0.2")


class Report:
    STARTED = STARTED


class Ended(Exception):
    """The board was reset."""


def power_on():
    """The version that the start file starts, after its start; "reset" where it was a trial that ended."""
    for name in list(sys.modules):
        if name == "start" or name.startswith("deep"):
            del sys.modules[name]
    sys.modules["report"] = Report
    path = list(sys.path)
    # As on a chip there is no other `start` than the slots'.
    sys.path[:] = [".frozen"]
    os.chdir(MOUNT)
    STARTED.clear()
    try:
        boot.main()
    except SystemExit:
        pass
    finally:
        sys.path[:] = path
        os.chdir("/")
    assert len(STARTED) == 1, STARTED
    found = STARTED[0]
    assert all(version == found[0] for version in found) and len(found) == 9, found
    return found[0]


def image():
    """The flash of a board that runs 0.1."""
    octets = bytearray(b"\xff" * (BLOCK * BLOCKS))
    vfs.VfsLfs2.mkfs(Flash(octets))
    mounted(octets)
    for path, content in OLD:
        write("a/" + path, str(content, "utf-8"))
    # What an earlier update left in the other slot.
    for path, content in application("0.0"):
        write("b/" + path, str(content, "utf-8"))
    write("slot", "a")
    storage = Storage(MOUNT + "/data")
    storage.write("phone.json", SETTINGS)
    storage.write("calls.json", b"[]" * 300)
    storage.write("ca.pem", b"-----" * 200)
    unmount()
    return octets


class Response:
    """A release that has come already."""

    status = 200
    etag = None

    def __init__(self, octets):
        self._octets = memoryview(octets)
        self.length = len(octets)

    async def readinto(self, buffer):
        count = min(len(buffer), len(self._octets))
        buffer[:count] = self._octets[:count]
        self._octets = self._octets[count:]
        return count

    def extend(self, ms):
        pass

    def close(self):
        pass


class Line:
    state = "registered"


class Wlan:
    state = "up"


class Board:
    name = "sim"

    def __init__(self):
        self.storage = Storage(MOUNT + "/data")
        self.restarts = 0

    def slots(self):
        return Slots(MOUNT)


# ---- the operations, and what must be after them ----


def installed(board):
    """The services.update.updates.Updates that installed 0.2, or did not."""

    async def fetch(*_):
        return Response(PACKED)

    async def restart():
        board.restarts += 1

    made = updates.Updates(
        board=board,
        version="0.1",
        fetch=fetch,
        unreachable=OSError,
        modulus=lambda: releases.MODULUS,
        busy=lambda: False,
        registered=lambda: True,
        restart=restart,
        log=Log(),
    )
    made.shown_ms = 0

    async def run():
        assert made.ask("install")
        while made.running:
            await asyncio.sleep_ms(0)

    asyncio.run(run())
    return made


def update():
    """Install 0.2, start it on trial, and let it prove itself."""
    board = Board()
    made = installed(board)
    if made.state != "restarting":
        assert FLASH.is_dead, (made.state, made.message, made._log.lines())
        return
    if FLASH.is_dead:
        return
    try:
        assert power_on() == "0.2"
    except AssertionError:
        assert FLASH.is_dead
        return
    trial = Trial(
        slots=board.slots(),
        storage=board.storage,
        version="0.2",
        lines=[Line()],
        network=Wlan(),
        self_test=lambda: "",
        restart=None,
        log=Log(),
    )
    assert board.slots().state == "trial"
    trial._is_proved({}, 0, False)
    assert trial._is_proved({}, 30000, False)
    trial._slots.confirm()
    board.storage.remove(updates.NOTE)


def after_update(whole):
    """Which version runs: the same at each start from now on, whatever is left of a trial."""
    storage = Storage(MOUNT + "/data")
    assert storage.read("phone.json") == SETTINGS
    assert storage.read("ca.pem") == b"-----" * 200
    first = power_on()
    settled = power_on()
    assert power_on() == settled
    assert first in ("0.1", "0.2") and settled in ("0.1", "0.2")
    assert first == settled or (first, settled) == ("0.2", "0.1"), (first, settled)  # an unproved trial
    slots = Slots(MOUNT)
    assert slots.state in ("settled", "undone")
    files = sorted(files_below(MOUNT + "/" + slots.running))
    wanted = NEW if settled == "0.2" else OLD
    assert files == sorted([path for path, _ in wanted])
    if whole:
        assert settled == "0.2"
    # And the phone can be updated still.
    slots.begin()
    assert files_below(MOUNT + "/" + slots._other) == []
    return settled


LONGER = b'{"lines": [], "x": "' + b"y" * 3000 + b'"}'


def save():
    Storage(MOUNT + "/data").write(settings_store.OWN, LONGER[:1000], LONGER[1000:])


def after_save(whole):
    storage = Storage(MOUNT + "/data")
    found = storage.read(settings_store.OWN)
    assert found in (SETTINGS, LONGER)
    assert storage.names() == ["ca.pem", "calls.json", "phone.json"]
    assert power_on() == "0.1"
    if whole:
        assert found == LONGER
    storage.write(settings_store.OWN, b"{}")
    assert storage.read(settings_store.OWN) == b"{}"
    return "new" if found == LONGER else "old"


def reset():
    factory_reset.reset(Storage(MOUNT + "/data"))


def after_reset(whole):
    storage = Storage(MOUNT + "/data")
    # As every start does.
    factory_reset.finish(storage)
    names = storage.names()
    assert names in ([], ["ca.pem", "calls.json", "phone.json"]), names
    if names:
        assert storage.read("phone.json") == SETTINGS and not whole
    assert power_on() == "0.1"
    return "kept" if names else "empty"


def full():
    """No cut: a flash that is full amid an update, although there seemed to be room."""

    class Hopeful(Slots):
        def room(self):
            return 1 << 20

    mounted(image())
    storage = Storage(MOUNT + "/data")
    board = Board()
    board.slots = lambda: Hopeful(MOUNT)
    board.slots().begin()
    size = 60000
    while size > 3000:
        try:
            storage.write("filler%d" % size, bytes(size))
        except OSError:
            pass
        size = size * 2 // 3
    made = installed(board)
    assert (made.state, made.message) == ("failed", "the phone's flash is full"), (made.state, made.message)
    assert board.slots().state == "settled" and board.storage.read("phone.json") == SETTINGS
    assert power_on() == "0.1"
    for name in storage.names():
        if name.startswith("filler"):
            storage.remove(name)
    # The same phone, with room, takes it.
    assert installed(Board()).state == "restarting" and power_on() == "0.2"
    unmount()
    print("full flash: told, and the old version starts")


OPERATIONS = {"update": (update, after_update), "save": (save, after_save), "reset": (reset, after_reset)}
FLASH = None


def attempt(octets, operation, cut, tear=0):
    """Run it on a flash that dies at `cut`; the flash."""
    global FLASH
    FLASH = mounted(octets, cut, tear)
    try:
        operation()
    except OSError:
        if not FLASH.is_dead:
            raise
    unmount()
    return FLASH


def checked(octets, after, whole):
    mounted(octets)
    try:
        return after(whole)
    finally:
        unmount()


def main(name, chunk=0, chunks=1):
    operation, after = OPERATIONS[name]
    clean = image()
    octets = bytearray(clean)
    count = attempt(octets, operation, None).changes
    outcomes = {}
    outcomes[checked(octets, after, True)] = 0
    for cut in range(chunk, count, chunks):
        for tear in range(TEARS):
            octets[:] = clean
            flash = attempt(octets, operation, cut, tear)
            assert flash.is_dead, cut
            try:
                found = checked(octets, after, False)
            except Exception:
                print("cut %d of %d, tear %d" % (cut, count, tear))
                raise
            outcomes[found] = outcomes.get(found, 0) + 1
    told = ", ".join(["%d ended as %s" % (outcomes[found], found) for found in sorted(outcomes)])
    print(
        "power cuts: %s: %d writes and erases, each torn in %d ways: %d cuts, %s"
        % (name, len(range(chunk, count, chunks)), TEARS, sum(outcomes.values()), told)
    )


if sys.argv[1] == "full":
    full()
else:
    main(sys.argv[1], *[int(argument) for argument in sys.argv[2:]])
