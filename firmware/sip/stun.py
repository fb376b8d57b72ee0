"""STUN binding (RFC 8489): our mapped address, and the check of a flow (RFC 5626 §4.4.2). No I/O.

Everything in a response is untrusted: a malformed one raises StunError.
"""

import binascii
import struct

from compat import const
from sip.syntax import grammar

_COOKIE = const(0x2112A442)
_REQUEST = const(0x0001)
_SUCCESS = const(0x0101)
_ERROR = const(0x0111)
_MAPPED = const(0x0001)
_ERROR_CODE = const(0x0009)
_XOR_MAPPED = const(0x0020)
_FINGERPRINT = const(0x8028)
_MAX_OCTETS = const(548)
_MAX_ATTRIBUTES = const(16)
# Attributes that we know; any other below 0x8000 is comprehension-required (§14).
_KNOWN = (_MAPPED, _ERROR_CODE, _XOR_MAPPED, 0x0006, 0x0008, 0x000A, 0x0014, 0x0015, 0x001C)

RTO_MS = 500
TRIES = 7  # RFC 8489 §6.2.1: Rc
_LAST_WAIT = const(16)  # Rm


class StunError(ValueError):
    """Not a STUN message, or not one that we can use."""


def is_stun(data) -> bool:
    """Whether a datagram is STUN rather than SIP or RTP (RFC 7983 §7)."""
    return len(data) >= 20 and data[0] < 4 and bytes(data[4:8]) == b"\x21\x12\xa4\x42"


def binding_request(identity: bytes) -> bytes:
    """A binding request with the transaction id `identity` (12 octets) and a FINGERPRINT (§14.7)."""
    head = struct.pack("!HHI", _REQUEST, 8, _COOKIE) + identity
    return head + struct.pack("!HHI", _FINGERPRINT, 4, binascii.crc32(head) & 0xFFFFFFFF ^ 0x5354554E)


def parse_response(data, identity: bytes) -> "tuple[str, int] | None":
    """Our mapped (address, port), None for an error response; raises StunError.

    `identity` is the transaction id of our request, which the response must have.
    """
    data = bytes(data)
    if not is_stun(data) or len(data) > _MAX_OCTETS:
        raise StunError("no STUN")
    kind, length = struct.unpack("!HH", data[:4])
    if length & 3 or 20 + length != len(data) or data[8:20] != identity:
        raise StunError("not the answer")
    if kind not in (_SUCCESS, _ERROR):
        raise StunError("no answer")
    mapped = plain = None
    for kind_of, value, at in _attributes(data):
        if kind_of == _XOR_MAPPED and mapped is None:
            mapped = _address(value, data[4:20])
        elif kind_of == _MAPPED and plain is None:
            plain = _address(value, bytes(16))
        elif kind_of == _FINGERPRINT:
            if at + 8 != len(data) or len(value) != 4:
                raise StunError("a fingerprint amidst")
            if struct.unpack("!I", value)[0] != binascii.crc32(data[:at]) & 0xFFFFFFFF ^ 0x5354554E:
                raise StunError("a wrong fingerprint")
        elif kind_of < 0x8000 and kind_of not in _KNOWN:
            raise StunError("an attribute that must be understood")
    if kind == _ERROR:
        return None
    if mapped is None and plain is None:
        raise StunError("no address")
    return mapped or plain


def answer(data, source: "tuple[str, int]") -> "bytes | None":
    """A server's response to a binding request from `source` (§6.3.1); None if `data` is not one."""
    data = bytes(data)
    if not is_stun(data) or len(data) > _MAX_OCTETS:
        return None
    kind, length = struct.unpack("!HH", data[:4])
    if kind != _REQUEST or length & 3 or 20 + length != len(data):
        return None
    if ":" in source[0]:
        octets = struct.pack("!8H", *grammar.ipv6(source[0]))
    else:
        octets = bytes(grammar.ipv4(source[0]))
    mask = data[4:20]
    masked = bytes([octets[n] ^ mask[n] for n in range(len(octets))])
    port = source[1] ^ (mask[0] << 8 | mask[1])
    value = struct.pack("!BBH", 0, 1 if len(octets) == 4 else 2, port) + masked
    head = struct.pack("!HH", _SUCCESS, 4 + len(value) + 8) + mask
    head += struct.pack("!HH", _XOR_MAPPED, len(value)) + value
    return head + struct.pack("!HHI", _FINGERPRINT, 4, binascii.crc32(head) & 0xFFFFFFFF ^ 0x5354554E)


def _attributes(data):
    at = 20
    for _ in range(_MAX_ATTRIBUTES):
        if at == len(data):
            return
        if at + 4 > len(data):
            raise StunError("ends too soon")
        kind, length = struct.unpack("!HH", data[at : at + 4])
        if at + 4 + length > len(data):
            raise StunError("ends too soon")
        yield kind, data[at + 4 : at + 4 + length], at
        at += 4 + (length + 3 & ~3)
    raise StunError("too many attributes")


def _address(value, mask):
    """(address, port) XORed with a mask of 16 octets: cookie and transaction id, or zeros (§14.2)."""
    if len(value) not in (8, 20) or value[1] != (1 if len(value) == 8 else 2):
        raise StunError("not an address")
    port = (value[2] ^ mask[0]) << 8 | value[3] ^ mask[1]
    octets = bytes([value[4 + n] ^ mask[n] for n in range(len(value) - 4)])
    if len(octets) == 4:
        return ".".join([str(octet) for octet in octets]), port
    from sip.syntax import ipv6

    return ipv6.text(octets), port


class Binding:
    """One binding request and its retransmissions: `data` is sent at once and whenever `again` is True.

    `mapped` is our mapped address; `failed` is set after the last try, or by an error response.
    """

    def __init__(self, random):
        self._identity = random(12)
        self.data = binding_request(self._identity)
        self.mapped = None
        self.failed = False
        self._tries = 1

    def wait_ms(self) -> int:
        """How long to wait now, before `again`."""
        return RTO_MS * (_LAST_WAIT if self._tries == TRIES else 1 << (self._tries - 1))

    def again(self) -> bool:
        """Called after the wait: whether `data` is sent again."""
        if self._tries == TRIES:
            self.failed = True
            return False
        self._tries += 1
        return True

    def receive(self, data) -> bool:
        """Whether `data` was the response to this request."""
        try:
            self.mapped = parse_response(data, self._identity)
        except StunError:
            return False
        self.failed = self.mapped is None
        return True
