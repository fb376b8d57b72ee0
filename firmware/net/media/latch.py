"""Whose packets they are that do not come from where the SDP says: symmetric RTP behind a NAT (RFC 4961).

Loaded only when the address in the SDP stays silent. Whoever can guess a payload type could send voice too,
so a source has to send a stream: one SSRC, its sequence numbers one after the other; the longer, the less its
address has to do with the one that was signalled. Once one is chosen, no other is listened to.
"""

from compat import const

_SAME_HOST = const(3)  # packets in a row from another port of the host that was signalled
_OTHER_HOST = const(10)  # … from another host
_MAX_SOURCES = const(4)
_GAP = const(3)  # how many sequence numbers may be missing


class Latch:
    """Chooses the source of a call's RTP. `remote` is the (host, port) of the SDP."""

    def __init__(self, remote: "tuple[str, int]", payload_types):
        self._remote = remote
        self._payload_types = payload_types
        self._sources = {}  # (host, port) -> [SSRC, last sequence number, packets in a row]

    def offer(self, packet, source: "tuple[str, int]") -> bool:
        """A packet came: whether its source is the one, from now on."""
        if len(packet) < 12 or packet[0] >> 6 != 2 or packet[1] & 0x7F not in self._payload_types:
            return False
        if source == self._remote:
            return True
        ssrc = bytes(packet[8:12])
        sequence = packet[2] << 8 | packet[3]
        known = self._sources.get(source)
        if known is None:
            if len(self._sources) >= _MAX_SOURCES:
                return False
            known = self._sources[source] = [ssrc, sequence - 1, 0]
        if known[0] == ssrc and 1 <= (sequence - known[1]) & 0xFFFF <= _GAP:
            known[2] += 1
        else:
            known[0], known[2] = ssrc, 1
        known[1] = sequence
        return known[2] >= (_SAME_HOST if source[0] == self._remote[0] else _OTHER_HOST)


def is_rtcp(packet) -> bool:
    """Whether this looks like an RTCP compound: a report first (RFC 3550 §6.1)."""
    return len(packet) >= 8 and packet[0] >> 6 == 2 and packet[1] in (200, 201)
