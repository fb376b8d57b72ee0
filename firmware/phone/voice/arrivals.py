"""Adapts RTP packets to the engine, which knows one codec and one payload type of telephone-events.

Loaded with the first call that needs it: the answer had both PCMU and PCMA, so that the peer may change
between them at any time (RFC 3264 §6.1, §7), or telephone-events have a different payload type in each
direction. Packets are rewritten in place: samples by a table, the payload type to the one that the engine
knows. Nothing is allocated.
"""

from media import g711

_LAWS = {"PCMU": 0, "PCMA": 8}


def arrivals_of(media):
    """The Arrivals for an offer_answer.Media; None where no packet needs to be rewritten."""
    others = [each for each in media.formats[1:] if each[0] in _LAWS and media.codec in _LAWS]
    events = media.receive_event_payload_type
    if others or events not in (None, media.event_payload_type):
        return Arrivals(media, others)
    return None


class Arrivals:
    def __init__(self, media, others):
        self._voice = media.receive_payload_type
        self._events = media.receive_event_payload_type
        self._events_of_engine = media.event_payload_type
        self._other = others[0][2] if others else -1
        self._table = b""
        if others:
            self._table = bytearray(256)
            g711.compress(self._table, 0, g711.expansion(_LAWS[others[0][0]]), _LAWS[media.codec])

    def adapt(self, packet, length: int) -> None:
        """Rewrite the RTP packet in the first `length` octets of `packet`, if its payload type needs that."""
        number = packet[1] & 0x7F
        if number == self._voice or length < 12:
            return
        if number == self._events:
            packet[1] = packet[1] & 0x80 | self._events_of_engine
        elif number == self._other:
            packet[1] = packet[1] & 0x80 | self._voice
            self._recode(packet, length)

    def _recode(self, packet, length):
        begin = 12 + 4 * (packet[0] & 15)
        if packet[0] & 0x10 and begin + 4 <= length:  # an extension (RFC 3550 §5.3.1)
            begin += 4 + 4 * (packet[begin + 2] << 8 | packet[begin + 3])
        if packet[0] & 0x20:  # padding, whose last octet is its length
            length -= packet[length - 1]
        table = self._table
        for at in range(begin, length):
            packet[at] = table[packet[at]]
