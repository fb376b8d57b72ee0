"""The app partitions of a simulated chip, and the boot loader that chooses between them (ESP-IDF's app OTA
with CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE, as MicroPython builds it)."""

BLOCK = 4096
_MAGIC = 0xE9  # the first octet of an image

# label, type, subtype, address, size: as in partitions.csv of boards with a custom image.
TABLE = (("ota_0", 0, 16, 0x10000, 0x1C0000), ("ota_1", 0, 17, 0x1D0000, 0x1C0000))


class Flash:
    """`running` and `chosen` are labels; `states` {label: "valid", "new", "pending", "aborted"}."""

    def __init__(self, table=TABLE):
        self.table = table
        self.running = self.chosen = table[0][0]
        self.states = {label: "valid" for label, _, _, _, _ in table}
        self._blocks = {}  # (label, number) -> octets; a missing block is erased
        self.fails_at = None  # a block number that cannot be written

    def read(self, label: str, number: int) -> bytes:
        return self._blocks.get((label, number), b"\xff" * BLOCK)

    def write(self, label: str, number: int, octets: bytes) -> None:
        if number == self.fails_at:
            raise OSError(-261)  # ESP_ERR_FLASH_OP_FAIL
        self._blocks[(label, number)] = bytes(octets)

    def choose(self, label: str) -> None:
        """esp_ota_set_boot_partition: refuses a partition without an image."""
        if self.read(label, 0)[0] != _MAGIC:
            raise OSError(-5379)  # ESP_ERR_OTA_VALIDATE_FAILED
        self.chosen = label
        self.states[label] = "valid" if label == self.running else "new"

    def confirm(self) -> None:
        """esp_ota_mark_app_valid_cancel_rollback."""
        self.states[self.running] = "valid"

    def start(self) -> str:
        """Run the boot loader, as at power-on or reset; returns the label of the partition that it starts."""
        if self.states[self.chosen] == "pending":
            self.states[self.chosen] = "aborted"
            self.chosen = next(row[0] for row in self.table if self.states[row[0]] == "valid")
        elif self.states[self.chosen] == "new":
            self.states[self.chosen] = "pending"
        self.running = self.chosen
        return self.running
