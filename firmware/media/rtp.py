"""RTP (RFC 3550): the header, and the state of the source whose packets arrive.

The twin of `native/core/rtp.c`.
"""

import struct

HEADER = 12


class Packet:
    """A header's fields, and the payload's `offset` and `length` in octets, without padding."""

    def __init__(self, payload_type, marker, sequence, timestamp, ssrc, *, offset=HEADER, length=0):
        self.payload_type = payload_type
        self.marker = marker
        self.sequence = sequence
        self.timestamp = timestamp
        self.ssrc = ssrc
        self.offset = offset
        self.length = length


def parse(octets, length: int):
    """The header of the packet in the first `length` octets; None if they are not an RTP packet."""
    if length < HEADER or octets[0] >> 6 != 2:
        return None
    offset = HEADER + 4 * (octets[0] & 15)
    if octets[0] & 0x10:  # §5.3.1: an extension, its length in words after its own first word
        if offset + 4 > length:
            return None
        offset += 4 + 4 * (octets[offset + 2] << 8 | octets[offset + 3])
    if offset > length:
        return None
    padding = 0
    if octets[0] & 0x20:  # §5.1: the last octet counts the padding, itself included
        padding = octets[length - 1]
        if padding == 0 or padding > length - offset:
            return None
    _, kind, sequence, timestamp, ssrc = struct.unpack_from(">BBHII", octets, 0)
    return Packet(
        kind & 0x7F, kind >> 7, sequence, timestamp, ssrc, offset=offset, length=length - offset - padding
    )


def write(octets, packet: Packet) -> None:
    """Write the header at the start of `octets`."""
    kind = packet.marker << 7 | packet.payload_type
    struct.pack_into(">BBHII", octets, 0, 0x80, kind, packet.sequence, packet.timestamp, packet.ssrc)


# Results of `Source.take`.
NEXT = 0  # a packet of the source
FIRST = 1  # the same, and the source is new or restarted: buffered packets are void
DUPLICATE = 2  # seen before
UNPROVEN = 3  # another source, or a jump: not accepted until a second packet follows

_MAX_DROPOUT = 3000
_MAX_MISORDER = 100
_NO_SEQUENCE = 65537
# A source whose last packet is this recent (ms) is not replaced by another.
_STILL_SPEAKS = 60
_TICKS_MASK = 0x3FFFFFFF
# A jump of a second or more is a new time line, not jitter.
_TIME_JUMP = 8000
_MASK = 0xFFFFFFFF


def ahead(a: int, b: int) -> int:
    """How far timestamp `a` is ahead of `b`, across the wrap."""
    difference = (a - b) & _MASK
    return difference - 0x100000000 if difference & 0x80000000 else difference


class Source:
    """The source of a call's packets (RFC 3550 appendix A.1). Counters are modulo 2**32."""

    def __init__(self):
        self.known = False
        self.ssrc = 0
        self.heard_at = 0
        self.cycles = 0
        self.base_sequence = 0
        self.max_sequence = 0
        self.bad_sequence = 0
        self.seen = 0
        self.skipped = 0  # sequence numbers that have not arrived, or not yet
        self.received = 0
        self.candidate_ssrc = 0
        self.candidate_sequence = 0
        self.transit = 0
        self.jitter = 0
        self.timed = False

    def _adopt(self, packet):
        self.ssrc = packet.ssrc
        self.cycles = 0
        self.base_sequence = self.max_sequence = packet.sequence
        self.bad_sequence = self.candidate_sequence = _NO_SEQUENCE
        self.seen = self.received = 1
        self.known = True
        self.timed = False

    def _try_candidate(self, packet, now):
        """Accept another SSRC while ours is silent: A.1's probation, two packets in sequence."""
        proven = packet.ssrc == self.candidate_ssrc and packet.sequence == self.candidate_sequence
        if proven and ((now - self.heard_at) & _TICKS_MASK) > _STILL_SPEAKS:
            self._adopt(packet)
            self.heard_at = now
            self.jitter = 0
            return FIRST
        self.candidate_ssrc = packet.ssrc
        self.candidate_sequence = (packet.sequence + 1) & 0xFFFF
        return UNPROVEN

    def take(self, packet: Packet, now: int) -> int:
        """Classify a packet that arrived at `now` (ms)."""
        if not self.known:
            self._adopt(packet)
            self.heard_at = now
            self.jitter = 0
            return FIRST
        if packet.ssrc != self.ssrc:
            return self._try_candidate(packet, now)
        step = (packet.sequence - self.max_sequence) & 0xFFFF
        behind = -step & 0xFFFF
        if step >= _MAX_DROPOUT and behind > _MAX_MISORDER:
            if packet.sequence != self.bad_sequence:
                self.bad_sequence = (packet.sequence + 1) & 0xFFFF
                return UNPROVEN
            self._adopt(packet)
            self.heard_at = now
            return FIRST
        self.heard_at = now
        self.received = (self.received + 1) & _MASK
        if behind == 0 or (behind < 32 and step >= _MAX_DROPOUT):
            if self.seen >> behind & 1:
                return DUPLICATE
            self.seen |= 1 << behind
            self.skipped = (self.skipped - 1) & _MASK
        elif step < _MAX_DROPOUT:
            if packet.sequence < self.max_sequence:
                self.cycles = (self.cycles + 0x10000) & _MASK
            self.max_sequence = packet.sequence
            self.skipped = (self.skipped + step - 1) & _MASK
            self.seen = (self.seen << step | 1) & _MASK if step < 32 else 1
        return NEXT

    def expected(self) -> int:
        """The number of packets that the source has sent, by its sequence numbers."""
        return (self.cycles + self.max_sequence - self.base_sequence + 1) & _MASK if self.known else 0

    def time(self, timestamp: int, now: int) -> None:
        """Update the jitter (RFC 3550 A.8); `now` in ms. `jitter` is in 1/16 of a timestamp unit (8 kHz)."""
        transit = (now * 8 - timestamp) & _MASK
        difference = ahead(transit, self.transit)
        self.transit = transit
        if not self.timed or difference >= _TIME_JUMP or difference <= -_TIME_JUMP:
            self.timed = True
            return
        self.jitter += abs(difference) - ((self.jitter + 8) >> 4)
