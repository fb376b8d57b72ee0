"""A capture of the packets that a simulated phone sends, as a pcap file for Wireshark.

There is no wire, so the headers are made up: Ethernet addresses from IP addresses, TCP sequence numbers from
the data recorded so far. Each process records the packets that it sends; `merge` joins the files by time.
Format: draft-ietf-opsawg-pcap, microsecond timestamps, link type 1 (Ethernet).
"""

import re
import socket
import struct
import time

_MAGIC = 0xA1B2C3D4
_ETHERNET = 1
_HEADER = struct.pack("<IHHiIII", _MAGIC, 2, 4, 0, 0, 0xFFFF + 14, _ETHERNET)
_IPV4 = 0x0800
_IPV6 = 0x86DD
_UDP = 17
_TCP = 6
_PUSH_ACK = 0x18
# Leaves room for the headers in an IPv4 packet of 65,535 octets.
_MAX_LENGTH = 65000


def _octets(host):
    if ":" in host:
        return socket.inet_pton(socket.AF_INET6, host)
    return bytes([int(part) for part in host.split(".")])


def _checksum(data):
    """The Internet checksum (RFC 1071)."""
    if len(data) & 1:
        data = data + b"\0"
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _udp(source, destination, data, pseudo):
    header = struct.pack(">HHHH", source, destination, 8 + len(data), 0)
    # 0 would mean "no checksum" (RFC 768).
    checksum = _checksum(pseudo + struct.pack(">H", 8 + len(data)) + header + data) or 0xFFFF
    return header[:6] + struct.pack(">H", checksum) + data


def _tcp(source, destination, sequence, acknowledged, data, pseudo):
    header = struct.pack(">HHIIBB", source, destination, sequence, acknowledged, 0x50, _PUSH_ACK)
    header += b"\xff\xff\0\0\0\0"
    checksum = _checksum(pseudo + struct.pack(">H", len(header) + len(data)) + header + data)
    return header[:16] + struct.pack(">HH", checksum, 0) + data


def _frame(protocol, source, destination, identification, segment):
    """Ethernet and IPv4 (RFC 791), or IPv6 (RFC 8200), around `segment`."""
    if len(source) == 16:
        ethernet = b"\x02\0" + destination[-4:] + b"\x02\0" + source[-4:] + struct.pack(">H", _IPV6)
        head = struct.pack(">IHBB", 0x60000000, len(segment), protocol, 64)
        return ethernet + head + source + destination + segment
    ethernet = b"\x02\0" + destination + b"\x02\0" + source + struct.pack(">H", _IPV4)
    length = 20 + len(segment)
    header = struct.pack(">BBHHHBBH", 0x45, 0, length, identification & 0xFFFF, 0x4000, 64, protocol, 0)
    checksum = _checksum(header + source + destination)
    return ethernet + header[:10] + struct.pack(">H", checksum) + source + destination + segment


_INLINE = re.compile(rb"(inline:)([A-Za-z0-9+/=]+)")


def _without_keys(data):
    """The octets with an x for each letter of SRTP's keys (RFC 4568): captures are passed on to others."""
    if b"inline:" not in data:
        return data
    return _INLINE.sub(lambda found: found.group(1) + b"x" * len(found.group(2)), data)


def _record(micros, frame):
    return struct.pack("<IIII", micros // 1000000, micros % 1000000, len(frame), len(frame)) + frame


class Tap:
    """Writes packets to the file at `path`; each is in the file when the call returns."""

    def __init__(self, path: str):
        self._file = open(path, "wb")  # noqa: SIM115 - closed by close()
        self._file.write(struct.pack("<IHHiIII", _MAGIC, 2, 4, 0, 0, 0xFFFF + 14, _ETHERNET))
        self._identification = 0
        # (source, destination) -> octets sent so far on that half of a TCP connection
        self._streams = {}

    def udp(self, source: "tuple[str, int]", destination: "tuple[str, int]", data) -> None:
        """Record a datagram between two (IP address, port)."""
        addresses = _octets(source[0]), _octets(destination[0])
        # IPv6 has these fields in another order (RFC 8200 §8.1), which does not change the sum.
        pseudo = addresses[0] + addresses[1] + bytes([0, _UDP])
        data = _without_keys(bytes(data[:_MAX_LENGTH]))
        self._write(_UDP, addresses, _udp(source[1], destination[1], data, pseudo))

    def tcp(self, source: "tuple[str, int]", destination: "tuple[str, int]", data) -> None:
        """Record a piece of a stream. Both directions must be recorded, as each acknowledges the other."""
        addresses = _octets(source[0]), _octets(destination[0])
        pseudo = addresses[0] + addresses[1] + bytes([0, _TCP])
        for start in range(0, len(data), _MAX_LENGTH):
            piece = _without_keys(bytes(data[start : start + _MAX_LENGTH]))
            sent = self._streams.get((source, destination), 0)
            heard = self._streams.get((destination, source), 0)
            segment = _tcp(source[1], destination[1], sent + 1, heard + 1, piece, pseudo)
            self._streams[(source, destination)] = sent + len(piece)
            self._write(_TCP, addresses, segment)

    def watch(self, signalling) -> None:
        """Record the packets that a net.signalling.Signalling sends; of streams both directions."""

        def observer(sent, data, peer, transport):
            local = signalling.address
            if transport == "tcp":
                # A stream's local port may be another one, which is unknown: the listening port is shown.
                ends = (local, peer) if sent else (peer, local)
                self.tcp(ends[0], ends[1], data)
            elif sent:
                self.udp(local, peer, data)

        signalling.observers.append(observer)

    def watch_media(self, ports) -> None:
        """Record the packets that the ports of a net.media_ports.MediaPorts send."""
        ports.observer = lambda packet, local, remote: self.udp(local, remote, packet)

    def close(self) -> None:
        self._file.close()

    def _write(self, protocol, addresses, segment):
        self._identification += 1
        frame = _frame(protocol, addresses[0], addresses[1], self._identification, segment)
        self._file.write(_record(time.time_ns() // 1000, frame))
        self._file.flush()


def records(path: str) -> list:
    """The packets of a Tap's file as [(microseconds since 1970, frame)], without an incomplete last one."""
    found = []
    with open(path, "rb") as file:
        if struct.unpack("<I", file.read(24)[:4])[0] != _MAGIC:
            raise ValueError("not a capture of ours: %s" % path)
        while True:
            header = file.read(16)
            if len(header) < 16:
                return found
            seconds, micros, length, _ = struct.unpack("<IIII", header)
            frame = file.read(length)
            if len(frame) < length:
                return found
            found.append((seconds * 1000000 + micros, frame))


def merge(paths: list, merged: str) -> int:
    """Write the packets of the captures at `paths`, by time, to a new one; returns how many there are."""
    packets = []
    for path in paths:
        packets += records(path)
    packets.sort(key=lambda packet: packet[0])
    with open(merged, "wb") as file:
        file.write(struct.pack("<IHHiIII", _MAGIC, 2, 4, 0, 0, 0xFFFF + 14, _ETHERNET))
        for micros, frame in packets:
            file.write(_record(micros, frame))
    return len(packets)
