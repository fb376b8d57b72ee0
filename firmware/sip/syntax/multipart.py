"""Bodies of several parts (RFC 2046 §5.1, RFC 5621), and the part that we can read; loaded with the first."""

from sip.limits import NESTING, PARTS
from sip.syntax.grammar import ParseError, unquote
from sip.syntax.headers import parse_valued

_PLAIN = ("binary", "8bit", "7bit")


class TooMuch(ParseError):
    """More parts, or more within each other, than are looked into."""

    status = 413


class BodyPart:
    """`content_type` is in lower case, without parameters; `handling` "required", "optional" or ""."""

    def __init__(self, content_type: str, body: bytes, handling: str):
        self.content_type = content_type
        self.body = body
        self.handling = handling


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
    handling = ""
    for line in text.replace("\r\n ", " ").replace("\r\n\t", " ").split("\r\n"):
        name, _, value = line.partition(":")
        name = name.rstrip(" \t").lower()
        if name == "content-type":
            content_type = value.strip(" \t")
        elif name == "content-disposition":
            try:
                handling = (parse_valued(value.strip(" \t")).params.get("handling") or "").strip('"').lower()
            except ParseError:
                pass  # as if it were not there
        elif name == "content-transfer-encoding" and value.strip(" \t").lower() not in _PLAIN:
            content_type = "application/octet-stream"  # SIP is 8-bit clean: nobody needs another
    kind = parse_valued(content_type).value.lower()
    if kind.startswith("multipart/"):
        return parts(content_type, body, depth + 1)
    return [BodyPart(kind, body, handling)]


def body_of(message, kind: str) -> "bytes | None":
    """The body, or the part of it, that is of the content type `kind`; empty where none has to be read.

    None where there is another that must be read (RFC 5621 §8.3): beside what we look for, only one that says
    `handling=required`. Raises ParseError.
    """
    value = message.get("Content-Type")
    whole = parse_valued(value).value.lower()
    found = None
    others = []
    for part in parts(value, message.body):
        if part.content_type != kind:
            others.append(part.handling)
        elif found is None or whole == "multipart/alternative":
            found = part.body
    if found is None:
        return b"" if all(handling == "optional" for handling in others) else None
    # Of alternatives one will do; of what belongs together the first says what it is (RFC 2387).
    if "required" in others and whole not in ("multipart/alternative", "multipart/related"):
        return None
    return found
