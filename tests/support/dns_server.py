"""DNS answers put together byte by byte, and a server on loopback."""

import socket
import struct

import compat
from net import dns


def raw_record(name, kind, data, ttl=300):
    return (dns.name_octets(name) if name else b"\0") + struct.pack("!HHIH", kind, 1, ttl, len(data)) + data


def a(name, address, ttl=300):
    return raw_record(name, dns.A, bytes([int(part) for part in address.split(".")]), ttl)


def cname(name, target, ttl=300):
    return raw_record(name, dns.CNAME, dns.name_octets(target), ttl)


def srv(name, priority, weight, port, target, ttl=300):
    data = struct.pack("!HHH", priority, weight, port) + (dns.name_octets(target) if target else b"\0")
    return raw_record(name, dns.SRV, data, ttl)


def naptr(name, order, preference, flags, service, replacement, ttl=300):
    texts = b"".join([bytes([len(text)]) + text.encode() for text in (flags, service, "")])
    return raw_record(
        name, dns.NAPTR, struct.pack("!HH", order, preference) + texts + dns.name_octets(replacement), ttl
    )


def soa(name, ttl, minimum):
    data = (
        dns.name_octets("ns." + name)
        + dns.name_octets("admin." + name)
        + struct.pack("!IIIII", 1, 2, 3, 4, minimum)
    )
    return raw_record(name, dns.SOA, data, ttl)


def question_of(octets):
    """(name, kind) of a question."""
    end = octets.index(b"\0", 12) + 1
    labels, at = [], 12
    while octets[at]:
        labels.append(str(octets[at + 1 : at + 1 + octets[at]], "utf-8"))
        at += 1 + octets[at]
    return ".".join(labels), octets[end] << 8 | octets[end + 1]


def answer(question, records, additional=(), authority=(), status=0, truncated=False, claimed=None):
    """The answer to `question`, as bytes."""
    end = question.index(b"\0", 12) + 5
    flags = 0x8180 | status | (0x0200 if truncated else 0)
    counts = (1, len(records) if claimed is None else claimed, len(authority), len(additional))
    head = question[:2] + struct.pack("!HHHHH", flags, *counts)
    return head + question[12:end] + b"".join(list(records) + list(authority) + list(additional))


class DnsServer:
    """Answers from `zone`, {(name, kind): [records as bytes]}, on a free port of 127.0.0.1, once per `poll`.

    `asked` lists the questions, `sources` who asked; with `silent` it does not answer. With `most`, answers
    of more bytes are truncated over UDP and whole over TCP, where `streamed` counts them.
    """

    def __init__(self, zone):
        self.zone = zone
        self.asked = []
        self.sources = []
        self.silent = False
        self.most = 0
        self.streamed = 0
        self._listener = None
        self._streams = []
        for _ in range(50):
            self.port = 30000 + int.from_bytes(compat.urandom(2), "big") % 2000
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            try:
                self.socket.bind(compat.socket_address("127.0.0.1", self.port))
                break
            except OSError:
                self.socket.close()
        self.socket.setblocking(False)
        self.address = ("127.0.0.1", self.port)

    def poll(self):
        """Answer the waiting questions."""
        while True:
            try:
                question, source = self.socket.recvfrom(2000)
            except OSError:
                return
            name, kind = question_of(question)
            self.asked.append((name, kind))
            self.sources.append(compat.host_and_port(source))
            if not self.silent:
                records = self.zone.get((name, kind), [])
                known = any(key[0] == name for key in self.zone)
                octets = answer(question, records, status=0 if known else 3)
                if self.most and len(octets) > self.most:
                    octets = answer(question, records[:1], truncated=True, claimed=len(records))
                self.socket.sendto(octets, source)

    def listen(self):
        """Answer over TCP too."""
        self._listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(compat.socket_address("127.0.0.1", self.port))
        self._listener.listen(2)
        self._listener.setblocking(False)

    def _poll_streams(self):
        try:
            stream = self._listener.accept()[0]
            stream.setblocking(False)
            self._streams.append(stream)
        except OSError:
            pass
        for stream in list(self._streams):
            try:
                question = stream.recv(2000)
            except OSError:
                continue
            self._streams.remove(stream)
            if question:
                self.streamed += 1
                octets = answer(question[2:], self.zone.get(question_of(question[2:]), []))
                octets = len(octets).to_bytes(2, "big") + octets
                # In pieces, as a network may deliver it.
                stream.send(octets[:1])
                stream.send(octets[1:20])
                stream.send(octets[20:])
            stream.close()

    async def serve(self):
        while True:
            self.poll()
            if self._listener is not None:
                self._poll_streams()
            await compat.sleep(2)

    def close(self):
        self.socket.close()
        if self._listener is not None:
            self._listener.close()
