"""Writes a release into the inactive slot, through one small buffer, and verifies it against the signed
manifest. Loaded for the time of an update only."""

import binascii
import hashlib

import compat
from compat import const
from services.update.release import PREFIX, PackageError, Release, manifest_length, read_head

_BUFFER = const(2048)
_BUSY_LOOK_MS = const(200)
_FULL = const(28)  # ENOSPC


class Installer:
    """`slots` is hal.contract.slots.Slots; `busy()` returns whether there is a call: it pauses the work.

    `on_progress(bytes done)` and `on_pause(is_paused)` report progress. `paused` says whether a call ever
    paused the download: then the server may have timed out.
    """

    def __init__(self, slots, busy, on_progress, on_pause):
        self.paused = False
        self._slots = slots
        self._busy = busy
        self._on_progress = on_progress
        self._on_pause = on_pause
        self._buffer = memoryview(bytearray(_BUFFER))

    async def head(self, response, modulus) -> Release:
        """The signed Release at the beginning of `response`. Raises PackageError."""
        prefix = bytearray(PREFIX)
        await _fill(response, prefix)
        manifest = bytearray(manifest_length(bytes(prefix)))
        await _fill(response, manifest)
        release = read_head(bytes(prefix), bytes(manifest), modulus)
        whole = len(prefix) + len(manifest) + release.total
        if response.length is not None and response.length != whole:
            raise PackageError("the release's length differs from its manifest")
        return release

    async def install(self, response, release) -> None:
        """Receive each file, then read each back to verify it; does not switch slots. Raises PackageError,
        which leaves the inactive slot empty."""
        if release.total > self._slots.room():
            raise PackageError("not enough space for the release: %d KB" % (release.total // 1024))
        try:
            self._slots.begin()
            done = 0
            for path, size, digest in release.files:
                done = await self._receive(response, path, size, digest, done)
            if await response.readinto(self._buffer):
                raise PackageError("the release is longer than its manifest says")
            for path, size, digest in release.files:
                await self._verify(path, size, digest)
        except OSError as error:
            self._empty()
            raise PackageError(_told(error))
        except ValueError:
            self._empty()
            raise PackageError("the release contains a file with a forbidden name")
        except:
            self._empty()
            raise

    def _empty(self):
        try:
            self._slots.begin()
        except OSError:
            pass  # the next installation empties the slot, or reports the error

    async def _receive(self, response, path, size, digest, done):
        file = self._slots.create(path)
        try:
            sha = hashlib.sha256()
            left = size
            while left:
                await self._yield_to_calls(response)
                count = await response.readinto(self._buffer[: min(left, _BUFFER)])
                if not count:
                    raise PackageError("the release is shorter than its manifest says")
                sha.update(self._buffer[:count])
                file.write(self._buffer[:count])
                left -= count
                done += count
                self._on_progress(done)
        finally:
            file.close()
        _compare(sha, path, digest)
        return done

    async def _verify(self, path, size, digest):
        file = self._slots.open(path)
        try:
            sha = hashlib.sha256()
            left = size
            while left:
                await self._yield_to_calls(None)
                count = file.readinto(self._buffer[: min(left, _BUFFER)])
                if not count:
                    break
                sha.update(self._buffer[:count])
                left -= count
                await compat.sleep(0)
        finally:
            file.close()
        _compare(sha, path, digest)

    async def _yield_to_calls(self, response):
        """Wait while there is a call: writing to flash stalls the chip for a few ms at a time."""
        if not self._busy():
            return
        self.paused = True
        self._on_pause(True)
        while self._busy():
            await compat.sleep(_BUSY_LOOK_MS)
            if response is not None:
                response.extend(_BUSY_LOOK_MS)
        self._on_pause(False)


def _compare(sha, path, digest):
    if str(binascii.hexlify(sha.digest()), "ascii") != digest:
        raise PackageError("%s differs from what was signed" % path)


async def _fill(response, buffer):
    view = memoryview(buffer)
    while len(view):
        count = await response.readinto(view)
        if not count:
            raise PackageError("not a Bakelite release: the file is incomplete")
        view = view[count:]


def _told(error):
    if error.args and error.args[0] == _FULL:
        return "the phone's flash is full"
    return "the phone's flash cannot be written (%s)" % (error.args[0] if error.args else "unknown")
