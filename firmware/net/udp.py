"""UDP sockets that never block, and never raise for what a peer sends."""

import socket

import compat
from compat import const

# Where "any free port" is looked for: below the range from which systems give out ports themselves.
_FREE_FIRST = const(10240)
_FREE_LAST = const(32767)
_TRIES = const(50)

_EAGAIN = const(11)

_USUAL = const(1500)  # bytes: what Ethernet carries in one piece


def bound_socket(host: str, port: int, kind: int = socket.SOCK_DGRAM, shared: bool = False):
    """A non-blocking socket of `kind` at that address; raises OSError if it is taken.

    UDP sockets that are all `shared` may have one address between them, each connected to another peer.
    """
    sock = socket.socket(compat.family(host), kind)
    try:
        sock.setblocking(False)
        if kind == socket.SOCK_STREAM or shared:
            # A phone that starts again must not wait for the last connections to be forgotten.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(compat.socket_address(host, port))
    except OSError:
        sock.close()
        raise
    return sock


def hear_again(sock, address, bind: bool = True) -> None:
    """Let a socket go on after a datagram without octets, bound to `address` or connected to it as it was.

    The ESP32's port takes it for a stream's end, and reads no more until then (modsocket.c, PEER_CLOSED).
    """
    try:
        sock.bind(address) if bind else sock.connect(address)
    except OSError:
        pass  # bound it is already


def free_ports(first: int, last: int):
    """Even port numbers whose odd neighbour is in first…last too, from a random one on.

    With `first` and `last` 0: some of a range of our own, for MicroPython's sockets do not tell which port
    the system gave them.
    """
    if first == 0 and last == 0:
        first, last, tries = _FREE_FIRST, _FREE_LAST, _TRIES
    else:
        tries = last
    first += first & 1
    count = max(0, (last - first + 1) // 2)
    start = int.from_bytes(compat.urandom(2), "big")
    for step in range(min(count, tries)):
        yield first + (start + step) % count * 2


def free_socket(host: str, largest: int = _USUAL) -> "UdpSocket":
    """A UdpSocket on a free port of `host`; raises OSError where there is none."""
    for port in free_ports(0, 0):
        try:
            return UdpSocket(host, port, largest)
        except OSError:
            continue
    raise OSError("no free port")


class UdpSocket:
    """A bound UDP socket for datagrams of at most `largest` bytes, each with its peer's (host, port).

    `host` "0.0.0.0", or "::", takes datagrams for every address of the device. Raises OSError if the port
    is taken.
    """

    def __init__(self, host: str, port: int, largest: int = 8192):
        self.host = host
        self.port = port
        self.errors = 0
        self.socket = bound_socket(host, port)
        self._largest = largest

    def send(self, data, address) -> None:
        """Send to an address in the interpreter's own form (`compat.socket_address`); raises OSError."""
        self.socket.sendto(data, address)

    def receive(self) -> "tuple | None":
        """(data, (host, port)) of a datagram that waits, or None."""
        try:
            try:
                data, address = self.socket.recvfrom(self._largest)
            except MemoryError:
                # No such piece of heap is free; most datagrams need less.
                compat.collect()
                data, address = self.socket.recvfrom(_USUAL)
        except OSError as error:
            # An ICMP answer to an earlier datagram comes up here too.
            if error.errno != _EAGAIN:
                self.errors += 1
            return None
        if not data:  # and the address is nobody's
            hear_again(self.socket, compat.socket_address(self.host, self.port))
            return None
        return data, compat.host_and_port(address)

    def close(self) -> None:
        self.socket.close()
