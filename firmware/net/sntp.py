"""The time from an NTP server, by one datagram each way (RFC 4330; the packet is RFC 5905 §7.3)."""

import socket

import compat
from compat import const, ticks_add, ticks_diff

PORT = const(123)
_LENGTH = const(48)
_LOOK_MS = const(20)
_TRIES = const(3)
_ERA_S = 1 << 32
_FROM_1900_S = 2208988800  # from 1900, where NTP counts from, to 1970


def request(random) -> bytes:
    """A request: version 4, client mode. Its transmit timestamp is random; the answer must repeat it."""
    return b"\x23" + bytes(39) + random(8)


def seconds_in(answer: bytes, question: bytes, not_before: int) -> int:
    """Seconds since 1970 in an answer to `question`, in the era (2036, …) that is not before `not_before`.

    Raises ValueError for an answer that RFC 4330 §5 has a client reject.
    """
    if len(answer) < _LENGTH or answer[0] & 7 != 4 or answer[24:32] != question[40:48]:
        raise ValueError("no answer to our question")
    if answer[0] >> 6 == 3 or not 1 <= answer[1] <= 15:
        raise ValueError("the server does not know the time")
    seconds = int.from_bytes(answer[40:44], "big")
    if seconds == 0:
        raise ValueError("the server does not know the time")
    seconds -= _FROM_1900_S
    return seconds if seconds >= not_before else seconds + _ERA_S


async def ask(address: str, port: int, not_before: int, warn, wait_ms: int) -> int:
    """Seconds since 1970 from the server at `address`. `warn(text)` is called for each answer ignored.

    Raises OSError, with the reason as text, if no valid answer comes.
    """
    sock = socket.socket(compat.family(address), socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        for _ in range(_TRIES):
            question = request(compat.urandom)
            sock.sendto(question, compat.socket_address(address, port))
            end = ticks_add(compat.ticks_ms(), wait_ms)
            while ticks_diff(end, compat.ticks_ms()) > 0:
                try:
                    answer, source = sock.recvfrom(_LENGTH)
                except OSError as error:
                    if not compat.would_block(error):
                        raise
                    await compat.sleep(_LOOK_MS)
                    continue
                source = compat.host_and_port(source)
                if source != (address, port):
                    warn("an answer from %s:%d is ignored: %s was asked" % (source + (address,)))
                    continue
                try:
                    return seconds_in(answer, question, not_before)
                except ValueError as error:
                    warn("an answer from %s is ignored: %s" % (address, error))
        raise OSError("the time server %s does not respond" % address)
    finally:
        sock.close()
