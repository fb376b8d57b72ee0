"""The ES8311, a mono codec with a control port on I2C. Registers: its data sheet and user guide.

The chip runs as a slave without a master clock: it multiplies BCLK, 32 clocks per sample, by eight.
`machine.I2S` with 16 bits, stereo or mono, supplies exactly this clock.
"""

from compat import const, sleep_ms

# State -> registers and values, in this order.
_RESET = ((0x00, 0x00), (0x00, 0x80))  # then the state machine runs
_CLOCKS = (
    (0x01, 0xBF),  # all clocks on, from BCLK
    (0x02, 0x18),  # x 8
    (0x03, 0x10),
    (0x04, 0x10),
    (0x05, 0x00),
    (0x06, 0x03),
    (0x07, 0x00),
    (0x08, 0xFF),  # dividers
    (0x09, 0x0C),
    (0x0A, 0x0C),  # I2S, 16 bits, in and out
    (0x0D, 0x01),  # analogue parts on
)
_PLAY = (
    (0x12, 0x00),  # DAC on
    (0x13, 0x10),  # and its output
    (0x37, 0x08),  # no equaliser
)
_RECORD = (
    (0x0E, 0x02),  # amplifier and modulator on
    (0x14, 0x1A),  # analogue microphone, its amplifier at most
    (0x17, 0xBF),  # 0 dB
    (0x1C, 0x6A),  # no equaliser, no DC
)
_STANDBY = (
    (0x32, 0x00),  # silence before anything is switched
    (0x0E, 0xFF),
    (0x12, 0x02),
    (0x14, 0x00),  # ADC, DAC, microphone off
    (0x0D, 0xFC),  # analogue parts off
    (0x01, 0x00),  # clocks off
)
_VOLUME = const(0x32)  # 0xBF is 0 dB, half a dB a step, 0 is mute
_ADC_SCALE = const(0x16)  # 6 dB a step, 0 to 7
_WHOLE_VOLUME = const(0xBF)


class Es8311:
    """OSError wherever the chip does not answer.

    `state` is "standby", "play", "record" or "duplex". The chip's clocks come from I2S: they must run before
    it leaves standby, and until it is in standby again.
    """

    def __init__(self, bus, address: int = 0x18):
        self._bus = bus
        self._address = address
        self._pair = bytearray(2)
        self._percent = 100
        self._scale = 0
        self.state = "standby"

    def power(self, state: str) -> None:
        """Go to `state`; volume and gain are kept."""
        if state == "standby":
            self._write_all(_STANDBY)
        else:
            self._write(0x00, 0x1F)  # reset
            sleep_ms(20)
            self._write_all(_RESET)
            self._write_all(_CLOCKS)
            if state in ("play", "duplex"):
                self._write_all(_PLAY)
            if state in ("record", "duplex"):
                self._write_all(_RECORD)
        self.state = state
        self.volume(self._percent)
        self.gain(self._scale * 100 // 7)

    def volume(self, percent: int) -> None:
        """Set the DAC's volume: 0 is mute, 1 is -40 dB, 100 is 0 dB, linear in dB."""
        self._percent = max(0, min(100, percent))
        if self.state in ("play", "duplex"):
            self._write(_VOLUME, _WHOLE_VOLUME - (100 - self._percent) * 80 // 100 if self._percent else 0)

    def gain(self, percent: int) -> None:
        """Set the ADC's gain, 0 to 42 dB in steps of 6; the microphone amplifier is always at maximum."""
        self._scale = (max(0, min(100, percent)) * 7 + 50) // 100
        if self.state in ("record", "duplex"):
            self._write(_ADC_SCALE, self._scale)

    def _write_all(self, pairs) -> None:
        for register, value in pairs:
            self._write(register, value)

    def _write(self, register, value) -> None:
        self._pair[0] = register
        self._pair[1] = value
        self._bus.writeto(self._address, self._pair)
