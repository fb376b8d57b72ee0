"""Updates of the phone's software: schedules the checks, and keeps the offered version and the progress.

services.update.installer, which does the work, is loaded only while it is needed.
"""

import asyncio
import json

import compat
from compat import const
from services.update.release import (
    MAX_MANIFEST,
    MAX_TOTAL,
    PREFIX,
    PackageError,
    check_fits,
    check_newer,
    same_version,
)

NOTE = "update.json"  # in the board's storage, from the switch until the new software is confirmed

_MAX_SIZE = MAX_TOTAL + MAX_MANIFEST + PREFIX
_TOTAL_S = const(3600)
_IDLE_S = const(30)
_ATTEMPTS = const(5)
_LOOK_MS = const(500)
_FIRST_MIN = const(5)

# Argument of `ask` -> (whether to install, whether an older version is allowed).
_WISHES = {"check": (False, True), "install": (True, False), "install older": (True, True)}


class Updates:
    """The update state for the update screen and the web interface, and their requests.

    state      "idle", "checking", "available", "older" (the server offers an older version), "downloading",
               "paused" (a call is in progress), "restarting", "failed"
    version    of the running software; `offered`: of the server's release, or None
    done size  bytes received and bytes in total; `message`: the latest result, in words

    `board` is hal.contract.board.Board; `fetch(most, etag, total_s, idle_s)` gets the release as
    net.http.Client does, and raises `unreachable`; `modulus()` returns the key to verify with; `busy()`
    whether there is a call; `registered()` whether a line is registered; `restart()`, a coroutine function,
    stops the phone in order and restarts the board.
    """

    shown_ms = 1500  # how long "… is installed" is shown before the restart

    def __init__(self, *, board, version, fetch, unreachable, modulus, busy, registered, restart, log):
        self.state = "idle"
        self.version = version
        self.offered = None
        self.done = self.size = 0
        self.message = ""
        self._board = board
        self._fetch = fetch
        self._unreachable = unreachable
        self._modulus = modulus
        self._busy = busy
        self._registered = registered
        self._restart = restart
        self._log = log
        self._task = None
        self._etag = None
        note = read_note(board.storage)
        if note.get("state") == "undone":
            self.message = undone_text(note)

    @property
    def running(self) -> bool:
        return self._task is not None and not self._task.done()

    def status(self) -> dict:
        """The attributes for the web interface, by name."""
        names = ("state", "version", "offered", "done", "size", "message")
        return {name: getattr(self, name) for name in names}

    def ask(self, wish: str) -> bool:
        """Begin to "check", "install" or "install older"; False while a check or installation runs."""
        if self.running:
            return False
        install, older = _WISHES[wish]
        self.state, self.message, self.done, self.size = "checking", "", 0, 0
        self._etag = None
        self._task = asyncio.create_task(self._run(install, older))
        return True

    def close(self) -> None:
        """Cancel a check or installation; the inactive slot stays empty. No effect in an update's restart."""
        if self._task is not None and self.state != "restarting":
            self._task.cancel()
            self._task = None

    async def watch(self, interval_h: int, automatic: bool) -> None:
        """Check for updates every `interval_h` hours until cancelled; install them if `automatic`."""
        # Not at the start, and not all phones of a site at once.
        minutes = _FIRST_MIN + compat.urandom(1)[0] % 16
        while True:
            for _ in range(minutes):
                await compat.sleep(60000)
            if not self.running:
                self._task = asyncio.create_task(self._look(automatic))
            minutes = interval_h * 60 + compat.urandom(1)[0] % 16

    async def _look(self, automatic):
        """The unattended check: silent where there is no update. A version that was rolled back is not
        installed again."""
        while self._busy():
            await compat.sleep(_LOOK_MS)
        await self._run(False, False)
        if automatic and self.state == "available":
            if same_version(read_note(self._board.storage).get("to"), self.offered):
                self.message = undone_text(read_note(self._board.storage))
                return
            await self._run(True, False)

    async def _run(self, install, older):
        try:
            from services.update.installer import Installer

            for attempt in range(_ATTEMPTS):
                installer = Installer(self._board.slots(), self._busy, self._progress, self._pause)
                try:
                    await self._once(installer, install, older)
                    return
                except self._unreachable as error:
                    # Try again if the server timed out while a call paused the download.
                    if not (installer.paused or self._busy()) or attempt == _ATTEMPTS - 1:
                        self._fail(str(error))
                        return
        except PackageError as error:
            self._fail(str(error))
        except Exception as error:
            self._log.failure("update", error)
            self._fail("internal error: %s" % type(error).__name__)
        finally:
            compat.forget("services.update.installer")

    async def _once(self, installer, install, older):
        slots = self._board.slots()
        if slots.state == "none":
            raise PackageError("this board can only be updated by cable")
        while install and self._busy():
            self._pause(True)
            await compat.sleep(_LOOK_MS)
        if install and slots.state == "trial":
            raise PackageError(
                "%s is on trial: nothing else is installed until it has confirmed itself" % self.version
            )
        self.state = "checking"
        response = await self._fetch(_MAX_SIZE, None if install else self._etag, _TOTAL_S, _IDLE_S)
        try:
            if response.status == 304:
                self.state = "idle"
                return
            if response.status != 200:
                raise PackageError("the server responded with %d" % response.status)
            release = await installer.head(response, self._modulus())
            self.offered = release.version
            check_fits(release, self._board.name, slots.kind, compat.micropython_version())
            if not install:
                self._found(release, response.etag)
                return
            check_newer(release, self.version, older)
            self.state, self.size = "downloading", release.total
            self._log.info("update: downloading %s" % release.version)
            await installer.install(response, release)
        finally:
            response.close()
        await self._switch(slots, release.version)

    def _found(self, release, etag):
        try:
            check_newer(release, self.version)
            self.state = "available"
            self.message = "%s available" % release.version
        except PackageError as error:
            self.message = str(error)
            self.state = "idle" if same_version(release.version, self.version) else "older"
        self._etag = etag

    async def _switch(self, slots, version):
        while self._busy():
            self._pause(True)
            await compat.sleep(_LOOK_MS)
        note = {"to": version, "from": self.version, "state": "trial", "registered": self._registered()}
        try:
            self._board.storage.write(NOTE, json.dumps(note).encode())
            slots.switch()
        except OSError:
            self._board.storage.remove(NOTE)
            raise PackageError("the phone's flash cannot be switched to %s" % version)
        self.state, self.message = "restarting", "%s is installed" % version
        self._log.info("update: %s is installed; it starts on trial" % version)
        await compat.sleep(self.shown_ms)
        await self._restart()

    def _progress(self, done):
        self.state = "downloading"
        self.done = done

    def _pause(self, is_paused):
        self.state = "paused" if is_paused else "downloading"

    def _fail(self, message):
        self.state, self.message = "failed", message
        self._log.warning("update: " + message)


def read_note(storage) -> dict:
    """The note of the last update; {} for none."""
    try:
        note = json.loads(str(storage.read(NOTE) or b"{}", "utf-8"))
    except (ValueError, OSError):
        return {}
    return note if isinstance(note, dict) else {}


def undone_text(note) -> str:
    return "%s failed its trial: back on %s" % (note.get("to"), note.get("from"))
