"""The MCP23017: sixteen pins on I2C, A0-A7 as 0-7 and B0-B7 as 8-15. Data sheet DS20001952C, §3.5.

A7 and B7 (7 and 15) are outputs only: chips made since 2022 cannot read them.
"""

from machine import Pin

from compat import const

_IODIR = const(0x00)
_GPPU = const(0x0C)
_GPIO = const(0x12)
_OLAT = const(0x14)
_NOBODY = const(0xFFFF)


class Expander:
    """A chip that does not answer reads as all high. It is set up again when it answers again."""

    def __init__(self, bus, address: int = 0x20):
        self._bus = bus
        self._address = address
        self._inputs = 0xFFFF
        self._pulls = 0
        self._latch = 0
        self._columns = 0
        self._two = bytearray(2)
        self._ready = False

    def use_matrix(self, rows: int, columns: int) -> None:
        """Set the bit masks of a key matrix's pins: rows with pull-ups, columns pulled low or released."""
        self._pulls |= rows
        self._columns |= columns
        self._latch &= ~columns
        self._ready = False

    def pull_low(self, columns: int) -> None:
        """Pull these columns low; release the others."""
        self._inputs = (self._inputs | self._columns) & ~columns
        self._write(_IODIR, self._inputs)

    def read(self) -> int:
        """Bit n is the level of pin n."""
        try:
            self._set_up()
            self._bus.readfrom_mem_into(self._address, _GPIO, self._two)
        except OSError:
            self._ready = False
            return _NOBODY
        return self._two[0] | self._two[1] << 8

    def pin(self, number: int) -> "ExpanderPin":
        """A pin for drivers that take a `machine.Pin` as output: a lamp, an amplifier's power."""
        return ExpanderPin(self, 1 << number)

    def drive(self, bit: int, level) -> None:
        """Make the pin of this bit an output of this level."""
        self._latch = self._latch | bit if level else self._latch & ~bit
        self._write(_OLAT, self._latch)
        if self._inputs & bit:
            self._inputs &= ~bit
            self._write(_IODIR, self._inputs)

    def level(self, bit: int) -> int:
        return 1 if self.read() & bit else 0

    def _write(self, register, value) -> None:
        try:
            if self._set_up():
                return  # `_set_up` has written it
            self._put(register, value)
        except OSError:
            self._ready = False

    def _set_up(self) -> bool:
        if self._ready:
            return False
        # The latch before the direction: no output starts with the wrong level.
        self._put(_OLAT, self._latch)
        self._put(_GPPU, self._pulls)
        self._put(_IODIR, self._inputs)
        self._ready = True
        return True

    def _put(self, register, value) -> None:
        self._two[0] = value & 0xFF
        self._two[1] = value >> 8 & 0xFF
        self._bus.writeto_mem(self._address, register, self._two)


class ExpanderPin:
    """The part of `machine.Pin` that drivers use. Each call is a bus transaction of about 0.1 ms."""

    def __init__(self, chip, bit):
        self._chip = chip
        self._bit = bit

    def init(self, mode=-1, pull=-1, *, value=None) -> None:
        if mode == Pin.OUT:
            self._chip.drive(self._bit, value or 0)

    def value(self, x=None):
        if x is None:
            return self._chip.level(self._bit)
        self._chip.drive(self._bit, x)
        return None
