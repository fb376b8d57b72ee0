"""Files in one folder of the file system: on a board LittleFS, whose rename is atomic and overwrites."""

import os

from hal.contract.storage import check_name

_MISSING = (2, 44)  # ENOENT in the interpreters' numbering


class Storage:
    """The first write creates `folder`. A hidden file in it is left over from a write when power failed."""

    def __init__(self, folder: str):
        self._folder = folder.rstrip("/")
        for name in self._entries():
            if name.startswith("."):
                os.remove(self._path(name))

    def read(self, name: str) -> "bytes | None":
        check_name(name)
        try:
            with open(self._path(name), "rb") as file:
                return file.read()
        except OSError as error:
            if error.args[0] in _MISSING:
                return None
            raise

    def write(self, name: str, *pieces: bytes) -> None:
        check_name(name)
        new = self._path("." + name)
        if not self._entries():
            self._make_folder()
        with open(new, "wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
        os.rename(new, self._path(name))

    def remove(self, name: str) -> None:
        check_name(name)
        try:
            os.remove(self._path(name))
        except OSError as error:
            if error.args[0] not in _MISSING:
                raise

    def names(self) -> "list[str]":
        return sorted(name for name in self._entries() if not name.startswith("."))

    def _entries(self):
        try:
            return os.listdir(self._folder)
        except OSError:
            return []

    def _make_folder(self) -> None:
        try:
            os.mkdir(self._folder)
        except OSError:
            pass  # it exists; any other error is raised by the write

    def _path(self, name) -> str:
        return self._folder + "/" + name
