"""An HTTP/1.1 client (RFC 9112) that fetches files: GET only, one request per connection.

    client = Client(resolver, secure)
    response = await client.get("https://example.com/phone.json", most=65536, etag=known)
    if response.status == 200:
        body = await response.read()         # or readinto(buffer), piece by piece
    response.close()

The server is not trusted: a body's length must be given by Content-Length or by chunks, the body must have
that length, stay within `most` bytes and arrive in time. A failure raises an HttpError in words for people.
"""

import asyncio
import binascii
import socket

import compat
from compat import const, is_digits, ticks_add, ticks_diff
from sip.digest import Credentials
from sip.sending import is_address

_PIECE = const(1024)
_MAX_URL = const(512)
_MAX_HEAD = const(8192)
_MAX_LINE = const(2048)
_CONNECT_S = const(10)
_MAX_REDIRECTS = const(3)
_LOOK_UP_MS = const(50)
_A = const(1)  # the DNS type

_EAGAIN = const(11)
_EINPROGRESS = const(115)
_EINPROGRESS_LWIP = const(119)


class HttpError(Exception):
    """Why there is no usable response, in words for people and without secrets."""


class Url:
    """`scheme` ("http", "https"), `host` without brackets, `port`, `path` with its query. HttpError for any
    other URL, and for one with a user or password, which have settings of their own. Drops a fragment."""

    def __init__(self, text: str):
        scheme, mark, rest = text.partition("://")
        self.scheme = scheme.lower()
        if not mark or self.scheme not in ("http", "https"):
            raise HttpError("the URL must begin with http:// or https://")
        if len(text) > _MAX_URL or any(not "!" <= c <= "~" for c in text):
            raise HttpError("the URL is too long or contains invalid characters")
        rest = rest.partition("#")[0]
        end = min([at for at in (rest.find("/"), rest.find("?")) if at >= 0] or [len(rest)])
        authority, self.path = rest[:end], rest[end:]
        if self.path[:1] != "/":
            self.path = "/" + self.path
        if "@" in authority:
            raise HttpError("the URL must not contain a user or password")
        self.authority = authority
        if authority[:1] == "[":
            self.host, bracket, port = authority[1:].partition("]")
            if not bracket or ":" not in self.host:
                raise HttpError("the URL has no host")
        else:
            self.host, colon, port = authority.partition(":")
            port = colon + port
        self.port = 443 if self.scheme == "https" else 80
        if port:
            digits = port[1:]
            if port[0] != ":" or not is_digits(digits, 5):
                raise HttpError("the URL's port is not a number")
            self.port = int(digits)
        if not self.host or not 0 < self.port < 65536:
            raise HttpError("the URL has no host")

    @property
    def origin(self) -> tuple:
        return self.scheme, self.host.lower(), self.port

    def __str__(self):
        return self.scheme + "://" + self.authority + self.path

    def join(self, location: str) -> "Url":
        """The Url of `location`: absolute, or relative to the root or to this Url."""
        if "://" in location[:8]:
            return Url(location)
        if location[:2] == "//":
            return Url(self.scheme + ":" + location)
        root = self.scheme + "://" + self.authority
        if location[:1] == "/":
            return Url(root + location)
        return Url(root + self.path.partition("?")[0].rpartition("/")[0] + "/" + location)


class _Limits:
    """How long the whole request, and each silence in it, may last."""

    def __init__(self, total_s, idle_s):
        self._end = ticks_add(compat.ticks_ms(), total_s * 1000)
        self._idle_ms = idle_s * 1000

    async def wait(self, ready, sock):
        left = ticks_diff(self._end, compat.ticks_ms())
        if left <= 0:
            raise HttpError("the server took too long")
        try:
            await asyncio.wait_for(ready(sock), min(left, self._idle_ms) / 1000)
        except asyncio.TimeoutError:  # noqa: UP041 - MicroPython knows it by this name only
            raise HttpError(
                "the server stopped responding" if left > self._idle_ms else "the server took too long"
            )

    def check(self):
        if ticks_diff(self._end, compat.ticks_ms()) <= 0:
            raise HttpError("the server took too long")

    def extend(self, ms):
        self._end = ticks_add(self._end, ms)


class _Connection:
    """Bytes to and from one server."""

    def __init__(self, limits):
        self.limits = limits
        self.held = b""  # received, not yet consumed
        self._sock = None
        self._tls = None

    async def open(self, address, host, secure):
        self._sock = socket.socket(compat.family(host), socket.SOCK_STREAM)
        self._sock.setblocking(False)
        try:
            self._sock.connect(address)
        except OSError as error:
            if error.errno not in (_EINPROGRESS, _EINPROGRESS_LWIP):
                raise
        try:
            await asyncio.wait_for(compat.writable(self._sock), _CONNECT_S)
        except asyncio.TimeoutError:  # noqa: UP041
            raise HttpError("the server does not respond")
        if secure is not None:
            self._tls = secure.wrap(self._sock, host)
            try:
                await asyncio.wait_for(self._tls.handshake(), _CONNECT_S)
            except asyncio.TimeoutError:  # noqa: UP041
                raise HttpError("the server does not respond")

    def _waitable(self):
        return self._tls.waitable if self._tls else self._sock

    async def send(self, data):
        sock = self._tls or self._sock
        view = memoryview(data)
        while len(view):
            try:
                view = view[sock.send(view) :]
            except OSError as error:
                if error.errno != _EAGAIN:
                    raise
                await self.limits.wait(compat.writable, self._waitable())

    async def receive(self) -> bytes:
        """The bytes received, at least one; b"" at the end of the stream."""
        sock = self._tls or self._sock
        while True:
            self.limits.check()
            try:
                return sock.recv(_PIECE)
            except OSError as error:
                if error.errno != _EAGAIN:
                    raise
            await self.limits.wait(compat.readable, self._waitable())

    async def line(self) -> bytes:
        """The next line without its end."""
        while True:
            at = self.held.find(b"\n")
            if at > _MAX_LINE or (at < 0 and len(self.held) > _MAX_LINE):
                raise HttpError("a line of the response is too long")
            if at >= 0:
                line, self.held = self.held[:at], self.held[at + 1 :]
                return line[:-1] if line.endswith(b"\r") else line
            more = await self.receive()
            if not more:
                raise HttpError("the response is incomplete")
            self.held += more

    def close(self):
        for each in (self._tls, self._sock):
            if each is not None:
                try:
                    each.close()
                except OSError:
                    pass
        self._tls = self._sock = None


def _decimal(text):
    if not is_digits(text, 10):
        raise HttpError("the response's length is invalid")
    return int(text)


class Response:
    """`status`, `headers` [(name in lower case, value)], `url` that was fetched, `length` of the body in
    bytes (None for a chunked body). Must be closed (`close`) in every case."""

    def __init__(self, connection, url, status, headers, most):
        self.status = status
        self.headers = headers
        self.url = str(url)
        self.length = None
        self._connection = connection
        self._most = most
        self._left = 0  # bytes of the body, or of the chunk
        self._got = 0
        self._chunked = False
        self._ended = False
        self._frame()

    def all(self, name: str) -> list:
        """The values of every header of this name."""
        return [value for known, value in self.headers if known == name.lower()]

    def header(self, name: str, default: "str | None" = None) -> "str | None":
        return (self.all(name) or [default])[0]

    @property
    def etag(self) -> "str | None":
        tag = self.header("etag")
        return tag if tag and len(tag) <= 128 else None

    def _frame(self):
        """Set the body's length (RFC 9112 §6.3); a response that leaves the length open is refused."""
        coding, lengths = self.all("transfer-encoding"), self.all("content-length")
        if self.status in (204, 304) or self.status < 200:
            self._ended = True
            return
        if (self.header("content-encoding") or "identity").lower() != "identity":
            raise HttpError("the response is compressed, which the phone did not request")
        if coding:
            if lengths or len(coding) > 1 or coding[0].lower() != "chunked":
                raise HttpError("the response has two lengths or an unknown transfer coding")
            self._chunked = True
        elif not lengths:
            raise HttpError("the response has no length")
        else:
            if any(other != lengths[0] for other in lengths):
                raise HttpError("the response has two lengths")
            self.length = self._left = _decimal(lengths[0])
            self._refuse_more_than(self.length)
            self._ended = self._left == 0

    def _refuse_more_than(self, length):
        if length > self._most:
            raise HttpError("the response is too large: more than %d bytes" % self._most)

    async def readinto(self, buffer) -> int:
        """Read the next bytes of the body, at least one; 0 when the body is complete. Raises HttpError."""
        try:
            return await self._readinto(buffer)
        except OSError as error:
            raise HttpError("the connection was lost: %s" % error)

    async def _readinto(self, buffer):
        if self._chunked and self._left == 0 and not self._ended:
            await self._next_chunk()
        if self._ended:
            return 0
        connection = self._connection
        if not connection.held:
            connection.held = await connection.receive()
            if not connection.held:
                raise HttpError("the response is incomplete")
            # A server that never pauses must not starve the other tasks.
            await compat.sleep(0)
        count = min(len(buffer), len(connection.held), self._left)
        buffer[:count] = connection.held[:count]
        connection.held = connection.held[count:]
        self._left -= count
        self._got += count
        if self._left == 0:
            if not self._chunked:
                self._end()
            elif await connection.line():
                raise HttpError("a chunk of the response is longer than announced")
        return count

    async def _next_chunk(self):
        digits = (await self._connection.line()).partition(b";")[0].strip()
        if not is_digits(digits, 8, b"0123456789abcdefABCDEF"):
            raise HttpError("the response's length is invalid")
        self._left = int(str(digits, "ascii"), 16)
        self._refuse_more_than(self._got + self._left)
        if self._left == 0:
            room = _MAX_HEAD
            line = b"-"
            while line:  # trailers, which are not used
                line = await self._connection.line()
                room -= len(line) + 2
                if room < 0:
                    raise HttpError("the response has too many trailers")
            self._end()

    def _end(self):
        self._ended = True
        if self._connection.held:
            raise HttpError("the response is longer than announced")

    async def read(self) -> bytes:
        """The whole body, at most the request's `most` bytes."""
        whole = bytearray(self.length or 0)
        if self.length is not None:
            view, at = memoryview(whole), 0
            while True:
                count = await self.readinto(view[at:] if at < len(whole) else bytearray(1))
                if not count:
                    return bytes(whole)
                at += count
        piece = bytearray(_PIECE)
        while True:
            count = await self.readinto(piece)
            if not count:
                return bytes(whole)
            whole += piece[:count]

    def extend(self, ms: int) -> None:
        """Extend the time limit by `ms`: the caller has paused for that long."""
        self._connection.limits.extend(ms)

    def close(self) -> None:
        self._ended = True
        self._connection.close()


class Client:
    """`resolver` (net.resolver) looks hosts up; None asks the system. `secure()` returns the net.tls.Tls for
    https, or None without a trusted certificate. `user` and `password` answer a server's challenge: Digest
    anywhere, Basic over TLS only, and neither for a server that a redirect led to."""

    def __init__(
        self,
        resolver=None,
        secure=None,
        user: "str | None" = None,
        password: "str | None" = None,
        product: str = "Bakelite",
    ):
        self._product = product  # the User-Agent
        self._resolver = resolver
        self._secure = secure
        self._credentials = Credentials(user, password) if user is not None and password is not None else None
        self._basic = None
        if self._credentials is not None:
            octets = (user + ":" + password).encode()  # type: ignore[operator]
            self._basic = "Basic " + str(binascii.b2a_base64(octets), "ascii").strip()

    def __repr__(self):
        return "<http.Client>"

    async def get(
        self, url: str, most: int, etag: "str | None" = None, headers=(), total_s: int = 60, idle_s: int = 15
    ) -> Response:
        """The Response to GET, whatever its status; 304 if the file still has this `etag`. Raises HttpError.

        Limits: `most` bytes of body, `total_s` seconds for the request, `idle_s` seconds for each silence.
        """
        limits = _Limits(total_s, idle_s)
        asked = list(headers)
        if etag:
            asked.append(("If-None-Match", etag))
        try:
            return await self._follow(Url(url), most, asked, limits)
        except OSError as error:
            words = error.args[-1] if error.args else error
            # A refusal by TLS is in words already.
            raise HttpError(
                words if isinstance((error.args or (None,))[0], str) else "no connection: %s" % words
            )

    async def _follow(self, url, most, headers, limits):
        first, seen = url, []
        while True:
            seen.append(str(url))
            response = await self._authorized(url, most, headers, limits, url.origin == first.origin)
            if response.status not in (301, 302, 303, 307, 308):
                return response
            location = response.header("location")
            response.close()
            if not location:
                raise HttpError("the server redirects without a location")
            url = url.join(location)
            if str(url) in seen:
                raise HttpError("the server redirects in a loop")
            if seen[-1].startswith("https:") and url.scheme != "https":
                raise HttpError("the server redirects from https to http")
            if len(seen) > _MAX_REDIRECTS:
                raise HttpError("the server redirects too many times")

    async def _authorized(self, url, most, headers, limits, may_answer):
        known = []
        if may_answer and self._credentials is not None:
            known = self._credentials.authorize("GET", url.path)
        response = await self._once(url, most, headers + known, limits)
        if response.status != 401 or not may_answer or self._credentials is None:
            return response
        answer = self._answer(response, url)
        response.close()
        response = await self._once(url, most, headers + answer, limits)
        if response.status == 401:
            # The next request tries again: the password may have changed by then.
            self._credentials.forget()
        return response

    def _answer(self, response, url):
        answer = self._credentials.answer(response, "GET", url.path, b"", compat.urandom)
        if answer:
            return answer
        if any(text[:5].lower() == "basic" for text in response.all("www-authenticate")):
            if url.scheme == "https":
                return [("Authorization", self._basic)]
            response.close()
            raise HttpError("the server requires Basic authentication, which needs https")
        response.close()
        raise HttpError("the server requires a password: %s" % self._credentials.problem)

    async def _once(self, url, most, headers, limits):
        secure = None
        if url.scheme == "https":
            secure = self._secure() if self._secure else None
            if secure is None:
                raise HttpError("https needs tls.ca or tls.fingerprints")
        connection = _Connection(limits)
        try:
            await connection.open(await self._address(url, limits), url.host, secure)
            await connection.send(_request(url, [("User-Agent", self._product)] + headers))
            while True:
                status, found = await _head(connection)
                # Interim responses; 101 would switch to a protocol that was not asked for.
                if not 100 <= status < 200 or status == 101:
                    return Response(connection, url, status, found, most)
                limits.check()
        except:
            connection.close()
            raise

    async def _address(self, url, limits):
        if is_address(url.host) or ":" in url.host:
            return compat.socket_address(url.host, url.port)
        if self._resolver is None:
            return await compat.resolve(url.host, url.port)
        while True:
            found = self._resolver.lookup(url.host, _A, compat.ticks_ms())
            if found:
                return compat.socket_address(found[0], url.port)
            if found is not None:
                raise HttpError("unknown host: %s" % url.host)
            limits.check()
            await compat.sleep(_LOOK_UP_MS)


def _request(url, headers):
    lines = [
        "GET %s HTTP/1.1" % url.path,
        "Host: " + url.authority,
        "Accept-Encoding: identity",
        "Connection: close",
    ]
    for name, value in headers:
        if any(c < " " or c == "\x7f" for c in name + value):
            raise HttpError("a header has control characters")
        lines.append(name + ": " + value)
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def _head(connection):
    """(status, [(name, value)])."""
    first = await connection.line()
    words = first.split(b" ")
    if first[:7] != b"HTTP/1." or len(words) < 2 or len(words[1]) != 3 or not words[1].isdigit():
        raise HttpError("the server does not speak HTTP/1.1")
    headers = []
    room = _MAX_HEAD
    while True:
        line = await connection.line()
        if not line:
            return int(str(words[1], "ascii")), headers
        room -= len(line) + 2
        if room < 0:
            raise HttpError("the response's header is too long")
        name, colon, value = compat.decode(line).partition(":")
        if not colon or not name or name != name.strip(" \t"):
            raise HttpError("a header of the response is malformed")
        headers.append((name.lower(), value.strip(" \t")))
