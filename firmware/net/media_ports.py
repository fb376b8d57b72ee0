"""The port range for the calls' voice. The port pairs (net.media.port) are loaded with the first call."""

from compat import const
from net.udp import bound_socket, free_ports

_ENFILE = const(23)


class MediaPorts:
    """Opens port pairs for calls: in `first`…`last`, or any free ones if both are 0.

    `observer(packet, local, remote)` is called with every packet sent, for a capture; `local` and `remote`
    are (host, port). The packet is valid during that call only.
    """

    def __init__(self, host: str = "0.0.0.0", first: int = 0, last: int = 0):
        self.host = host
        self.observer = None
        self._first = first
        self._last = last

    def open(self):
        """A new net.media.port.MediaPort, bound at `.host`; raises OSError when all are taken.

        ENFILE ends the search: the chip's ten sockets are all in use, so no other port would succeed.
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
