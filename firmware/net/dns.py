"""DNS messages: questions to bytes, answers from bytes (RFC 1035 §4; RFC 2782, 3403, 3596). No I/O.

Names are lower-case strings without the final dot. Every byte of an answer is untrusted: compression pointers
must point backwards, the numbers of names and records are bounded, and an invalid answer raises DnsError.
"""

import struct

from compat import const

A = const(1)
CNAME = const(5)
SOA = const(6)
PTR = const(12)
TXT = const(16)
AAAA = const(28)
SRV = const(33)
NAPTR = const(35)
_OPT = const(41)
_IN = const(1)

NO_ERROR = const(0)
NO_SUCH_NAME = const(3)

_UDP_SIZE = const(1232)  # largest answer that we accept, in bytes (RFC 6891 §6.2.5)
_MAX_RECORDS = const(64)
_MAX_NAME = const(255)
_MAX_ALIASES = const(8)


class DnsError(ValueError):
    """An invalid answer, or a name that is not valid in a question."""


class Answer:
    """One answer: `records` and `additional` are lists of (name, kind, TTL in s, value).

    Values: A and AAAA an address as a string, SRV (priority, weight, port, target), NAPTR (order, preference,
    flags, service, regexp, replacement), TXT a list of strings, CNAME and PTR a name. `negative_ttl` is the
    SOA's, in seconds, or None.
    """

    def __init__(self, identity, name, kind, status, truncated):
        self.identity = identity
        self.name = name
        self.kind = kind
        self.status = status
        self.truncated = truncated
        self.records = []
        self.additional = []
        self.negative_ttl = None

    def found(self) -> list:
        """[(TTL, value)] of the records asked for, aliases followed; the TTL is the smallest of the chain."""
        name, ttl = self.name, None
        for _ in range(_MAX_ALIASES):
            values = [r for r in self.records if r[0] == name and r[1] == self.kind]
            if values:
                return [(r[2] if ttl is None else min(ttl, r[2]), r[3]) for r in values]
            alias = [r for r in self.records if r[0] == name and r[1] == CNAME]
            if not alias:
                break
            name = alias[0][3]
            ttl = alias[0][2] if ttl is None else min(ttl, alias[0][2])
        return []


def name_octets(name: str) -> bytes:
    """A name in its wire format; DnsError for an invalid name."""
    octets = b""
    for label in (name[:-1] if name.endswith(".") else name).split("."):
        part = label.encode()
        if not 1 <= len(part) <= 63 or any(not 33 <= octet < 127 for octet in part):
            raise DnsError("invalid name")
        octets += bytes((len(part),)) + part
    if len(octets) >= _MAX_NAME:
        raise DnsError("invalid name")
    return octets + b"\0"


def query(identity: int, name: str, kind: int, extended: bool = True) -> bytes:
    """A question, recursion desired; `extended` announces that we accept more than 512 bytes (RFC 6891)."""
    head = struct.pack("!HHHHHH", identity, 0x0100, 1, 0, 0, 1 if extended else 0)
    question = name_octets(name) + struct.pack("!HH", kind, _IN)
    return head + question + (struct.pack("!BHHIH", 0, _OPT, _UDP_SIZE, 0, 0) if extended else b"")


def parse(data) -> Answer:
    """The answer in `data`; raises DnsError."""
    data = bytes(data)
    try:
        return _parse(data)
    except (IndexError, ValueError) as error:
        raise DnsError(str(error))


def _parse(data):
    if len(data) < 12:
        raise DnsError("too short")
    identity, flags, questions, answers, authorities, additional = struct.unpack("!HHHHHH", data[:12])
    if not flags & 0x8000 or flags & 0x7800 or questions != 1:
        raise DnsError("not a response")
    name, at = _name(data, 12)
    kind, klass = _numbers(data, at, "!HH", 4)
    if klass != _IN:
        raise DnsError("not class IN")
    answer = Answer(identity, name, kind, flags & 15, bool(flags & 0x0200))
    at += 4
    left = _MAX_RECORDS
    for count, section in ((answers, "answer"), (authorities, "authority"), (additional, "additional")):
        for _ in range(count):
            left -= 1
            if left < 0:
                raise DnsError("too many records")
            if at >= len(data) and answer.truncated:
                return answer
            at = _record(data, at, section, answer)
    return answer


def _record(data, at, section, answer):
    name, at = _name(data, at)
    kind, klass, ttl, length = _numbers(data, at, "!HHIH", 10)
    at += 10
    end = at + length
    if end > len(data):
        raise DnsError("truncated")
    if klass != _IN:
        return end
    if ttl & 0x80000000:
        ttl = 0  # RFC 2181 §8
    if section == "authority":
        if kind == SOA:
            answer.negative_ttl = min(ttl, _minimum(data, at, end))
        return end
    value = _value(data, at, end, kind)
    if value is not None:
        (answer.records if section == "answer" else answer.additional).append((name, kind, ttl, value))
    return end


def _value(data, at, end, kind):
    length = end - at
    if kind == A:
        if length != 4:
            raise DnsError("an address of %d bytes" % length)
        return ".".join([str(octet) for octet in data[at:end]])
    if kind == AAAA:
        if length != 16:
            raise DnsError("an address of %d bytes" % length)
        from sip.syntax import ipv6

        return ipv6.text(data[at:end])
    if kind in (CNAME, PTR):
        return _last_name(data, at, end)
    if kind == SRV:
        priority, weight, port = _numbers(data, at, "!HHH", 6)
        return priority, weight, port, _last_name(data, at + 6, end)
    if kind == NAPTR:
        order, preference = _numbers(data, at, "!HH", 4)
        texts = []
        at += 4
        for _ in range(3):
            texts.append(_text(data, at, end))
            at += 1 + data[at]
        return order, preference, texts[0], texts[1], texts[2], _last_name(data, at, end)
    if kind == TXT:
        return _texts(data, at, end)
    return None


def _texts(data, at, end):
    texts = []
    while at < end:
        texts.append(_text(data, at, end))
        at += 1 + data[at]
    return texts


def _text(data, at, end):
    """The character-string whose length byte is at `at` (RFC 1035 §3.3)."""
    if at + 1 + data[at] > end:
        raise DnsError("truncated")
    return "".join([chr(octet) for octet in data[at + 1 : at + 1 + data[at]]])


def _minimum(data, at, end):
    """The SOA's MINIMUM field (RFC 2308 §4)."""
    _, at = _name(data, at)
    _, at = _name(data, at)
    if at + 20 != end:
        raise DnsError("not a SOA")
    return _numbers(data, at + 16, "!I", 4)[0]


def _last_name(data, at, end):
    name, at = _name(data, at)
    if at != end:
        raise DnsError("bytes after a name")
    return name


def _numbers(data, at, form, length):
    if at + length > len(data):
        raise DnsError("truncated")
    return struct.unpack(form, data[at : at + length])


def _name(data, at):
    """(name, where it ends). A pointer must point before the name that holds it, so there are no loops."""
    labels = []
    octets = 0
    end = None
    start = at
    while True:
        length = data[at]
        if length >= 0xC0:
            target = (length & 0x3F) << 8 | data[at + 1]
            if end is None:
                end = at + 2
            if target >= start:
                raise DnsError("forward pointer")
            start = at = target
            continue
        if length & 0xC0:
            raise DnsError("unknown label type")
        at += 1
        if length == 0:
            return ".".join(labels), at if end is None else end
        label = data[at : at + length]
        octets += length + 1
        if len(label) < length or octets >= _MAX_NAME:
            raise DnsError("name too long")
        if any(not 33 <= octet < 127 or octet == 46 for octet in label):
            raise DnsError("unsafe name")
        labels.append(str(label, "utf-8").lower())
        at += length
