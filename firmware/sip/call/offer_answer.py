"""Offer and answer (RFC 3264) for one audio stream: G722, PCMU, PCMA and telephone-event.

Of an offer with several sections, the first supported one is accepted; the others are refused with port 0.
"""

import compat
from compat import const
from sip.call import sdp
from sip.events import LocalError
from sip.syntax import grammar
from sip.syntax.headers import SDP

_EVENTS = "0-15"  # the digits, * # and A-D (RFC 4733 §3.2)
_NOWHERE = ("0.0.0.0", "::")  # hold before RFC 3264
# Without feedback messages RTP/AVPF (RFC 4585) is the same as RTP/AVP.
_PLAIN = ("RTP/AVP", "RTP/AVPF")
_SECURE = ("RTP/SAVP", "RTP/SAVPF")

_SEND = const(1)
_RECEIVE = const(2)
DIRECTIONS = ("inactive", "sendonly", "recvonly", "sendrecv")  # the index is the sum of those bits


class Capabilities:
    """Our capabilities for one call: the address for RTP, and the codecs, best first.

    `host` and `port` are the address to advertise. RTCP is at `port` + 1, or at `rtcp`, (host, port), if a
    NAT maps it elsewhere; `inner` is then our local RTP port. `ptime` is in milliseconds. `events`: offer
    RFC 4733 digits; `noise`: offer comfort noise (RFC 3389). `encryption`: encryption.Encryption, or None.
    """

    def __init__(
        self,
        host: str,
        port: int,
        codecs=("PCMU", "PCMA"),
        ptime: int = 20,
        events: bool = True,
        *,
        rtcp: "tuple[str, int] | None" = None,
        inner: int = 0,
        encryption=None,
        noise: bool = False,
    ):
        self.inner = inner or port
        self.rtcp = None if rtcp == (host, port + 1) else rtcp
        self.host = host
        self.port = port
        self.codecs = codecs
        self.ptime = ptime
        self.events = events
        self.encryption = encryption
        self.noise = noise


class Media:
    """The result of an offer/answer exchange, from our side.

    remote                      (host, port) to send RTP to, as the peer wrote it: the host may be a name
    remote_rtcp                 (host, port) to send RTCP to; None if the peer gave no address (c=0.0.0.0)
    codec                       "PCMU", "PCMA" or "G722"
    payload_type                payload type of the voice that we send
    receive_payload_type        payload type of the voice that we receive
    event_payload_type          payload type of telephone-events that we send; None: the peer takes none
    receive_event_payload_type  payload type of telephone-events that we receive; None: none agreed
    comfort_noise               whether the peer takes comfort noise, in its static payload type
    formats                     all agreed formats, the peer's first choice first, as (codec, payload type to
                                send, payload type to receive): the peer may switch at any time
    ptime                       milliseconds per packet that the peer asks for
    direction                   ours: sendrecv sendonly recvonly inactive; without "send" nothing may be sent
    held                        whether the peer holds us: takes no voice although we would send it
    crypto                      the encryption.Crypto of both directions; None: no encryption
    """

    def __init__(self, remote, remote_rtcp, codec, payload_type, receive_payload_type):
        self.remote = remote
        self.remote_rtcp = remote_rtcp
        self.codec = codec
        self.payload_type = payload_type
        self.receive_payload_type = receive_payload_type
        self.formats = ((codec, payload_type, receive_payload_type),)
        self.comfort_noise = False
        self.event_payload_type = None
        self.receive_event_payload_type = None
        self.ptime = 20
        self.direction = "sendrecv"
        self.held = False
        self.crypto = None

    def __eq__(self, other):
        return isinstance(other, Media) and self.__dict__ == other.__dict__

    def __ne__(self, other):
        return not self == other

    def __repr__(self):
        return "<Media %s %s %s%s>" % (self.codec, self.remote, self.direction, " held" if self.held else "")


class Unacceptable(Exception):
    """An offer or answer that we cannot accept. `code` is a warn-code of §20.43."""

    def __init__(self, code: int, text: str):
        super().__init__(text)
        self.code = code

    def warning(self, agent: str) -> "tuple[str, str]":
        """(name, value) of the Warning header; `agent` is our host."""
        return "Warning", "%d %s %s" % (self.code, agent, grammar.quote(str(self)))


class Negotiation:
    """The offers and answers of one dialog; at most one offer is open at a time.

    state      "idle", "offered" (ours waits for its answer) or "received" (theirs waits for ours)
    media      the Media last agreed, or None
    direction  the one that we want: sendrecv, sendonly (we hold), recvonly or inactive
    peer_holds whether the peer's latest description takes no voice
    """

    _sections: list

    def __init__(self, capabilities, identifier: str, media=None):
        self.capabilities = capabilities
        self.state = "idle"
        self.media = media
        self.direction = "sendrecv"
        self.peer_holds = False
        self._identifier = identifier
        self._version = 1
        self._sent = b""  # our latest description …
        self._sections = [None]  # … and its media
        self._offer = b""  # the peer's, while it is open
        self._slot = 0  # which m= section is the audio …
        self._profile = ""  # … and the transport protocol agreed for it, such as RTP/AVP
        self._numbers = {"PCMU": 0, "PCMA": 8, "G722": 9, "telephone-event": 101}
        self._wanted = "sendrecv"  # `direction` before the open offer

    def copy(self) -> "Negotiation":
        """A copy for another dialog of the same offer (forking)."""
        copy = Negotiation(self.capabilities, self._identifier)
        copy.state = self.state
        copy.direction = self.direction
        copy._wanted = self._wanted
        copy._version = self._version
        copy._sent = self._sent
        copy._sections = self._sections
        return copy

    def move(self, host: str) -> None:
        """Use another `host` in our descriptions: the address of the phone has changed."""
        if self.capabilities is not None:
            ours = self.capabilities
            more = {"encryption": ours.encryption, "noise": ours.noise}
            self.capabilities = Capabilities(host, ours.inner, ours.codecs, ours.ptime, ours.events, **more)

    # We offer

    def offer(self, direction=None, fresh: bool = False) -> bytes:
        """Our offer: open until `answered` or `withdraw`. LocalError while another is open.

        If the peer holds us, we do not offer to send, so that each side holds and resumes independently
        (RFC 3264 §8.4, RFC 6337 §5.3). With `fresh` we offer our full `direction`: a peer that asks for an
        offer may be about to connect us with somebody else (RFC 6337 §5.3).
        """
        if self.state != "idle":
            raise LocalError("an offer is open")
        self._wanted = self.direction
        self.direction = direction or self.direction
        codecs = list(self.capabilities.codecs)
        if self.media is not None and self.media.codec in codecs:
            codecs.remove(self.media.codec)
            codecs.insert(0, self.media.codec)
        ours = self._audio(codecs, self.capabilities.events, self.capabilities.noise)
        ours.direction = self.direction
        encryption = self.capabilities.encryption
        if encryption is not None:
            ours.protocol = encryption.profile
            ours.attributes += encryption.attributes()
        ours.protocol = self._profile or ours.protocol
        if self.peer_holds and not fresh:
            ours.direction = DIRECTIONS[DIRECTIONS.index(self.direction) & _RECEIVE]
        # Sections are never removed (RFC 3264 §8): a refused one is refused again.
        sections = list(self._sections)
        sections[self._slot] = ours
        self.state = "offered"
        return self._describe(sections)

    def answered(self, body: bytes) -> Media:
        """Close our offer with the peer's answer; returns the Media. Raises SdpError or Unacceptable.

        After an exception the offer is withdrawn.
        """
        try:
            theirs = sdp.parse(body)
            slot, formats, crypto = self._answer_in(theirs)
        except (grammar.ParseError, Unacceptable):
            self.withdraw()
            raise
        ours = self._sections[self._slot]
        section = theirs.media[slot]
        media = self._media(theirs, section, [each + (self._numbers[each[0]],) for each in formats])
        media.crypto = crypto
        if ours.direction in ("sendrecv", "sendonly"):
            # An "inactive" answer to our hold need not mean that the peer holds as well.
            self.peer_holds = media.held and self.direction == "sendrecv"
        event = _number_of(section, "telephone-event")
        if self.capabilities.events and event is not None:
            media.event_payload_type = event
            media.receive_event_payload_type = self._numbers["telephone-event"]
        media.comfort_noise = self.capabilities.noise and _number_of(section, "CN") == 13
        if len(theirs.media) > len(self._sections):
            # Sections that we did not offer are refused in later descriptions (RFC 3264 §8).
            self._sections = [_refused(each) for each in theirs.media]
            self._sections[slot] = ours
            self._slot = slot
        self._profile = section.protocol
        self.media = media
        self.state = "idle"
        return media

    def _answer_in(self, answer):
        """(slot, [(codec, payload type)], Crypto) of the section that answers our offer. Raises Unacceptable.

        RFC 3264 §6 demands as many sections as were offered. If a peer has more or fewer, the answer may be
        in any section.
        """
        sections = answer.media
        slots = [self._slot]
        if len(sections) != len(self._sections):
            slots = [self._slot] + [at for at in range(len(sections)) if at != self._slot]
        trouble = None
        for at in slots:
            try:
                if at < len(sections):
                    section, ours = sections[at], self.capabilities
                    return at, _usable(answer, section, ours.host, ours.codecs), self._accepted(section)
            except Unacceptable as error:
                trouble = trouble or error
        raise trouble or Unacceptable(399, "Not an answer to our offer")

    def _accepted(self, section):
        """The Crypto of the answer in a section, None without encryption. Raises Unacceptable."""
        encryption = self.capabilities.encryption
        crypto = None
        if encryption is not None and section.attribute("crypto") is not None:
            crypto = encryption.accept(section)
            if crypto is None:
                raise Unacceptable(399, "Invalid encryption key")
        if crypto is None and (not _is_plain(section) or encryption is not None and encryption.required):
            raise Unacceptable(399, "Encryption required")
        return crypto

    def withdraw(self) -> None:
        """Our offer was refused: the earlier agreement stands."""
        if self.state == "offered":
            self.direction = self._wanted
            self.state = "idle"

    # They offer

    def receive(self, body: bytes, codecs=("PCMU", "PCMA"), encryption=None) -> None:
        """Take the peer's offer; `answer` answers it. Raises SdpError or Unacceptable.

        `codecs` and `encryption` apply while `capabilities` is None. LocalError while an offer is open.
        """
        if self.state != "idle":
            raise LocalError("an offer is open")
        offer = sdp.parse(body)
        ours = self.capabilities
        if ours is None:
            _choose(offer, None, codecs, encryption)
        else:
            _choose(offer, ours.host, ours.codecs, ours.encryption)
        self._offer = body
        self.state = "received"

    def answer(self) -> bytes:
        """Our answer to the open offer; sets `media`. Raises Unacceptable; the offer stays open then."""
        offer = sdp.parse(self._offer)
        encryption = self.capabilities.encryption
        slot, formats = _choose(offer, self.capabilities.host, self.capabilities.codecs, encryption)
        codec, number = formats[0]
        section = offer.media[slot]
        chosen = encryption.choose(section) if encryption is not None else None
        event = _number_of(section, "telephone-event") if self.capabilities.events else None
        self._slot = slot
        # The numbers are the offerer's, in both directions (RFC 3264 §6.1).
        self._numbers[codec] = number
        if event is not None:
            self._numbers["telephone-event"] = event
        media = self._media(offer, section, [(codec, number, number)])
        if self.media is not None and media.formats[0] in self.media.formats:
            media.formats = self.media.formats  # the peer may still switch among them
        media.event_payload_type = media.receive_event_payload_type = event
        media.comfort_noise = self.capabilities.noise and _number_of(section, "CN") == 13
        self.media = media
        self.peer_holds = not _takes(section, media.remote[0])
        ours = self._audio([codec], event is not None, media.comfort_noise)
        ours.direction = media.direction
        ours.protocol = self._profile = section.protocol
        if chosen is not None:
            media.crypto = chosen[0]
            ours.attributes.append(chosen[1])
        sections = [_refused(each) for each in offer.media]
        sections[slot] = ours
        self._offer = b""
        self.state = "idle"
        return self._describe(sections, offer.times)

    def decline(self) -> None:
        """The peer's offer was refused: the earlier agreement stands."""
        if self.state == "received":
            self._offer = b""
            self.state = "idle"

    # Shared by offers and answers

    def _audio(self, codecs, events, noise):
        ours = sdp.Media("audio", self.capabilities.port)
        # A payload type taken from an offer of the peer may collide with another of ours.
        taken = [self._numbers["telephone-event"]] if events else []
        for codec in codecs:
            if self._numbers[codec] not in taken:
                taken.append(self._numbers[codec])
                ours.add_format(self._numbers[codec], codec)
        if noise:
            ours.add_format(13, "CN")
        if events:
            ours.add_format(self._numbers["telephone-event"], "telephone-event", fmtp=_EVENTS)
        ours.attributes.append(("ptime", str(self.capabilities.ptime)))
        if self.capabilities.rtcp is not None:
            host, port = self.capabilities.rtcp
            # RFC 3605 §2.1
            ours.attributes.append(("rtcp", "%d IN IP%d %s" % (port, 6 if ":" in host else 4, host)))
        return ours

    def _describe(self, sections, times=None):
        host = self.capabilities.host
        connection = sdp.Connection(host)
        origin = sdp.Origin(host, self._identifier, self._version, family=connection.family)
        description = sdp.Session(origin, connection)
        description.media = sections
        description.times = times or []
        octets = description.to_bytes()
        if self._sent and octets != self._sent:
            # A changed description gets the next version (RFC 3264 §8).
            self._version += 1
            origin.version = str(self._version)
            octets = description.to_bytes()
        self._sent = octets
        self._sections = sections
        return octets

    def _media(self, theirs, section, formats):
        address = theirs.address(section)
        codec, number, receive_number = formats[0]
        media = Media((address, section.port), _rtcp(section, address), codec, number, receive_number)
        media.formats = tuple(formats)
        wish = DIRECTIONS.index(self.direction)
        bits = DIRECTIONS.index(section.direction)
        takes = _takes(section, address)
        media.held = bool(wish & _SEND and not takes)
        media.direction = DIRECTIONS[wish & ((_SEND if takes else 0) | (_RECEIVE if bits & _SEND else 0))]
        media.ptime = _ptime(section)
        return media


def _takes(section, address):
    return section.direction in ("sendrecv", "recvonly") and address not in _NOWHERE


def description(message) -> bytes:
    """The SDP in the body of a message, or in a part of it; empty if there is none that can be read."""
    try:
        kind = message.content_type if message.body else None
    except grammar.ParseError:
        return b""
    if kind == SDP:
        return message.body
    if kind is None or not kind.startswith("multipart/"):
        return b""
    from sip.syntax.multipart import body_of

    try:
        return body_of(message, SDP) or b""
    except grammar.ParseError:
        return b""


def refusal(body: bytes, host: str) -> bytes:
    """A valid answer that refuses all sections of the offer `body` (§13.2.2.4). Raises SdpError."""
    offer = sdp.parse(body)
    answer = sdp.Session(sdp.Origin(host), sdp.Connection(host))
    answer.media = [_refused(each) for each in offer.media]
    answer.times = offer.times
    return answer.to_bytes()


def _refused(section):
    return sdp.Media(section.kind, 0, section.protocol, section.formats[:1])


def _choose(offer, host, codecs, encryption):
    """(slot, [(codec, payload type)]) of the first supported section, an encrypted one before others.

    Raises the last Unacceptable.
    """
    trouble = Unacceptable(304, "No media")
    plain = None
    for slot, section in enumerate(offer.media):
        try:
            formats = _usable(offer, section, host, codecs)
            if encryption is not None and encryption.choose(section) is not None:
                return slot, formats
            if not _is_plain(section):
                raise Unacceptable(302, "Incompatible encryption" if encryption else "No encryption here")
            if encryption is not None and encryption.required:
                raise Unacceptable(399, "Encryption required")
            plain = plain or (slot, formats)
        except Unacceptable as error:
            trouble = error
    if plain is None:
        raise trouble
    return plain


def _is_plain(section):
    return section.protocol.upper() in _PLAIN


def _usable(description, section, host, codecs):
    """[(codec, payload type)] that we support in `section`; `host` is our address, None while unknown."""
    address = description.address(section)
    if section.kind != "audio":
        raise Unacceptable(304, "Media type not available")
    if section.port == 0:
        raise Unacceptable(304, "Media refused")
    if section.protocol.upper() not in _PLAIN + _SECURE:
        raise Unacceptable(302, "Incompatible transport protocol")
    if not address or host is not None and not is_name(address) and (":" in address) != (":" in host):
        raise Unacceptable(301, "Incompatible network address format")
    if _is_multicast(address):
        raise Unacceptable(330, "Multicast not available")
    found = []
    for text in section.formats:
        payload_type = _number(text, 127)
        for encoding, clock, channels in section.rtpmaps(text) if payload_type is not None else ():
            # A payload type may be mapped again for another clock rate.
            known = [codec for codec, _ in found]
            if encoding in codecs and encoding not in known and (clock, channels) == (8000, 1):
                found.append((encoding, payload_type))
                break
    if not found:
        raise Unacceptable(305, "Incompatible media format")
    return found


def is_name(address: str) -> bool:
    """Whether a connection address is a host name (RFC 8866 §5.7), which must be resolved."""
    return ":" not in address and not compat.is_digits(address.replace(".", ""), len(address))


def _number_of(section, encoding):
    for text in section.formats:
        payload_type = _number(text, 127)
        if payload_type is not None and (encoding, 8000, 1) in section.rtpmaps(text):
            return payload_type
    return None


def _number(text, most):
    try:
        return grammar.number(text, "number", most)
    except grammar.ParseError:
        return None


def _is_multicast(address):
    if ":" in address:
        return address[:2].lower() == "ff"
    return 224 <= (_number(address.partition(".")[0], 255) or 0) < 240


def _rtcp(section, address):
    """(host, port) for RTCP: the next port, or that of a=rtcp (RFC 3605); None without an address."""
    words = (section.attribute("rtcp") or "").split()
    port = _number(words[0], 65535) if words else None
    if port is None:
        port = section.port + 1
    elif len(words) == 4:
        address = words[3]
    return None if address in _NOWHERE or not 0 < port < 65536 else (address, port)


def _ptime(section):
    ptime = section.ptime or 20
    if section.maxptime:
        ptime = min(ptime, section.maxptime)
    return ptime if 10 <= ptime <= 200 else 20
