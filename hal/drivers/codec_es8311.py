"""An ES8311 for the output, with its volume in hardware, and a separate microphone with its own clocks.

The chip's DAC and ADC share BCLK and LRCK. A `machine.I2S` object is one direction on one controller, always
the master: two objects have two clocks, of the same frequency but not of the same phase, and only one of them
can be on the chip's pins. So on stock MicroPython the ES8311 plays *or* records, never both; a call needs
another microphone, here an INMP441 on the second controller. Full duplex through the ES8311 needs an image
whose I2S opens both directions of one controller (ESP-IDF's i2s_new_channel can). `duplex` is for that.
"""

from hal.drivers import codec_i2s


class Codec(codec_i2s.Codec):
    """`chip` is a hal.drivers.es8311.Es8311; the amplifiers are analogue ones behind it, on when high.

    A chip that does not answer is silent, and is tried again at each start. `duplex`: use the chip's own
    microphone input; see above. `options` are those of codec_i2s.
    """

    rates = (16000, 48000)  # at 8000 its clocks would be too slow

    def __init__(self, chip, microphone, speaker, amplifiers, duplex: bool = False, **options):
        super().__init__(microphone, speaker, amplifiers, **options)
        self._chip = chip
        self._awake = "duplex" if duplex else "play"

    def volume(self, percent: int) -> bool:
        return self._tell(self._chip.volume, percent)

    def gain(self, percent: int) -> bool:
        return self._awake == "duplex" and self._tell(self._chip.gain, percent)

    def _power_amplifiers(self) -> None:
        # The amplifiers are off while the chip's output jumps.
        if self.running and self._chip.state == "standby":
            self._tell(self._chip.power, self._awake)
        super()._power_amplifiers()
        if not self.running and self._chip.state != "standby":
            self._tell(self._chip.power, "standby")

    def _tell(self, what, value) -> bool:
        try:
            what(value)
        except OSError:
            self._chip.state = "standby"  # as after a loss of power
            return False
        return True
