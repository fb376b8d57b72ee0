"""No storage: files are lost when the power is."""

from hal.contract.storage import check_name


class Storage:
    def __init__(self):
        self._files = {}

    def read(self, name: str) -> "bytes | None":
        check_name(name)
        return self._files.get(name)

    def write(self, name: str, *pieces: bytes) -> None:
        check_name(name)
        self._files[name] = b"".join(pieces)

    def remove(self, name: str) -> None:
        check_name(name)
        self._files.pop(name, None)

    def names(self) -> "list[str]":
        return sorted(self._files)
