"""Offer and answer (RFC 3264) for one audio stream: PCMU, PCMA and telephone-event."""


class Capabilities:
    """What we can do for one call: where we receive RTP, and in which codecs, best first.

    `host` and `port` are the address to advertise (RTCP is at `port` + 1). `ptime` is in milliseconds.
    `events` tells whether RFC 4733 digits are offered.
    """

    def __init__(self, host: str, port: int, codecs=("PCMU", "PCMA"), ptime: int = 20, events: bool = True):
        self.host = host
        self.port = port
        self.codecs = codecs
        self.ptime = ptime
        self.events = events


class Media:
    """What one offer/answer exchange came to, seen from here.

    remote                      (host, port) to send RTP to, as the peer wrote it
    remote_rtcp                 (host, port) to send RTCP to; None where the peer gave no address (c=0.0.0.0)
    codec                       "PCMU" or "PCMA"
    payload_type                number to send voice with
    receive_payload_type        number in which voice arrives
    event_payload_type          number to send telephone-events with; None: the peer takes none
    receive_event_payload_type  number in which telephone-events arrive; None: none were agreed
    ptime                       milliseconds per packet that the peer asks for
    direction                   ours: sendrecv sendonly recvonly inactive; without "send" nothing may be sent
    held                        whether the peer holds us: takes no voice although we would send it
    """

    def __init__(self, remote, remote_rtcp, codec, payload_type, receive_payload_type):
        self.remote = remote
        self.remote_rtcp = remote_rtcp
        self.codec = codec
        self.payload_type = payload_type
        self.receive_payload_type = receive_payload_type
        self.event_payload_type = None
        self.receive_event_payload_type = None
        self.ptime = 20
        self.direction = "sendrecv"
        self.held = False

    def __eq__(self, other):
        return isinstance(other, Media) and self.__dict__ == other.__dict__

    def __ne__(self, other):
        return not self == other

    def __repr__(self):
        return "<Media %s %s %s%s>" % (self.codec, self.remote, self.direction, " held" if self.held else "")
