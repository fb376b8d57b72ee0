"""Slots that are folders of a file system, chosen by firmware/boot/main.py, which describes the layout."""

import machine
import os
import sys

from hal.contract.slots import EBUSY, check_path

_FOLDER = 0x4000
_BLOCK = 4096  # block size of LittleFS on flash: each file takes whole blocks
_KEPT_FREE = 65536  # for the owner's files, and for LittleFS to move blocks


class Slots:
    """`root` is the folder with the start file; None: the one from which this software was started."""

    kind = "folders"

    def __init__(self, root: "str | None" = None):
        path = sys.path[0]
        self.running = path[-1:] if path[-2:] in ("/a", "/b") else ""
        self._root = path[:-2] if root is None else root.rstrip("/")
        if root is not None and not self.running:
            self.running = self._read()[0]
        self._other = "a" if self.running == "b" else "b"

    @property
    def state(self) -> str:
        if not self.running:
            return "none"
        slot, word = self._read()
        if slot != self.running:
            return "new"
        return word if word in ("trial", "undone") else "settled"

    def room(self) -> int:
        found = os.statvfs(self._root or "/")
        return max(0, found[0] * found[3] + self._size(self._path("")) - _KEPT_FREE)

    def begin(self) -> None:
        if self.state == "trial":
            raise OSError(EBUSY)
        # Never empty the slot that the state file selects for the next start.
        if self.state == "new":
            self._write(self.running)
        _remove(self._path(""))
        os.mkdir(self._path(""))

    def create(self, path: str):
        check_path(path)
        parts = path.split("/")
        for count in range(1, len(parts)):
            try:
                os.mkdir(self._path("/".join(parts[:count])))
            except OSError as error:
                if error.args[0] != 17:  # EEXIST
                    raise
        return open(self._path(path), "wb")

    def open(self, path: str):
        check_path(path)
        return open(self._path(path), "rb")

    def switch(self) -> None:
        self._write(self._other + " new")

    def confirm(self) -> None:
        self._write(self.running)

    def watchdog(self, ms: int):
        return machine.WDT(timeout=ms).feed

    def _path(self, path):
        return self._root + "/" + self._other + ("/" + path if path else "")

    def _read(self):
        try:
            with open(self._root + "/slot") as file:
                words = file.read(16).split()
        except (OSError, ValueError):
            words = []
        if not words or words[0] not in ("a", "b"):
            words = ["a"]
        return words[0], words[1] if len(words) > 1 else ""

    def _write(self, text):
        path = self._root + "/slot"
        with open(path + ".new", "w") as file:
            file.write(text)
        os.rename(path + ".new", path)

    def _size(self, path):
        """The bytes that removing `path` would free."""
        try:
            stat = os.stat(path)
        except OSError:
            return 0
        if not stat[0] & _FOLDER:
            return (stat[6] + _BLOCK - 1) // _BLOCK * _BLOCK
        return sum([self._size(path + "/" + name) for name in os.listdir(path)])


def _remove(path):
    try:
        folder = os.stat(path)[0] & _FOLDER
    except OSError:
        return
    if not folder:
        os.remove(path)
        return
    for name in os.listdir(path):
        _remove(path + "/" + name)
    os.rmdir(path)
