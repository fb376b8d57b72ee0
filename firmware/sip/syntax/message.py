"""SIP messages (RFC 3261 §7): octets to Request or Response and back; headers are parsed on first use.

A round trip keeps the start line, every header in order with its value, the body, and octets that are not
UTF-8. It changes three things: a folded value becomes one line, a known name becomes canonical, and
Content-Length is set to the length of the body.
"""

import compat
from sip.limits import HEADER_OCTETS, HEADERS, URI_OCTETS
from sip.syntax import headers as _headers
from sip.syntax import uri as _uri
from sip.syntax.grammar import ParseError, is_token, number, split
from sip.syntax.status import REASONS

_COPIED = ("Via", "From", "To", "Call-ID", "CSeq")  # to responses (§8.2.6.2)
_MANDATORY = (("Via", "via"), ("From", "from_"), ("To", "to"), ("Call-ID", "call_id"), ("CSeq", "cseq"))
_ENDING = ("BYE", "CANCEL", "ACK")  # must work even if malformed: only dialog and transaction matter
_SINGLE = ("From", "To", "Call-ID", "CSeq", "Content-Length")
_ADDRESSES = ("Contact", "P-Asserted-Identity", "Remote-Party-ID", "Diversion")


class MessageError(ParseError):
    """A message that cannot be accepted.

    `status` and `reason` are those of the response to send. `request` is the Request, complete enough for
    `Response.of`, or None if no response is possible: for a response, an ACK, or an unusable Via.
    """

    def __init__(self, status: int, reason: str, request=None):
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.request = request


class _Message:
    """Base of Request and Response. Typed values are read-only: to change one, `set` its text."""

    def __init__(self, headers, body):
        self.headers = [[_headers.canonical(name), str(value)] for name, value in headers or ()]
        self.body = body
        self._parsed = {}
        self._latin = False  # the head was received, and is sent, in octets that are not UTF-8

    def get(self, name: str) -> "str | None":
        """The value of the first header `name`, None without one."""
        for entry in self.headers:
            if entry[0] == name:
                return entry[1]
        places = [] if _headers.known(name) == name else self._places(name)
        return self.headers[places[0]][1] if places else None

    def all(self, name: str) -> "list[str]":
        """Every value of the headers `name`, in order, comma lists split."""
        places = self._places(name)
        if not _headers.is_list(_headers.canonical(name)):
            return [self.headers[at][1] for at in places]
        values = []
        for at in places:
            try:
                values += [value for value in split(self.headers[at][1], ",") if value]
            except ParseError as error:
                raise _named(name, error)
        if name in _ADDRESSES and any(":" not in value for value in values):
            from sip.syntax.lenient import join_names

            return join_names(values)
        return values

    def set(self, name: str, value) -> None:
        """Replace all headers `name` by one with `value`, at the place of the first, else at the end."""
        places = self._places(name)
        if not places:
            self.add(name, value)
            return
        for at in reversed(places[1:]):
            self.headers.pop(at)
        self.headers[places[0]][1] = str(value)
        self._parsed.clear()

    def add(self, name: str, value) -> None:
        """Append a header."""
        self.headers.append([_headers.canonical(name), str(value)])
        self._parsed.clear()

    def insert(self, name: str, value) -> None:
        """Insert a header before the first of its name, else before all others."""
        places = self._places(name)
        self.headers.insert(places[0] if places else 0, [_headers.canonical(name), str(value)])
        self._parsed.clear()

    def remove(self, name: str) -> None:
        """Remove every header `name`."""
        for at in reversed(self._places(name)):
            self.headers.pop(at)
        self._parsed.clear()

    def pop(self, name: str) -> "str | None":
        """Remove and return the first value of `name` (one element of a comma list), or None."""
        places = self._places(name)
        if not places:
            return None
        self._parsed.clear()
        entry = self.headers[places[0]]
        if _headers.is_list(entry[0]):
            values = split(entry[1], ",")
            if len(values) > 1:
                entry[1] = ", ".join(values[1:])
                return values[0]
        return self.headers.pop(places[0])[1]

    def _places(self, name):
        known, headers = _headers.known(name), self.headers
        every = range(len(headers))  # `enumerate` would make a tuple of each
        if known:
            return [at for at in every if headers[at][0] == known]
        name = name.lower()
        return [at for at in every if headers[at][0].lower() == name]

    # Typed header values

    def _one(self, name, parse):
        parsed = self._parsed
        if name not in parsed:
            places = self._places(name)
            try:
                if len(places) > 1:
                    raise ParseError("more than one")
                parsed[name] = parse(self.headers[places[0]][1]) if places else None
            except ParseError as error:
                raise _named(name, error)
        return parsed[name]

    def _every(self, name, parse):
        parsed = self._parsed
        key = name + "*"
        if key not in parsed:
            values = self.all(name)
            try:
                parsed[key] = [parse(value) for value in values]
            except ParseError as error:
                raise _named(name, error)
        return parsed[key]

    @property
    def via(self) -> "_headers.Via | None":
        """The top Via."""
        if "Via" not in self._parsed:
            value = self.get("Via")
            try:
                values = split(value or "", ",")
                if any(each[:1] == ";" for each in values):
                    raise ParseError("parameters of nothing")
                self._parsed["Via"] = None if value is None else _headers.parse_via(values[0])
            except ParseError as error:
                raise _named("Via", error)
        return self._parsed["Via"]

    @property
    def vias(self) -> "list[_headers.Via]":
        return self._every("Via", _headers.parse_via)

    @property
    def from_(self) -> "_headers.NameAddr | None":
        return self._one("From", _headers.parse_name_addr)

    @property
    def to(self) -> "_headers.NameAddr | None":
        return self._one("To", _headers.parse_name_addr)

    @property
    def call_id(self) -> "str | None":
        return self._one("Call-ID", _headers.parse_call_id)

    @property
    def cseq(self) -> "_headers.CSeq | None":
        return self._one("CSeq", _headers.parse_cseq)

    @property
    def contacts(self) -> "list[_headers.NameAddr]":
        """Contact values; `headers.WILDCARD` stands for `*`."""
        return self._every("Contact", _headers.parse_contact)

    @property
    def routes(self) -> "list[_headers.NameAddr]":
        return self._every("Route", _headers.parse_route)

    @property
    def record_routes(self) -> "list[_headers.NameAddr]":
        return self._every("Record-Route", _headers.parse_route)

    @property
    def max_forwards(self) -> "int | None":
        return self._one("Max-Forwards", lambda text: number(text, "hops", 255))

    @property
    def expires(self) -> "int | None":
        """Seconds; None without Expires. A malformed one counts as 3600 (§10.2.1.1, §20.19)."""
        return self._one("Expires", _parse_expires)

    @property
    def min_expires(self) -> "int | None":
        return self._one("Min-Expires", _headers.parse_seconds)

    @property
    def retry_after(self) -> "int | None":
        return self._one("Retry-After", _headers.parse_seconds)

    @property
    def content_type(self) -> "str | None":
        """The media type in lower case, without parameters."""
        value = self._one("Content-Type", _headers.parse_valued)
        return None if value is None else value.value.lower()

    # Octets

    def to_bytes(self) -> bytes:
        """The message as sent, with the Content-Length of its body.

        Raises ValueError if a header value contains a line break, which could inject a header.
        """
        length = "Content-Length: " + str(len(self.body))
        lines = [self._start_line()]
        for name, value in self.headers:
            if name == "Content-Length":
                if length:
                    lines.append(length)
                length = None
            else:
                lines.append(name + ": " + value)
        if length:
            lines.append(length)
        lines.append("")
        lines.append("")
        head = "\r\n".join(lines)
        if head.count("\n") != len(lines) - 1 or head.count("\r") != len(lines) - 1:
            raise ValueError("a line break in a header")
        if self._latin:
            return b"".join(_octets(character) for character in head) + self.body
        return head.encode() + self.body

    def _start_line(self):
        raise NotImplementedError

    def _copy_onto(self, copy):
        copy.headers = [list(entry) for entry in self.headers]
        copy._latin = self._latin
        return copy


class Request(_Message):
    """A request. `uri` is a Uri; None in a MessageError's request with a malformed Request-URI."""

    def __init__(self, method: str, uri, headers=None, body: bytes = b""):
        super().__init__(headers, body)
        self.method = method
        self.uri = uri

    def _start_line(self):
        return self.method + " " + str(self.uri) + " SIP/2.0"

    def copy(self) -> "Request":
        """An independent copy."""
        return self._copy_onto(Request(self.method, self.uri and self.uri.copy(), None, self.body))

    def outline(self) -> "Request":
        """A copy with the headers that identify the request only (§8.1.1), in a fifth of the heap."""
        outline = Request(self.method, self.uri)
        outline._latin = self._latin
        outline.headers = [entry for entry in self.headers if entry[0] in _COPIED]
        return outline

    def __repr__(self):
        return "<Request " + self.method + " " + repr(self.uri) + ">"


class Response(_Message):
    """A response; without `reason` it has the reason phrase of the RFC."""

    def __init__(self, status: int, reason=None, headers=None, body: bytes = b""):
        super().__init__(headers, body)
        self.status = status
        self.reason = compat.lookup(REASONS, status, "") if reason is None else reason

    @staticmethod
    def of(request: Request, status: int, reason=None, to_tag=None) -> "Response":
        """The response to `request` with the headers that §8.2.6.2 copies; a To without tag gets `to_tag`."""
        response = Response(status, reason)
        response._latin = request._latin
        for name, value in request.headers:
            if name in _COPIED:
                if name == "To" and to_tag and not _has_tag(value):
                    value += ";tag=" + to_tag
                response.headers.append([name, value])
            elif name == "Timestamp" and status == 100:
                response.headers.append([name, value])
        return response

    @property
    def contacts(self) -> "list[_headers.NameAddr]":
        """Contact values without malformed ones: a registrar lists those of other devices too (§10.3)."""
        if "Contact*" not in self._parsed:
            readable = []
            for value in self.all("Contact"):
                try:
                    readable.append(_headers.parse_contact(value))
                except ParseError:
                    pass
            self._parsed["Contact*"] = readable
        return self._parsed["Contact*"]

    def _start_line(self):
        return "SIP/2.0 " + str(self.status) + " " + self.reason

    def copy(self) -> "Response":
        """An independent copy."""
        return self._copy_onto(Response(self.status, self.reason, None, self.body))

    def __repr__(self):
        return "<Response " + str(self.status) + " " + self.reason + ">"


def _named(name, error):
    return error if str(error).startswith(name + ": ") else ParseError(name + ": " + str(error))


def _octets(character):
    return bytes([ord(character)]) if ord(character) < 256 else character.encode()


def _has_tag(text):
    try:
        return _headers.parse_name_addr(text).tag is not None
    except ParseError:
        return True  # a malformed To is returned unchanged


def _parse_expires(text):
    try:
        return _headers.parse_seconds(text)
    except ParseError:
        return 3600


def parse(data) -> "Request | Response":
    """The message in a datagram, or in a result of framing.StreamFramer; raises MessageError.

    The start line, the mandatory headers and Content-Length are checked here; any other header is parsed when
    first used. Octets after Content-Length are dropped (§18.3). A BYE, CANCEL or ACK needs only a valid Via,
    Call-ID and CSeq, and the tags of From and To.
    """
    data = bytes(data)
    if data[:1] in (b"\r", b"\n", b"\0"):
        data = data.lstrip(b"\r\n\0")
    troubles = []
    end = data.find(b"\r\n\r\n")
    if end < 0:
        troubles.append((400, "No Empty Line After Headers"))
        end = len(data)
    head = data[:end]
    try:
        text = str(head, "utf-8")
        latin = False
    except UnicodeError:
        text = compat.decode(head)
        latin = True
    lines = text.split("\r\n")
    if text.count("\n") != len(lines) - 1 or text.count("\r") != len(lines) - 1:
        troubles.append((400, "Stray Line Break"))
        # A response must not contain the stray line break.
        lines = [line for line in lines if "\n" not in line and "\r" not in line] or [""]
    message = _start(lines[0], troubles)
    message._latin = latin
    ends = isinstance(message, Request) and message.method in _ENDING and message.uri is not None
    if ends:
        troubles = []
    _read_headers(message, lines, [] if ends else troubles)
    message.body = data[end + 4 :]
    _check_mandatory(message, troubles, ends)
    _check_length(message, [] if ends else troubles)
    if troubles:
        status, reason = troubles[0]
        raise MessageError(status, reason, message if _answerable(message) else None)
    return message


def _start(line, troubles):
    words = line.split(" ")
    if line[:4].upper() == "SIP/":
        if words[0].upper() != "SIP/2.0" or len(words) < 2 or len(words[1]) != 3:
            raise MessageError(400, "Bad Status-Line")
        try:
            status = number(words[1], "status", 699)
        except ParseError:
            status = 0
        if status < 100:
            raise MessageError(400, "Bad Status-Line")
        return Response(status, line[12:])
    if not is_token(words[0]) or len(words) < 3 or words[-1][:4].upper() not in ("SIP/", ""):
        raise MessageError(400, "Bad Request-Line", None)
    request = Request(words[0], None)
    version = words[-1].upper()
    if version != "SIP/2.0":
        troubles.append((505, "Version Not Supported") if version else (400, "Bad Request-Line"))
    elif len(words) != 3:
        troubles.append((400, "Bad Request-Line"))
    elif len(words[1]) > URI_OCTETS:
        troubles.append((414, "Request-URI Too Long"))
    else:
        try:
            request.uri = _uri.parse(words[1])
            if request.uri.headers:
                troubles.append((400, "Headers in Request-URI"))  # §19.1.1
        except ParseError:
            troubles.append((400, "Bad Request-URI"))
    return request


def _read_headers(message, lines, troubles):
    headers = message.headers
    if len(lines) > HEADERS + 1:
        troubles.append((513, "Too Many Headers"))
        del lines[HEADERS + 1 :]
    single = set()
    for at in range(1, len(lines)):
        line = lines[at]
        if len(line) > HEADER_OCTETS:
            troubles.append((513, "Header Too Long"))
            continue
        if line[:1] in (" ", "\t"):
            if headers:
                headers[-1][1] = (headers[-1][1] + " " + line.strip(" \t")).strip(" \t")
            else:
                troubles.append((400, "Bad Header Line"))
            continue
        colon = line.find(":")
        written = line[: max(colon, 0)].rstrip(" \t")
        name = _headers.known(written)
        if name is None:
            name = written
            if not is_token(name):
                continue  # not a header: ignored
        if name in _SINGLE:
            if name in single:
                troubles.append((400, "More Than One " + name))
                continue
            single.add(name)
        headers.append([name, line[colon + 1 :].strip(" \t")])


def _check_mandatory(message, troubles, ends):
    for name, attribute in _MANDATORY:
        try:
            if getattr(message, attribute) is None:
                troubles.append((400, "No " + name))
        except ParseError:
            if not (ends and name in ("From", "To") and _read_tag(message, name)):
                troubles.append((400, "Bad " + name))
    cseq = message._parsed.get("CSeq")
    if cseq and isinstance(message, Request) and cseq.method != message.method:
        troubles.append((400, "CSeq Is Not of This Method"))


def _read_tag(message, name):
    """Take only the parameters (tag) of a malformed From or To; returns whether they are valid."""
    from sip.syntax.lenient import parse_tags

    try:
        nobody = _uri.Uri("unreadable", None, opaque="")
        message._parsed[name] = _headers.NameAddr(nobody, None, parse_tags(message.get(name)))
        return True
    except ParseError:
        return False


def _check_length(message, troubles):
    length = message.get("Content-Length")
    if length is not None:
        try:
            length = number(length, "Content-Length")
        except ParseError:
            troubles.append((400, "Bad Content-Length"))
            return
        if length > len(message.body):
            troubles.append((400, "Body Shorter Than Content-Length"))
        elif length < len(message.body):
            message.body = message.body[:length]


def _answerable(message):
    if not isinstance(message, Request) or message.method == "ACK":
        return False
    if message._parsed.get("Via") is None:
        # A response needs none of the malformed parameters; they are returned unchanged.
        sent_by = (message.get("Via") or "").partition(";")[0].partition(",")[0]
        try:
            message._parsed["Via"] = _headers.parse_via(sent_by)
        except ParseError:
            return False
    return True
