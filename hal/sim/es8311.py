"""The ES8311 codec: those registers that affect sound."""

import struct

_IDENTITY = {0xFD: 0x83, 0xFE: 0x11}


class Es8311:
    """An I2C device; the I2S bus passes its samples through `play`."""

    def __init__(self, address: int = 0x18):
        self.address = address
        self.connected = True
        self.resets = 0
        self._pointer = 0
        self._reset()

    def _reset(self) -> None:
        self.registers = bytearray(0x46)
        self.registers[0x0D] = 0xFC
        self.registers[0x0E] = 0x6A
        self.registers[0x12] = 0x02

    def write(self, data) -> bool:
        if not self.connected:
            return False
        for index, octet in enumerate(data):
            if index == 0:
                self._pointer = octet
                continue
            if self._pointer == 0x00 and octet & 0x1F == 0x1F:
                self.resets += 1
                self._reset()
            if self._pointer < len(self.registers):
                self.registers[self._pointer] = octet
            self._pointer += 1
        return True

    def read(self, length):
        if not self.connected:
            return None
        out = bytearray()
        for _ in range(length):
            inside = self._pointer < len(self.registers)
            out.append(self.registers[self._pointer] if inside else _IDENTITY.get(self._pointer, 0))
            self._pointer += 1
        return bytes(out)

    @property
    def clocked(self) -> bool:
        """Whether the state machine runs, from BCLK times eight (32 x 8 = 256 clocks per sample)."""
        registers = self.registers
        return registers[0x00] == 0x80 and registers[0x01] == 0xBF and registers[0x02] & 0xF8 == 0x18

    @property
    def playing(self) -> bool:
        registers = self.registers
        analogue = registers[0x0D] == 0x01 and registers[0x12] == 0x00 and registers[0x13] & 0x10
        return bool(self.clocked and analogue and not registers[0x31] & 0x60 and registers[0x09] == 0x0C)

    @property
    def recording(self) -> bool:
        registers = self.registers
        on = registers[0x0D] == 0x01 and registers[0x0E] == 0x02 and registers[0x14] & 0x10
        return bool(self.clocked and on and registers[0x0A] == 0x0C)

    @property
    def decibels(self) -> "float | None":
        """The DAC's volume; None for mute."""
        level = self.registers[0x32]
        return (level - 0xBF) / 2 if level else None

    def play(self, samples):
        """The output for 16-bit samples on the I2S bus."""
        if not self.playing or self.decibels is None:
            return bytes(len(samples))
        if self.decibels == 0:
            return samples
        factor = 10 ** (self.decibels / 20)
        shape = "<%dh" % (len(samples) // 2)
        scaled = [max(-32768, min(32767, int(each * factor))) for each in struct.unpack(shape, samples)]
        return struct.pack(shape, *scaled)
