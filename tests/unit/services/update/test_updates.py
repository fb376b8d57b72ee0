# micropython-heap: 400k: packages, their server and the phone's side live in one process
"""Updates from the first octet to the switch, and everything that can be wrong with what a server sends."""

import asyncio
import hashlib
import json

import compat
from hal.drivers import slots_partition
from hal.drivers.slots_folders import Slots
from hal.null.storage import Storage
from hal.sim.clock import VirtualClock
from hal.sim.soc import Soc, make_current
from net import http
from services.log import Log
from services.update.updates import NOTE, Updates
from support import releases
from support.slots import FlashFolder
from support.web_server import WebServer, response

FILES = [("start.mpy", b"start"), ("sip/x.mpy", bytes(range(256)) * 30), ("empty.mpy", b"")]
GOOD = releases.pack(FILES)
OLDER = releases.pack(FILES, version="0.0.9")


class Desk:
    """A phone's side of updates on a flash of its own, version 0.1 on the simulated board."""

    name = "sim"

    def __init__(self):
        self.flash = FlashFolder()
        self.flash.write("a/start.py", "")
        self.storage = Storage()
        self.busy = False
        self.restarts = 0
        self.url = ""
        self.fetched = 0
        self.log = Log()
        self.updates = self.make()
        self.etags = []

    def make(self):
        made = Updates(
            board=self,
            version="0.1",
            fetch=self._fetch,
            unreachable=http.HttpError,
            modulus=lambda: releases.MODULUS,
            busy=lambda: self.busy,
            registered=lambda: True,
            restart=self._restart,
            log=self.log,
        )
        made.shown_ms = 1
        return made

    def slots(self):
        return Slots(self.flash.root)

    async def _restart(self):
        self.restarts += 1

    async def _fetch(self, most, etag, total_s, idle_s):
        self.fetched += 1
        self.etags.append(etag)
        return await http.Client().get(self.url, most, etag, (), total_s, 1)

    async def ends(self):
        while self.updates.running:
            await compat.sleep(5)

    @property
    def switched(self):
        return self.flash.read("slot") == "b new"


def played(answer, play, prepare=None):
    """Play `await play(desk)` against a server; the Desk, for what became of it."""

    async def run():
        server = WebServer(answer)
        task = asyncio.create_task(server.serve())
        desk = Desk()
        desk.url = server.url + "/sim.release"
        try:
            if prepare:
                prepare(desk)
            await play(desk)
        finally:
            task.cancel()
            await compat.sleep(0)
            server.close()
        return desk

    return asyncio.run(run())


async def install(desk):
    assert desk.updates.ask("install")
    assert not desk.updates.ask("check")
    await desk.ends()


def refused(answer, wish="install", prepare=None):
    """What the phone says of an update that it does not install; it must be as before."""

    async def play(desk):
        assert desk.updates.ask(wish)
        await desk.ends()

    desk = played(answer, play, prepare)
    assert desk.updates.state == "failed" and not desk.switched and desk.restarts == 0
    assert desk.slots().state == "settled" and desk.storage.read(NOTE) is None
    assert desk.flash.tree("a") == ["start.py"]
    message = desk.updates.message
    desk.flash.clean_up()
    return message


def test_an_update_is_installed_and_started():
    desk = played(response(GOOD), install)
    assert desk.updates.status() == {
        "state": "restarting",
        "version": "0.1",
        "offered": "0.2.0",
        "done": 7685,
        "size": 7685,
        "message": "0.2.0 is installed",
    }
    assert desk.switched and desk.restarts == 1
    assert desk.flash.tree("b") == ["empty.mpy", "sip/x.mpy", "start.mpy"]
    for path, octets in FILES:
        with open(desk.flash.root + "/b/" + path, "rb") as file:
            assert file.read() == octets
    assert json.loads(desk.storage.read(NOTE)) == {
        "to": "0.2.0",
        "from": "0.1",
        "state": "trial",
        "registered": True,
    }
    desk.flash.clean_up()


def test_a_look_installs_nothing_and_asks_by_etag():
    async def play(desk):
        await desk.updates._look(False)
        assert (desk.updates.state, desk.updates.offered) == ("available", "0.2.0")
        await desk.updates._look(False)
        assert desk.updates.state == "idle" and desk.etags == [None, '"1"']

    def answer(request):
        if "If-None-Match" in request:
            return b"HTTP/1.1 304 Not Modified\r\n\r\n"
        return response(GOOD, "200 OK", 'ETag: "1"')

    desk = played(answer, play)
    assert not desk.switched and desk.flash.tree() == ["a/start.py"]
    desk.flash.clean_up()


def test_automatic_updates_never_repeat_what_was_taken_back():
    async def play(desk):
        await desk.updates._look(True)

    desk = played(response(GOOD), play)
    assert desk.switched
    desk.flash.clean_up()

    def undone(desk):
        desk.storage.write(NOTE, b'{"to": "0.2.0", "from": "0.1", "state": "undone"}')
        desk.updates = desk.make()
        assert desk.updates.message == "0.2.0 failed its trial: back on 0.1"

    desk = played(response(GOOD), play, undone)
    assert not desk.switched and "failed its trial" in desk.updates.message
    desk.flash.clean_up()


def test_nothing_is_installed_while_the_running_version_is_on_trial():
    """The other slot holds the only software that is known to work."""
    for wish in ("install", "install older"):

        def on_trial(desk):
            for path in ("b/start.py", "b/kept.mpy"):
                desk.flash.write(path, "")
            desk.flash.write("slot", "a trial")

        async def play(desk, wish=wish):
            assert desk.updates.ask(wish)
            await desk.ends()

        desk = played(response(GOOD if wish == "install" else OLDER), play, on_trial)
        assert desk.updates.state == "failed" and "on trial" in desk.updates.message
        assert desk.fetched == 0 and desk.flash.tree("b") == ["kept.mpy", "start.py"]
        assert desk.flash.read("slot") == "a trial"
        desk.flash.clean_up()


def test_the_same_version_is_neither_newer_nor_older():
    async def look(desk):
        desk.updates.ask("check")
        await desk.ends()

    desk = played(response(releases.pack(FILES, version="0.1.0")), look)
    assert (desk.updates.state, desk.updates.message) == ("idle", "0.1 is installed already")
    desk.flash.clean_up()


def test_older_releases_are_for_people_who_ask():
    async def look(desk):
        desk.updates.ask("check")
        await desk.ends()

    desk = played(response(OLDER), look)
    assert (desk.updates.state, desk.updates.offered) == ("older", "0.0.9")
    desk.flash.clean_up()
    assert "older than 0.1" in refused(response(OLDER))

    async def older(desk):
        desk.updates.ask("install older")
        await desk.ends()

    desk = played(response(OLDER), older)
    assert desk.switched
    desk.flash.clean_up()
    assert "installed already" in refused(response(releases.pack(FILES, version="0.1.0")), "install older")


def test_packages_that_are_not_what_was_signed():
    body = len(GOOD) - 7685
    swapped = GOOD[:body] + FILES[1][1] + FILES[0][1]
    changed = GOOD[:-1] + b"\0"
    forged = GOOD[:20] + b"\0" + GOOD[21:]
    for octets, expected in (
        (GOOD[:-100], "length differs"),
        (GOOD + b"more", "length differs"),
        (GOOD[:300], "incomplete"),
        (b"<html>not found</html>" * 40, "not a Bakelite release"),
        (b"", "incomplete"),
        (swapped, "start.mpy differs from what was signed"),
        (changed, "sip/x.mpy differs from what was signed"),
        (forged, "signature is invalid"),
        (releases.pack(FILES, board="esp32_poe"), "is for esp32_poe, this board is sim"),
        (releases.pack(FILES, kind="partition"), "another kind"),
        (releases.pack([("../a/start.py", b"evil")]), "a file with a forbidden name"),
        (releases.pack([("/main.py", b"evil")]), "a file with a forbidden name"),
    ):
        assert expected in refused(response(octets)), expected


def chunked(octets):
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%s0\r\n\r\n".replace(
        b"%s",
        b"".join(
            [b"400\r\n" + octets[at : at + 1024] + b"\r\n" for at in range(0, len(octets) - 1023, 1024)]
        ),
    )


def test_servers_that_lie_or_stall():
    head = b"HTTP/1.1 200 OK\r\nContent-Length: "
    length = b"%d\r\n\r\n" % len(GOOD) if hasattr(b"", "__mod__") else str(len(GOOD)).encode() + b"\r\n\r\n"
    longer = GOOD + bytes(1024)
    for answer, expected in (
        (response(b"", "404 Not Found"), "responded with 404"),
        (response(b"", "500 Oops"), "responded with 500"),
        (head + length + GOOD[:3000], "incomplete"),
        ([head + length + GOOD[:3000], None], "stopped responding"),
        ([head + length + GOOD[:100], None], "stopped responding"),
        (head + length + GOOD + b"more", "longer than announced"),
        (chunked(longer[: len(longer) // 1024 * 1024]), "longer than"),
        (chunked(GOOD), "shorter than"),
        (head + b"99999999\r\n\r\n", "too large"),
        (response(GOOD, "200 OK", "Content-Encoding: gzip"), "compressed"),
        (response(b"", "302 Found", "Location: /sim.release"), "in a loop"),
    ):
        assert expected in refused(answer), expected


def test_a_bomb_has_nowhere_to_unpack():
    """A little that says it becomes a lot: sizes are those of what is sent, and of the flash."""
    huge = releases.manifest([("x.mpy", b"x")])
    huge["files"] = [["x.mpy", 7 << 20, "0" * 64]]
    huge["total"] = 7 << 20
    octets = releases.head(json.dumps(huge).encode()) + b"\x1f\x8b" + bytes(2000)

    class Small(Slots):
        def room(self):
            return 1 << 20

    def on_small_flash(desk):
        desk.slots = lambda: Small(desk.flash.root)

    assert "length differs" in refused(response(octets))
    lying = (
        b"HTTP/1.1 200 OK\r\nContent-Length: " + str(len(octets) - 2002 + (7 << 20)).encode() + b"\r\n\r\n"
    )
    assert "not enough space" in refused(lying + octets, prepare=on_small_flash)
    assert "incomplete" in refused(lying + octets)


class FullSlots(Slots):
    """A flash that is full after so many octets."""

    left = 3000

    def create(self, path):
        return _FullFile(super().create(path), self)


class _FullFile:
    def __init__(self, file, owner):
        self._file = file
        self._owner = owner
        self.close = file.close

    def write(self, octets):
        self._owner.left -= len(octets)
        if self._owner.left < 0:
            raise OSError(28)
        return self._file.write(octets)


def test_a_full_flash():
    def fill(desk):
        slots = FullSlots(desk.flash.root)
        desk.slots = lambda: slots

    assert refused(response(GOOD), prepare=fill) == "the phone's flash is full"


def test_no_key_no_updates():
    def without_key(desk):
        desk.updates._modulus = lambda: None

    assert "no key" in refused(response(GOOD), prepare=without_key)


def test_a_call_comes_first():
    async def play(desk):
        desk.busy = True
        desk.updates.ask("install")
        await compat.sleep(100)
        assert desk.updates.state == "paused" and desk.fetched == 0  # it does not start
        desk.busy = False
        while desk.updates.done < 1000:
            await compat.sleep(5)
        desk.busy = True  # a call comes amid it
        await compat.sleep(300)
        done = desk.updates.done
        assert desk.updates.state == "paused" and done < 7685
        await compat.sleep(300)
        assert desk.updates.done == done and not desk.switched
        desk.busy = False
        await desk.ends()
        assert desk.updates.state == "restarting" and desk.fetched == 1

    pieces = [response(GOOD)[:2500], 200, response(GOOD)[2500:4500], 200, response(GOOD)[4500:]]
    desk = played(pieces, play)
    assert desk.switched
    desk.flash.clean_up()


def test_a_server_that_lost_patience_during_a_call_is_asked_again():
    async def play(desk):
        desk.updates.ask("install")
        while desk.updates.done < 500:
            await compat.sleep(5)
        desk.busy = True
        await compat.sleep(600)
        desk.busy = False
        await desk.ends()
        assert desk.fetched == 2 and desk.switched, (desk.fetched, desk.updates.message)

    answers = [[response(GOOD)[:2500], 300], response(GOOD)]
    desk = played(lambda _: answers.pop(0), play)
    desk.flash.clean_up()


def on_partitions(image, prepare=None):
    """(desk, flash) after an update of a custom image by a release with `image`."""
    soc = Soc(VirtualClock())
    make_current(soc)

    def partitions(desk):
        desk.slots = slots_partition.Slots
        if prepare:
            prepare(soc.flash)

    octets = releases.pack([("firmware.bin", image)], kind="partition")
    desk = played(response(octets), install, partitions)
    desk.flash.clean_up()
    return desk, soc.flash


def test_custom_images():
    desk, flash = on_partitions(b"\xe9" + bytes(range(256)) * 20)
    assert desk.updates.state == "restarting" and flash.chosen == "ota_1" and flash.start() == "ota_1"
    assert slots_partition.Slots().state == "trial"
    desk, flash = on_partitions(b"signed, but no image")
    assert "cannot be switched" in desk.updates.message and desk.storage.read(NOTE) is None
    assert flash.start() == "ota_0"

    def broken(flash):
        flash.fails_at = 1

    desk, flash = on_partitions(b"\xe9" + bytes(range(256)) * 20, broken)
    assert "cannot be written" in desk.updates.message and flash.start() == "ota_0"


class Generated:
    """A release whose one large file is made as it is read: on MicroPython the heap could not hold it."""

    status, etag = 200, None

    def __init__(self, octets, zeros):
        self.length = len(octets) + zeros
        self._octets = octets
        self._zeros = zeros
        self.largest = 0

    async def readinto(self, buffer):
        self.largest = max(self.largest, len(buffer))
        count = min(len(buffer), len(self._octets) or self._zeros)
        if self._octets:
            buffer[:count] = self._octets[:count]
            self._octets = self._octets[count:]
        else:
            buffer[:count] = bytes(count)
            self._zeros -= count
        return count

    def extend(self, ms):
        pass

    def close(self):
        pass


def test_a_release_larger_than_the_heap():
    size = 1_500_000
    sha = hashlib.sha256()
    for _ in range(size // 1000):
        sha.update(bytes(1000))
    listed = releases.manifest([])
    listed["total"] = size
    listed["files"] = [["large.bin", size, releases.hexadecimal(sha.digest())]]
    made = Generated(releases.head(json.dumps(listed).encode()), size)

    def large(desk):
        async def fetch(*_):
            return made

        desk.updates._fetch = fetch

    desk = played(b"", install, large)
    assert desk.updates.state == "restarting", desk.updates.message
    assert desk.updates.done == size and made.largest <= 2048
    desk.flash.clean_up()
