"""A phone's devices for tests: a display that is read, sound, bell, lamp, and ports without sockets."""

import framebuf

from hal.null.codec import Codec
from hal.null.lamp import Lamp
from hal.null.ringer import Ringer


class Glass(framebuf.FrameBuffer):
    """A display whose pixels can be read; `shows` counts the calls of show()."""

    def __init__(self, width: int = 128, height: int = 64):
        super().__init__(bytearray(width * height // 8), width, height, framebuf.MONO_VLSB)
        self.width = width
        self.height = height
        self.shows = 0

    def show(self, part=False):
        self.shows += 1

    def rows(self):
        return [[self.pixel(x, y) for x in range(self.width)] for y in range(self.height)]


class Sound(Codec):
    """A codec whose next frame comes when the test says so. `heard` is the frame that was played last."""

    outputs = ("handset", "speaker")

    def __init__(self):
        super().__init__()
        self.rates = (8000,)
        self.waiting = 0
        self.written = 0
        self.heard = b""
        self.said = b""  # what the microphone gives; b"": silence

    def read_into(self, frame) -> bool:
        if not self.running or not self.waiting:
            return False
        self.waiting -= 1
        frame[:] = self.said or bytes(len(frame))
        return True

    def write(self, frame) -> bool:
        self.written += 1
        self.heard = bytes(frame)
        return self.running

    def route(self, output: str) -> str:
        self.output = output
        return output


class Bell(Ringer):
    def __init__(self):
        super().__init__()
        self.percent = None
        self.cadence = None

    def start(self, cadence, now):
        self.ringing = True
        self.cadence = cadence

    def volume(self, percent):
        self.percent = percent


class Light(Lamp):
    """`state` is None when dark, else (on ms, off ms)."""

    state = None

    def off(self):
        self.state = None

    def blink(self, on_ms, off_ms, now):
        self.state = on_ms, off_ms


class Ether:
    """Joins the media ports of all phones: a packet sent to an address waits there."""

    def __init__(self):
        self.open = {}

    def carry(self, destination, packet):
        if destination in self.open:
            self.open[destination].append(bytes(packet))


class Port:
    def __init__(self, ether, host, port):
        self.host = host
        self.port = port
        self._ether = ether
        self._remote = self._remote_rtcp = None
        self.public = self.public_rtcp = None
        self.protection = self.arrivals = None
        self.silence = 0
        self.is_heard = False
        ether.open[host, port] = []
        ether.open[host, port + 1] = []

    def connect(self, remote, remote_rtcp=None):
        self._remote = remote
        self._remote_rtcp = remote_rtcp or (remote[0], remote[1] + 1)
        return remote[0] != "0.0.0.0"

    def send(self, packet):
        self._ether.carry(
            self._remote, packet if self.protection is None else self.protection.protect(packet)
        )

    def receive_into(self, buffer):
        while True:
            length = self._receive(buffer, self.port)
            self.is_heard = self.is_heard or length > 0
            self.silence = 0 if length else self.silence + 1
            if self.protection is None or not length:
                return length
            length = self.protection.unprotect(buffer, length)
            if length:
                return length

    def send_rtcp(self, packet):
        if self.protection is not None:
            packet = self.protection.protect_rtcp(packet)
        self._ether.carry(self._remote_rtcp, packet)

    def receive_rtcp_into(self, buffer):
        length = self._receive(buffer, self.port + 1)
        if self.protection is None or not length:
            return length
        return self.protection.unprotect_rtcp(buffer, length)

    def move(self, host):
        for port in (self.port, self.port + 1):
            self._ether.open[host, port] = self._ether.open.pop((self.host, port))
        self.host = host

    def close(self):
        if self.protection is not None:
            self.protection.close()
        del self._ether.open[self.host, self.port]
        del self._ether.open[self.host, self.port + 1]

    def _receive(self, buffer, port):
        waiting = self._ether.open[self.host, port]
        if not waiting:
            return 0
        packet = waiting.pop(0)
        buffer[: len(packet)] = packet
        return len(packet)


class Ports:
    """`none_left` makes the next `open` fail."""

    def __init__(self, ether, host):
        self.host = host
        self.none_left = False
        self._ether = ether
        self._next = 4000

    def open(self):
        if self.none_left:
            raise OSError("no free pair of media ports")
        self._next += 2
        return Port(self._ether, self.host, self._next)

    def waiting(self):
        """The list of RTP packets that wait at the port that was opened last."""
        return self._ether.open[self.host, self._next]

    def count(self):
        """The number of open ports."""
        return len([host for host, _ in self._ether.open if host == self.host]) // 2
