"""Reads one HTTP request from a socket, with every length bounded, and writes the response.

Only complete, unambiguous and short requests pass; microdot gets them from memory. RFC 9112 §2–6.
"""

import compat
from compat import const, is_digits

MAX_HEAD = const(4096)
MAX_FIELDS = const(40)
MAX_TARGET = const(512)
MAX_BODY = 33792  # a phone.json of maximum length, and the JSON around it
MAX_BODY_OF_STRANGERS = const(512)  # a login is shorter

COOKIE = "session"
_CHUNK = const(1024)
_EAGAIN = const(11)
_METHODS = (b"GET", b"HEAD", b"POST")
_TOKEN = b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


class RequestError(Exception):
    """A request that is refused before routing, with HTTP `status` and `words` for the response."""

    def __init__(self, status: int, words: str):
        super().__init__(words)
        self.status = status
        self.words = words


class BadRequest(Exception):
    """An error in a request, in words for the person; `mistakes` have paths in phone.json."""

    def __init__(self, words, status=422, mistakes=()):
        super().__init__(words)
        self.status = status
        self.mistakes = list(mistakes)


class Head:
    """Request line and header: `method`, `target`, `fields` by lower-case name, body `length` in bytes."""

    def __init__(self, octets):
        lines = bytes(octets).split(b"\r\n")
        parts = lines[0].split(b" ")
        if len(parts) != 3 or parts[2] not in (b"HTTP/1.1", b"HTTP/1.0"):
            raise RequestError(400, "not an HTTP request")
        if parts[0] not in _METHODS:
            raise RequestError(501 if _is_token(parts[0]) else 400, "unknown method")
        if len(parts[1]) > MAX_TARGET:
            raise RequestError(414, "address too long")
        if parts[1][:1] != b"/" or [octet for octet in parts[1] if not 0x20 < octet < 0x7F]:
            raise RequestError(400, "invalid address")
        if len(lines) - 1 > MAX_FIELDS:
            raise RequestError(431, "too many header fields")
        self.method = str(parts[0], "utf-8")
        self.target = str(parts[1], "utf-8")
        self.fields: dict = {}
        for line in lines[1:]:
            self._take(line)
        if parts[2] == b"HTTP/1.1" and "host" not in self.fields:
            raise RequestError(400, "Host is missing")
        if "transfer-encoding" in self.fields:
            raise RequestError(501, "transfer encodings are not supported")
        text = self.fields.get("content-length", "0")
        if not is_digits(text, 9):
            raise RequestError(400, "invalid Content-Length")
        self.length = int(text)
        if self.length and self.method != "POST":
            raise RequestError(400, "unexpected body")

    def _take(self, line):
        name, colon, value = line.partition(b":")
        if not colon or not _is_token(name) or [c for c in value if (c < 0x20 and c != 9) or c == 0x7F]:
            raise RequestError(400, "malformed header field")
        key = str(name, "utf-8").lower()
        if key in self.fields and key in ("host", "content-length", "cookie", "content-type", "x-csrf-token"):
            raise RequestError(400, "duplicate header field")
        self.fields[key] = compat.decode(value.strip())

    def cookie(self, name: str) -> str:
        """The value of a cookie; "" if there is none."""
        for each in self.fields.get("cookie", "").split(";"):
            key, _, value = each.strip().partition("=")
            if key == name:
                return value
        return ""


async def read_head(sock) -> "tuple[Head, bytes, bytes] | None":
    """(Head, its bytes, first bytes of the body); None if the peer closed. Raises RequestError."""
    octets = bytearray()
    while True:
        end = octets.find(b"\r\n\r\n")
        if end >= 0:
            break
        if len(octets) > MAX_HEAD:
            raise RequestError(431, "header too long")
        chunk = await _receive(sock, _CHUNK)
        if not chunk:
            return None
        octets += chunk
    if end > MAX_HEAD:
        raise RequestError(431, "header too long")
    return Head(octets[:end]), bytes(octets[: end + 4]), bytes(octets[end + 4 :])


async def read_body(sock, begun: bytes, length: int, most: int) -> bytes:
    """A body of `length` bytes, of which `begun` is there already. Raises RequestError, also above `most`."""
    if length > most:
        raise RequestError(413, "request too large")
    if len(begun) > length:
        raise RequestError(400, "request exceeds Content-Length")
    pieces, missing = [begun], length - len(begun)
    while missing:
        chunk = await _receive(sock, min(missing, _CHUNK))
        if not chunk:
            raise RequestError(400, "request is shorter than Content-Length")
        pieces.append(chunk)
        missing -= len(chunk)
    return b"".join(pieces)


async def _receive(sock, most):
    while True:
        try:
            return sock.recv(most)
        except OSError as error:
            if error.errno != _EAGAIN:
                raise
        await compat.readable(sock)


class Writer:
    """Collects a response and sends it in pieces of a packet's size; the stream that microdot writes to."""

    _PIECE = 1400

    def __init__(self, sock, peer: str):
        self._sock = sock
        self._peer = peer
        self._waiting = bytearray()

    def get_extra_info(self, name: str):
        return (self._peer, 0)

    async def awrite(self, octets) -> None:
        if len(self._waiting) + len(octets) > self._PIECE:
            await self._send(self._waiting)
            self._waiting = bytearray()
        if len(octets) > self._PIECE:
            await self._send(octets)
        else:
            self._waiting += octets

    async def aclose(self) -> None:
        await self._send(self._waiting)
        self._waiting = bytearray()

    async def _send(self, octets):
        view = memoryview(octets)
        while len(view):
            try:
                view = view[self._sock.send(view) :]
            except OSError as error:
                if error.errno != _EAGAIN:
                    raise
                await compat.writable(self._sock)


def _is_token(octets):
    return 0 < len(octets) <= 64 and not octets.strip(_TOKEN)
