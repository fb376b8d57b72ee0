"""Grammar shared by all headers (RFC 3261 §25): tokens, quoted strings, parameters, escapes.

Searches by `str` and `re` methods are used instead of loops over characters, which cost a hundred times more
on a chip. Every pattern searches for the first character that is *not* allowed: MicroPython's `re` runs such
a search without recursion, whatever the length.
"""

import re
from collections import OrderedDict

from compat import const

ELEMENTS = const(128)  # of one comma list, parameters of one value: see limits.py
_HEX = "0123456789abcdefABCDEF"

_NOT_IN_TOKEN = re.compile("[^A-Za-z0-9.!%*_+`'~-]")
# The grammar allows a token or host; some peers use `=`, `/`, `@` etc. in tags, which is harmless.
_NOT_IN_VALUE = re.compile("[^!#-+\\--:=?-~]")
_NOT_IN_HOST = re.compile("[^A-Za-z0-9._-]")
_IDENTIFYING = ("tag", "branch")
_NOT_PRINTABLE = re.compile("[\x01-\x1f\x7f]")


class ParseError(ValueError):
    """Malformed text from outside; the message names the element and the place.

    `status` is that of the response to a request with such text.
    """

    status = 400


def is_token(text: str) -> bool:
    return text != "" and not _NOT_IN_TOKEN.search(text)


def number(text: str, what: str, most: int = 0xFFFFFFFF) -> int:
    """`1*DIGIT` up to `most`; raises ParseError naming `what`."""
    digits = text.lstrip("0") or text[-1:]
    if len(digits) > 10 or not digits.encode().isdigit() or int(digits) > most:
        raise ParseError(what + " is not a number up to " + str(most))
    return int(digits)


def words(text: str) -> "list[str]":
    """The parts of `text` between spaces and tabs; `str.split` would split at other whitespace too."""
    return [word for word in text.replace("\t", " ").split(" ") if word]


def split(text: str, separator: str) -> "list[str]":
    """The parts of `text` between separators outside of quotes and angle brackets, stripped."""
    if '"' not in text and "<" not in text:
        parts = text.split(separator, ELEMENTS)
    else:
        parts = _split_around_quotes(text, separator)
    if len(parts) > ELEMENTS:
        raise ParseError("more than " + str(ELEMENTS) + " elements")
    return [part.strip(" \t") for part in parts]


def _split_around_quotes(text, separator):
    parts = []
    start = position = 0
    # The next of each is searched for only after it was passed, so the time is linear.
    quote = angle = -2
    while len(parts) <= ELEMENTS:
        cut = text.find(separator, position)
        if cut < 0:
            break
        if quote != -1 and quote < position:
            quote = text.find('"', position)
        if angle != -1 and angle < position:
            angle = text.find("<", position)
        if 0 <= quote < cut and not 0 <= angle < quote:
            try:
                position = quoted_end(text, quote)
            except ParseError:
                if separator != ",":
                    raise
                position = quote + 1  # only this element of the list is malformed
        elif 0 <= angle < cut:
            position = bracket_end(text, angle)
        else:
            parts.append(text[start:cut])
            start = position = cut + 1
    parts.append(text[start:])
    return parts


def quoted_end(text: str, start: int) -> int:
    """The index after the quoted string that opens at `start`; ParseError if it is not closed."""
    position = start + 1
    quote = -1
    while True:
        if quote < position:
            quote = text.find('"', position)
            if quote < 0:
                raise ParseError("quotation mark at " + str(start) + " has no partner")
        escape = text.find("\\", position, quote)
        if escape < 0:
            return quote + 1
        position = escape + 2


def bracket_end(text: str, start: int) -> int:
    """The index after the `>` that closes the `<` at `start`; a `>` in a quoted parameter is skipped."""
    end = text.find(">", start)
    quote = text.find('="', start, max(end, 0))
    while quote >= 0:
        try:
            start = quoted_end(text, quote + 1)
        except ParseError:
            break
        if start > end:
            end = text.find(">", start)
        quote = text.find('="', start, max(end, 0))
    if end < 0:
        raise ParseError("'<' without '>'")
    return end + 1


def quote(text: str) -> str:
    """`text` as a quoted-string; line breaks, which are not allowed in one, become spaces."""
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    if '"' in text:
        text = text.replace('"', '\\"')
    if "\r" in text or "\n" in text:
        text = text.replace("\r", " ").replace("\n", " ")
    return '"' + text + '"'


def unquote(text: str) -> str:
    """The content of a quoted-string; any other text is returned unchanged."""
    if text[:1] != '"':
        return text
    if quoted_end(text, 0) != len(text):
        raise ParseError("text after the closing quotation mark")
    text = text[1:-1]
    if "\\" not in text:
        return text
    pieces = []
    position = 0
    while True:
        escape = text.find("\\", position)
        if escape < 0:
            pieces.append(text[position:])
            return "".join(pieces)
        pieces.append(text[position:escape])
        pieces.append(text[escape + 1 : escape + 2])
        position = escape + 2


def parameters(text: str) -> OrderedDict:
    """`a=1;b;c="x;y"` as {lower-case name: value as written, or None for a flag}, in order.

    A quoted value keeps its quotes (see `unquote`), so that it is written as it was read. Of duplicate names
    the first counts. A malformed or empty parameter is ignored; a malformed tag or branch is a ParseError.
    """
    found = OrderedDict()
    for part in split(text, ";"):
        name, equals, value = part.partition("=")
        name = name.rstrip(" \t").lower()
        value = value.lstrip(" \t")
        if not is_token(name) or (equals and not _is_value(value)):
            if name in _IDENTIFYING:
                raise ParseError("parameter " + name + " has a malformed value")
        elif name not in found:
            found[name] = value if equals else None
    return found


def _is_value(text):
    if text[:1] != '"':
        return not _NOT_IN_VALUE.search(text)
    return quoted_end(text, 0) == len(text)


def format_parameters(params) -> str:
    """`;a=1;b` from a dict as returned by `parameters`; values that need quotes get them."""
    text = ""
    for name, value in params.items():
        text += ";" + name
        if value is not None:
            value = str(value)
            if value[:1] != '"' and _NOT_IN_VALUE.search(value):
                value = quote(value)
            text += "=" + value
    return text


def has_control(text: str) -> bool:
    """Whether `text` contains a control character other than NUL."""
    return _NOT_PRINTABLE.search(text) is not None


def check_escapes(text: str) -> None:
    """ParseError unless every `%` is followed by two hexadecimal digits."""
    at = text.find("%")
    while at >= 0:
        if len(text) < at + 3 or text[at + 1] not in _HEX or text[at + 2] not in _HEX:
            raise ParseError("'%' without two hexadecimal digits")
        at = text.find("%", at + 3)


def unescape(text: str) -> str:
    """`text` with escapes decoded as UTF-8: `%41` becomes `A`. Raises ParseError for malformed ones."""
    if "%" not in text:
        return text
    check_escapes(text)
    pieces = text.split("%")
    octets = pieces[0].encode()
    for piece in pieces[1:]:
        octets += bytes([int(piece[:2], 16)]) + piece[2:].encode()
    try:
        return str(octets, "utf-8")
    except UnicodeError:
        raise ParseError("escaped octets are not UTF-8")


def escape(text: str, forbidden) -> str:
    """`text` with characters that match the pattern `forbidden`, and stray `%`, as `%HH` of their UTF-8.

    Existing escapes are kept, so a second call changes nothing.
    """
    if "%" not in text and not forbidden.search(text):
        return text
    written = ""
    for at, character in enumerate(text):
        if character == "%":
            pair = text[at + 1 : at + 3]
            loose = len(pair) < 2 or pair[0] not in _HEX or pair[1] not in _HEX
        else:
            loose = forbidden.search(character)
        written += "".join("%{:02X}".format(octet) for octet in character.encode()) if loose else character
    return written


def host_port(text: str) -> "tuple[str, int | None]":
    """Host (lower case, IPv6 without brackets) and port (or None) of `host[:port]`."""
    if text[:1] == "[":
        host, bracket, rest = text[1:].partition("]")
        if not bracket:
            raise ParseError("'[' without ']' in a host")
        ipv6(host)
        rest = rest.lstrip(" \t")
        if rest and rest[0] != ":":
            raise ParseError("text after an IPv6 address")
        port = rest[1:]
    else:
        host, _, port = text.partition(":")
        host = host.rstrip(" \t")
        if not host or len(host) > 255 or _NOT_IN_HOST.search(host):
            raise ParseError("malformed host name")
    port = port.strip(" \t")
    return host.lower(), number(port, "port", 65535) if port else None


def format_host(host: str) -> str:
    return "[" + host + "]" if ":" in host else host


def ipv6(text: str) -> "list[int]":
    """The eight 16-bit groups of an IPv6 address; raises ParseError."""
    if len(text) > 45:
        raise ParseError("malformed IPv6 address")
    if "." in text:
        text, _, dotted = text.rpartition(":")
        octets = ipv4(dotted)
        text += ":{:x}:{:x}".format(octets[0] << 8 | octets[1], octets[2] << 8 | octets[3])
    front, gap, back = text.partition("::")
    groups = [front.split(":") if front else [], back.split(":") if back else []]
    values = []
    for group in groups[0] + groups[1]:
        if not 0 < len(group) < 5 or group.lstrip(_HEX):
            raise ParseError("malformed IPv6 address")
        values.append(int(group, 16))
    missing = 8 - len(values)
    if missing < 1 if gap else missing:
        raise ParseError("malformed IPv6 address")
    at = len(groups[0])
    return values[:at] + [0] * missing + values[at:]


def ipv4(text: str) -> "list[int]":
    """The four octets of a dotted IPv4 address; raises ParseError."""
    octets = [number(part, "IPv4 octet", 255) for part in text.split(".", 4)]
    if len(octets) != 4:
        raise ParseError("malformed IPv4 address")
    return octets
