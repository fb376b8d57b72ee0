"""Port pairs on the loopback interface."""

import compat
from net.media import MediaPorts
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
    for remote in (("0.0.0.0", 5000), ("example.com", 5000), ("127.0.0.1", 0), ("127.0.0.1", 70000),
                   ("999.1.1.1", 5000), ("", 5000), ("::1", 5000)):
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
