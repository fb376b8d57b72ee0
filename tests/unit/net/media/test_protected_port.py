"""A port pair with SRTP on it: what goes out is sealed, and only what was sealed for us comes in."""

import struct

import compat
from media.protection import Protection
from net.media_ports import MediaPorts
from net.udp import bound_socket, free_ports

SUITE = "AES_CM_128_HMAC_SHA1_80"
OURS, THEIRS = bytes(range(30)), bytes(range(30, 60))
VOICE = b"voice of twenty octe"


def rtp(sequence, ssrc=7):
    return struct.pack(">BBHII", 0x80, 8, sequence, 160 * sequence, ssrc) + VOICE


def report():
    return struct.pack(">BBHII", 0x80, 201, 1, 7, 0)[:8]


def protection(sent, heard):
    made = Protection(False)
    made.agree(SUITE, sent, [(heard, b"", 0)])
    return made


def socket_at(port):
    """A peer's own socket, connected to nobody."""
    return bound_socket("127.0.0.1", port)


def send(sock, packet, port):
    sock.sendto(bytes(packet), compat.socket_address("127.0.0.1", port))


def arrives(receive, buffer):
    for _ in range(200):
        length = receive(buffer)
        if length:
            return bytes(buffer[:length])
        compat.sleep_ms(1)
    return b""


class Call:
    """Our port, and a peer at a port pair of its own."""

    def __init__(self):
        self.port = MediaPorts("127.0.0.1").open()
        self.port.protection = protection(OURS, THEIRS)
        self.at = next(free_ports(0, 0))
        self.rtp, self.rtcp = socket_at(self.at), socket_at(self.at + 1)
        assert self.port.connect(("127.0.0.1", self.at))
        self.peer = protection(THEIRS, OURS)
        self.buffer = bytearray(400)

    def close(self):
        self.port.close()
        self.rtp.close()
        self.rtcp.close()

    def receive(self, sock):
        return arrives(lambda buffer: max(compat.receive_into(sock, buffer), 0), self.buffer)


def test_voice_and_reports_are_sealed_both_ways():
    call = Call()
    call.port.send(rtp(1))
    packet = call.receive(call.rtp)
    assert len(packet) == 42 and VOICE not in packet and packet[:12] == rtp(1)[:12]
    buffer = bytearray(packet)
    assert bytes(buffer[: call.peer.unprotect(buffer, len(packet))]) == rtp(1)
    send(call.rtp, call.peer.protect(rtp(9)), call.port.port)
    assert arrives(call.port.receive_into, call.buffer) == rtp(9)
    call.port.send_rtcp(report())
    packet = call.receive(call.rtcp)
    assert len(packet) == 8 + 14
    send(call.rtcp, call.peer.protect_rtcp(report()), call.port.port + 1)
    assert arrives(call.port.receive_rtcp_into, call.buffer) == report()
    call.close()


def test_what_is_in_clear_forged_or_repeated_is_passed_over():
    call = Call()
    good = bytes(call.peer.protect(rtp(1)))
    for packet in (rtp(2), good[:-1] + bytes([good[-1] ^ 1]), b"x", good, good, rtp(3)):
        send(call.rtp, packet, call.port.port)
    assert arrives(call.port.receive_into, call.buffer) == rtp(1)
    for _ in range(3):
        assert call.port.receive_into(call.buffer) == 0
    stats = call.port.protection.stats()
    assert (stats["packets"], stats["replayed"]) == (1, 1) and stats["unauthentic"] == 3
    send(call.rtcp, report() + bytes(14), call.port.port + 1)
    for _ in range(20):
        assert call.port.receive_rtcp_into(call.buffer) == 0
        compat.sleep_ms(1)
    call.close()


def test_a_flood_of_forged_packets_takes_no_more_than_its_share_of_a_frame():
    call = Call()
    for number in range(40):
        send(call.rtp, rtp(number), call.port.port)
    compat.sleep_ms(20)
    assert call.port.receive_into(call.buffer) == 0
    assert 0 < call.port.protection.stats()["unauthentic"] <= 8
    call.close()


def test_who_cannot_seal_does_not_get_the_call():
    """The signalled address is silent, another port sends: only one with our keys is followed (RFC 4961)."""
    call = Call()
    call.port.payload_types = (8, 101)
    for _ in range(30):
        assert call.port.receive_into(call.buffer) == 0
    ports = list(free_ports(0, 0))[:2]
    stranger, other = [bound_socket("127.0.0.1", port) for port in ports]
    for sequence in range(20):
        send(stranger, rtp(sequence), call.port.port)
    compat.sleep_ms(5)
    for _ in range(10):
        assert call.port.receive_into(call.buffer) == 0
    assert call.port.latched is None
    for sequence in range(5):
        send(other, call.peer.protect(rtp(sequence)), call.port.port)
    assert arrives(call.port.receive_into, call.buffer)[12:] == VOICE
    assert call.port.latched == ("127.0.0.1", ports[1])
    stranger.close()
    other.close()
    call.close()


def test_the_keys_go_with_the_port():
    call = Call()
    kept = call.port.protection
    call.close()
    assert call.port.protection is None
    packet = bytearray(bytes(call.peer.protect(rtp(1))) + bytes(20))
    assert kept.unprotect(packet, 42) == 0
