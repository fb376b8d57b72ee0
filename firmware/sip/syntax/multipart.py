"""Multipart bodies (RFC 2046 §5.1, RFC 5621), and the part that we can read; loaded with the first."""

from sip.limits import NESTING, PARTS
from sip.syntax.grammar import ParseError, unquote
from sip.syntax.headers import parse_valued

_PLAIN = ("binary", "8bit", "7bit")


class TooMuch(ParseError):
    """More parts, or a deeper nesting, than the limits allow."""

    status = 413


class BodyPart:
    """One part. `content_type` is lower case, without parameters; `handling` "required", "optional", ""."""

    def __init__(self, content_type: str, body: bytes, handling: str):
        self.content_type = content_type
        self.body = body
        self.handling = handling


def parts(content_type: str, body: bytes, depth: int = 1) -> "list[BodyPart]":
    """The parts of a multipart `body`, an inner multipart replaced by its parts.

    `content_type` is the full value of the header. Raises ParseError for a malformed multipart, and TooMuch.
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
    """The octets between the delimiter lines; raises ParseError without a closing delimiter."""
    # The line break before a delimiter belongs to the delimiter.
    body = b"\r\n" + body
    delimiter = b"\r\n" + delimiter
    pieces = []
    start = None
    at = body.find(delimiter)
    while at >= 0:
        end = body.find(b"\r\n", at + 2)
        rest = body[at + len(delimiter) : end if end >= 0 else len(body)].rstrip(b" \t")
        if rest not in (b"", b"--"):
            at = body.find(delimiter, at + 2)  # a longer boundary with this prefix
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
        # The delimiter after an empty part shares the line break of the one before.
        at = body.find(delimiter, end)
    raise ParseError("multipart: it never ends")


def _read(piece, depth):
    """[BodyPart] of one piece; several for an inner multipart."""
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
                pass  # ignored
        elif name == "content-transfer-encoding" and value.strip(" \t").lower() not in _PLAIN:
            content_type = "application/octet-stream"  # not decoded: SIP is 8-bit clean
    kind = parse_valued(content_type).value.lower()
    if kind.startswith("multipart/"):
        return parts(content_type, body, depth + 1)
    return [BodyPart(kind, body, handling)]


def body_of(message, kind: str) -> "bytes | None":
    """The part of the body with the content type `kind`; of alternatives the last (RFC 2046 §5.1.4).

    Empty if there is none, and all parts are optional. None if another part must be understood (RFC 5621
    §8.3): beside a part of `kind` one with `handling=required`, else any that is not optional. Raises
    ParseError.
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
    # One part of an alternative suffices; related parts belong to the one of `kind` (RFC 2387).
    if "required" in others and whole not in ("multipart/alternative", "multipart/related"):
        return None
    return found
