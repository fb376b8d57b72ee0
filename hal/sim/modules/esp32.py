"""Stand-in for MicroPython's `esp32`: non-volatile storage of hal.sim's current chip."""

from hal.sim.soc import current


class NVS:
    """Committed at once, unlike the chip's, where power may fail before `commit`."""

    def __init__(self, namespace):
        if len(namespace) > 15:
            raise OSError(-4361, "ESP_ERR_NVS_KEY_TOO_LONG")
        self._namespace = namespace
        self._values = current().nvs

    def _get(self, key):
        if (self._namespace, key) not in self._values:
            raise OSError(-4354, "ESP_ERR_NVS_NOT_FOUND")
        return self._values[(self._namespace, key)]

    def set_i32(self, key, value):
        self._values[(self._namespace, key)] = int(value)

    def get_i32(self, key):
        return self._get(key)

    def set_blob(self, key, value):
        self._values[(self._namespace, key)] = bytes(value)

    def get_blob(self, key, buffer):
        value = self._get(key)
        if len(value) > len(buffer):
            raise OSError(-4364, "ESP_ERR_NVS_INVALID_LENGTH")
        buffer[: len(value)] = value
        return len(value)

    def erase_key(self, key):
        self._get(key)
        del self._values[(self._namespace, key)]

    def commit(self):
        pass
