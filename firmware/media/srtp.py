"""SRTP and SRTCP (RFC 3711): one master key, one direction. The twin of `native/core/srtp.c`.

The functions are those of the native core: new start follow protect protect_into protect_rtcp unprotect
unprotect_rtcp counters wipe. Packets are changed in place; the result is 0 for a packet that must not be sent
or is refused.
"""

import struct

from compat import const
from media import aes, sha1

# Suites in the order of the core's numbers, by their names in RFC 4568, RFC 6188 and RFC 7714.
AES_128_SHA1_80 = const(0)
AES_128_SHA1_32 = const(1)
AES_256_SHA1_80 = const(2)
AEAD_AES_128 = const(3)
SUITES = (
    "AES_CM_128_HMAC_SHA1_80",
    "AES_CM_128_HMAC_SHA1_32",
    "AES_256_CM_HMAC_SHA1_80",
    "AEAD_AES_128_GCM",
)
# Octets of each suite's master key and master salt.
KEY = (16, 16, 32, 16)
SALT = (14, 14, 14, 12)

STREAMS = const(4)
WINDOW = const(128)
MAX_MKI = const(128)
MAX_GROWTH = const(148)  # octets that protecting may add to a packet
MAX_LIFETIME = 1 << 31  # packets

# The values of `counters`, in this order; srtp.h explains them.
COUNTERS = ("packets", "rtcp_packets", "unauthentic", "replayed", "malformed", "expired")
_PACKETS = const(0)
_RTCP_PACKETS = const(1)
_UNAUTHENTIC = const(2)
_REPLAYED = const(3)
_MALFORMED = const(4)
_EXPIRED = const(5)

_RTP_HEADER = const(12)
_RTCP_HEADER = const(8)
_RTCP_TAG = const(10)
_INDEX = const(4)
_AUTHENTICATION_KEY = const(20)
_MASK = const(0xFFFFFFFF)
_ENCRYPTED = 1 << 31
_REFUSED = "the SRTP core refused a buffer or a number"


class _Window:
    """A replay window for RTP or RTCP of one source: the highest index and those seen below it."""

    def __init__(self):
        self.highest = None
        self.seen = 0  # bit n: highest - n

    def rollover(self, sequence: int) -> int:
        """The rollover counter that brings a sequence number closest to the highest (RFC 3711 §3.3.1)."""
        high, low = self.highest >> 16, self.highest & 0xFFFF
        if low < 32768:
            return high - 1 if sequence > low + 32768 else high
        return high + 1 if low - 32768 > sequence else high

    def is_new(self, index: int) -> bool:
        if self.highest is None or index > self.highest:
            return True
        age = self.highest - index
        return age < WINDOW and not self.seen >> age & 1

    def note(self, index: int) -> None:
        if self.highest is None:
            self.highest, self.seen = index, 1
        elif index > self.highest:
            self.seen = (self.seen << min(index - self.highest, WINDOW) | 1) & ((1 << WINDOW) - 1)
            self.highest = index
        else:
            self.seen |= 1 << (self.highest - index)


class _Stream:
    def __init__(self):
        self.used = 0
        self.rtp = _Window()
        self.rtcp = _Window()
        self.inherited = self.inherited_rtcp = False  # the window is the previous key's


class _Keys:
    """Session keys (§4.3) of RTP or RTCP: `first` is the lowest of their labels."""

    def __init__(self, suite, master, salt, first):
        def derive(label, octets):
            counter = bytearray(salt + bytes(16 - len(salt)))
            counter[7] ^= first + label
            return aes.key_stream(master, counter, octets)

        self.aes = aes.expand(derive(0, KEY[suite]))
        self.salt = bytes(derive(2, SALT[suite])) + bytes(16 - SALT[suite])
        if suite == AEAD_AES_128:
            self.hash = aes.encrypt(self.aes, bytes(16))
        else:
            self.hmac = sha1.hmac_key(derive(1, _AUTHENTICATION_KEY))


class _Direction:
    suite = None
    mki = b""


def new():
    """The state of one direction, not started."""
    return _Direction()


def start(srtp, suite: int, key, mki=b"", lifetime: int = 0) -> None:
    """Derive the session keys from a master key and salt. `mki` is appended to each packet; `lifetime` is in
    packets, 0 for the maximum. ValueError for invalid lengths."""
    if not 0 <= suite < len(SUITES) or len(key) != KEY[suite] + SALT[suite]:
        raise ValueError(_REFUSED)
    if len(mki) > MAX_MKI or not 0 <= lifetime <= MAX_LIFETIME:
        raise ValueError(_REFUSED)
    srtp.suite = suite
    srtp.mki = bytes(mki)
    srtp.lifetime = lifetime or MAX_LIFETIME
    srtp.counters = [0] * len(COUNTERS)
    srtp.streams = {}
    srtp.clock = 0
    master, salt = aes.expand(key[: KEY[suite]]), bytes(key[KEY[suite] :])
    srtp.rtp = _Keys(suite, master, salt, 0)
    srtp.rtcp = _Keys(suite, master, salt, 3)


def follow(srtp, before) -> None:
    """Continue `before` under the new key: rollover counters are not reset (§3.3.1)."""
    _check(srtp)
    _check(before)
    srtp.clock = before.clock
    srtp.streams = {}
    for ssrc, old in before.streams.items():
        stream = srtp.streams[ssrc] = _Stream()
        stream.used = old.used
        for window, source in ((stream.rtp, old.rtp), (stream.rtcp, old.rtcp)):
            window.highest, window.seen = source.highest, source.seen
        stream.inherited = stream.inherited_rtcp = True


def protect(srtp, packet, length: int) -> int:
    """Protect the RTP packet at the start of `packet`; returns its new length."""
    _check(srtp, packet, length, _tag(srtp, False) + len(srtp.mki))
    clear = _rtp_clear(packet, length)
    if not clear:
        return _count(srtp, _MALFORMED)
    ssrc, index = _number(packet, 8), packet[2] << 8 | packet[3]
    window = _claim(srtp, ssrc).rtp
    if window.highest is not None:
        index |= window.rollover(index) << 16
    # Reusing a key stream would reveal both packets.
    if not window.is_new(index) or index < 0 or index >> 16 >= _MASK:
        return _count(srtp, _REPLAYED)
    if srtp.counters[_PACKETS] >= srtp.lifetime:
        return _count(srtp, _EXPIRED)
    window.note(index)
    _count(srtp, _PACKETS)
    return _seal(srtp, False, ssrc, index, packet, clear, length)


def protect_into(srtp, packet, into) -> int:
    """As `protect`, into another buffer; `packet` is not changed."""
    length = len(packet)
    if length > len(into):
        raise ValueError(_REFUSED)
    into[:length] = packet
    return protect(srtp, into, length)


def protect_rtcp(srtp, packet, length: int) -> int:
    """As `protect`, for an RTCP compound."""
    _check(srtp, packet, length, _tag(srtp, True) + _INDEX + len(srtp.mki))
    if not _is_rtcp(packet, length):
        return _count(srtp, _MALFORMED)
    if srtp.counters[_RTCP_PACKETS] >= srtp.lifetime:
        return _count(srtp, _EXPIRED)
    ssrc = _number(packet, 4)
    window = _claim(srtp, ssrc).rtcp
    index = 0 if window.highest is None else window.highest + 1
    if index >= _ENCRYPTED:
        return _count(srtp, _EXPIRED)
    window.note(index)
    _count(srtp, _RTCP_PACKETS)
    return _seal(srtp, True, ssrc, index, packet, _RTCP_HEADER, length)


def unprotect(srtp, packet, length: int) -> int:
    """Decrypt an SRTP packet; returns the RTP packet's length, 0 for a refused packet, which is unchanged."""
    _check(srtp, packet, length)
    end = _open_end(srtp, False, packet, length)
    clear = _rtp_clear(packet, end) if end else 0
    if not clear:
        return _count(srtp, _MALFORMED)
    ssrc, sequence = _number(packet, 8), packet[2] << 8 | packet[3]
    known = srtp.streams.get(ssrc)
    candidates = [sequence, 1 << 16 | sequence]  # it may have rolled over before its first packet reached us
    if known and known.rtp.highest is not None:
        index = known.rtp.rollover(sequence) << 16 | sequence
        if known.inherited:
            candidates.insert(0, index & 0xFFFFFFFFFFFF)
        elif not known.rtp.is_new(index) or index < 0 or index >> 16 >= _MASK:
            return _count(srtp, _REPLAYED)
        else:
            candidates = [index]
    if srtp.counters[_PACKETS] >= srtp.lifetime:
        return _count(srtp, _EXPIRED)
    for index in candidates:
        if _is_authentic(srtp, False, ssrc, index, packet, clear, end, length):
            break
    else:
        return _count(srtp, _UNAUTHENTIC)
    stream = _claim(srtp, ssrc)
    if stream.inherited:
        stream.rtp = _Window()
        stream.inherited = False
    stream.rtp.note(index)
    _count(srtp, _PACKETS)
    _crypt(srtp, srtp.rtp, ssrc, index, packet, clear, end)
    return end


def unprotect_rtcp(srtp, packet, length: int) -> int:
    """As `unprotect`, for SRTCP."""
    _check(srtp, packet, length)
    end = _open_end(srtp, True, packet, length)
    if not end or not _is_rtcp(packet, end):
        return _count(srtp, _MALFORMED)
    word = _number(packet, end + (_tag(srtp, True) if srtp.suite == AEAD_AES_128 else 0))
    if not word & _ENCRYPTED:
        return _count(srtp, _MALFORMED)  # UNENCRYPTED_SRTCP was not negotiated
    ssrc, index = _number(packet, 4), word & (_ENCRYPTED - 1)
    known = srtp.streams.get(ssrc)
    if known and not known.inherited_rtcp and not known.rtcp.is_new(index):
        return _count(srtp, _REPLAYED)
    if srtp.counters[_RTCP_PACKETS] >= srtp.lifetime:
        return _count(srtp, _EXPIRED)
    if not _is_authentic(srtp, True, ssrc, index, packet, _RTCP_HEADER, end, length):
        return _count(srtp, _UNAUTHENTIC)
    stream = _claim(srtp, ssrc)
    if stream.inherited_rtcp:
        stream.rtcp = _Window()
        stream.inherited_rtcp = False
    stream.rtcp.note(index)
    _count(srtp, _RTCP_PACKETS)
    _crypt(srtp, srtp.rtcp, ssrc, index, packet, _RTCP_HEADER, end)
    return end


def counters(srtp, values) -> None:
    _check(srtp)
    if len(values) < len(COUNTERS):
        raise ValueError(_REFUSED)
    for at, value in enumerate(srtp.counters):
        values[at] = value


def wipe(srtp) -> None:
    """Wipe the keys, as far as Python can."""
    srtp.suite = srtp.rtp = srtp.rtcp = srtp.streams = None


def _check(srtp, packet=b"", length=0, growth=0):
    if srtp.suite is None or not 0 <= length <= len(packet) or len(packet) - length < growth:
        raise ValueError(_REFUSED)


def _count(srtp, counter):
    srtp.counters[counter] += 1
    return 0


def _claim(srtp, ssrc):
    """The stream of `ssrc`, or a new one that replaces the longest idle one."""
    stream = srtp.streams.get(ssrc)
    if stream is None:
        if len(srtp.streams) == STREAMS:
            oldest = min(srtp.streams, key=lambda each: srtp.streams[each].used)
            del srtp.streams[oldest]
        stream = srtp.streams[ssrc] = _Stream()
    srtp.clock += 1
    stream.used = srtp.clock
    return stream


def _number(packet, at):
    return struct.unpack_from(">I", packet, at)[0]


def _rtp_clear(packet, length):
    """The number of unencrypted octets at the start; 0 if it is not an RTP packet."""
    if length < _RTP_HEADER or packet[0] >> 6 != 2:
        return 0
    offset = _RTP_HEADER + 4 * (packet[0] & 15)
    if packet[0] & 0x10:
        if offset + 4 > length:
            return 0
        offset += 4 + 4 * (packet[offset + 2] << 8 | packet[offset + 3])
    return offset if offset <= length else 0


def _is_rtcp(packet, length):
    return length >= _RTCP_HEADER and packet[0] >> 6 == 2


def _tag(srtp, rtcp):
    if srtp.suite == AEAD_AES_128:
        return 16
    return 4 if srtp.suite == AES_128_SHA1_32 and not rtcp else _RTCP_TAG


def _first_counter(srtp, keys, ssrc, index):
    """The first block of the key stream: §4.1.1; RFC 7714 §8.1 and §9.1."""
    if srtp.suite == AEAD_AES_128:
        added = struct.pack(">HIHII", 0, ssrc, index >> 32, index & _MASK, 1)
    else:
        added = struct.pack(">IIHIH", 0, ssrc, index >> 32, index & _MASK, 0)
    return bytearray([one ^ other for one, other in zip(keys.salt, added)])


def _crypt(srtp, keys, ssrc, index, packet, clear, end):
    counter = _first_counter(srtp, keys, ssrc, index)
    if srtp.suite == AEAD_AES_128:
        counter[15] += 1  # the first block belongs to the tag
    aes.counter_mode(keys.aes, counter, packet, clear, end)


def _authenticate(srtp, rtcp, ssrc, index, packet, clear, end):
    keys = srtp.rtcp if rtcp else srtp.rtp
    word = struct.pack(">I", _ENCRYPTED | index if rtcp else index >> 16)
    if srtp.suite != AEAD_AES_128:
        return sha1.hmac(keys.hmac, bytes(packet[:end]) + word)
    from media import ghash

    header = bytes(packet[:clear]) + (word if rtcp else b"")
    tag = bytearray(ghash.digest(keys.hash, header, bytes(packet[clear:end])))
    aes.counter_mode(keys.aes, _first_counter(srtp, keys, ssrc, index), tag, 0, len(tag))
    return bytes(tag)


def _seal(srtp, rtcp, ssrc, index, packet, clear, length):
    _crypt(srtp, srtp.rtcp if rtcp else srtp.rtp, ssrc, index, packet, clear, length)
    tag = _authenticate(srtp, rtcp, ssrc, index, packet, clear, length)[: _tag(srtp, rtcp)]
    word = struct.pack(">I", _ENCRYPTED | index) if rtcp else b""
    behind = tag + word + srtp.mki if srtp.suite == AEAD_AES_128 else word + srtp.mki + tag
    packet[length : length + len(behind)] = behind
    return length + len(behind)


def _is_authentic(srtp, rtcp, ssrc, index, packet, clear, end, whole):
    tag = _tag(srtp, rtcp)
    at = end if srtp.suite == AEAD_AES_128 else whole - tag
    expected = _authenticate(srtp, rtcp, ssrc, index, packet, clear, end)
    return _differences(expected[:tag], packet[at : at + tag]) == 0


def _differences(one, other):
    difference = 0
    for a, b in zip(one, other):
        difference |= a ^ b
    return difference


def _open_end(srtp, rtcp, packet, length):
    """Where the packet ends without MKI and tag; 0 if it is too short, or of another master key."""
    tag = _tag(srtp, rtcp)
    behind = tag + (_INDEX if rtcp else 0) + len(srtp.mki)
    if length < behind:
        return 0
    at = length - len(srtp.mki) - (0 if srtp.suite == AEAD_AES_128 else tag)
    return length - behind if bytes(packet[at : at + len(srtp.mki)]) == srtp.mki else 0
