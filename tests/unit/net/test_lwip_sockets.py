"""The phone's datagram sockets over what an ESP32 has: the stand-in is unkind in the same ways (hal.sim.lwip)."""

import compat
import net.udp
from hal.sim import lwip
from net.media_ports import MediaPorts
from net.udp import UdpSocket, free_ports

HOST = "127.0.0.1"


class Chip:
    """Sockets of the stand-in for all that runs inside; the peer outside is a host's."""

    def __enter__(self):
        self._kept = net.udp.socket, compat.receive_into
        net.udp.socket = lwip
        # The native one reads a host's socket.
        compat.receive_into = getattr(compat, "_receive_into", compat.receive_into)
        return self

    def __exit__(self, *_):
        lwip.reset()
        net.udp.socket, compat.receive_into = self._kept


def peer():
    import socket

    for port in free_ports(0, 0):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            sock.bind(compat.socket_address(HOST, port))
        except OSError:
            sock.close()
            continue
        sock.setblocking(False)
        return sock, port
    raise OSError


def arrives(read):
    for _ in range(200):
        found = read()
        if found:
            return found
        compat.sleep_ms(1)
    return None


def own():
    for port in free_ports(0, 0):
        try:
            return UdpSocket(HOST, port)
        except OSError:
            continue


def test_an_empty_datagram_costs_nothing_on_the_sip_port():
    with Chip():
        sip = own()
        other, port = peer()
        here = compat.socket_address(HOST, sip.port)
        for number in range(20):
            other.sendto(b"", here)
            if number % 3 == 0:
                other.sendto(b"", here)
            other.sendto(b"OPTIONS %d" % number, here)
            assert arrives(sip.receive) == (b"OPTIONS %d" % number, (HOST, port)), number
        assert sip.receive() is None and sip.errors == 0
        other.close()


def test_an_empty_datagram_costs_nothing_on_rtp_and_rtcp():
    with Chip():
        pair = MediaPorts(HOST).open()
        rtp, rtp_port = peer()
        rtcp, rtcp_port = peer()
        assert pair.connect((HOST, rtp_port), (HOST, rtcp_port))
        buffer = bytearray(100)
        for number in range(20):
            for sock, port, read in (
                (rtp, pair.port, pair.receive_into),
                (rtcp, pair.port + 1, pair.receive_rtcp_into),
            ):
                here = compat.socket_address(HOST, port)
                for _ in range(number % 3 + 1):
                    sock.sendto(b"", here)
                sock.sendto(b"v%02d" % number, here)
                assert arrives(lambda read=read: read(buffer)) == 3 and buffer[:3] == b"v%02d" % number
                assert read(buffer) == 0
        assert pair.errors == 0
        rtp.close()
        rtcp.close()


def test_an_empty_datagram_costs_nothing_while_the_peer_is_looked_for():
    with Chip():
        pair = MediaPorts(HOST).open()
        pair.payload_types = (8, 101)
        told, told_port = peer()
        real, _ = peer()
        assert pair.connect((HOST, told_port))
        buffer = bytearray(100)
        for _ in range(40):
            assert pair.receive_into(buffer) == 0  # silence: now others are heard
        here = compat.socket_address(HOST, pair.port)
        control = compat.socket_address(HOST, pair.port + 1)
        found = 0
        for number in range(6):
            real.sendto(b"", here)
            real.sendto(b"", control)
            real.sendto(bytes([0x80, 8, 0, number, 0, 0, 0, 0, 1, 2, 3, 4]) + b"voice", here)
            compat.sleep_ms(5)
            for _ in range(3):
                found += pair.receive_into(buffer) == 17
                pair.receive_rtcp_into(buffer)
        assert found >= 3 and pair.latched is not None
        told.close()
        real.close()


def test_bursts_and_fragments_are_lost_and_the_next_is_heard():
    with Chip():
        sip = own()
        other, _ = peer()
        here = compat.socket_address(HOST, sip.port)
        for number in range(9):
            other.sendto(b"%d" % number, here)
        other.sendto(bytes(1473), here)
        compat.sleep_ms(20)
        heard = []
        while True:
            datagram = sip.receive()
            if datagram is None:
                break
            heard.append(datagram[0])
        assert heard == [b"0", b"1", b"2", b"3", b"4", b"5"]
        other.sendto(b"next", here)
        assert arrives(sip.receive)[0] == b"next"
        other.close()


def test_ten_sockets_and_none_is_left_behind_by_what_does_not_fit():
    with Chip():
        ports = MediaPorts(HOST)
        pairs = [ports.open() for _ in range(4)]
        alone = own()
        try:
            ports.open()
        except OSError as error:
            assert error.errno == 23, error
        else:
            raise AssertionError("no error")
        assert len(lwip.open_sockets) == 9
        pairs[0].close()
        pairs.append(ports.open())
        assert len(lwip.open_sockets) == 9
        alone.close()


class Endpoint:
    """Has one message to send, and hears what became of it."""

    def __init__(self):
        self.out, self.errors = [], []

    def to_send(self, now):
        return self.out.pop(0) if self.out else None

    def transport_error(self, destination, transport, now, trouble=""):
        self.errors.append(destination)


def test_a_send_that_fails_in_passing_is_left_to_the_retransmission():
    from net.resolver import Resolver
    from net.signalling import Signalling

    with Chip():
        endpoint = Endpoint()
        sip = Signalling(endpoint, Resolver())
        sip.open(HOST)
        other, port = peer()
        for number in (12, 11, 118, 113):
            lwip.failures[:] = [number]
            endpoint.out = [(b"lost", (HOST, port), "udp"), (b"again", (HOST, port), "udp")]
            sip.drain(0)
            assert endpoint.errors == [], number
            assert arrives(lambda: other_received(other)) == b"again"
        lwip.failures[:] = [101]  # no such network
        endpoint.out = [(b"lost", (HOST, port), "udp")]
        sip.drain(0)
        assert endpoint.errors == [(HOST, port)]
        sip.close()
        assert lwip.open_sockets == []
        other.close()


def other_received(sock):
    try:
        return sock.recvfrom(100)[0]
    except OSError:
        return None
