"""Keys in, packets through: both ways, keys that change, MKIs, what is refused, and nothing left behind."""

import struct

from media import srtp
from media.protection import REFUSED, SUITES, Protection
from support.check import raises

ONE, OTHER, THIRD = bytes(range(30)), bytes(range(30, 60)), bytes(range(60, 90))
SUITE = "AES_CM_128_HMAC_SHA1_80"


def rtp(sequence, payload=b"voice of twenty octe"):
    return struct.pack(">BBHII", 0x80, 0, sequence & 0xFFFF, 160 * sequence & 0xFFFFFFFF, 7) + payload


def rtcp(payload=b"report 1"):
    return struct.pack(">BBHI", 0x80, 200, len(payload) // 4 + 1, 7) + payload


def pair(suite=SUITE, one=ONE, other=OTHER):
    """Two ends of a call."""
    ends = Protection(False), Protection(False)
    for end, sent, heard in ((ends[0], one, other), (ends[1], other, one)):
        end.agree(suite, sent, [(heard, b"", 0)])
    return ends


def heard(end, packet, rtcp=False):
    buffer = bytearray(bytes(packet) + bytes(20))
    length = (end.unprotect_rtcp if rtcp else end.unprotect)(buffer, len(packet))
    return bytes(buffer[:length])


def refused(end):
    stats = end.stats()
    return {name: stats[name] for name in REFUSED if stats[name]}


def test_the_names_are_those_of_the_core():
    assert SUITES == srtp.SUITES


def test_every_suite_both_ways():
    for number, suite in enumerate(SUITES):
        octets = srtp.KEY[number] + srtp.SALT[number]
        one, other = pair(suite, bytes(octets), b"\1" * octets)
        for sequence in (1, 2, 3):
            packet = one.protect(rtp(sequence))
            assert heard(other, packet) == rtp(sequence)
            assert heard(one, other.protect(rtp(sequence))) == rtp(sequence)
            assert heard(other, one.protect_rtcp(rtcp()), True) == rtcp()
        assert other.stats()["packets"] == other.stats()["rtcp_packets"] == 3


def test_what_is_sent_is_made_once_for_each_length():
    one, _ = pair()
    first, second = one.protect(rtp(1)), one.protect(rtp(2))
    assert first is second
    assert len(one.protect(rtp(3, b"abcd"))) == 12 + 4 + 10
    for sequence in range(4, 40):
        assert len(one.protect(rtp(sequence, bytes(sequence)))) == 22 + sequence


def test_neither_end_hears_itself_nor_what_is_in_clear():
    one, other = pair()
    packet = bytes(one.protect(rtp(1)))
    assert heard(one, packet) == b"" and heard(other, rtp(1)) == b"" and heard(other, b"") == b""
    assert heard(other, packet) == rtp(1)
    assert heard(other, packet) == b""
    assert refused(other) == {"unauthentic": 1, "replayed": 1, "malformed": 1}


def test_the_same_keys_again_change_nothing():
    one, other = pair()
    packet = bytes(one.protect(rtp(65535)))
    assert heard(other, packet)
    one.agree(SUITE, ONE, [(OTHER, b"", 0)])
    other.agree(SUITE, OTHER, [(ONE, b"", 0)])
    assert heard(other, packet) == b""
    assert heard(other, one.protect(rtp(65536))) == rtp(65536)


def test_a_new_key_and_packets_of_the_old_one_that_are_under_way():
    one, other = pair()
    assert heard(other, one.protect(rtp(65535)))
    late = [bytes(one.protect(rtp(sequence))) for sequence in (65536, 65537)]
    other.agree(SUITE, OTHER, [(THIRD, b"", 0)])
    assert heard(other, late[0]) == rtp(65536)
    one.agree(SUITE, THIRD, [(OTHER, b"", 0)])
    assert heard(other, one.protect(rtp(65538))) == rtp(65538)
    assert heard(other, late[1]) == b"", "the old key is let go of"
    assert heard(one, other.protect(rtp(1))) == rtp(1), "the other direction keeps its key"
    assert heard(other, one.protect_rtcp(rtcp()), True) == rtcp()


def test_another_suite_amid_a_call():
    one, other = pair()
    assert heard(other, one.protect(rtp(1)))
    suite, key, answer = SUITES[3], bytes(28), bytes(range(28))
    one.agree(suite, key, [(answer, b"", 0)])
    other.agree(suite, answer, [(key, b"", 0)])
    assert len(one.protect(rtp(2))) == len(rtp(2)) + 16
    assert heard(other, one.protect(rtp(3))) == rtp(3)


def test_keys_that_are_told_apart_by_their_mki():
    receiver = Protection(False)
    receiver.agree(SUITE, THIRD, [(ONE, b"\0\1", 0), (OTHER, b"\0\2", 0)])
    for key, mki in ((OTHER, b"\0\2"), (ONE, b"\0\1")):
        sender = srtp.new()
        srtp.start(sender, 0, key, mki)
        packet = bytearray(rtp(9) + bytes(20))
        assert heard(receiver, packet[: srtp.protect(sender, packet, len(rtp(9)))]) == rtp(9)
    unknown = srtp.new()
    srtp.start(unknown, 0, ONE, b"\0\3")
    packet = bytearray(rtp(10) + bytes(20))
    assert heard(receiver, packet[: srtp.protect(unknown, packet, len(rtp(10)))]) == b""


def test_a_lifetime_of_theirs_is_kept_to():
    one, other = pair()
    other.agree(SUITE, OTHER, [(ONE, b"", 2)])
    assert [bool(heard(other, one.protect(rtp(at)))) for at in range(4)] == [True, True, False, False]
    other.agree(SUITE, OTHER, [(ONE, b"", 1 << 48)])


def test_what_must_not_go_is_none():
    one, _ = pair()
    assert one.protect(b"no RTP") is None
    assert one.protect(rtp(5)) is not None
    assert one.protect(rtp(5)) is None
    assert one.protect_rtcp(b"short") is None


def test_wrong_keys_are_refused():
    end = Protection(False)
    raises(ValueError, end.agree, SUITE, bytes(29), [(ONE, b"", 0)])
    raises(ValueError, end.agree, "AES_CM_128_HMAC_SHA1_8", ONE, [(ONE, b"", 0)])


def test_counters_outlive_the_keys():
    one, other = pair()
    assert heard(other, one.protect(rtp(1)))
    assert heard(other, bytes(40)) == b""
    before = other.stats()
    other.close()
    assert other.stats() == before and before["packets"] == 1 and before["malformed"] == 1


def test_after_close_nothing_is_heard():
    one, other = pair()
    packet = bytes(one.protect(rtp(1)))
    other.close()
    assert heard(other, packet) == b""
    other.close()
