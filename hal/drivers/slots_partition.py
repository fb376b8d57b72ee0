"""Slots that are flash partitions for whole images (ESP-IDF's app OTA), chosen by the chip's boot loader.

The boot loader must be built with CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE, as MicroPython's is: without this
option no update is ever rolled back.
"""

import machine
from esp32 import NVS, Partition

from hal.contract.slots import EBUSY

_BLOCK = 4096
_NAMESPACE = "bakelite"
_KEY = "trial"  # the slot on trial, stored here as MicroPython does not tell a partition's state


class Slots:
    kind = "partition"

    def __init__(self):
        self._running = Partition(Partition.RUNNING)  # type: ignore[arg-type]
        self.running = self._running.info()[4]
        try:
            self._other = self._running.get_next_update()
        except OSError:
            self._other = None  # one partition only

    @property
    def state(self) -> str:
        if self._other is None:
            return "none"
        chosen = _trial()
        if not chosen:
            return "settled"
        if chosen == self.running:
            return "trial"
        return "new" if Partition(Partition.BOOT).info()[4] == chosen else "undone"  # type: ignore[arg-type]

    def room(self) -> int:
        return self._other.info()[3] if self._other is not None else 0

    def begin(self) -> None:
        if self.state == "trial":
            raise OSError(EBUSY)
        if self.state == "new":
            self._running.set_boot()
        _note(None)

    def create(self, path: str):
        return _Writer(self._other)

    def open(self, path: str):
        return _Reader(self._other)

    def switch(self) -> None:
        # The name first: if power fails in between, the boot loader still starts this image, which sees that
        # the other one was never chosen.
        _note(self._other.info()[4])
        self._other.set_boot()

    def confirm(self) -> None:
        Partition.mark_app_valid_cancel_rollback()
        _note(None)

    def watchdog(self, ms: int):
        return machine.WDT(timeout=ms).feed


def _trial():
    buffer = bytearray(16)
    try:
        return str(buffer[: NVS(_NAMESPACE).get_blob(_KEY, buffer)], "ascii")
    except OSError:
        return ""


def _note(name):
    store = NVS(_NAMESPACE)
    if name is not None:
        store.set_blob(_KEY, name.encode())
    elif _trial():
        store.erase_key(_KEY)
    store.commit()


class _Writer:
    """Writes a partition from its start, a block at a time: writing a whole block erases it first."""

    def __init__(self, partition):
        self._partition = partition
        self._block = bytearray(_BLOCK)
        self._filled = 0
        self._number = 0

    def write(self, data) -> int:
        view = memoryview(data)
        while len(view):
            count = min(_BLOCK - self._filled, len(view))
            self._block[self._filled : self._filled + count] = view[:count]
            self._filled += count
            view = view[count:]
            if self._filled == _BLOCK:
                self._put()
        return len(data)

    def _put(self):
        self._partition.writeblocks(self._number, self._block)
        self._number += 1
        self._filled = 0

    def close(self):
        if self._filled:
            for at in range(self._filled, _BLOCK):
                self._block[at] = 0xFF
            self._put()


class _Reader:
    """Reads a partition from its start; there is no end-of-file."""

    def __init__(self, partition):
        self._partition = partition
        self._block = bytearray(_BLOCK)
        self._at = _BLOCK
        self._number = 0

    def readinto(self, buffer) -> int:
        if self._at == _BLOCK:
            self._partition.readblocks(self._number, self._block)
            self._number += 1
            self._at = 0
        count = min(len(buffer), _BLOCK - self._at)
        buffer[:count] = self._block[self._at : self._at + count]
        self._at += count
        return count

    def close(self):
        pass
