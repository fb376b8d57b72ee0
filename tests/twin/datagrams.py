"""What `voice_core.receive_datagram` does on MicroPython, under a locked heap; run by test_voice_path.py."""

import socket
from micropython import heap_lock, heap_unlock

import voice_core

import compat
from net.udp import bound_socket, free_ports

buffer = bytearray(200)
ports = list(free_ports(0, 0))[:2]
one, two = [bound_socket("127.0.0.1", port) for port in ports]
one.connect(compat.socket_address("127.0.0.1", ports[1]))
two.connect(compat.socket_address("127.0.0.1", ports[0]))

assert compat.receive_into is voice_core.receive_datagram


def received():
    heap_lock()
    try:
        return compat.receive_into(two, buffer)
    finally:
        heap_unlock()


assert received() == 0  # nothing waits, and it did not
for length in (172, 60, 1, 200):
    one.send(b"\x55" * length)
one.send(b"\x66" * 300)
one.send(b"last")
assert [received() for _ in range(7)] == [172, 60, 1, 200, 200, 4, 0]  # one at a time, and cut to the buffer
assert buffer[:4] == b"last"
one.send(b"")
one.send(b"more")
assert [received() for _ in range(3)] == [compat.EMPTY, 4, 0]
one.close()
two.send(b"nobody hears")
assert received() == -111  # ECONNREFUSED: ICMP's answer to that
assert received() == 0
two.close()
assert received() < 0
for wrong in ((1, buffer), (socket.socket(), b"constant")):
    try:
        compat.receive_into(wrong[0], wrong[1])
    except (OSError, TypeError):
        continue
    raise AssertionError(wrong)
print("sound")
