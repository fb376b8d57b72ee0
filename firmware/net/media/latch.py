"""Symmetric RTP behind a NAT (RFC 4961): finds the peer's real address if it is not that of the SDP.

Loaded only when no packets come from the address in the SDP. A guessed payload type must not be enough to
hijack a call. So a source must send a stream (one SSRC, consecutive sequence numbers), whose length depends
on how well its host agrees with the signalling:

    source                                               packets in a row
    the signalled host, another port                     3
    the host that the signalling comes from              5
    any, if the SDP has a private address and the        10
    signalling comes from a public one: a NAT
    any other                                            never accepted

"""

from compat import const

_SAME_HOST = const(3)  # packets in a row from another port of the signalled host
_SIGNALLING = const(5)  # … from the host of the signalling
_BEHIND_NAT = const(10)  # … from any host, for a peer whose signalled address cannot be reached
_MAX_SOURCES = const(4)
_GAP = const(3)  # how many sequence numbers may be missing


class Latch:
    """Chooses the source of a call's RTP.

    `remote` is the (host, port) of the SDP, `signalling` the host that the call's signalling
    comes from, or None.
    """

    def __init__(self, remote: "tuple[str, int]", payload_types, signalling=None):
        self._remote = remote
        self._signalling = signalling
        self._behind_nat = signalling is not None and is_private(remote[0]) and not is_private(signalling)
        self._payload_types = payload_types
        self._sources = {}  # (host, port) -> [SSRC, last sequence number, packets in a row]

    def offer(self, packet, source: "tuple[str, int]") -> bool:
        """Take a packet; whether its source is chosen from now on."""
        if len(packet) < 12 or packet[0] >> 6 != 2 or packet[1] & 0x7F not in self._payload_types:
            return False
        if source == self._remote:
            return True
        needed = self._needed(source[0])
        if needed is None:
            return False
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
        return known[2] >= needed

    def _needed(self, host):
        """How many packets in a row `host` must send; None for a host that is never accepted."""
        if host == self._remote[0]:
            return _SAME_HOST
        if host == self._signalling:
            return _SIGNALLING
        return _BEHIND_NAT if self._behind_nat else None


def is_private(host: str) -> bool:
    """Whether a literal address is not a public one: RFC 1918, 3927, 4193, 4291, 6598, or loopback."""
    if ":" in host:
        return host == "::1" or host[:2].lower() in ("fc", "fd") or host[:3].lower() == "fe8"
    parts = host.split(".")
    first, second = (int(part) if part.isdigit() else 0 for part in (parts + ["", ""])[:2])
    return (
        first in (10, 127)
        or (first == 172 and 16 <= second < 32)
        or (first == 192 and second == 168)
        or (first == 169 and second == 254)
        or (first == 100 and 64 <= second < 128)
    )


def is_rtcp(packet) -> bool:
    """Whether this looks like an RTCP compound: a report first (RFC 3550 §6.1)."""
    return len(packet) >= 8 and packet[0] >> 6 == 2 and packet[1] in (200, 201)
