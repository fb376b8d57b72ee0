"""SIP messages in the log, at level debug, without digest responses and media keys."""

from compat import const, decode

_PART = const(760)  # characters of a line of the log
_SECRET = ("authorization", "proxy-authorization", "authentication-info", "proxy-authentication-info")


class Trace:
    """An observer of net.signalling for `log` (services.log.Log)."""

    def __init__(self, log):
        self._log = log

    def __call__(self, sent: bool, data, peer, transport: str) -> None:
        text = decode(bytes(data))
        if transport != "udp" and not sent:
            text = _whole_lines(text)
        if not text.strip():
            return  # a keep-alive
        text = " | ".join(readable(text))
        head = "%s %s %s:%d " % ("->" if sent else "<-", transport, peer[0], peer[1])
        while text:
            self._log.debug(head + text[:_PART])
            text = text[_PART:]


def readable(text: str) -> list:
    """The lines of a message, without secrets; bodies other than SDP are left out."""
    head, mark, body = text.partition("\r\n\r\n")
    lines, blanked = [], False
    for line in head.split("\r\n"):
        if line[:1] in (" ", "\t"):  # continues the line before
            if not blanked:
                lines.append(_without_keys(line))
            continue
        if line[:2] == "k=":  # a fragment of a message may contain SDP only
            continue
        name, colon, value = line.partition(":")
        blanked = name.strip().lower() in _SECRET
        if blanked:
            lines.append(name + ": " + value.strip().partition(" ")[0] + " ...")
        else:
            lines.append(_without_keys(line))
    if body[:2] == "v=":
        lines += [_without_keys(line) for line in body.split("\r\n") if line and line[:2] != "k="]
    elif body:
        lines.append("(%d characters of another body)" % len(body))
    return lines


def _without_keys(line):
    """`line` without keys and responses, which may be anywhere in multipart bodies and message fragments."""
    lower = line.lower()
    for mark in ("inline:", "response=", "password="):
        at = lower.find(mark)
        if at >= 0:
            line = line[: at + len(mark)] + "..."
            lower = line.lower()
    return line


def _whole_lines(text):
    """A fragment of a stream without its first and last line if incomplete: they may hide a field name."""
    first = text.partition("\r\n")[0]
    if "SIP/2.0" not in first:
        text = text.partition("\r\n")[2]
    return text if text.endswith("\r\n") else text.rpartition("\r\n")[0]
