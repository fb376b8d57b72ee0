"""The PCF8574: eight pins on I2C, pulled low, or released and read. NXP's data sheet, rev 5, §7 and §8."""


class Expander:
    """Pins are numbered 0 to 7. A chip that does not answer reads as all high, and is tried again."""

    def __init__(self, bus, address: int = 0x20):
        self._bus = bus
        self._address = address
        self._octet = bytearray(1)

    def use_matrix(self, rows: int, columns: int) -> None:
        """Bit masks of a key matrix's pins. There is nothing to set: each pin has a weak pull-up."""

    def pull_low(self, columns: int) -> None:
        """Pull these pins low; release all others."""
        self._octet[0] = ~columns & 0xFF
        try:
            self._bus.writeto(self._address, self._octet)
        except OSError:
            pass  # read() reports that no key is down

    def read(self) -> int:
        """Bit n is the level of pin n."""
        try:
            self._bus.readfrom_into(self._address, self._octet)
        except OSError:
            return 0xFF
        return self._octet[0]
