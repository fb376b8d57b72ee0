"""Port pairs on the loopback interface."""

import compat
from net.media.latch import Latch, is_private
from net.media_ports import MediaPorts
from net.udp import bound_socket, free_ports
from support.check import raises


def arrives(receive, buffer):
    for _ in range(200):
        length = receive(buffer)
        if length:
            return bytes(buffer[:length])
        compat.sleep_ms(1)
    return b""


def test_free_ports_are_even_with_their_neighbour_in_the_range():
    ranges = (((16384, 16389), [16384, 16386, 16388]), ((16385, 16388), [16386]), ((5, 5), []), ((4, 4), []))
    for bounds, expected in ranges:
        assert sorted(free_ports(bounds[0], bounds[1])) == expected, bounds
    some = list(free_ports(0, 0))
    assert len(some) == 50 and all(port % 2 == 0 and port >= 1024 for port in some)


def test_two_ports_hear_each_other_and_nobody_else():
    ports = MediaPorts("127.0.0.1")
    one, two = ports.open(), ports.open()
    assert one.port % 2 == 0 and one.port != two.port and one.host == "127.0.0.1"
    buffer = bytearray(400)
    one.send(b"before")
    assert one.connect(("127.0.0.1", two.port)) and two.connect(("127.0.0.1", one.port))
    one.send(memoryview(b"voice"))
    assert arrives(two.receive_into, buffer) == b"voice"
    one.send_rtcp(b"report")
    assert arrives(two.receive_rtcp_into, buffer) == b"report"
    stranger = bound_socket("127.0.0.1", next(free_ports(0, 0)))
    stranger.sendto(b"noise", compat.socket_address("127.0.0.1", two.port))
    one.send(b"end")
    assert arrives(two.receive_into, buffer) == b"end"
    assert two.receive_into(buffer) == 0
    for port in (one, two, stranger):
        port.close()


def test_silence_is_counted_in_frames():
    ports = MediaPorts("127.0.0.1")
    one, two = ports.open(), ports.open()
    one.connect(("127.0.0.1", two.port))
    two.connect(("127.0.0.1", one.port))
    buffer = bytearray(400)
    for _ in range(7):
        two.receive_into(buffer)
    assert two.silence == 7 and not two.is_heard
    one.send(b"voice")
    assert arrives(two.receive_into, buffer) and two.silence == 0 and two.is_heard
    for _ in range(49):
        two.receive_into(buffer)
    assert two.is_heard
    two.receive_into(buffer)
    assert two.silence == 50 and not two.is_heard
    one.send(b"voice")
    assert arrives(two.receive_into, buffer)
    two.connect(("127.0.0.1", 9))  # another peer has not been heard yet
    assert not two.is_heard
    for port in (one, two):
        port.close()


def test_a_peer_that_is_not_there_disturbs_nothing():
    one = MediaPorts("127.0.0.1").open()
    assert one.connect(("127.0.0.1", 9))
    for _ in range(3):
        one.send(b"x")
        one.receive_into(bytearray(20))
    assert one.errors > 0
    one.close()


def test_addresses_that_voice_cannot_go_to():
    one = MediaPorts("127.0.0.1").open()
    for remote in (
        ("0.0.0.0", 5000),
        ("example.com", 5000),
        ("127.0.0.1", 0),
        ("127.0.0.1", 70000),
        ("999.1.1.1", 5000),
        ("", 5000),
        ("::1", 5000),
    ):
        assert not one.connect(remote), remote
        one.send(b"x")
        assert one.receive_into(bytearray(20)) == 0
    one.close()


def test_the_range_is_kept_and_its_end_is_told():
    ports = MediaPorts("127.0.0.1", 31000, 31003)
    taken = [ports.open(), ports.open()]
    assert sorted(port.port for port in taken) == [31000, 31002]
    raises(OSError, ports.open)
    taken[0].close()
    ports.open().close()
    taken[1].close()


def test_an_observer_sees_what_is_sent_with_both_ends():
    ports, seen = MediaPorts("127.0.0.1"), []
    ports.observer = lambda packet, local, remote: seen.append((bytes(packet), local, remote))
    one = ports.open()
    one.send(b"unheard")
    one.connect(("127.0.0.1", 9000))
    one.send(b"voice")
    one.send_rtcp(b"report")
    assert seen == [
        (b"voice", ("127.0.0.1", one.port), ("127.0.0.1", 9000)),
        (b"report", ("127.0.0.1", one.port + 1), ("127.0.0.1", 9001)),
    ]
    one.close()


def test_datagrams_that_wait_come_out_one_by_one():
    ports = MediaPorts("127.0.0.1")
    one, two = ports.open(), ports.open()
    one.connect(("127.0.0.1", two.port))
    two.connect(("127.0.0.1", one.port))
    packets = (b"first", b"second one", b"3")
    for packet in packets:
        one.send(packet)
    compat.sleep_ms(20)
    buffer = bytearray(400)
    assert [arrives(two.receive_into, buffer) for _ in packets] == list(packets)
    assert two.receive_into(buffer) == 0
    one.close()
    two.close()


def rtp(sequence, ssrc=b"abcd", kind=8, first=0x80):
    return bytes([first, kind, sequence >> 8 & 255, sequence & 255]) + bytes(4) + ssrc + b"voice"


def searching(host="127.0.0.1", signalled=None, signalling=None):
    """A port whose peer is silent where the SDP says; the peer's real sockets; a stranger's."""
    port = MediaPorts(host).open()
    silent = MediaPorts(host).open()
    peer, stranger = MediaPorts(host).open(), MediaPorts(host).open()
    port.payload_types = (8, 101)
    port.signalling = signalling
    assert port.connect(signalled or (silent.host, silent.port))
    buffer = bytearray(400)
    for _ in range(26):
        assert port.receive_into(buffer) == 0
    for other in (peer, stranger):
        other.connect(("127.0.0.1", port.port))
    return port, silent, peer, stranger


def heard(port, count=10):
    buffer, found = bytearray(400), []
    for _ in range(count):
        length = port.receive_into(buffer)
        if length:
            found.append(bytes(buffer[:length]))
        compat.sleep_ms(1)
    return found


def test_a_peer_behind_a_nat_is_heard_from_where_it_is():
    port, silent, peer, stranger = searching()
    for number in range(65534, 65538):
        peer.send(rtp(number))
    assert heard(port) == [rtp(0), rtp(1)] and port.latched == ("127.0.0.1", peer.port)
    port.send(b"to you")
    assert arrives(peer.receive_into, bytearray(400)) == b"to you"
    # Nobody else is heard from now on, however good the stream is; an offer that changes nothing changes nothing.
    for _ in range(2):
        for number in range(20):
            stranger.send(rtp(number))
        assert heard(port) == [] and port.connect(("127.0.0.1", silent.port))
    peer.send(rtp(9))
    assert heard(port, 3) == [rtp(9)]
    # One that does begins anew.
    assert port.connect(("127.0.0.1", stranger.port)) and port.latched is None
    stranger.send(rtp(1))
    assert heard(port, 3) == [rtp(1)]
    for each in (port, silent, peer, stranger):
        each.close()


def test_noise_is_no_stream():
    port, silent, peer, stranger = searching()
    for packet in (
        b"",
        b"x" * 11,
        rtp(1, kind=0),
        rtp(1, first=0x40),
        rtp(1),
        rtp(9),
        rtp(17),
        rtp(3, b"aaaa"),
        rtp(4, b"bbbb"),
    ):
        stranger.send(packet)
        assert heard(port, 3) == []
    # The signalled address still is the best.
    silent.connect(("127.0.0.1", port.port))
    silent.send(rtp(700))
    assert heard(port) == [rtp(700)] and port.latched is None
    for number in range(20):
        stranger.send(rtp(number))
    assert heard(port) == []
    for each in (port, silent, peer, stranger):
        each.close()


def test_the_host_of_the_signalling_has_to_speak_for_longer():
    port, silent, peer, stranger = searching(signalled=("127.0.0.9", 9), signalling="127.0.0.1")
    for number in range(7):
        peer.send(rtp(number))
    assert heard(port, 4) == [rtp(4), rtp(5), rtp(6)] and port.latched == ("127.0.0.1", peer.port)
    stranger.send_rtcp(b"\x80\x01" + bytes(6))
    peer.send_rtcp(b"\x80\xc9\0\1abcd")
    assert arrives(port.receive_rtcp_into, bytearray(100)) == b"\x80\xc9\0\1abcd"
    port.send_rtcp(b"back")
    assert arrives(peer.receive_rtcp_into, bytearray(100)) == b"back"
    for each in (port, silent, peer, stranger):
        each.close()


def test_any_host_is_heard_only_where_the_signalling_shows_a_nat():
    for remote, signalling, needed in (
        (("192.168.7.2", 9000), "203.0.113.5", 10),
        (("fd00::2", 9000), "2001:db8::5", 10),
        (("192.168.7.2", 9000), "192.168.7.1", None),
        (("192.168.7.2", 9000), None, None),
        (("203.0.113.9", 9000), "203.0.113.5", None),
        (("203.0.113.9", 9000), "192.168.7.1", None),
        (("203.0.113.9", 9000), "198.51.100.1", 5),
        (("198.51.100.1", 9000), "203.0.113.5", 3),
    ):
        latch = Latch(remote, (8,), signalling)
        taken = [latch.offer(rtp(number), ("198.51.100.1", 4000)) for number in range(30)]
        assert taken.index(True) + 1 == needed if needed else True not in taken, (remote, signalling)


def test_what_is_private():
    for host in ("10.0.0.1", "127.0.0.1", "172.16.0.1", "172.31.9.9", "192.168.0.1", "169.254.1.1", "100.64.0.1",
                 "100.127.0.1", "fd00::1", "fc00::1", "fe80::1", "::1"):  # fmt: skip
        assert is_private(host), host
    for host in ("11.0.0.1", "172.15.0.1", "172.32.0.1", "192.169.0.1", "169.253.0.1", "100.63.0.1", "100.128.0.1",
                 "203.0.113.1", "2001:db8::1", "::2"):  # fmt: skip
        assert not is_private(host), host


def test_the_signalled_address_takes_its_call_back():
    """A stranger that was heard because the peer was silent is given up the moment the peer speaks."""
    silent = MediaPorts("127.0.0.9").open()
    port, other, peer, stranger = searching(signalled=("127.0.0.9", silent.port), signalling="127.0.0.1")
    for number in range(6):
        stranger.send(rtp(number))
    assert heard(port, 3) and port.latched == ("127.0.0.1", stranger.port)
    silent.connect(("127.0.0.1", port.port))
    silent.send(b"\0\1" + bytes(18))  # what is no RTP takes nothing
    assert heard(port, 3) == [] and port.latched is not None
    silent.send(rtp(700))
    assert heard(port, 3) == [rtp(700)] and port.latched is None
    for number in range(20):
        stranger.send(rtp(number))
    assert heard(port) == []
    port.send(b"to whom it was agreed")
    assert arrives(silent.receive_into, bytearray(400)) == b"to whom it was agreed"
    port.send_rtcp(b"report")
    assert arrives(silent.receive_rtcp_into, bytearray(400)) == b"report"
    for each in (port, silent, other, peer, stranger):
        each.close()


def test_a_stream_that_came_as_signalled_lets_nobody_in():
    port, peer, stranger = [MediaPorts("127.0.0.1").open() for _ in range(3)]
    port.payload_types = (8,)
    port.connect(("127.0.0.1", peer.port))
    for other in (peer, stranger):
        other.connect(("127.0.0.1", port.port))
    peer.send(rtp(1))
    assert heard(port, 3) == [rtp(1)]
    for number in range(60):
        stranger.send(rtp(number))
    assert heard(port, 60) == [] and port.latched is None
    for each in (port, peer, stranger):
        each.close()


def test_a_quiet_port_reminds_the_nat():
    """With a packet that no peer takes for voice: another payload type, and no new sequence number."""
    one, two = MediaPorts("127.0.0.1").open(), MediaPorts("127.0.0.1").open()
    seen = []
    one._observer = lambda packet, local, remote: seen.append(bytes(packet))
    one.payload_types = (127, 8)
    one.connect(("127.0.0.1", two.port))
    one._silent = -1  # it was heard
    for _ in range(750):
        one.receive_into(bytearray(20))
    assert seen == []
    one.receive_into(bytearray(20))
    assert len(seen) == 1 and len(seen[0]) == 12 and seen[0][0] == 0x80 and seen[0][1] == 126
    one.send(rtp(77, kind=0x80 | 126))
    for _ in range(751):
        one.receive_into(bytearray(20))
    assert seen[2] == bytes([0x80, 125]) + rtp(77)[2:12]
    for port in (one, two):
        port.close()
