"""Framing of the messages in a stream (RFC 3261 §18.3)."""

from sip.limits import MESSAGE_OCTETS
from sip.syntax.message import MessageError, Request, parse


class StreamFramer:
    """Splits a stream by Content-Length (§18.3); `pings` counts keep-alives (RFC 5626 §3.5.1)."""

    def __init__(self, limit: int = MESSAGE_OCTETS):
        self.limit = limit
        self.pings = 0
        self._buffer = b""
        self._error = None

    def feed(self, data) -> "list[bytes]":
        """The complete messages, as octets for `parse`.

        Raises MessageError if the stream cannot be framed: on this call, or on the next if there are messages
        before the error. The connection must then be closed.
        """
        messages = []
        if self._error is None:
            self._buffer += bytes(data)
            try:
                while True:
                    message = self._next()
                    if message is None:
                        break
                    messages.append(message)
            except MessageError as error:
                self._error = error
                self._buffer = b""
        if self._error is not None and not messages:
            raise self._error
        return messages

    def _next(self):
        buffer = self._buffer
        while buffer[:1] in (b"\r", b"\n", b"\0"):
            if buffer[:4] == b"\r\n\r\n":
                self.pings += 1
                buffer = buffer[4:]
            elif b"\r\n\r\n".startswith(buffer):
                break  # may be the first half of a ping
            elif buffer[0]:
                buffer = buffer[2 if buffer[:2] == b"\r\n" else 1 :]  # a blank line (§7.5)
            else:
                buffer = buffer.lstrip(b"\0")  # the keep-alive of some servers
        self._buffer = buffer
        end = buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(buffer) > self.limit:
                raise MessageError(513, "Message Too Large")
            return None
        length = _content_length(buffer[:end])
        if length is None:
            raise unframed(buffer[: end + 4], 400, "No Proper Content-Length")
        end += 4 + length
        if end > self.limit:
            raise unframed(buffer[: end - length], 513, "Message Too Large")
        if len(buffer) < end:
            return None
        self._buffer = buffer[end:]
        return buffer[:end]


def _content_length(head):
    found = None
    lines = head.split(b"\r\n")
    for at in range(1, len(lines)):
        if lines[at][:1] not in (b"c", b"C", b"l", b"L"):
            continue
        name, colon, value = lines[at].partition(b":")
        if name.strip().lower() not in (b"content-length", b"l"):
            continue
        value = value.strip()
        if not value and at + 1 < len(lines) and lines[at + 1][:1] in (b" ", b"\t"):
            value = lines[at + 1].strip()
        if found is not None or not colon or not value.isdigit() or len(value) > 10:
            return None
        found = int(value)
    return found


def unframed(head, status: int, reason: str) -> MessageError:
    """The MessageError for a message of which only the `head` is parsed."""
    try:
        message = parse(head)
    except MessageError as error:
        message = error.request
    return MessageError(status, reason, message if isinstance(message, Request) else None)
