"""Stand-in for MicroPython's `esp32`: non-volatile storage and partitions of hal.sim's current chip."""

from hal.sim.soc import current

_ENTRIES = 5 * 126  # entries of 32 octets, in a partition of 24 KB


def _entries(value) -> int:
    return 1 if isinstance(value, int) else 2 + (len(value) + 31) // 32


def _checked(name):
    if len(name) > 15:
        raise OSError(-4361, "ESP_ERR_NVS_KEY_TOO_LONG")
    return name


class NVS:
    """Values are committed at once, unlike the chip's, where power may fail before `commit`."""

    def __init__(self, namespace):
        self._namespace = _checked(namespace)
        self._values = current().nvs

    def _get(self, key, kind):
        value = self._values.get((self._namespace, _checked(key)))
        if not isinstance(value, kind):
            raise OSError(-4354, "ESP_ERR_NVS_NOT_FOUND")
        return value

    def _set(self, key, value):
        # The old value is kept until the new one is complete: both need room.
        if sum([_entries(each) for each in self._values.values()]) + _entries(value) > _ENTRIES:
            raise OSError(-4357, "ESP_ERR_NVS_NOT_ENOUGH_SPACE")
        self._values[(self._namespace, _checked(key))] = value

    def set_i32(self, key, value):
        self._set(key, int(value))

    def get_i32(self, key):
        return self._get(key, int)

    def set_blob(self, key, value):
        self._set(key, bytes(value))

    def get_blob(self, key, buffer):
        value = self._get(key, bytes)
        if len(value) > len(buffer):
            raise OSError(-4364, "ESP_ERR_NVS_INVALID_LENGTH")
        buffer[: len(value)] = value
        return len(value)

    def erase_key(self, key):
        self._get(key, (int, bytes))
        del self._values[(self._namespace, key)]

    def commit(self):
        pass


class Partition:
    """An app partition of hal.sim.flash."""

    BOOT = 0
    RUNNING = 1
    TYPE_APP = 0
    TYPE_DATA = 1

    def __init__(self, id):
        flash = current().flash
        label = {Partition.BOOT: flash.chosen, Partition.RUNNING: flash.running}.get(id, id)
        rows = [row for row in flash.table if row[0] == label]
        if not rows:
            raise OSError(2)
        self._flash = flash
        self._row = rows[0]

    def info(self):
        label, kind, subtype, address, size = self._row
        return kind, subtype, address, size, label, False

    def get_next_update(self):
        labels = [row[0] for row in self._flash.table]
        if len(labels) < 2:
            raise OSError(2)
        return Partition(labels[(labels.index(self._row[0]) + 1) % len(labels)])

    def _check(self, number, buffer):
        blocks = self._row[4] // 4096
        if number > blocks:
            raise OSError(-258, "ESP_ERR_INVALID_ARG")
        if len(buffer) != 4096 or not 0 <= number < blocks:
            raise OSError(-260, "ESP_ERR_INVALID_SIZE")

    def readblocks(self, block_num, buf):
        self._check(block_num, buf)
        buf[:] = self._flash.read(self._row[0], block_num)

    def writeblocks(self, block_num, buf):
        self._check(block_num, buf)
        if self._row[0] == self._flash.running:
            raise OSError(-5377)  # ESP_ERR_OTA_PARTITION_CONFLICT: only the stand-in checks this
        self._flash.write(self._row[0], block_num, buf)

    def set_boot(self):
        self._flash.choose(self._row[0])

    @classmethod
    def mark_app_valid_cancel_rollback(cls):
        current().flash.confirm()
