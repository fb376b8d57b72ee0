"""Datagram sockets as in MicroPython's ESP32 port over lwIP (modsocket.c, 1.26 to 1.29).

A test replaces `socket` in the module under test by this module: `net.udp.socket = lwip`. The differences
from a host's sockets: ten in all; each queues six datagrams; fragmented datagrams do not arrive; after an
empty datagram a socket reads nothing until it is bound or connected again; `send(b"")` sends nothing; a full
buffer is ETIMEDOUT for `sendto` and EAGAIN for `send`.
"""

import socket as _host

AF_INET = _host.AF_INET
AF_INET6 = _host.AF_INET6
SOCK_DGRAM = _host.SOCK_DGRAM
SOCK_STREAM = _host.SOCK_STREAM
SOL_SOCKET = _host.SOL_SOCKET
SO_REUSEADDR = _host.SO_REUSEADDR
getaddrinfo = _host.getaddrinfo

MAX_SOCKETS = 10
_MAILBOX = 6
_LARGEST = 1472
_EAGAIN = 11
_ENOMEM = 12
_ENFILE = 23
_ETIMEDOUT = 116  # newlib's

open_sockets = []
failures = []  # errno of each of the next sends; 0: none


class Socket:
    def __init__(self, family=AF_INET, kind=SOCK_DGRAM):
        if len(open_sockets) >= MAX_SOCKETS:
            raise OSError(_ENFILE, "ENFILE")
        self._sock = _host.socket(family, kind)
        self._closed_by_peer = False
        self._waiting = []  # (datagram, address)
        open_sockets.append(self)

    def close(self):
        if self in open_sockets:
            open_sockets.remove(self)
        self._sock.close()

    def fileno(self):
        return self._sock.fileno()

    def setblocking(self, blocking):
        if blocking:
            raise NotImplementedError("no blocking sockets in the phone")
        self._sock.setblocking(False)

    def setsockopt(self, *option):
        self._sock.setsockopt(*option)

    def bind(self, address):
        self._closed_by_peer = False
        self._sock.bind(address)

    def listen(self, backlog):
        self._sock.listen(backlog)

    def connect(self, address):
        self._closed_by_peer = False
        self._sock.connect(address)

    def send(self, data):
        if not len(data):
            raise OSError(_EAGAIN, "EAGAIN")
        self._fail(_EAGAIN)
        return self._sock.send(data)

    def sendto(self, data, address):
        self._fail(_ETIMEDOUT)
        self._sock.sendto(data, address)
        if not len(data):
            raise OSError(_ETIMEDOUT, "ETIMEDOUT")
        return len(data)

    def recv(self, size):
        return self.recvfrom(size)[0]

    def recv_into(self, buffer):
        data = self.recvfrom(len(buffer))[0]
        buffer[: len(data)] = data
        return len(data)

    def recvfrom(self, size):
        if self._closed_by_peer:
            return b"", None  # the port does not write the address
        self._collect()
        if not self._waiting:
            raise OSError(_EAGAIN, "EAGAIN")
        data, address = self._waiting.pop(0)
        self._closed_by_peer = not data
        return data[:size], address if data else None

    def _fail(self, would_block):
        if failures:
            number = failures.pop(0)
            if number:
                raise OSError(would_block if number == _EAGAIN else number, "")

    def _collect(self):
        """Take the datagrams that have arrived; a seventh in the queue is lost, and a fragmented one."""
        while True:
            try:
                data, address = self._sock.recvfrom(_LARGEST + 1)
            except OSError as error:
                if error.errno == _EAGAIN:
                    return
                continue  # lwIP does not report ICMP errors
            if len(data) <= _LARGEST and len(self._waiting) < _MAILBOX:
                self._waiting.append((data, address))


socket = Socket


def reset():
    """Close the open sockets, and clear `failures`."""
    for each in list(open_sockets):
        each.close()
    failures.clear()
