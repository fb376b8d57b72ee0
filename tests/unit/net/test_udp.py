"""UDP sockets where memory is short."""

import compat
from net.udp import UdpSocket, free_ports
from support.check import raises


class Short:
    """A socket on a heap without a free piece of more than `most` octets."""

    def __init__(self, most, address):
        self.most = most
        self.address = address
        self.asked = []

    def recvfrom(self, octets):
        self.asked.append(octets)
        if octets > self.most:
            raise MemoryError
        return b"x" * octets, self.address


def test_a_heap_in_pieces_still_takes_a_usual_datagram():
    sock = UdpSocket("127.0.0.1", next(free_ports(0, 0)))
    sock.socket.close()
    sock.socket = Short(2000, compat.socket_address("127.0.0.1", 5060))
    data, address = sock.receive()
    assert len(data) == 1500 and address == ("127.0.0.1", 5060) and sock.socket.asked == [8192, 1500]
    sock.socket.most = 100
    raises(MemoryError, sock.receive)
