"""UDP sockets that never block, and raise no exception for anything that a peer sends."""

import socket

import compat
from compat import const

# Range of "any free port": below the systems' own ephemeral ports.
_FREE_FIRST = const(10240)
_FREE_LAST = const(32767)
_TRIES = const(50)

_EAGAIN = const(11)

_USUAL = const(1500)  # bytes: what Ethernet carries in one piece


def bound_socket(host: str, port: int, kind: int = socket.SOCK_DGRAM, shared: bool = False):
    """A non-blocking socket of `kind` at that address; raises OSError if it is taken.

    `shared` UDP sockets may use the same address, each connected to another peer.
    """
    sock = socket.socket(compat.family(host), kind)
    try:
        sock.setblocking(False)
        if kind == socket.SOCK_STREAM or shared:
            # A restarted phone must not wait for its old connections to expire (TIME_WAIT).
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(compat.socket_address(host, port))
    except OSError:
        sock.close()
        raise
    return sock


def hear_again(sock, address, bind: bool = True) -> None:
    """Bind a socket to `address`, or connect it, again after an empty datagram.

    The ESP32's port takes an empty datagram for a stream's end, and reads nothing more until then
    (modsocket.c, PEER_CLOSED).
    """
    try:
        sock.bind(address) if bind else sock.connect(address)
    except OSError:
        pass  # already bound


def free_ports(first: int, last: int):
    """Even port numbers whose odd neighbour is in first…last too, from a random one on.

    With `first` and `last` 0: some of a range of our own, as MicroPython's sockets do not tell their port.
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
                # The heap has no free block of that size; most datagrams need less.
                compat.collect()
                data, address = self.socket.recvfrom(_USUAL)
        except OSError as error:
            # An ICMP error for an earlier datagram is raised here too.
            if error.errno != _EAGAIN:
                self.errors += 1
            return None
        if not data:  # the address is not valid then
            hear_again(self.socket, compat.socket_address(self.host, self.port))
            return None
        return data, compat.host_and_port(address)

    def close(self) -> None:
        self.socket.close()
