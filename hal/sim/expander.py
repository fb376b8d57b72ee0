"""I/O expanders on I2C. Their pins are nodes of the circuit, named "x0", "x1" …; the chip's are numbers."""

from hal.sim import circuit


class _Expander:
    """An expander at `address`; `pins` are its nodes' names in the circuit."""

    count = 8

    def __init__(self, wires, address):
        self.address = address
        self.connected = True
        self._circuit = wires
        self.pins = [wires.pin("x%d" % number) for number in range(self.count)]

    def levels(self) -> int:
        """Bit n is the level of pin n."""
        value = 0
        for number in range(self.count):
            value |= self._circuit.level("x%d" % number) << number
        return value


class Pcf8574(_Expander):
    """NXP's data sheet, rev 5: a pin written 1 is released (100 µA to the supply); one written 0 is low."""

    def __init__(self, wires, address: int = 0x20):
        super().__init__(wires, address)
        for pin in self.pins:
            pin.mode = circuit.OPEN_DRAIN
            pin.pull = circuit.PULL_UP
            pin.output = 1

    def write(self, data) -> bool:
        if self.connected:
            for octet in data:
                for number, pin in enumerate(self.pins):
                    pin.output = octet >> number & 1
                    self._circuit.changed(pin)
        return self.connected

    def read(self, length):
        return bytes([self.levels()]) * length if self.connected else None


_IODIR = 0x00
_GPPU = 0x0C
_GPIO = 0x12
_OLAT = 0x14


class Mcp23017(_Expander):
    """Microchip's DS20001952C with IOCON.BANK = 0: registers in pairs, A and B. No interrupts or polarity."""

    count = 16

    def __init__(self, wires, address: int = 0x20):
        super().__init__(wires, address)
        self._registers = bytearray(0x16)
        self._registers[_IODIR] = self._registers[_IODIR + 1] = 0xFF
        self._pointer = 0
        self._apply()

    def write(self, data) -> bool:
        if not self.connected:
            return False
        for index, octet in enumerate(data):
            if index == 0:
                self._pointer = octet
                continue
            register = self._pointer
            if register in (_GPIO, _GPIO + 1):
                register += _OLAT - _GPIO  # a write to the port writes the latch
            if register < len(self._registers):
                self._registers[register] = octet
            self._pointer = (self._pointer + 1) % len(self._registers)
        if len(data) > 1:
            self._apply()
        return True

    def read(self, length):
        if not self.connected:
            return None
        out = bytearray()
        for _ in range(length):
            if self._pointer in (_GPIO, _GPIO + 1):
                out.append(self.levels() >> 8 * (self._pointer - _GPIO) & 0xFF)
            else:
                out.append(self._registers[self._pointer])
            self._pointer = (self._pointer + 1) % len(self._registers)
        return bytes(out)

    def _apply(self) -> None:
        for number, pin in enumerate(self.pins):
            pin.mode = circuit.IN if self._bit(_IODIR, number) else circuit.OUT
            pin.pull = circuit.PULL_UP if self._bit(_GPPU, number) else None
            pin.output = self._bit(_OLAT, number)
            self._circuit.changed(pin)

    def _bit(self, register, number) -> int:
        return self._registers[register + (number >> 3)] >> (number & 7) & 1
