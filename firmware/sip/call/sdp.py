"""Session descriptions (RFC 4566, RFC 8866): read with tolerance, written strictly.

Read: lines may end in LF and be out of order within their section. Lines that the phone does not need (`o=`,
`s=`, `t=`) may be malformed, as may sections that it refuses.
Written: every line that the RFC demands, in its order, ended by CRLF.
"""

import compat
from compat import const, is_digits
from sip.syntax.grammar import ParseError, number, words

_MAX_LINES = const(512)
_MAX_MEDIA = const(32)

DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")

# Payload types that need no rtpmap (RFC 3551 §6), and encoding names as IANA spells them.
_STATIC = (
    (0, ("PCMU", 8000, 1)),
    (3, ("GSM", 8000, 1)),
    (8, ("PCMA", 8000, 1)),
    (9, ("G722", 8000, 1)),
    (13, ("CN", 8000, 1)),
    (18, ("G729", 8000, 1)),
)
_SPELLING = ("PCMU", "PCMA", "G722", "G729", "GSM", "telephone-event", "CN", "opus")


class SdpError(ParseError):
    """A session description that cannot be read; the message names the line."""


class Origin:
    """`o=`: the origin. Identifier and version are decimal strings, since they have up to 64 bits (§5.2)."""

    def __init__(self, address: str, session_id="0", version="0", user="-", family="IP4", network="IN"):
        self.user = user
        self.session_id = str(session_id)
        self.version = str(version)
        self.network = network
        self.family = family
        self.address = address

    def __str__(self):
        return " ".join((self.user, self.session_id, self.version, self.network, self.family, self.address))


class Connection:
    """`c=`: the media address. `address` is without the TTL and count of multicast."""

    def __init__(self, address: str, family=None, network="IN", suffix=""):
        self.address = address
        self.family = family or ("IP6" if ":" in address else "IP4")
        self.network = network
        self.suffix = suffix

    def __str__(self):
        return self.network + " " + self.family + " " + self.address + self.suffix


class Media:
    """One `m=` section.

    `formats` are strings as written, for RTP the payload types; `attributes` is a list of (name, value),
    value None for a flag; `direction` is one of DIRECTIONS, by default the session's; `connection` is None if
    the session's applies (see `Session.address`); `bandwidths` is a list of (type, value).
    """

    def __init__(
        self, kind: str, port: int, protocol="RTP/AVP", formats=None, connection=None, direction="sendrecv"
    ):
        self.kind = kind
        self.port = port
        self.count = 1
        self.protocol = protocol
        self.formats = [] if formats is None else [str(each) for each in formats]
        self.title = None
        self.connection = connection
        self.bandwidths = []
        self.direction = direction
        self.attributes = []

    def attribute(self, name: str) -> "str | None":
        """The value of the first attribute called `name`: "" for a flag, None without one."""
        return _attribute(self.attributes, name)

    def rtpmaps(self, payload_type) -> "list[tuple[str, int, int]]":
        """[(encoding, clock rate in Hz, channels)] of a payload type, without malformed ones.

        RFC 8866 §6.6 allows one only, but some peers map telephone-event for several clock rates.
        """
        text = str(payload_type)
        values = _of_format(self.attributes, "rtpmap", text)
        if not values:
            try:
                mapping = compat.lookup(_STATIC, number(text, "payload type", 127))
            except ParseError:
                mapping = None
            return [] if mapping is None else [mapping]
        found = [_parse_mapping(value) for value in values]
        return [mapping for mapping in found if mapping is not None]

    def rtpmap(self, payload_type) -> "tuple[str, int, int] | None":
        """The first of `rtpmaps`; None for an unknown payload type or a malformed rtpmap."""
        found = self.rtpmaps(payload_type)
        return found[0] if found else None

    def fmtp(self, payload_type) -> "str | None":
        """The format parameters of a payload type; None without any."""
        values = _of_format(self.attributes, "fmtp", str(payload_type))
        return values[0] if values else None

    def add_format(
        self, payload_type: int, encoding: str, clock: int = 8000, channels: int = 1, fmtp=None
    ) -> None:
        """Append a payload type with its rtpmap and fmtp."""
        text = str(payload_type)
        self.formats.append(text)
        rtpmap = text + " " + encoding + "/" + str(clock)
        self.attributes.append(("rtpmap", rtpmap + ("/" + str(channels) if channels > 1 else "")))
        if fmtp is not None:
            self.attributes.append(("fmtp", text + " " + fmtp))

    @property
    def ptime(self) -> "int | None":
        """Packet time in ms; None if missing or not a number."""
        return _milliseconds(self.attribute("ptime"))

    @property
    def maxptime(self) -> "int | None":
        """The longest packet time in ms; None if missing or not a number."""
        return _milliseconds(self.attribute("maxptime"))

    def _lines(self):
        port = str(self.port) + ("/" + str(self.count) if self.count > 1 else "")
        # `fmt` is mandatory (§9), even in a refused section.
        lines = ["m=" + " ".join([self.kind, port, self.protocol] + (self.formats or ["0"]))]
        if self.title is not None:
            lines.append("i=" + self.title)
        if self.connection is not None:
            lines.append("c=" + str(self.connection))
        lines += ["b=" + kind + ":" + str(value) for kind, value in self.bandwidths]
        lines += [_attribute_line(name, value) for name, value in self.attributes]
        if self.port:
            lines.append("a=" + self.direction)
        return lines


class Session:
    """A session description. `times` are (start, stop) strings; `others` are (type, value) of `i=` etc."""

    def __init__(self, origin: "Origin | None", connection=None, name: str = "-"):
        self.origin = origin
        self.name = name
        self.connection = connection
        self.bandwidths = []
        self.times = []
        self.others = []
        self.attributes = []
        self.media = []

    def attribute(self, name: str) -> "str | None":
        """The value of the first session-level attribute called `name`: "" for a flag, None without one."""
        return _attribute(self.attributes, name)

    def address(self, media: Media) -> "str | None":
        """The address to send `media` to: its own connection's, or else the session's."""
        connection = media.connection or self.connection
        return connection and connection.address

    def to_bytes(self) -> bytes:
        """The description in UTF-8. Raises ValueError if a value contains a line break."""
        lines = ["v=0", "o=" + str(self.origin or Origin("0.0.0.0")), "s=" + (self.name or "-")]
        lines += self._other("iuep")
        if self.connection is not None:
            lines.append("c=" + str(self.connection))
        lines += ["b=" + kind + ":" + str(value) for kind, value in self.bandwidths]
        lines += ["t=" + start + " " + stop for start, stop in self.times or (("0", "0"),)]
        lines += self._other("rzk")
        lines += [_attribute_line(name, value) for name, value in self.attributes]
        for media in self.media:
            lines += media._lines()
        lines.append("")
        text = "\r\n".join(lines)
        if text.count("\n") != len(lines) - 1 or text.count("\r") != len(lines) - 1:
            raise ValueError("a line break in a session description")
        return text.encode()

    def _other(self, kinds):
        return [kind + "=" + value for wanted in kinds for kind, value in self.others if kind == wanted]


def _attribute(attributes, name):
    for each, value in attributes:
        if each == name:
            return "" if value is None else value
    return None


def _attribute_line(name, value):
    return "a=" + name if value is None else "a=" + name + ":" + value


def _of_format(attributes, name, payload_type):
    found = []
    for each, value in attributes:
        if each == name and value is not None and payload_type in value:
            parts = value.replace("\t", " ").lstrip(" ").split(" ", 1)
            if len(parts) == 2 and parts[0] == payload_type:
                found.append(parts[1].lstrip(" "))
    return found


def _parse_mapping(value):
    """(encoding, clock rate, channels) of an rtpmap; None if malformed."""
    parts = value.strip(" ").split("/")
    try:
        clock = number(parts[1], "clock rate")
        channels = number(parts[2], "channels", 255) if len(parts) > 2 else 1
    except (ParseError, IndexError):
        return None
    for name in _SPELLING:
        if name.lower() == parts[0].lower():
            return name, clock, channels
    return parts[0], clock, channels


def _milliseconds(text):
    try:
        return None if text is None else number(text.strip(" "), "time", 10000)
    except ParseError:
        return None


def parse(data) -> Session:
    """The description in `data` (octets); raises SdpError."""
    text = compat.decode(bytes(data))
    lines = text.split("\n", _MAX_LINES)
    if len(lines) > _MAX_LINES:
        raise SdpError("more than " + str(_MAX_LINES) + " lines")
    session = Session(None)
    section = session  # that the current line belongs to: the session, then each media
    version = None
    for at, line in enumerate(lines):
        line = line.strip("\r \t")
        if not line:
            continue
        if "\r" in line:
            raise SdpError("line " + str(at + 1) + ": a stray line break")
        kind, equals, value = line.partition("=")
        if version is not None and (not equals or len(kind) != 1):
            continue  # not a line of SDP: ignored
        value = value.strip(" \t")
        try:
            if version is None:
                if kind != "v" or value != "0":
                    raise SdpError("not version 0")
                version = 0
            elif kind == "m":
                if len(session.media) == _MAX_MEDIA:
                    raise SdpError("more than " + str(_MAX_MEDIA) + " media")
                section = _parse_media(value)
                session.media.append(section)
            else:
                _parse_line(session, section, kind, value)
        except ParseError as error:
            raise SdpError("line " + str(at + 1) + ": " + str(error))
    if version is None:
        raise SdpError("no version")
    _inherit(session)
    return session


def _parse_line(session, section, kind, value):
    in_session = section is session
    if kind == "a":
        name, colon, rest = value.partition(":")
        section.attributes.append((name, rest if colon else None))
    elif kind == "c":
        try:
            section.connection = _parse_connection(value)
        except SdpError:
            # Ignored outside the audio section, which may have a `c=` of its own.
            if not in_session and section.kind == "audio":
                raise
    elif kind == "b":
        bandwidth, _, amount = value.partition(":")
        section.bandwidths.append((bandwidth, amount))
    elif not in_session:
        if kind == "i":
            section.title = value
    elif kind == "o":
        session.origin = _parse_origin(value)
    elif kind == "s":
        session.name = value
    elif kind == "t":
        times = words(value)
        if len(times) == 2:
            session.times.append((times[0], times[1]))
    elif kind in "iuepkrz":
        session.others.append((kind, value))


def _parse_origin(value):
    parts = words(value)
    if len(parts) != 6:
        return None  # the origin is not used
    return Origin(parts[5], parts[1], parts[2], parts[0], parts[4], parts[3])


def _parse_connection(value):
    parts = words(value)
    if len(parts) != 3:
        raise SdpError("c= has not three parts")
    address, slash, suffix = parts[2].partition("/")
    if not address:
        raise SdpError("c= has no address")
    return Connection(address, parts[1].upper(), parts[0], slash + suffix)


def _parse_media(value):
    parts = words(value)
    if parts and parts[0].lower() != "audio" and not _is_complete(parts):
        return Media(parts[0].lower(), 0, parts[2] if len(parts) > 2 else "RTP/AVP")  # it is refused anyway
    if len(parts) < 4:
        raise SdpError("m= has not four parts")
    port, slash, count = parts[1].partition("/")
    media = Media(parts[0].lower(), number(port, "port", 65535), parts[2], parts[3:])
    if slash:
        media.count = number(count, "number of ports", 65535)
    return media


def _is_complete(parts):
    return len(parts) > 3 and is_digits(parts[1].replace("/", ""), 10)


def _inherit(session):
    # `direction` replaces the attributes, so that there is a single value.
    default = _direction(session.attributes, "sendrecv")
    session.attributes = [each for each in session.attributes if each[0] not in DIRECTIONS]
    for media in session.media:
        media.direction = _direction(media.attributes, default)
        media.attributes = [each for each in media.attributes if each[0] not in DIRECTIONS]


def _direction(attributes, default):
    for name, _ in attributes:
        if name in DIRECTIONS:
            return name
    return default
