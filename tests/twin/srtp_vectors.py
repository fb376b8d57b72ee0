"""What every SRTP core is put through, as `vectors.py` does with the voice core: the same numbers everywhere."""

import array
import struct
from binascii import crc32

from vectors import MASK, Numbers

from media import srtp

SSRC = 0xCAFEBABE


class Recorder:
    """Drives one core and adds up what comes out of it."""

    def __init__(self, core):
        self.core = core
        self.checksum = 0
        self.numbers = Numbers(42)
        self.counts = [0] * len(srtp.COUNTERS)

    def record(self, what, value):
        self.checksum = crc32(b"%s %d " % (what.encode(), value & MASK), self.checksum)

    def direction(self, suite, mki=b"", lifetime=0, key=None):
        state = self.core.new()
        self.core.start(state, suite, key or self.key(suite), mki, lifetime)
        return state

    def key(self, suite):
        return self.numbers.octets(srtp.KEY[suite] + srtp.SALT[suite])

    def pass_on(self, function, state, packet, room=srtp.MAX_GROWTH):
        """What a function makes of a packet; its octets are recorded too, whether it took it or not."""
        buffer = bytearray(bytes(packet) + bytes(room))
        length = getattr(self.core, function)(state, buffer, len(packet))
        self.record(function, length)
        self.record("octets", crc32(bytes(buffer)))
        return bytes(buffer[:length])

    def counters(self, state):
        counts = array.array("I", self.counts)
        self.core.counters(state, counts)
        for name, value in zip(srtp.COUNTERS, counts):
            self.record(name, value)


def rtp(sequence, payload, ssrc=SSRC, first=0x80, between=b""):
    return struct.pack(">BBHII", first, 0, sequence & 0xFFFF, sequence * 160 & MASK, ssrc) + between + payload


def rtcp(payload, ssrc=SSRC):
    return struct.pack(">BBHI", 0x81, 200, len(payload) // 4 + 1, ssrc) + payload


def suites(recorder):
    """Every suite, payloads of many lengths, headers with extensions and contributors, RTCP; with MKI and without."""
    for suite in range(len(srtp.SUITES)):
        for mki in (b"", b"\x01", b"key 12"):
            key = recorder.key(suite)
            sender, receiver = [recorder.direction(suite, mki, key=key) for _ in range(2)]
            sequence = 100
            for length in (0, 1, 15, 16, 17, 31, 33, 39, 160):
                first, between = (
                    (0x80, b""),
                    (0x82, b"contribs"),
                    (0x90, b"\xbe\xde\x00\x01exte"),
                    (0xB1, b"1con\x12\x34\x00\x00"),
                )[length % 4]
                packet = rtp(sequence, recorder.numbers.octets(length), first=first, between=between)
                sealed = recorder.pass_on("protect", sender, packet)
                recorder.record("whole", recorder.pass_on("unprotect", receiver, sealed) == packet)
                into = bytearray(len(packet) + srtp.MAX_GROWTH)
                packet = rtp(sequence + 100, packet[12:], first=first)
                length_now = recorder.core.protect_into(sender, packet, into)
                recorder.record("copied", crc32(bytes(into)) ^ length_now)
                compound = rtcp(recorder.numbers.octets(length // 4 * 4))
                sealed = recorder.pass_on("protect_rtcp", sender, compound)
                recorder.record("whole", recorder.pass_on("unprotect_rtcp", receiver, sealed) == compound)
                sequence += 1
            recorder.counters(sender)
            recorder.counters(receiver)


def network(recorder, suite=srtp.AES_128_SHA1_80, start=65480, packets=160):
    """Loss, reordering and duplicates across the wrap of the sequence number, and a gap that is almost too long."""
    numbers = recorder.numbers
    key = recorder.key(suite)
    sender, receiver = [recorder.direction(suite, key=key) for _ in range(2)]
    held = []
    sequence = start
    for at in range(packets):
        if at == packets * 3 // 4:
            sequence += 32000
        sealed = recorder.pass_on("protect", sender, rtp(sequence, numbers.octets(20)))
        sequence += 1
        if numbers.chance(20):
            held.append(sealed)
        elif not numbers.chance(10):
            recorder.pass_on("unprotect", receiver, sealed)
        if numbers.chance(10):
            recorder.pass_on("unprotect", receiver, sealed)
        if held and numbers.chance(25 if at % 40 < 30 else 0):
            recorder.pass_on("unprotect", receiver, held.pop(numbers.below(len(held))))
    for sealed in held:
        recorder.pass_on("unprotect", receiver, sealed)
    recorder.counters(receiver)


def windows(recorder):
    """Each age in and beyond the window; leaps; what was sent once is not sent again."""
    for step in (1, 31, 32, 33, 64, 127, 128, 129, 5000):
        key = recorder.key(0)
        sender, receiver = [recorder.direction(0, key=key) for _ in range(2)]
        sealed = [recorder.pass_on("protect", sender, rtp(1000 + at, b"x")) for at in (0, 1, 2, step + 2)]
        for at in (3, 0, 2, 1, 3, 0):
            recorder.pass_on("unprotect", receiver, sealed[at])
        for at in (1000, 1001, 1002 + step, 1003 + step, 1000 + step - 126):
            recorder.pass_on("protect", sender, rtp(at, b"y"))
        recorder.counters(sender)
        recorder.counters(receiver)


def strangers(recorder):
    """More sources than are remembered, one of which had rolled over before it was heard."""
    key = recorder.key(0)
    sender, late, receiver = [recorder.direction(0, key=key) for _ in range(3)]
    for ssrc in (1, 2, 3, 4, 5, 6, 1, 6, 5):
        for sequence in (65534, 65535, 65536):
            sealed = recorder.pass_on("protect", sender, rtp(sequence + ssrc, b"voice", ssrc))
            recorder.pass_on("unprotect", receiver, sealed)
            if sequence == 65536:
                recorder.pass_on("unprotect", late, sealed)
        recorder.pass_on(
            "unprotect_rtcp", receiver, recorder.pass_on("protect_rtcp", sender, rtcp(b"", ssrc))
        )
    for state in (sender, receiver, late):
        recorder.counters(state)


def new_keys(recorder):
    """A key that follows another: counters go on on either side, or began again on the other side."""
    for suite in (srtp.AES_128_SHA1_32, srtp.AEAD_AES_128):
        first, second = recorder.key(suite), recorder.key(suite)
        sender, receiver = [recorder.direction(suite, key=first) for _ in range(2)]
        for sequence in range(65500, 65540, 4):
            sealed = recorder.pass_on("protect", sender, rtp(sequence, b"one"))
            recorder.pass_on("unprotect", receiver, sealed)
        old = recorder.pass_on("protect", sender, rtp(65541, b"old"))
        compound = recorder.pass_on("protect_rtcp", sender, rtcp(b"one."))
        recorder.pass_on("unprotect_rtcp", receiver, compound)
        follower, anew, one, other = [recorder.direction(suite, key=second) for _ in range(4)]
        recorder.core.follow(follower, sender)
        recorder.core.follow(one, receiver)
        recorder.core.follow(other, receiver)
        for state in (follower, anew):
            for sequence in (65542, 65543):
                sealed = recorder.pass_on("protect", state, rtp(sequence, b"two"))
                for heard in (one, other):
                    recorder.pass_on("unprotect", heard, old)
                    recorder.pass_on("unprotect", heard, sealed)
                    recorder.pass_on("unprotect", heard, sealed)
            compound = recorder.pass_on("protect_rtcp", state, rtcp(b"two."))
            for heard in (one, other):
                recorder.pass_on("unprotect_rtcp", heard, compound)
                recorder.pass_on("unprotect_rtcp", heard, compound)
        for state in (follower, anew, one, other):
            recorder.counters(state)


def lifetimes(recorder):
    """A key does as many packets of either kind as it may, and no more."""
    key = recorder.key(0)
    sender, receiver = recorder.direction(0, lifetime=5, key=key), recorder.direction(0, lifetime=3, key=key)
    for at in range(7):
        sealed = recorder.pass_on("protect", sender, rtp(at, b"voice"))
        recorder.pass_on("unprotect", receiver, sealed)
        sealed = recorder.pass_on("protect_rtcp", sender, rtcp(b"abcd"))
        recorder.pass_on("unprotect_rtcp", receiver, sealed)
    recorder.counters(sender)
    recorder.counters(receiver)


def hostile(recorder):
    """Octets at random, packets cut short or changed in a bit, other keys' packets, RTCP that says it is in clear."""
    numbers = recorder.numbers
    for suite in range(len(srtp.SUITES)):
        key = recorder.key(suite)
        mki = b"\x05\x06" if suite % 2 else b""
        sender, receiver = [recorder.direction(suite, mki, key=key) for _ in range(2)]
        for at in range(12):
            for protect, unprotect, packet in (
                ("protect", "unprotect", rtp(at, numbers.octets(numbers.below(40)))),
                ("protect_rtcp", "unprotect_rtcp", rtcp(numbers.octets(8))),
            ):
                sealed = bytearray(recorder.pass_on(protect, sender, packet))
                sealed[numbers.below(len(sealed))] ^= 1 << numbers.below(8)
                recorder.pass_on(unprotect, receiver, sealed, 0)
                recorder.pass_on(unprotect, receiver, sealed[: numbers.below(len(sealed))], 0)
                recorder.pass_on(unprotect, receiver, numbers.octets(numbers.below(50)), 0)
                for first in (0, 0x40, 0x9F, 0xBF):
                    sealed = bytes((first,)) + numbers.octets(numbers.below(60))
                    recorder.pass_on(unprotect, receiver, sealed, 0)
                    recorder.pass_on(protect, sender, sealed)
        sealed = bytearray(recorder.pass_on("protect_rtcp", sender, rtcp(bytes(20))))
        for at in range(8, len(sealed)):
            changed = bytearray(sealed)
            changed[at] &= 0x7F
            recorder.pass_on("unprotect_rtcp", receiver, changed, 0)
        recorder.counters(sender)
        recorder.counters(receiver)


VECTORS = (suites, network, windows, strangers, new_keys, lifetimes, hostile)


def checksum(core, vector) -> int:
    """What a core makes of a vector, as one number."""
    recorder = Recorder(core)
    vector(recorder)
    return recorder.checksum
