"""A question to a DNS server over TCP, for an answer too large for a datagram (RFC 7766). Loaded when needed.

A DnsStream has the methods of the connected UDP socket that the resolver uses otherwise: `recv` returns the
one answer, or raises OSError, with EAGAIN while the answer is awaited.
"""

import socket

import compat
from compat import const

_ECONNRESET = const(104)
_UNDER_WAY = (115, 119)  # EINPROGRESS, Linux's and lwIP's
_MAX_SIZE = const(8192)


class DnsStream:
    """One question to `server`, (address, port). Raises OSError."""

    def __init__(self, server):
        self._out = self._in = b""
        self._sock = socket.socket(compat.family(server[0]), socket.SOCK_STREAM)
        self._sock.setblocking(False)
        try:
            self._sock.connect(compat.socket_address(server[0], server[1]))
        except OSError as error:
            if error.errno not in _UNDER_WAY:
                self._sock.close()
                raise

    def send(self, question: bytes) -> None:
        """Send `question` as soon as the connection is established."""
        self._out += len(question).to_bytes(2, "big") + question

    def recv(self, most: int) -> bytes:
        while self._out:
            sent = self._sock.send(self._out)
            self._out = self._out[sent:]
        while True:
            length = self._in[0] << 8 | self._in[1] if len(self._in) > 1 else 0
            if length > _MAX_SIZE:
                raise OSError(_ECONNRESET)
            if length and len(self._in) >= 2 + length:
                return self._in[2 : 2 + length]
            data = self._sock.recv(most)
            if not data:
                raise OSError(_ECONNRESET)
            self._in += data

    def close(self) -> None:
        self._sock.close()
