"""Header names, and the types of structured header values (RFC 3261 §20, §25).

Each `parse_…` takes a header's value and raises ParseError; `str()` of its result is that value again.
"""

from collections import OrderedDict

from sip.syntax import uri
from sip.syntax.grammar import (
    ParseError,
    bracket_end,
    format_host,
    format_parameters,
    has_control,
    host_port,
    is_token,
    number,
    parameters,
    quote,
    quoted_end,
    split,
    unquote,
    words,
)

COOKIE = "z9hG4bK"  # a branch that begins with the cookie is unique (§8.1.1.7)
CHALLENGES = ("WWW-Authenticate", "Proxy-Authenticate")  # of 401 and 407; answered by CREDENTIALS
CREDENTIALS = ("Authorization", "Proxy-Authorization")
SDP = "application/sdp"  # a Content-Type (RFC 8866 §8.1)

_MAX_CSEQ = 0x7FFFFFFF  # §8.1.1.5

# Canonical names of headers with a single value, and of headers with a comma list (§7.3.1).
_SINGLES = (
    "Authentication-Info",
    "Authorization",
    "Call-ID",
    "Content-Disposition",
    "Content-Length",
    "Content-Type",
    "CSeq",
    "Date",
    "Event",
    "Expires",
    "From",
    "Identity",
    "Join",
    "MIME-Version",
    "Max-Forwards",
    "Min-Expires",
    "Min-SE",
    "Organization",
    "Priority",
    "Privacy",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "RAck",
    "RSeq",
    "Refer-Sub",
    "Refer-To",
    "Referred-By",
    "Replaces",
    "Reply-To",
    "Retry-After",
    "SIP-ETag",
    "SIP-If-Match",
    "Server",
    "Session-Expires",
    "Subject",
    "Subscription-State",
    "Target-Dialog",
    "Timestamp",
    "To",
    "User-Agent",
    "WWW-Authenticate",
)
_LISTS = (
    "Accept",
    "Accept-Contact",
    "Accept-Encoding",
    "Accept-Language",
    "Alert-Info",
    "Allow",
    "Allow-Events",
    "Call-Info",
    "Contact",
    "Content-Encoding",
    "Content-Language",
    "Diversion",
    "Error-Info",
    "History-Info",
    "In-Reply-To",
    "P-Asserted-Identity",
    "P-Preferred-Identity",
    "Path",
    "Proxy-Require",
    "Reason",
    "Record-Route",
    "Reject-Contact",
    "Request-Disposition",
    "Require",
    "Route",
    "Service-Route",
    "Supported",
    "Unsupported",
    "Via",
    "Warning",
)

# Compact forms (§7.3.3, and the RFCs of the headers), and at the same index the full names.
_COMPACT_FORMS = "abcdefijklmorstuvxy"
_COMPACT_NAMES = (
    "Accept-Contact",
    "Referred-By",
    "Content-Type",
    "Request-Disposition",
    "Content-Encoding",
    "From",
    "Call-ID",
    "Reject-Contact",
    "Supported",
    "Content-Length",
    "Contact",
    "Event",
    "Refer-To",
    "Subject",
    "To",
    "Allow-Events",
    "Via",
    "Session-Expires",
    "Identity",
)


def known(name: str) -> "str | None":
    """The canonical name, from a compact form or any case; None for an unknown header."""
    if name in _SINGLES or name in _LISTS:
        return name
    lower = name.lower()
    if len(name) == 1:
        at = _COMPACT_FORMS.find(lower)
        return None if at < 0 else _COMPACT_NAMES[at]
    for table in (_SINGLES, _LISTS):
        for candidate in table:
            if len(candidate) == len(lower) and candidate.lower() == lower:
                return candidate
    return None


def canonical(name: str) -> str:
    """The canonical name, from a compact form or any case; an unknown name unchanged."""
    return known(name) or name


def is_list(name: str) -> bool:
    """Whether the value of the header with this canonical name is a comma list (§7.3.1)."""
    return name in _LISTS


class NameAddr:
    """`"Display" <uri>;parameter=value`: From, To, Contact, Route and similar headers (§20.10).

    `display_name` is without quotes and escapes, or None; `params` are those of the header, {lower-case name:
    value as written, or None}.
    """

    def __init__(self, uri, display_name=None, params=None):
        self.uri = uri
        self.display_name = display_name
        self.params = OrderedDict() if params is None else params

    @property
    def tag(self) -> "str | None":
        return self.params.get("tag") or None

    @property
    def expires(self) -> "int | None":
        """The `expires` parameter in seconds; None without one, or with a malformed one."""
        try:
            return number((self.params.get("expires") or "").strip('"'), "expires")
        except ParseError:
            return None

    @property
    def q(self) -> int:
        """The `q` parameter in thousandths, 1000 without one; raises ParseError."""
        return qvalue(self.params["q"] or "") if "q" in self.params else 1000

    def __str__(self):
        if self.uri is None:
            return "*"
        text = "<" + str(self.uri) + ">"
        if self.display_name is not None:
            text = quote(self.display_name) + " " + text
        return text + format_parameters(self.params) if self.params else text


WILDCARD = NameAddr(None)  # the Contact "*" of a REGISTER that removes all bindings


class Via:
    """One Via value (§20.42). `transport` is upper case; `port` is None if not given."""

    def __init__(self, transport: str, host: str, port=None, params=None, protocol: str = "SIP/2.0"):
        self.protocol = protocol
        self.transport = transport
        self.host = host
        self.port = port
        self.params = OrderedDict() if params is None else params

    @property
    def branch(self) -> "str | None":
        return self.params.get("branch")

    @property
    def received(self) -> "str | None":
        """The source address that the server saw, IPv6 without brackets, or None."""
        value = self.params.get("received")
        return value[1:-1] if value and value[0] == "[" else value

    @property
    def rport(self) -> "int | None":
        """The source port that the server saw (RFC 3581); None without a value (`;rport` in a request)."""
        value = self.params.get("rport")
        return number(value, "rport", 65535) if value else None

    @property
    def sent_by(self) -> str:
        """`host[:port]` as in the header."""
        return format_host(self.host) + ("" if self.port is None else ":" + str(self.port))

    def __str__(self):
        return self.protocol + "/" + self.transport + " " + self.sent_by + format_parameters(self.params)


class CSeq:
    """Sequence number and method (§20.16)."""

    def __init__(self, number: int, method: str):
        self.number = number
        self.method = method

    def __str__(self):
        return str(self.number) + " " + self.method


class Valued:
    """A value with parameters: `application/sdp;charset=UTF-8`, `active;expires=600`."""

    def __init__(self, value: str, params=None):
        self.value = value
        self.params = OrderedDict() if params is None else params

    def __str__(self):
        return self.value + format_parameters(self.params)


def parse_name_addr(text: str) -> NameAddr:
    """A name-addr or addr-spec with parameters.

    Parameters after a bare addr-spec belong to the header (§20.10), except `lr`, which is always the URI's. A
    display name with missing or surplus quotation marks is read up to the `<`.
    """
    display_name = None
    opening = text.find("<")
    quoted = text.find('"', 0, opening) if opening >= 0 else -1
    if quoted >= 0 or text[:1] == '"':
        end = quoted_end(text, max(quoted, 0))
        opening = text.find("<", end)
        if opening >= 0:
            plain = quoted or text[end:opening].strip(" \t")
            display_name = text[:opening].replace('"', "").strip(" \t") if plain else unquote(text[:end])
    elif opening > 0:
        display_name = text[:opening].strip(" \t")
    if opening < 0:
        address, semicolon, rest = text.partition(";")
        address = address.rstrip(" \t")
        if "?" in address or "," in address:
            raise ParseError("a URI with '?' or ',' needs '<' and '>'")
    else:
        end = bracket_end(text, opening)
        address = text[opening + 1 : end - 1]
        rest = text[end:].lstrip(" \t")
        semicolon = rest[:1]
        if semicolon not in ("", ";"):
            raise ParseError("text after a URI's '>'")
        rest = rest[1:]
    found = NameAddr(uri.parse(address), display_name, parameters(rest) if semicolon else None)
    if opening < 0 and "lr" in found.params:
        found.uri.params["lr"] = found.params.pop("lr")
    return found


def parse_route(text: str) -> NameAddr:
    """A Route, Record-Route, Service-Route or Path value: parameters of a bare addr-spec are the URI's."""
    return parse_name_addr(text if "<" in text else "<" + text + ">")


def parse_contact(text: str) -> NameAddr:
    """A Contact value; `WILDCARD` for `*`."""
    return WILDCARD if text == "*" else parse_name_addr(text)


def parse_via(text: str) -> Via:
    sent, semicolon, params = text.partition(";")
    name, _, rest = sent.partition("/")
    version, _, rest = rest.partition("/")
    transport, _, sent_by = rest.replace("\t", " ").strip(" ").partition(" ")
    if not is_token(transport):
        raise ParseError("no transport")
    name = name.strip(" \t").upper()
    version = version.strip(" \t")
    # Other versions are accepted here: their requests are answered 505.
    if not is_token(name) or not is_token(version):
        raise ParseError("malformed protocol")
    host, port = host_port(sent_by.strip(" "))
    return Via(transport.upper(), host, port, parameters(params) if semicolon else None, name + "/" + version)


def parse_cseq(text: str) -> CSeq:
    parts = words(text)
    if len(parts) != 2 or not is_token(parts[1]):
        raise ParseError("not a number and a method")
    return CSeq(number(parts[0], "sequence number", _MAX_CSEQ), parts[1])


def parse_valued(text: str) -> Valued:
    """A value of Content-Type, Content-Disposition, Event, Subscription-State, Session-Expires …"""
    value, semicolon, params = text.partition(";")
    value = value.rstrip(" \t")
    if not value or (" " in value and "/" not in value) or has_control(value):
        raise ParseError("malformed value")
    if " " in value or "\t" in value:
        value = "".join(words(value))
    return Valued(value, parameters(params) if semicolon else None)


def parse_seconds(text: str) -> int:
    """delta-seconds (§20.19); a Retry-After's comment and parameters may follow."""
    for end in (";", "("):
        text = text.partition(end)[0]
    return number(text.rstrip(" \t"), "delta-seconds")


def parse_call_id(text: str) -> str:
    if not text or " " in text or "\t" in text or has_control(text):
        raise ParseError("not one word")
    return text


def qvalue(text: str) -> int:
    """`0.7` as 700; raises ParseError."""
    whole, _, fraction = text.partition(".")
    if whole not in ("0", "1") or len(fraction) > 3:
        raise ParseError("malformed q value")
    value = int(whole) * 1000 + (number((fraction + "000")[:3], "q value") if fraction else 0)
    if value > 1000:
        raise ParseError("q value above 1")
    return value


def parse_challenge(text: str) -> "tuple[str, OrderedDict]":
    """(scheme, {name: value without quotes}) of a challenge or of credentials (§20.7); names lower case."""
    scheme, _, rest = text.replace("\t", " ").partition(" ")
    if not is_token(scheme):
        raise ParseError("no authentication scheme")
    params = OrderedDict()
    for part in parse_list(rest):
        name, equals, value = part.partition("=")
        name = name.rstrip(" ").lower()
        if not equals and is_token(name):
            continue  # unknown: ignored
        if not is_token(name):
            raise ParseError("an authentication parameter has a malformed name")
        if name in params:
            raise ParseError("authentication parameter " + name + " comes twice")
        params[name] = unquote(value.lstrip(" "))
    if not params:
        raise ParseError("a challenge without parameters")
    return scheme.lower(), params


def parse_list(text: str) -> "list[str]":
    """A comma list of plain values: Allow, Supported, Require …"""
    return [part for part in split(text, ",") if part]
