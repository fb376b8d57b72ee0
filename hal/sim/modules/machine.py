"""Stand-in for MicroPython's `machine` on the ESP32: the same calls, wired to hal.sim's current chip.

Only the parts that drivers use are here. They accept and refuse the same arguments as the port (MicroPython
1.26 to 1.29).
"""

from hal.sim import circuit, i2s, watchdog
from hal.sim.soc import current

RESTART = 75  # not in MicroPython: this exit code asks the parent process for a restart

PWRON_RESET = 1
HARD_RESET = 2
WDT_RESET = 3
DEEPSLEEP_RESET = 4
SOFT_RESET = 5


class Pin:
    IN = circuit.IN
    OUT = circuit.OUT
    OPEN_DRAIN = circuit.OPEN_DRAIN
    PULL_DOWN = circuit.PULL_DOWN
    PULL_UP = circuit.PULL_UP
    IRQ_RISING = 1
    IRQ_FALLING = 2

    def __init__(self, id, mode=-1, pull=-1, *, value=None, drive=None, hold=None):
        if isinstance(id, Pin):
            id = id.number
        self._soc = current()
        if not isinstance(id, int) or id not in self._soc.chip.pins:
            raise ValueError("invalid pin")
        self._circuit = self._soc.circuit
        self.number: int = id  # not in MicroPython: the stand-ins' number of the pin
        self._pin = self._circuit.pin(id)
        self.init(mode, pull, value=value)

    def init(self, mode=-1, pull=-1, *, value=None, drive=None, hold=None):
        pin = self._pin
        if self.number in self._soc.chip.input_only:
            if mode in (Pin.OUT, Pin.OPEN_DRAIN):
                raise ValueError("pin can only be input")
            pull = -1  # the pin has no such resistors
        # As in the port: the level first, so that a new output does not glitch.
        if value is not None:
            pin.output = 1 if value else 0
        if mode != -1:
            pin.mode = mode
            pin.pwm = None
        if pull != -1:
            pin.pull = pull
        self._circuit.changed(pin)

    def value(self, x=None):
        if x is None:
            return self._circuit.level(self._pin.number)
        level = 1 if x else 0
        if level != self._pin.output:
            self._pin.output = level
            self._circuit.changed(self._pin)
        return None

    __call__ = value

    def on(self):
        self.value(1)

    def off(self):
        self.value(0)

    def irq(self, handler=None, trigger=IRQ_FALLING | IRQ_RISING):
        pin = self._pin
        pin.level = self._circuit.level(pin.number)
        pin.handler = (lambda _: self._soc.interrupt(handler, self)) if handler else None
        pin.trigger = trigger

    def __repr__(self):
        return "Pin(%d)" % self.number


class PWM:
    def __init__(self, dest, *, freq=None, duty_u16=None, duty_ns=None, invert=False):
        self._circuit = current().circuit
        self._pin = dest._pin if isinstance(dest, Pin) else self._circuit.pin(dest)
        if self._pin.pwm is None:
            driven = sum(1 for pin in self._circuit.pins.values() if pin.pwm is not None)
            if driven >= current().chip.pwm:
                raise ValueError("out of PWM channels:%d" % current().chip.pwm)
        self._set(freq or 5000, 32768 if duty_u16 is None else duty_u16)

    def _now(self):
        return self._pin.pwm or (5000, 32768)

    def _set(self, freq, duty):
        if not 1 <= freq <= 40_000_000:
            raise ValueError("frequency must be from 1Hz to 40MHz")
        if not 0 <= duty <= 65535:
            raise ValueError("duty_u16 must be from 0 to 65535")
        self._pin.pwm = (freq, duty)
        self._circuit.changed(self._pin)

    def init(self, *, freq=None, duty_u16=None):
        old_freq, old_duty = self._now()
        self._set(old_freq if freq is None else freq, old_duty if duty_u16 is None else duty_u16)

    def freq(self, value=None):
        if value is None:
            return self._now()[0]
        return self._set(value, self._now()[1])

    def duty_u16(self, value=None):
        if value is None:
            return self._now()[1]
        return self._set(self._now()[0], value)

    def deinit(self):
        self._pin.pwm = None
        self._circuit.changed(self._pin)


class I2C:
    """Controller mode only, as on the chip; a missing chip is OSError ENODEV."""

    def __init__(self, id=-1, *, scl=None, sda=None, freq=400000, timeout=50000):
        if id not in (0, 1):
            raise ValueError("I2C(%s) doesn't exist" % id)
        if scl is None or sda is None:
            raise ValueError("scl and sda")  # the port has defaults, but a board must name its pins
        self._pins = (Pin(scl).number, Pin(sda).number)
        self._soc = current()
        self._freq = freq

    def _device(self, address):
        for device in self._soc.i2c_devices(self._pins[0], self._pins[1]):
            if device.address == address:
                return device
        raise OSError(19)

    def _takes(self, octets):
        """The program waits for `octets` and the address, nine bits each."""
        self._soc.bus_us += (octets + 1) * 9_000_000 // self._freq

    def scan(self):
        devices = self._soc.i2c_devices(self._pins[0], self._pins[1])
        return sorted(device.address for device in devices if device.write(b""))

    def writeto(self, addr, buf, stop=True):
        return self.writevto(addr, (buf,), stop)

    def writevto(self, addr, vector, stop=True):
        octets = b"".join([bytes(part) for part in vector])
        self._takes(len(octets))
        if not self._device(addr).write(octets):
            raise OSError(19)
        return len(octets) + 1

    def writeto_mem(self, addr, memaddr, buf, *, addrsize=8):
        self.writevto(addr, (bytes([memaddr]), buf))

    def readfrom(self, addr, nbytes, stop=True):
        self._takes(nbytes)
        octets = self._device(addr).read(nbytes)
        if octets is None:
            raise OSError(19)
        return octets

    def readfrom_into(self, addr, buf, stop=True):
        buf[:] = self.readfrom(addr, len(buf))

    def readfrom_mem_into(self, addr, memaddr, buf, *, addrsize=8):
        self.writeto(addr, bytes([memaddr]), False)
        self.readfrom_into(addr, buf)


class SPI:
    """Controller mode, output only: displays do not answer."""

    def __init__(
        self, id, baudrate=500000, *, polarity=0, phase=0, bits=8, firstbit=0, sck=None, mosi=None, miso=None
    ):
        # The port's hardware buses are 1 and 2 (SPI2_HOST and SPI3_HOST).
        if id not in (1, 2):
            raise ValueError("SPI(%s) doesn't exist" % id)
        self._pins = (Pin(sck).number, Pin(mosi).number)
        self._soc = current()
        self._baudrate = baudrate

    def write(self, buf):
        self._soc.bus_us += len(buf) * 8_000_000 // self._baudrate
        for device in self._soc.spi_devices(self._pins[0], self._pins[1]):
            device.write(buf)


class I2S:
    RX = i2s.RX
    TX = i2s.TX
    MONO = i2s.MONO
    STEREO = i2s.STEREO

    def __init__(self, id, *, sck, ws, sd, mode, bits, format, rate, ibuf):
        if not 0 <= id < current().chip.i2s:
            raise ValueError("invalid id")
        self._soc = current()
        self._id = id
        self._stream = i2s.Stream(mode, bits, format, rate, ibuf, classic=self._soc.name == "esp32")
        numbers = [Pin(pin).number for pin in (sck, ws, sd)]
        self._soc.start_stream(id, numbers[0], numbers[1], numbers[2], self._stream)

    def irq(self, handler):
        if handler is None:
            self._stream.handler = None
        elif callable(handler):
            self._stream.handler = lambda _: self._soc.interrupt(handler, self)
        else:
            raise ValueError("invalid callback")

    def readinto(self, buf):
        if self._stream.mode != I2S.RX:
            raise OSError(1)
        if len(buf) % self._stream.frame_bytes:
            raise OSError(22)
        return self._request(buf)

    def write(self, buf):
        if self._stream.mode != I2S.TX:
            raise OSError(1)
        return self._request(buf)

    def _request(self, buf):
        if self._stream.handler is None:
            raise NotImplementedError("this stand-in has only the non-blocking mode: call irq() first")
        return self._stream.request(buf)

    def deinit(self):
        if self._soc.streams.get(self._id, (0, 0, 0, None))[3] is self._stream:
            if self._stream.busy:
                # The port's task and the driver wait for each other; a panic is possible (machine_i2s.c).
                self._soc.torn_streams += 1
                self._soc.busy(30)
            self._soc.stop_stream(self._id)


class Timer:
    ONE_SHOT = 0
    PERIODIC = 1

    def __init__(self, id, *, mode=PERIODIC, freq=-1, period=-1, callback=None):
        self._soc = current()
        self._callback = None
        if period > 0 or freq > 0:
            self.init(mode=mode, freq=freq, period=period, callback=callback)

    def init(self, *, mode=PERIODIC, freq=-1, period=-1, callback=None):
        self.deinit()
        self._mode = mode
        self._period = max(1, 1000 // freq if freq > 0 else period)
        self._left = self._period
        self._callback = callback
        self._soc.timers.append(self)

    def deinit(self):
        if self in self._soc.timers:
            self._soc.timers.remove(self)

    def advance(self, ms):
        """The chip's clock: not part of MicroPython's Timer."""
        self._left -= ms
        while self._left <= 0 and self in self._soc.timers:
            self._left += self._period
            if self._mode == Timer.ONE_SHOT:
                self.deinit()
            if self._callback:
                self._soc.interrupt(self._callback, self)


class RTC:
    def datetime(self, value=None):
        """(year, month, day, weekday, hours, minutes, seconds, microseconds)."""
        wall = current().wall
        if value is None:
            return wall.now()
        wall.set(value[:3], value[4:])
        return None


class WDT:
    """The parent process is the watchdog, as this process may hang: see hal.sim.watchdog."""

    def __init__(self, id=0, timeout=5000):
        if timeout <= 0:
            raise ValueError("WDT timeout too short")
        self.timeout = timeout
        self.feed()

    def feed(self):
        watchdog.fed(self.timeout)


def unique_id():
    return current().unique_id


def reset():
    current().resets += 1
    raise SystemExit(RESTART)


def reset_cause():
    return PWRON_RESET


def freq(hz=None):
    soc = current()
    if hz is not None:
        fast = 160_000_000 if soc.name == "esp32c3" else 240_000_000
        if hz not in (80_000_000, 160_000_000, fast):
            raise ValueError("frequency must be 20MHz, 40MHz, 80Mhz, 160MHz or %dMHz" % (fast // 1_000_000))
        soc.frequency = hz
    return soc.frequency


def idle():
    pass
