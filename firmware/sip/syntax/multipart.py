"""Bodies of several parts (RFC 2046 §5.1, RFC 5621), and the part that we can read; loaded with the first."""

from sip.limits import NESTING, PARTS
from sip.syntax.grammar import ParseError, unquote
from sip.syntax.headers import parse_valued

_PLAIN = ("binary", "8bit", "7bit")


class TooMuch(ParseError):
    """More parts, or more within each other, than are looked into."""

    status = 413


class BodyPart:
    """`content_type` is in lower case, without parameters; `is_optional` says that we can do without it."""

    def __init__(self, content_type: str, body: bytes, is_optional: bool):
        self.content_type = content_type
        self.body = body
        self.is_optional = is_optional


def parts(content_type: str, body: bytes, depth: int = 1) -> "list[BodyPart]":
    """The parts of a `body` of this multipart type (the header's whole value), those of inner multiparts in
    their place.

    Of a multipart/alternative that is the last of a kind, which is the best (RFC 2046 §5.1.4). Raises
    ParseError for what is no multipart, and TooMuch.
    """
    if depth > NESTING:
        raise TooMuch("multipart: nested too deeply")
    value = parse_valued(content_type)
    boundary = unquote(value.params.get("boundary") or "").encode()
    if not 0 < len(boundary) <= 70:
        raise ParseError("multipart: malformed boundary")
    found = []
    for piece in _pieces(body, b"--" + boundary):
        found += _read(piece, depth)
        if len(found) > PARTS:
            raise TooMuch("multipart: too many parts")
    if not found:
        raise ParseError("multipart: no part")
    return found


def _pieces(body, delimiter):
    """What stands between the delimiter lines; raises ParseError where the last does not close."""
    # The line break before a delimiter is the delimiter's.
    body = b"\r\n" + body
    delimiter = b"\r\n" + delimiter
    pieces = []
    start = None
    at = body.find(delimiter)
    while at >= 0:
        end = body.find(b"\r\n", at + 2)
        rest = body[at + len(delimiter) : end if end >= 0 else len(body)].rstrip(b" \t")
        if rest not in (b"", b"--"):
            at = body.find(delimiter, at + 2)  # a longer word that begins so
            continue
        if start is not None:
            pieces.append(body[start:at])
            if len(pieces) > PARTS:
                raise TooMuch("multipart: too many parts")
        if rest:
            return pieces
        if end < 0:
            break
        start = end + 2
        # The delimiter of an empty part shares its line break with the one before.
        at = body.find(delimiter, end)
    raise ParseError("multipart: it never ends")


def _read(piece, depth):
    """The Parts that one piece is."""
    # A piece without headers begins with the empty line.
    head, separator, body = (b"\r\n" + piece).partition(b"\r\n\r\n")
    if not separator:
        raise ParseError("multipart: a part without an empty line")
    try:
        text = str(head, "utf-8")
    except UnicodeError:
        raise ParseError("multipart: headers that are not UTF-8")
    content_type = "text/plain"
    is_optional = False
    for line in text.replace("\r\n ", " ").replace("\r\n\t", " ").split("\r\n"):
        name, _, value = line.partition(":")
        name = name.rstrip(" \t").lower()
        if name == "content-type":
            content_type = value.strip(" \t")
        elif name == "content-disposition":
            handling = parse_valued(value.strip(" \t")).params.get("handling")
            is_optional = (handling or "").lower() == "optional"
        elif name == "content-transfer-encoding" and value.strip(" \t").lower() not in _PLAIN:
            content_type = "application/octet-stream"  # SIP is 8-bit clean: nobody needs another
    kind = parse_valued(content_type).value.lower()
    if kind.startswith("multipart/"):
        return parts(content_type, body, depth + 1)
    return [BodyPart(kind, body, is_optional)]


def body_of(message, kind: str) -> "bytes | None":
    """The body, or the part of it, that is of the content type `kind`; empty where none has to be read.

    None where there is another that its sender wants to be read (RFC 5621 §8.3). Raises ParseError.
    """
    value = message.get("Content-Type")
    whole = parse_valued(value).value.lower()
    found = None
    others = False
    for part in parts(value, message.body):
        if part.content_type != kind:
            others = others or not part.is_optional
        elif found is None or whole == "multipart/alternative":
            found = part.body
    # Of alternatives one will do; of what belongs together the first says what it is (RFC 2387).
    if others and (found is None or whole not in ("multipart/alternative", "multipart/related")):
        return None
    return found or b""
