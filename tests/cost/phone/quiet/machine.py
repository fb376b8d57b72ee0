"""Stand-in for `machine` that takes almost no heap, so that the heap shows what the firmware holds.

hal/sim has the stand-in that behaves like a chip. Here inputs are open circuits except for those in `levels`,
outputs do nothing, and `I2S.pass_frame` is the codec's clock.
"""

levels = {}
sent = [0]  # bytes over I2C


class Pin:
    IN = 1
    OUT = 3
    OPEN_DRAIN = 7
    PULL_DOWN = 1
    PULL_UP = 2
    IRQ_RISING = 1
    IRQ_FALLING = 2
    _made = {}

    def __new__(cls, id, *rest, **named):
        # On a chip pins are constant objects.
        if isinstance(id, Pin):
            return id
        if id not in cls._made:
            cls._made[id] = object.__new__(cls)
            cls._made[id].number = id
        return cls._made[id]

    def __init__(self, *rest, **named):
        pass

    def init(self, *rest, **named):
        pass

    irq = init

    def value(self, x=None):
        return levels.get(self.number, 1)

    __call__ = value

    def on(self):
        pass

    off = on


class PWM:
    def __init__(self, *rest, **named):
        pass

    def freq(self, value=None):
        pass

    init = freq
    duty_u16 = freq

    def deinit(self):
        pass


class I2C:
    def __init__(self, *rest, **named):
        pass

    def writeto(self, address, octets, stop=True):
        sent[0] += len(octets)

    def writevto(self, address, vector, stop=True):
        for octets in vector:
            sent[0] += len(octets)


class I2S:
    RX = 0
    TX = 1
    MONO = 0
    STEREO = 1
    running = {}

    def __init__(self, id, *, sck, ws, sd, mode, bits, format, rate, ibuf):
        self._id = id
        self._handler = None
        self.busy = False
        I2S.running[id] = self

    def irq(self, handler):
        self._handler = handler

    def readinto(self, octets):
        self.busy = True

    write = readinto

    def deinit(self):
        I2S.running[self._id] = None

    @staticmethod
    def pass_frame():
        """Pass 20 ms of sound in and out: calls the handlers of these interrupts."""
        for id in (1, 0):
            stream = I2S.running.get(id)
            if stream is not None and stream.busy:
                stream.busy = False
                stream._handler(stream)


def unique_id():
    return b"\x02\0\0\0\0\1"


def reset():
    raise SystemExit
