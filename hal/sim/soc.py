"""The simulated chip: pins, buses and radio, to which the stand-ins in hal/sim/modules connect the drivers.

A process has one chip at a time, `current()`; a test that needs a new one makes a World.
"""

from hal.chips import CHIPS
from hal.sim.cable import Cable
from hal.sim.circuit import Circuit
from hal.sim.clock import RealClock, WallClock
from hal.sim.radio import Radio

_SCHEDULER_DEPTH = 8  # of the ESP32 port


class Soc:
    """The parts of a chip that a desk phone uses; `chip` is a name in hal.chips."""

    def __init__(self, clock, chip="esp32s3"):
        self.clock = clock
        self.name = chip
        self.chip = CHIPS[chip]
        self.circuit = Circuit()
        self.radio = Radio(clock)
        self.cable = Cable(clock)
        # As the port's boards start: with boards/sdkconfig.240mhz or without.
        self.frequency = 240_000_000 if chip == "esp32s3" else 160_000_000
        self.unique_id = b"\x02\xba\xce\x11\x7e\x01"
        self.nvs = {}  # (namespace, key) -> value; esp32.NVS
        self._flash = None
        self.timers = []  # running machine.Timer objects
        self.streams = {}  # I2S controller -> (sck, ws, sd, Stream)
        self.on_stream = None  # called with (sck, ws, sd, Stream) when a controller starts, to connect sound
        self.on_busy = None  # called with ms that pass, if time is virtual
        self.stalled = False  # the interpreter is busy: interrupts wait
        self._waiting = []  # (handler, argument)
        self.lost_interrupts = 0
        self.torn_streams = 0  # calls of deinit() during a request
        self.bus_us = 0  # total time that the program has waited for I2C and SPI
        self.resets = 0
        self.wall = WallClock(clock)  # machine.RTC
        self.on_pixels = None  # called with (pin, [(red, green, blue), …]) when a chain of NeoPixels was sent
        self._i2c = []
        self._spi = []

    @property
    def flash(self):
        """The app partitions (hal.sim.flash), made on first use."""
        if self._flash is None:
            from hal.sim.flash import Flash

            self._flash = Flash()
        return self._flash

    def attach_i2c(self, scl, sda, device) -> None:
        """Attach a chip with `address`, `write(data) -> acknowledged` and `read(length)` to a bus."""
        self._i2c.append((scl, sda, device))

    def i2c_devices(self, scl, sda):
        return [device for clock, data, device in self._i2c if (clock, data) == (scl, sda)]

    def attach_spi(self, sck, mosi, cs, device) -> None:
        """Attach a chip with `write(data)` to a bus; it receives the data sent while its `cs` is low."""
        self._spi.append((sck, mosi, cs, device))

    def spi_devices(self, sck, mosi):
        return [
            device
            for clock, data, cs, device in self._spi
            if (clock, data) == (sck, mosi) and not self.circuit.level(cs)
        ]

    def start_stream(self, number, sck, ws, sd, stream) -> None:
        self.streams[number] = (sck, ws, sd, stream)
        if self.on_stream:
            self.on_stream(sck, ws, sd, stream)

    def stop_stream(self, number) -> None:
        self.streams.pop(number, None)

    def busy(self, ms: int) -> None:
        """The interpreter is busy in C for `ms`: with a virtual clock all else continues meanwhile."""
        if self.on_busy:
            self.on_busy(ms)

    def interrupt(self, handler, argument) -> bool:
        """Call an interrupt handler of the program, or queue it while the interpreter is busy.

        False: MicroPython's queue was full, and the interrupt is lost.
        """
        if not self.stalled:
            handler(argument)
        elif len(self._waiting) < _SCHEDULER_DEPTH:
            self._waiting.append((handler, argument))
        else:
            self.lost_interrupts += 1
            return False
        return True

    def stall(self, on: bool) -> None:
        """True: queue interrupts from now on. False: call the queued ones, oldest first, and stop that."""
        self.stalled = on
        waiting, self._waiting = self._waiting, []
        for handler, argument in waiting:
            self.interrupt(handler, argument)

    def advance(self, ms: int) -> None:
        """Let `ms` pass on the chip's clocks."""
        for number in sorted(self.streams):
            # An interrupt handler may stop a stream.
            if number in self.streams:
                self.streams[number][3].advance(ms)
        for timer in list(self.timers):
            timer.advance(ms)
        self.radio.advance(ms)


_current = None


def current() -> Soc:
    global _current
    if _current is None:
        _current = Soc(RealClock())
    return _current


def make_current(soc) -> None:
    global _current
    _current = soc
