"""RTCP: sender and receiver reports, SDES and BYE (RFC 3550 §6), for the one peer of a call.

RTCP runs in Python on every target: a report every five seconds costs little. The voice core counts the
reported values (`core.COUNTERS`).
"""

import struct

from compat import const, ticks_add, ticks_diff
from media import core

_SR = const(200)
_RR = const(201)
_SDES = const(202)
_BYE = const(203)
_CNAME = const(1)

_INTERVAL_MS = const(5000)  # §6.2: the minimum, which a call with two parties never exceeds
_ROUND_TRIP_MAX = const(0x100000)  # 16 s in 1/65536 s: longer ones are ignored
# Seconds from 1900 to 1970. §4: without a wall clock NTP time may start anywhere.
_EPOCH = 0x83AA7E80
_MASK = 0xFFFFFFFF

# Places in core.COUNTERS.
_TIMESTAMP = core.COUNTERS.index("timestamp")
_SENT_AT = core.COUNTERS.index("sent_at")
_SENT = core.COUNTERS.index("sent")
_SENT_OCTETS = core.COUNTERS.index("sent_octets")
_KNOWN = core.COUNTERS.index("remote_known")
_REMOTE = core.COUNTERS.index("remote_ssrc")
_SEQUENCE = core.COUNTERS.index("remote_sequence")
_EXPECTED = core.COUNTERS.index("source_expected")
_RECEIVED = core.COUNTERS.index("source_received")
_JITTER = core.COUNTERS.index("jitter")


class Reporter:
    """One stream's side of RTCP. `ssrc` is ours; `cname` names us, at most 255 octets of UTF-8.

    From the peer's reports: `round_trip_ms`, `remote_lost` (packets of ours that it lost) and
    `remote_jitter_ms`, None until then; `remote_bye` after its BYE. `invalid` counts invalid compounds.
    """

    def __init__(self, ssrc: int, cname: str):
        self.ssrc = ssrc
        self.round_trip_ms = None
        self.remote_lost = None
        self.remote_jitter_ms = None
        self.remote_bye = False
        self.invalid = 0
        self._cname = cname.encode()[:255]
        self._buffer = bytearray(8 + 20 + 24 + 12 + len(self._cname) + 4 + 8)
        self._random = ssrc & 0x3FFFFFFF
        self._elapsed = 0  # ms since the first tick
        self._last = None  # the tick up to which `_elapsed` counts
        self._next = 0
        self._closing = False
        self._closed = False
        self._reports = 0
        self._sent_before = 0
        self._our_times = [0, 0]  # NTP middle bits of the last two SRs of ours
        # Of the peer's last SR: its source, the middle bits of its NTP time, its arrival (elapsed ms).
        self._their_source = self._their_time = self._their_arrival = 0
        self._prior_source = self._prior_expected = self._prior_received = 0

    def close(self) -> None:
        """Make the next report the last one, with a BYE."""
        self._closing = True

    def due(self, now: int) -> bool:
        """Whether a report is due at `now`."""
        if self._closed:
            return False
        self._advance(now)
        return self._closing or ticks_diff(now, self._next) >= 0

    def report(self, counters, now: int):
        """The compound to send, as a memoryview that is valid until the next; None when there is none.

        A BYE is sent only if RTP or RTCP packets were sent before (§6.3.7).
        """
        self._advance(now)
        self._next = ticks_add(now, self._interval())
        if self._closing:
            self._closed = True
            if not (self._reports or counters[_SENT]):
                return None
        self._reports += 1
        end = self._write_report(counters, now)
        end = self._write_cname(end)
        if self._closing:
            struct.pack_into(">BBHI", self._buffer, end, 0x81, _BYE, 1, self.ssrc)
            end += 8
        return memoryview(self._buffer)[:end]

    def receive(self, packet, length: int, counters, now: int) -> bool:
        """Take a compound of `length` octets from the peer; False (and counted) if it is invalid."""
        if not is_compound(packet, length):
            self.invalid += 1
            return False
        self._advance(now)
        at = 0
        while at < length:
            count, kind, words = struct.unpack_from(">BBH", packet, at)
            end = at + 4 * (words + 1)
            if kind == _SR:
                self._take_sender(packet, at, counters)
                self._take_blocks(packet, at + 28, count & 31)
            elif kind == _RR:
                self._take_blocks(packet, at + 8, count & 31)
            elif kind == _BYE:
                self._take_bye(packet, at, count & 31, counters)
            at = end
        return True

    # -- time --------------------------------------------------------------------------------------------

    def _advance(self, now):
        if self._last is None:
            self._last = now
            # §6.2: the first report comes after half the interval.
            self._next = ticks_add(now, self._interval() // 2)
        passed = ticks_diff(now, self._last)
        if passed > 0:
            self._elapsed += passed
            self._last = now

    def _ntp(self):
        """The elapsed time as NTP (seconds, fraction)."""
        seconds = _EPOCH + self._elapsed // 1000
        return seconds & _MASK, (self._elapsed % 1000 << 32) // 1000

    def _middle(self):
        seconds, fraction = self._ntp()
        return (seconds & 0xFFFF) << 16 | fraction >> 16

    def _interval(self):
        """The next interval (§6.3.1): randomized to 0.5 to 1.5 of the interval, corrected by e - 3/2."""
        self._random = (self._random * 69069 + 12345) & 0x3FFFFFFF
        return _INTERVAL_MS * (512 + (self._random >> 20)) // 1247

    # -- writing -----------------------------------------------------------------------------------------

    def _write_report(self, counters, now):
        """Write an SR if packets were sent since the last report, else an RR; returns where it ends."""
        sending = counters[_SENT] != self._sent_before
        self._sent_before = counters[_SENT]
        blocks = 1 if counters[_KNOWN] else 0
        at = 28 if sending else 8
        end = at + 24 * blocks
        kind = _SR if sending else _RR
        struct.pack_into(">BBHI", self._buffer, 0, 0x80 | blocks, kind, end // 4 - 1, self.ssrc)
        if sending:
            seconds, fraction = self._ntp()
            self._our_times = [self._our_times[1], self._middle()]
            # The RTP timestamp at `now`; the counter holds that of the last frame's end.
            since = min((now - counters[_SENT_AT]) & 0x3FFFFFFF, 1000)
            struct.pack_into(
                ">IIIII",
                self._buffer,
                8,
                seconds,
                fraction,
                (counters[_TIMESTAMP] + since * 8) & _MASK,
                counters[_SENT],
                counters[_SENT_OCTETS],
            )
        if blocks:
            self._write_block(at, counters)
        return end

    def _write_block(self, at, counters):
        """Write the report block on the peer's stream: §6.4.1, appendix A.3."""
        source, expected, received = counters[_REMOTE], counters[_EXPECTED], counters[_RECEIVED]
        if source != self._prior_source or expected < self._prior_expected:
            self._prior_expected = self._prior_received = 0
        self._prior_source = source
        interval = expected - self._prior_expected
        missing = interval - (received - self._prior_received)
        self._prior_expected, self._prior_received = expected, received
        fraction = min(missing * 256 // interval, 255) if interval > 0 and missing > 0 else 0
        lost = min(max(expected - received, -0x800000), 0x7FFFFF) & 0xFFFFFF
        time = delay = 0
        if self._their_time and self._their_source == source:
            time = self._their_time
            delay = min((self._elapsed - self._their_arrival) * 65536 // 1000, _MASK)
        struct.pack_into(
            ">IIIIII",
            self._buffer,
            at,
            source,
            fraction << 24 | lost,
            counters[_SEQUENCE],
            counters[_JITTER] >> 4,
            time,
            delay,
        )

    def _write_cname(self, at):
        """Write one SDES chunk (§6.5); null octets end the items and pad to a word."""
        cname = self._cname
        length = 4 + (8 + 2 + len(cname)) // 4 * 4
        for index in range(at, at + length):
            self._buffer[index] = 0
        struct.pack_into(
            ">BBHIBB", self._buffer, at, 0x81, _SDES, length // 4 - 1, self.ssrc, _CNAME, len(cname)
        )
        self._buffer[at + 10 : at + 10 + len(cname)] = cname
        return at + length

    # -- reading -----------------------------------------------------------------------------------------

    def _take_sender(self, packet, at, counters):
        source, seconds, fraction = struct.unpack_from(">III", packet, at + 4)
        if counters[_KNOWN] and source != counters[_REMOTE]:
            return
        self._their_source = source
        self._their_time = (seconds & 0xFFFF) << 16 | fraction >> 16
        self._their_arrival = self._elapsed

    def _take_blocks(self, packet, at, count):
        for start in range(at, at + 24 * count, 24):
            source, lost, _, jitter, time, delay = struct.unpack_from(">IIIIII", packet, start)
            if source != self.ssrc:
                continue
            lost &= 0xFFFFFF
            self.remote_lost = lost - 0x1000000 if lost & 0x800000 else lost
            self.remote_jitter_ms = jitter // 8
            # §6.4.1; only a time that we have sent is valid.
            if time and time in self._our_times:
                round_trip = (self._middle() - time - delay) & _MASK
                if round_trip >= 0xFFFF0000:
                    round_trip = 0  # our clock has ms, the peer's delay is finer
                if round_trip < _ROUND_TRIP_MAX:
                    self.round_trip_ms = round_trip * 1000 >> 16

    def _take_bye(self, packet, at, count, counters):
        for start in range(at + 4, at + 4 + 4 * count, 4):
            source = struct.unpack_from(">I", packet, start)[0]
            if counters[_KNOWN] and source == counters[_REMOTE]:
                self.remote_bye = True


# By packet type: octets before the report blocks or sources, and octets of each of these.
_LAYOUT = {_SR: (28, 24), _RR: (8, 24), _BYE: (4, 4)}


def is_compound(packet, length: int) -> bool:
    """Whether a compound passes RFC 3550 appendix A.2, and holds the blocks and sources that it counts."""
    if length < 8 or length % 4 or packet[0] & 0x20 or packet[1] not in (_SR, _RR):
        return False
    at = 0
    while at < length:
        first, kind, words = struct.unpack_from(">BBH", packet, at)
        size = 4 * (words + 1)
        if first >> 6 != 2 or at + size > length:
            return False
        if first & 0x20:  # padding: only in the last packet, in whole words
            padding = packet[length - 1]
            if at + size != length or padding == 0 or padding % 4 or padding > size - 4:
                return False
            size -= padding
        start, each = _LAYOUT.get(kind, (4, 0))
        if start + each * (first & 31) > size:
            return False
        if first & 0x20:
            return True
        at += size
    return True
