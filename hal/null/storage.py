"""No storage: files last as long as the power does."""

from hal.storage_name import check


class Storage:
    def __init__(self):
        self._files = {}

    def read(self, name: str) -> "bytes | None":
        check(name)
        return self._files.get(name)

    def write(self, name: str, data: bytes) -> None:
        check(name)
        self._files[name] = bytes(data)

    def remove(self, name: str) -> None:
        check(name)
        self._files.pop(name, None)

    def names(self) -> "list[str]":
        return sorted(self._files)
