"""Pairs of UDP ports for a call's voice: RTP on an even port, RTCP on the next (RFC 3550 §11).

Nothing here allocates per packet on MicroPython: sockets are connected, so no address comes or goes with
a datagram, and only the peer of the call is heard.
"""

import compat
from net.resolver import is_literal
from net.udp import bound_socket, free_ports


class MediaPort:
    """One pair, bound. What cannot be sent, or comes as an error, is counted in `.errors`: voice goes on."""

    def __init__(self, host: str, port: int, rtp, rtcp, observer=None):
        self.host = host
        self.port = port
        self.errors = 0
        self._observer = observer
        self._remote = self._remote_rtcp = ("", 0)
        self._rtp = rtp
        self._rtcp = rtcp
        self._open = False

    def connect(self, remote: "tuple[str, int]", remote_rtcp: "tuple[str, int] | None" = None) -> bool:
        """Send to, and hear, these (host, port) from now on; RTCP goes to RTP's port + 1 unless given.

        False, and nothing is sent until the next time, for an address that voice cannot go to: a name, which
        would have to be looked up; 0.0.0.0, by which old peers say hold; port 0.
        """
        host, port = remote
        if remote_rtcp is None:
            remote_rtcp = (host, port + 1)
        self._open = False
        self._remote, self._remote_rtcp = remote, remote_rtcp
        if not _usable(host, port) or (":" in host) != (":" in self.host):
            return False
        try:
            self._rtp.connect(compat.socket_address(host, port))
            if _usable(remote_rtcp[0], remote_rtcp[1]):
                self._rtcp.connect(compat.socket_address(remote_rtcp[0], remote_rtcp[1]))
            self._open = True
        except OSError:
            self.errors += 1
        return self._open

    def send(self, packet) -> None:
        """Send an RTP packet (bytes or memoryview)."""
        self._send(self._rtp, packet, self.port, self._remote)

    def receive_into(self, buffer) -> int:
        """Octets of the next RTP packet, put into `buffer`; 0 if none waits."""
        return self._receive_into(self._rtp, buffer)

    def send_rtcp(self, packet) -> None:
        self._send(self._rtcp, packet, self.port + 1, self._remote_rtcp)

    def receive_rtcp_into(self, buffer) -> int:
        return self._receive_into(self._rtcp, buffer)

    def close(self) -> None:
        self._open = False
        self._rtp.close()
        self._rtcp.close()

    def _send(self, sock, packet, port, remote):
        if not self._open:
            return
        try:
            sock.send(packet)
        except OSError:
            self.errors += 1
        if self._observer is not None:
            self._observer(packet, (self.host, port), remote)

    def _receive_into(self, sock, buffer):
        if not self._open:
            return 0
        length = compat.receive_into(sock, buffer)
        if length < 0:
            self.errors += 1
            return 0
        return length


def _usable(host, port):
    return is_literal(host) and host != "0.0.0.0" and 0 < port < 65536


class MediaPorts:
    """Where calls get their port pairs: of `first`…`last`, or any that are free if both are 0.

    `observer(packet, local, remote)` is called with every packet that is sent, each end a (host, port): for a
    capture. The packet is valid during the call only.
    """

    def __init__(self, host: str = "0.0.0.0", first: int = 0, last: int = 0):
        self.host = host
        self.observer = None
        self._first = first
        self._last = last

    def open(self) -> MediaPort:
        """A new pair, bound at `.host`; raises OSError when all are taken."""
        for port in free_ports(self._first, self._last):
            try:
                rtp = bound_socket(self.host, port)
            except OSError:
                continue
            try:
                return MediaPort(self.host, port, rtp, bound_socket(self.host, port + 1), self.observer)
            except OSError:
                rtp.close()
        raise OSError("no free pair of media ports")
