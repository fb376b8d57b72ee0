"""Stand-in for `socket`: the phone's datagrams go to `peer(data, port)`; `give` adds the incoming ones."""

import io

AF_INET = 2
SOCK_STREAM = 1
SOCK_DGRAM = 2
SOL_SOCKET = 1
SO_REUSEADDR = 2

_EAGAIN = 11
_POLL = 3
_POLLIN = 1

REMOTE = ("192.0.2.100", 5060)

peer = [None]
by_port = {}


class socket(io.IOBase):
    def __init__(self, family=AF_INET, kind=SOCK_DGRAM):
        self.kind = kind
        self.port = 0
        self.waiting = []

    def setblocking(self, on):
        pass

    def setsockopt(self, level, option, value):
        pass

    def listen(self, backlog=0):
        pass

    def bind(self, address):
        self.port = address[1]
        if self.kind == SOCK_DGRAM:
            by_port[self.port] = self

    def connect(self, address):
        pass

    def sendto(self, data, address):
        peer[0](data, self.port)

    def send(self, data):
        peer[0](data, self.port)

    def recvfrom(self, most):
        return self.recv(most), REMOTE

    def recv(self, most):
        if not self.waiting:
            raise OSError(_EAGAIN)
        # The chip's port first allocates a buffer of the largest size, then returns the received bytes.
        bytearray(most)
        return self.waiting.pop(0)[:most]

    def readinto(self, buffer):
        if not self.waiting:
            return None
        data = self.waiting.pop(0)
        buffer[: len(data)] = data
        return len(data)

    def ioctl(self, request, argument):
        if request == _POLL:
            return argument & _POLLIN if self.waiting else 0
        return 0

    def close(self):
        if by_port.get(self.port) is self:
            del by_port[self.port]


def give(port, data):
    by_port[port].waiting.append(data)


def getaddrinfo(host, port, *rest):
    return [(AF_INET, SOCK_DGRAM, 0, "", (host, port))]
