"""Which ports the calls' voice has: the pairs themselves (net.media.port) are loaded with the first call."""

from compat import const
from net.udp import bound_socket, free_ports

_ENFILE = const(23)


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

    def open(self):
        """A new net.media.port.MediaPort, bound at `.host`; raises OSError when all are taken.

        A chip has ten sockets in all: without one, no other port will do (ENFILE).
        """
        from net.media.port import MediaPort

        for port in free_ports(self._first, self._last):
            rtp = None
            try:
                rtp = bound_socket(self.host, port)
                return MediaPort(self.host, port, rtp, bound_socket(self.host, port + 1), self.observer)
            except OSError as error:
                if rtp is not None:
                    rtp.close()
                if error.errno == _ENFILE:
                    raise
        raise OSError("no free pair of media ports")
