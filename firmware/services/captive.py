"""Captive DNS of the phone's own wireless network: every name resolves to the phone's web interface.

RFC 1035 §4.1: the response repeats the question, with one A record of short TTL.
"""

import socket

import compat
from compat import const
from net.udp import bound_socket, hear_again

_MAX_COUNT = const(512)
_MAX_NAME = const(255)


async def answer_all(address: str, port: int = 53) -> None:
    """Answer every query at `address` with that address, until cancelled. Returns if the port is in use."""
    try:
        sock = bound_socket(address, port, socket.SOCK_DGRAM)
    except OSError:
        return
    try:
        while True:
            await compat.readable(sock)
            try:
                query, peer = sock.recvfrom(_MAX_COUNT)
                if not query:
                    hear_again(sock, compat.socket_address(address, port))
                    continue
                reply = answer(query, address)
                if reply:
                    sock.sendto(reply, peer)
            except OSError:
                await compat.sleep(20)
    finally:
        sock.close()


def answer(query: bytes, address: str) -> "bytes | None":
    """The response to a DNS query with one question; None for anything else."""
    if len(query) < 17 or query[2] & 0xF8 or query[4:6] != b"\0\1":
        return None
    end = 12
    while query[end]:
        end += 1 + query[end]
        if end - 12 > _MAX_NAME or end + 5 > len(query):
            return None
    question = query[12 : end + 5]
    kind = question[-4:]
    head = query[:2] + bytes([0x84 | (query[2] & 1), 0]) + b"\0\1"
    if kind != b"\0\1\0\1":
        return head + b"\0\0\0\0\0\0" + question  # no records of other types
    octets = bytes([int(part) for part in address.split(".")])
    return head + b"\0\1\0\0\0\0" + question + b"\xc0\x0c\0\1\0\1\0\0\0\x0a\0\4" + octets
