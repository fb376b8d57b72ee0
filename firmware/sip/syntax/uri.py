"""SIP, SIPS and tel URIs (RFC 3261 §19.1, RFC 3966); URIs of other schemes are opaque.

Components stay as written on the wire, escapes included, so that a URI is forwarded unchanged; only host,
scheme and parameter names become lower case. `Uri.name` is the user part for display.
"""

import re
from collections import OrderedDict

from compat import is_digits
from sip.limits import URI_OCTETS
from sip.syntax.grammar import (
    ParseError,
    check_escapes,
    escape,
    format_host,
    host_port,
    ipv6,
    is_token,
    unescape,
)

_NOT_IN_URI = re.compile("[^!#-;=?-[\\]_a-z~]")
_NOT_IN_USER = re.compile("[^A-Za-z0-9_.!~*'()&=+$,;?/-]")
_NOT_IN_NUMBER = re.compile("[^A-Za-z0-9+*#().-]")
_NOT_IN_PASSWORD = re.compile("[^A-Za-z0-9_.!~*'()&=+$,-]")
_NOT_IN_PARAMETER = re.compile("[^A-Za-z0-9_.!~*'()[\\]/:&+$=,-]")  # `=` and `,` are accepted
_NOT_IN_PARAMETERS = re.compile("[^A-Za-z0-9_.!~*'()[\\]/:&+$=,;%-]")
_NOT_IN_HEADER = re.compile("[^A-Za-z0-9_.!~*'()[\\]/?:+$-]")
_RESERVED = ";/?:@&=+$,"
_MUST_BE_IN_BOTH = ("user", "ttl", "method", "maddr", "transport")
_TEL_VISUAL = ("-", ".", "(", ")")


def default_port(secure: bool) -> int:
    """The port of a SIP URI or a Via without a port (§19.1.2, §18.1.1): 5061 over TLS, else 5060."""
    return 5061 if secure else 5060


class Uri:
    """One URI. `host` is lower case, IPv6 without brackets; `port` is None if not given.

    `params` maps lower-case names to values (None for a flag), in order; `headers` lists (name, value). A tel
    URI has its number in `user`, and host None; for an unknown scheme the rest of the URI is in `opaque`.
    """

    def __init__(
        self,
        scheme: str,
        host,
        user=None,
        password=None,
        port=None,
        *,
        params=None,
        headers=None,
        opaque=None,
    ):
        self.scheme = scheme
        self.user = user
        self.password = password
        self.host = host.lower() if host else host
        self.port = port
        self.params = OrderedDict() if params is None else params
        self.headers = [] if headers is None else headers
        self.opaque = opaque

    @property
    def name(self) -> str:
        """The user part, unescaped, for display and as a key; "" without one."""
        return _plain(self.user or "")

    @property
    def transport(self) -> "str | None":
        """The `transport` parameter in lower case; None without one."""
        value = self.params.get("transport")
        return value.lower() if value else None

    @property
    def lr(self) -> bool:
        """Whether this is the URI of a loose router (§19.1.1)."""
        return "lr" in self.params

    def copy(self) -> "Uri":
        params = OrderedDict()
        params.update(self.params)
        headers = list(self.headers)
        return Uri(
            self.scheme,
            self.host,
            self.user,
            self.password,
            port=self.port,
            params=params,
            headers=headers,
            opaque=self.opaque,
        )

    def __str__(self):
        return self._text(self.password)

    def __repr__(self):
        # A password in a URI must not get into a log.
        return "<Uri " + self._text(self.password and "...") + ">"

    def _text(self, password):
        if self.opaque is not None:
            return self.scheme + ":" + self.opaque
        text = self.scheme + ":"
        if self.user is not None:
            text += escape(self.user, _NOT_IN_NUMBER if self.scheme == "tel" else _NOT_IN_USER)
            if password is not None:
                text += ":" + escape(password, _NOT_IN_PASSWORD)
            if self.host:
                text += "@"
        if self.host:
            text += format_host(self.host)
        if self.port is not None:
            text += ":" + str(self.port)
        for name, value in self.params.items():
            text += ";" + escape(name, _NOT_IN_PARAMETER)
            if value is not None:
                value = str(value)
                text += "=" + (value if value[:1] == '"' else escape(value, _NOT_IN_PARAMETER))
        mark = "?"
        for name, value in self.headers:
            text += mark + escape(name, _NOT_IN_HEADER) + "=" + escape(value, _NOT_IN_HEADER)
            mark = "&"
        return text

    def __eq__(self, other):
        """Equality as in RFC 3261 §19.1.4, which is not transitive; for tel as in RFC 3966 §4."""
        if not isinstance(other, Uri) or self.scheme != other.scheme:
            return False
        if self.opaque is not None or other.opaque is not None:
            return self.opaque == other.opaque
        if self.scheme == "tel":
            return _same_number(self, other)
        return (
            self.port == other.port
            and same_user(self.user, other.user)
            and _same_text(self.password, other.password, _NOT_IN_PASSWORD)
            and _same_host(self.host, other.host)
            and _same_parameters(self.params, other.params)
            and _same_headers(self.headers, other.headers)
        )

    def __ne__(self, other):
        return not self == other


def parse(text: str) -> Uri:
    """The Uri in `text`; raises ParseError."""
    if len(text) > URI_OCTETS:
        raise ParseError("URI: too long")
    if _NOT_IN_URI.search(text):
        from sip.syntax.lenient import parse_uri

        return parse_uri(text, parse)
    scheme, colon, rest = text.partition(":")
    if not colon or not rest or not scheme[:1].isalpha() or not is_token(scheme):
        raise ParseError("URI: no scheme")
    scheme = scheme.lower()
    if "%" in rest:
        check_escapes(rest)
    if scheme == "sip" or scheme == "sips":
        return _parse_sip(scheme, rest)
    if scheme == "tel":
        return _parse_tel(rest)
    return Uri(scheme, None, opaque=rest)


def _parse_sip(scheme, rest):
    user = password = None
    # A question mark or semicolon before the "@" is part of the user.
    userinfo, at, after = rest.partition("@")
    if at:
        rest = after
        user, colon, word = userinfo.partition(":")
        # An empty user is accepted, as a missing one is.
        if (colon and not user) or ":" in word:
            raise ParseError("URI: malformed user")
        password = word if colon else None
    rest, question, headers = rest.partition("?")
    address, semicolon, params = rest.partition(";")
    host, port = host_port(address)
    return Uri(
        scheme,
        host,
        user,
        password,
        port=port,
        params=_parse_parameters(params) if semicolon else None,
        headers=_parse_headers(headers) if question else None,
    )


def _parse_tel(rest):
    number, semicolon, params = rest.partition(";")
    number = unescape(number)
    digits = _plain_number(number)
    if digits[:1] == "+":
        digits = digits[1:]
        if not digits.encode().isdigit():
            raise ParseError("tel URI: a global number has digits only")
    if not is_digits(digits.lower(), len(digits), "0123456789abcdef*#"):
        raise ParseError("tel URI: malformed number")
    return Uri("tel", None, number, params=_parse_parameters(params) if semicolon else None)


def _parse_parameters(text):
    if _NOT_IN_PARAMETERS.search(text):
        raise ParseError("URI: a character that no parameter may hold")
    params = OrderedDict()
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        name = name.lower()
        if equals and not name:
            raise ParseError("URI: a parameter without a name")
        # An empty parameter is kept under the name "", and written back.
        if name not in params:
            params[name] = value if equals else None
    return params


def _parse_headers(text):
    headers = []
    for part in text.split("&"):
        name, equals, value = part.partition("=")
        if not name or not equals:
            raise ParseError("URI: a header without name or value")
        headers.append((name, value))
    return headers


def _plain(text):
    try:
        return unescape(text)
    except ParseError:
        return text


def _normal(text):
    """`text` without needless escapes (§19.1.4)."""
    if "%" not in text:
        return text
    pieces = text.split("%")
    written = pieces[0]
    for piece in pieces[1:]:
        character = chr(int(piece[:2], 16))
        if character < "!" or character > "~" or character in _RESERVED or character == "%":
            character = "%" + piece[:2].upper()
        written += character + piece[2:]
    return written


def _same_text(one, other, forbidden):
    if one is None or other is None:
        return one is other
    # A value set by our code may lack the escapes that it is written with.
    return one == other or _normal(escape(one, forbidden)) == _normal(escape(other, forbidden))


def same_user(one, other) -> bool:
    """Whether two user parts are equal (§19.1.4): case matters, needless escapes do not."""
    return _same_text(one or None, other or None, _NOT_IN_USER)


def _same_value(one, other):
    if one is None or other is None:
        return one is other
    return one == other or _same_text(one.lower(), other.lower(), _NOT_IN_PARAMETER)


def _same_host(one, other):
    if one == other:
        return True
    try:
        return ":" in one and ":" in other and ipv6(one) == ipv6(other)  # RFC 5954 §4.1
    except ParseError:
        return False


def _same_parameters(one, other):
    for name in _MUST_BE_IN_BOTH:
        if (name in one) != (name in other):
            return False
    return all(name not in other or _same_value(value, other[name]) for name, value in one.items())


def _same_headers(one, other):
    return sorted(_normal_header(each) for each in one) == sorted(_normal_header(each) for each in other)


def _normal_header(header):
    return tuple([_normal(escape(part, _NOT_IN_HEADER)).lower() for part in header])


def _plain_number(text):
    for mark in _TEL_VISUAL:
        text = text.replace(mark, "")
    return text


def _same_number(one, other):
    if _plain_number(one.user).lower() != _plain_number(other.user).lower():
        return False
    if len(one.params) != len(other.params):
        return False
    for name, value in one.params.items():
        if name not in other.params:
            return False
        theirs = other.params[name]
        if name in ("ext", "phone-context") and value and theirs:
            value = _plain_number(value) if name == "ext" or value[0] == "+" else value
            theirs = _plain_number(theirs) if name == "ext" or theirs[0] == "+" else theirs
        if not _same_value(value, theirs):
            return False
    return True
