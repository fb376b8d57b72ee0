"""SRTP against the RFCs: derivation of keys, indexes, replays, lifetimes, MKI; bad packets."""

import struct
from array import array
from binascii import hexlify, unhexlify

from media import aes, srtp
from support.check import raises

KEY = unhexlify("e1f97a0d3e018be0d64fa32c06de4139" + "0ec675ad498afeebb6960b3aabe6")


def text(octets):
    return hexlify(bytes(octets)).decode()


def direction(key=KEY, suite=srtp.AES_128_SHA1_80, mki=b"", lifetime=0):
    state = srtp.new()
    srtp.start(state, suite, key, mki, lifetime)
    return state


def rtp(sequence, payload=b"voice of twenty octe", ssrc=0x4D617273, first=0x80):
    return struct.pack(">BBHII", first, 0, sequence & 0xFFFF, 160 * sequence & 0xFFFFFFFF, ssrc) + payload


def rtcp(payload=b"report 1", ssrc=0x4D617273):
    return struct.pack(">BBHI", 0x80, 200, len(payload) // 4 + 1, ssrc) + payload


def sealed(state, packet, function=srtp.protect):
    buffer = bytearray(packet + bytes(srtp.MAX_GROWTH))
    return bytes(buffer[: function(state, buffer, len(packet))])


def opened(state, packet, function=srtp.unprotect):
    buffer = bytearray(packet)
    length = function(state, buffer, len(packet))
    assert length or buffer == packet, "what is refused stays as it was"
    return bytes(buffer[:length])


def counts(state):
    values = array("I", [0] * len(srtp.COUNTERS))
    srtp.counters(state, values)
    return {name: value for name, value in zip(srtp.COUNTERS, values) if value}


# -- keys ------------------------------------------------------------------------------------------------


def test_key_derivation_of_rfc_3711_b3():
    keys = direction().rtp
    assert text(keys.aes[0]) == "c61e7a93744f39ee10734afe3ff7a087"
    assert text(keys.salt) == "30cbbc08863d8c85d49db34a9ae1" + "0000"
    # Of the authentication key only the states that it leads to are kept.
    from media import sha1

    assert keys.hmac == sha1.hmac_key(unhexlify("cebe321f6ff7716b6fd4ab49af256a156d38baa4"))


def test_key_derivation_of_rfc_6188_7_2():
    key = "f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6" + "3b04803de51ee7c96423ab5b78d2"
    keys = direction(unhexlify(key), srtp.AES_256_SHA1_80).rtp
    assert (
        text(keys.aes[0] + keys.aes[1]) == "5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4"
    )
    assert text(keys.salt) == "fa31791685ca444a9e07c6c64e93" + "0000"
    from media import sha1

    assert keys.hmac == sha1.hmac_key(unhexlify("fd9c32d39ed5fbb5a9dc96b30818454d1313dc05"))


GALLIA = b"Gallia est omnis divisa in partes tres"


def with_session_key(keys):
    """RFC 7714 §16 begins with session keys."""
    keys.aes = aes.expand(bytes(range(16)))
    keys.salt = b"Quid pro quo" + bytes(4)
    keys.hash = aes.encrypt(keys.aes, bytes(16))


def test_a_packet_of_rfc_7714_16_1():
    state = direction(bytes(28), srtp.AEAD_AES_128)
    with_session_key(state.rtp)
    packet = unhexlify("8040f17b8041f8d35501a0b2") + GALLIA
    expected = (
        "8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b"
        "36de3adf8833899d7f27beb16a9152cf765ee4390cce"
    )
    assert text(sealed(state, packet)) == expected


def test_a_packet_of_each_suite_grows_by_its_tag():
    for suite, rtp_tag, rtcp_tag in ((0, 10, 10), (1, 4, 10), (2, 10, 10), (3, 16, 16)):
        key = bytes(range(srtp.KEY[suite] + srtp.SALT[suite]))
        sender, receiver = direction(key, suite), direction(key, suite)
        packet = sealed(sender, rtp(1))
        assert len(packet) == len(rtp(1)) + rtp_tag
        assert packet[:12] == rtp(1)[:12]
        assert packet[12:32] != rtp(1)[12:]
        assert opened(receiver, packet) == rtp(1)
        packet = sealed(sender, rtcp(), srtp.protect_rtcp)
        assert len(packet) == len(rtcp()) + rtcp_tag + 4
        assert opened(receiver, packet, srtp.unprotect_rtcp) == rtcp()


def test_two_packets_never_share_a_key_stream():
    sender = direction()
    streams = set()
    for ssrc in (1, 2):
        for sequence in (65535, 65536, 65537, 0x17FFF, 0x1FFFE):
            packet = sealed(sender, rtp(sequence, bytes(32), ssrc))
            if packet:
                streams.add(packet[12:44])
    assert len(streams) == 10


# -- which packet it is ----------------------------------------------------------------------------------


def test_the_rollover_counter_of_a_long_call():
    sender, receiver = direction(), direction()
    for sequence in range(0, 0x50000, 9001):
        assert opened(receiver, sealed(sender, rtp(sequence))) == rtp(sequence)
    assert counts(receiver) == {"packets": 37}


def test_a_packet_from_before_the_wrap_that_comes_after_it():
    sender, receiver = direction(), direction()
    packets = [sealed(sender, rtp(sequence)) for sequence in (65534, 65535, 65536, 65537)]
    for at in (0, 3, 2, 1):
        assert opened(receiver, packets[at])
    for at in range(4):
        assert opened(receiver, packets[at]) == b""
    assert counts(receiver) == {"packets": 4, "replayed": 4}


def test_the_window_is_128_packets():
    sender, receiver = direction(), direction()
    packets = [sealed(sender, rtp(sequence)) for sequence in range(300)]
    assert opened(receiver, packets[200])
    assert opened(receiver, packets[73]) == rtp(73)
    assert opened(receiver, packets[72]) == b""
    assert opened(receiver, packets[73]) == b""
    assert counts(receiver) == {"packets": 2, "replayed": 2}


def test_a_jump_of_the_sequence_number_needs_no_new_key():
    sender, receiver = direction(), direction()
    for sequence in (100, 32000, 64000, 66000, 98000):
        assert opened(receiver, sealed(sender, rtp(sequence))), sequence


def test_one_who_missed_the_first_wrap_hears():
    sender, receiver = direction(), direction()
    for sequence in (65530, 65536):
        packet = sealed(sender, rtp(sequence))
    assert opened(receiver, packet) == rtp(65536)


def test_a_forged_packet_does_not_move_the_window():
    sender, receiver = direction(), direction()
    assert opened(receiver, sealed(sender, rtp(1)))
    assert opened(receiver, rtp(30000) + bytes(10)) == b""
    assert opened(receiver, sealed(sender, rtp(2)))
    assert counts(receiver) == {"packets": 2, "unauthentic": 1}


def test_the_same_sequence_number_is_not_sent_twice():
    sender = direction()
    assert sealed(sender, rtp(5))
    assert sealed(sender, rtp(5, b"another payload here")) == b""
    assert counts(sender) == {"packets": 1, "replayed": 1}


def test_reports_are_replayed_by_nobody():
    sender, receiver = direction(), direction()
    packets = [sealed(sender, rtcp(), srtp.protect_rtcp) for _ in range(3)]
    assert len(set(packets)) == 3
    for at in (1, 0, 2):
        assert opened(receiver, packets[at], srtp.unprotect_rtcp) == rtcp()
    for packet in packets:
        assert opened(receiver, packet, srtp.unprotect_rtcp) == b""


# -- keys that change ------------------------------------------------------------------------------------


def test_a_new_key_goes_on_with_the_rollover_counter():
    old, heard = direction(), direction()
    for sequence in (65535, 65536):
        assert opened(heard, sealed(old, rtp(sequence)))
    new, receiver = direction(bytes(30)), direction(bytes(30))
    srtp.follow(new, old)
    srtp.follow(receiver, heard)
    packet = sealed(new, rtp(65537))
    assert opened(direction(bytes(30)), packet) == rtp(65537)  # one wrap is looked for …
    assert opened(receiver, packet) == rtp(65537)  # … and by who knows it found at once
    assert opened(receiver, packet) == b""


def test_a_peer_that_begins_again_under_a_new_key_is_heard():
    old, heard = direction(), direction()
    for sequence in range(0, 196609, 24576):
        assert opened(heard, sealed(old, rtp(sequence)))
    receiver = direction(bytes(30))
    srtp.follow(receiver, heard)
    new = direction(bytes(30))
    for sequence in (196609, 196610):
        assert opened(receiver, sealed(new, rtp(sequence))) == rtp(sequence)


def test_a_lifetime_ends():
    sender, receiver = direction(lifetime=3), direction(lifetime=2)
    packets = [sealed(sender, rtp(sequence)) for sequence in range(5)]
    assert packets[3:] == [b"", b""]
    assert [bool(opened(receiver, packet)) for packet in packets[:3]] == [True, True, False]
    assert counts(sender) == {"packets": 3, "expired": 2}
    assert counts(receiver) == {"packets": 2, "expired": 1}


# -- MKI -------------------------------------------------------------------------------------------------


def test_the_mki_names_the_key():
    for suite in (srtp.AES_128_SHA1_32, srtp.AEAD_AES_128):
        key = bytes(srtp.KEY[suite] + srtp.SALT[suite])
        sender = direction(key, suite, b"\x00\x01")
        packet, report = sealed(sender, rtp(1)), sealed(sender, rtcp(), srtp.protect_rtcp)
        receiver = direction(key, suite, b"\x00\x01")
        assert opened(receiver, packet) == rtp(1)
        assert opened(receiver, report, srtp.unprotect_rtcp) == rtcp()
        for mki in (b"", b"\x00\x02", b"\x00\x00\x01"):
            receiver = direction(key, suite, mki)
            assert opened(receiver, packet) == b""
            assert opened(receiver, report, srtp.unprotect_rtcp) == b""
            assert "packets" not in counts(receiver)


# -- bad packets -----------------------------------------------------------------------------------------


def test_a_change_of_any_octet_is_seen():
    sender = direction()
    for packet, unprotect in (
        (sealed(sender, rtp(1)), srtp.unprotect),
        (sealed(sender, rtcp(), srtp.protect_rtcp), srtp.unprotect_rtcp),
    ):
        for at in range(len(packet)):
            changed = bytearray(packet)
            changed[at] ^= 1
            assert opened(direction(), bytes(changed), unprotect) == b"", at
        assert opened(direction(), packet, unprotect)


def test_packets_that_are_cut_short():
    packet = sealed(direction(), rtp(1))
    receiver = direction()
    for length in range(len(packet)):
        assert opened(receiver, packet[:length]) == b""
    assert opened(receiver, packet)


def test_headers_that_lie_about_their_length():
    receiver = direction()
    for first in (0x8F, 0x90, 0x9F, 0xB0):
        for payload in (b"", b"\xbe\xde\xff\xff", b"\xbe\xde\x00\x05" + bytes(8)):
            assert opened(receiver, rtp(1, payload, first=first) + bytes(10)) == b""
    assert set(counts(receiver)) <= {"malformed", "unauthentic"}


def test_a_report_in_clear_is_refused():
    packet = bytearray(rtcp() + b"\x00\x00\x00\x01" + bytes(10))
    receiver = direction()
    assert opened(receiver, bytes(packet), srtp.unprotect_rtcp) == b""
    assert counts(receiver) == {"malformed": 1}


def test_what_is_no_key():
    for suite, key, mki, lifetime in (
        (0, bytes(29), b"", 0),
        (2, bytes(30), b"", 0),
        (4, bytes(30), b"", 0),
        (0, bytes(30), bytes(129), 0),
        (0, bytes(30), b"", -1),
    ):
        raises(ValueError, direction, key, suite, mki, lifetime)


def test_after_wipe_there_is_no_key():
    state = direction()
    srtp.wipe(state)
    raises(ValueError, srtp.protect, state, bytearray(60), 12)
