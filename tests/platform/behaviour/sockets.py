"""What firmware may rely on, and must fear, of socket on the ESP32 (modsocket.c over IDF's lwIP)."""

# port only: the stand-ins leave sockets to the host

import socket

import chip
import esp32_model

EAGAIN, ENOMEM, ENFILE, ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH, ENOTCONN = 11, 12, 23, 111, 116, 118, 128
HOME = "127.0.0.1"


def udp(port=0):
    chip.slow(3)
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setblocking(False)
    if port:
        made.bind((HOME, port))
    return made


def pair(port):
    """A socket bound to `port`, and one connected to it."""
    bound, connected = udp(port), udp()
    connected.connect((HOME, port))
    return bound, connected


def fails(call, number):
    try:
        call()
    except OSError as error:
        assert error.args[0] == number, (error.args, number)
    else:
        raise AssertionError("no error")


def test_an_empty_datagram_ends_reception_until_the_socket_is_bound_again():
    here, there = pair(47001)
    fails(lambda: there.sendto(b"", (HOME, 47001)), ETIMEDOUT)
    chip.run(30)
    assert here.recv(100) == b""
    there.send(b"lost")
    chip.run(30)
    assert here.recv(100) == b"" and here.recvfrom(100)[0] == b""
    here.bind((HOME, 47001))
    assert here.recv(100) == b"lost"
    fails(lambda: here.recv(100), EAGAIN)


def test_an_empty_datagram_ends_a_connected_sockets_reception_until_it_is_connected_again():
    here, there = pair(47002)
    here.sendto(b"hello", ("127.0.0.1", 47003))  # gives it nothing: nobody is there
    there.send(b"who")
    chip.run(30)
    peer = here.recvfrom(100)[1]
    fails(lambda: here.sendto(b"", peer), ETIMEDOUT)
    chip.run(30)
    assert there.recv(100) == b""
    here.sendto(b"lost", peer)
    chip.run(30)
    assert there.recv(100) == b""
    there.connect((HOME, 47002))
    assert there.recv(100) == b"lost"


def test_send_of_nothing_sends_nothing_and_would_block():
    here, there = pair(47004)
    fails(lambda: there.send(b""), EAGAIN)
    chip.run(30)
    fails(lambda: here.recv(100), EAGAIN)


def test_the_eleventh_socket():
    made = [socket.socket() for _ in range(10)]
    fails(socket.socket, ENFILE)
    made.pop().close()
    made.append(socket.socket())
    # Sockets that nobody holds any more are collected first.
    del made
    socket.socket()


def test_a_listener_and_what_it_accepts_count_among_the_ten():
    listener = socket.socket()
    listener.bind((HOME, 47005))
    listener.listen(2)
    held = [socket.socket() for _ in range(8)]
    client = socket.socket()
    client.connect((HOME, 47005))
    listener.settimeout(1)
    fails(listener.accept, ENFILE)
    assert held


def test_the_seventh_datagram_that_waits_is_lost():
    here, there = pair(47006)
    for number in range(9):
        there.send(b"%d" % number)
    chip.run(50)
    received = [here.recv(10) for _ in range(6)]
    assert received == [b"0", b"1", b"2", b"3", b"4", b"5"], received
    fails(lambda: here.recv(10), EAGAIN)
    assert esp32_model.counters()["mailbox_drops"] == 3


def test_a_datagram_larger_than_a_packet_never_arrives():
    here, there = pair(47007)
    there.send(bytes(1473))
    there.send(bytes(1472))
    chip.run(50)
    assert len(here.recv(2000)) == 1472
    fails(lambda: here.recv(2000), EAGAIN)


def test_what_does_not_fit_the_buffer_is_cut_off():
    here, there = pair(47008)
    there.send(b"0123456789")
    there.send(b"next")
    chip.run(30)
    assert here.recv(4) == b"0123"
    assert here.recv(10) == b"next"


def test_no_route_without_an_interface():
    here, there = pair(47009)
    esp32_model.loopback(False)
    fails(lambda: there.send(b"x"), EHOSTUNREACH)
    fails(lambda: here.sendto(b"x", ("192.0.2.1", 5060)), EHOSTUNREACH)
    fails(lambda: socket.socket().connect((HOME, 47009)), EHOSTUNREACH)


def test_errors_of_sending_that_pass():
    here, there = pair(47010)
    esp32_model.fail_sends(ENOMEM, 1)
    fails(lambda: there.send(b"a"), ENOMEM)
    esp32_model.fail_sends(EAGAIN, 2)
    fails(lambda: there.send(b"b"), EAGAIN)
    fails(lambda: there.sendto(b"c", (HOME, 47010)), ETIMEDOUT)
    there.send(b"d")
    chip.run(30)
    assert here.recv(10) == b"d"


def test_nobody_at_a_port_is_not_told():
    there = udp()
    there.connect((HOME, 47011))
    for _ in range(3):
        assert there.send(b"x") == 1
        chip.run(20)
        fails(lambda: there.recv(10), EAGAIN)


def test_a_connection():
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOME, 47012))
    listener.listen(2)
    client = socket.socket()
    client.connect((HOME, 47012))
    server, address = listener.accept()
    assert address[0] == HOME
    client.send(b"OPTIONS\r\n")
    assert server.readline() == b"OPTIONS\r\n"
    server.send(b"200")
    server.close()
    assert client.recv(10) == b"200"
    assert client.recv(10) == b"" and client.recv(10) == b""


def test_a_connection_that_is_refused():
    fails(lambda: socket.socket().connect((HOME, 47013)), ECONNREFUSED)


def test_a_new_stream_socket_cannot_be_read():
    fails(lambda: socket.socket().recv(1), ENOTCONN)


def test_a_timeout():
    here = udp(47014)
    here.settimeout(0.3)
    start = chip.now()
    fails(lambda: here.recv(10), ETIMEDOUT)
    assert 250 <= chip.since(start) <= 600


def test_options_that_are_not_there():
    udp().setsockopt(0, 99, 1)  # printed as not implemented, and no error
    # IP_TOS has the number of TCP_NODELAY, and the port does not look at the level.
    fails(lambda: udp().setsockopt(0, 1, 0xB8), 109)


def test_names():
    family, kind, _, name, address = socket.getaddrinfo("localhost", 5060, 0, socket.SOCK_DGRAM)[0]
    assert (family, kind, name, address) == (2, 2, "localhost", (HOME, 5060))
    fails(lambda: socket.getaddrinfo("no.such.name.invalid", 5060), -202)
