"""SRTP for a call's packets in both directions, with negotiated keys (RFC 3711).

The work is done by the native module `srtp_core` or, without one, by `media.srtp`, its twin in Python, which
is far too slow for a chip. This module knows no SIP and owns no socket: net.media.port hands packets in.
"""

import array

from compat import const
from media import core

# Suite names of RFC 4568, RFC 6188 and RFC 7714, in the order of the core's numbers.
SUITES = (
    "AES_CM_128_HMAC_SHA1_80",
    "AES_CM_128_HMAC_SHA1_32",
    "AES_256_CM_HMAC_SHA1_80",
    "AEAD_AES_128_GCM",
)
_TAGS = (10, 4, 10, 16)  # octets of each suite's RTP authentication tag
_LONGEST = const(256)  # octets of a sent packet, tag included: voice has 188
_GROWTH = const(20)  # of a packet of ours: the longest tag, and SRTCP's index
_LENGTHS = const(8)
_MAX_LIFETIME = 1 << 31

# Counters of received packets in `stats`, in the order of the core's numbers.
_COUNTERS = ("packets", "rtcp_packets", "unauthentic", "replayed", "malformed", "expired")
REFUSED = ("unauthentic", "replayed", "malformed", "expired")


class Protection:
    """One key to send, and one or more to receive.

    `native`: True requires the native core (RuntimeError if it is missing), False takes the twin, None takes
    the native core if there is one. `.native` says whether the core is native.
    """

    def __init__(self, native=None):
        chosen, error = (None, "not asked for") if native is False else core.find_native("srtp_core")
        if native and chosen is None:
            raise RuntimeError("no native SRTP core: %s" % error)
        self.native = chosen is not None
        if chosen is None:
            from media import srtp as chosen
        self._core = chosen
        self._sent = None  # the keys, to tell whether they are new …
        self._heard = None
        self._sender = None  # … and the cores' states with them
        self._receivers = []
        self._old = []  # until the first packet under the new ones
        self._packet = bytearray(_LONGEST)
        # `protect` returns one of these, made once: a slice per packet would allocate in every frame.
        self._packets = {}
        self._counts = array.array("I", [0] * len(_COUNTERS))
        self._past = [0] * len(_COUNTERS)

    def agree(self, suite: str, send_key, receive_keys) -> None:
        """Use these keys from now on; keys that are the same as before keep their state.

        `send_key` is a master key and salt, `receive_keys` are [(key and salt, MKI, lifetime in packets or
        0)]. With new keys the rollover counters continue (RFC 3711 §3.3.1), and packets under the old keys
        are accepted until the first packet under the new ones. ValueError for keys of the wrong length.
        """
        number = SUITES.index(suite)
        for octets in (core.VOICE_PACKET, core.EVENT_PACKET):
            self._packet_of(octets + _TAGS[number])
        if self._sent != (suite, send_key):
            self._sender = self._started(number, send_key, b"", 0, self._sender)
            self._sent = (suite, send_key)
        heard = (suite, receive_keys)
        if self._heard != heard:
            before = self._receivers
            follows = before[0] if before else None
            self._receivers = [
                self._started(number, key, mki, min(lifetime, _MAX_LIFETIME), follows)
                for key, mki, lifetime in receive_keys
            ]
            self._drop(self._old)
            self._old = before
            self._heard = heard

    def _started(self, number, key, mki, lifetime, before):
        state = self._core.new()
        self._core.start(state, number, key, mki, lifetime)
        if before is not None:
            self._core.follow(state, before)
        return state

    def protect(self, packet):
        """The SRTP packet for an RTP packet, a memoryview valid until the next; None: it must not be sent."""
        length = self._core.protect_into(self._sender, packet, self._packet)
        return self._packet_of(length) if length else None

    def _packet_of(self, length):
        packet = self._packets.get(length)
        if packet is None:
            if len(self._packets) >= _LENGTHS:
                self._packets.clear()
            packet = self._packets[length] = memoryview(self._packet)[:length]
        return packet

    def protect_rtcp(self, packet):
        """As `protect`, for an RTCP compound."""
        sealed = bytearray(len(packet) + _GROWTH)
        sealed[: len(packet)] = packet
        length = self._core.protect_rtcp(self._sender, sealed, len(packet))
        return memoryview(sealed)[:length] if length else None

    def unprotect(self, buffer, length: int) -> int:
        """Decrypt the SRTP packet in `buffer` in place; the RTP packet's length, 0 for a refused packet."""
        unprotect = self._core.unprotect
        for state in self._receivers:
            opened = unprotect(state, buffer, length)
            if opened:
                if self._old:
                    self._drop(self._old)
                    self._old = []
                return opened
        for state in self._old:
            opened = unprotect(state, buffer, length)
            if opened:
                return opened
        return 0

    def unprotect_rtcp(self, buffer, length: int) -> int:
        """As `unprotect`, for SRTCP."""
        for states in (self._receivers, self._old):
            for state in states:
                opened = self._core.unprotect_rtcp(state, buffer, length)
                if opened:
                    return opened
        return 0

    def stats(self) -> dict:
        """Received packets by result, summed over the keys: packets rtcp_packets unauthentic replayed
        malformed expired. A packet that was tried with several keys counts for each."""
        totals = list(self._past)
        for state in self._receivers + self._old:
            self._add(totals, state)
        return dict(zip(_COUNTERS, totals))

    def close(self) -> None:
        """Wipe all keys."""
        self._drop(self._receivers + self._old)
        if self._sender is not None:
            self._core.wipe(self._sender)
        self._sender = self._sent = self._heard = None
        self._receivers, self._old = [], []

    def _drop(self, states):
        for state in states:
            self._add(self._past, state)
            self._core.wipe(state)

    def _add(self, totals, state):
        self._core.counters(state, self._counts)
        for at, count in enumerate(self._counts):
            totals[at] += count
