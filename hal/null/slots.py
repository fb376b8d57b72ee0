"""No slots: this board's software is updated by cable only."""

from hal.contract.slots import check_path


class Slots:
    kind = ""
    running = ""
    state = "none"

    def room(self) -> int:
        return 0

    def begin(self) -> None:
        raise OSError("no slots")

    def create(self, path: str):
        check_path(path)
        raise OSError("no slots")

    def open(self, path: str):
        check_path(path)
        raise OSError("no slots")

    def switch(self) -> None:
        raise OSError("no slots")

    def confirm(self) -> None:
        pass

    def watchdog(self, ms: int):
        return lambda: None
