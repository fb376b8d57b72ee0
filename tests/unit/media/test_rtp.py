"""RTP headers, hostile ones too, and the judgement on their source (RFC 3550 §5, appendix A)."""

from media import rtp

HEADER = bytes((0x80, 0x80, 0x12, 0x34, 0xDE, 0xAD, 0xBE, 0xEF, 0xCA, 0xFE, 0xF0, 0x0D))


def with_first(octet, rest):
    return bytes((octet,)) + HEADER[1:] + rest


def test_header():
    packet = rtp.parse(HEADER + b"abc", 15)
    assert (packet.payload_type, packet.marker, packet.sequence) == (0, 1, 0x1234)
    assert (packet.timestamp, packet.ssrc) == (0xDEADBEEF, 0xCAFEF00D)
    assert (packet.offset, packet.length) == (12, 3)
    again = bytearray(12)
    rtp.write(again, packet)
    assert bytes(again) == HEADER


def test_where_the_payload_lies():
    for first, rest, offset, length in (
        (0x80, b"", 12, 0),
        (0x82, bytes(8) + b"ab", 20, 2),  # two CSRCs
        (0x8F, bytes(60) + b"ab", 72, 2),
        (0x90, bytes((0xBE, 0xDE, 0, 1)) + bytes(4) + b"ab", 20, 2),  # an extension of one word
        (0x90, bytes((0xBE, 0xDE, 0, 0)) + b"ab", 16, 2),
        (0xA0, b"ab" + bytes((0, 2)), 12, 2),  # two octets of padding
        (0xA0, bytes((1,)), 12, 0),
        (0xB1, bytes(4) + bytes((0, 0, 0, 1)) + bytes(4) + b"ab" + bytes((0, 0, 3)), 24, 2),
    ):
        data = with_first(first, rest)
        packet = rtp.parse(data, len(data))
        assert (packet.offset, packet.length) == (offset, length), data


def test_what_is_no_packet():
    for data in (
        b"",
        HEADER[:11],
        with_first(0x00, b""),  # version 0: STUN, for one
        with_first(0x40, b""),
        with_first(0xC0, b""),
        with_first(0x81, bytes(3)),  # a CSRC cut off
        with_first(0x90, bytes(3)),  # an extension cut off
        with_first(0x90, bytes((0, 0, 0xFF, 0xFF)) + bytes(8)),  # one that claims 256 KB
        with_first(0x9F, bytes(60)),
        with_first(0xA0, bytes((0,))),  # padding of none
        with_first(0xA0, bytes((2,))),  # of more than there is
        with_first(0xA0, bytes((255,)) * 20),
    ):
        assert rtp.parse(data, len(data)) is None, data


def test_length_is_believed_not_the_buffer():
    assert rtp.parse(HEADER + bytes(20), 11) is None
    assert rtp.parse(HEADER + bytes(20), 20).length == 8


def packet(sequence, ssrc=1, timestamp=0):
    return rtp.Packet(0, 0, sequence & 0xFFFF, timestamp, ssrc)


def judged(source, sequences, ssrc=1, now=0):
    return [source.take(packet(sequence, ssrc), now) for sequence in sequences]


def test_loss_is_counted_across_the_sequence_wrap():
    source = rtp.Source()
    judged(source, [65533, 65534, 0, 1, 3])
    assert source.expected() == 7
    assert source.received == 5
    assert source.cycles + source.max_sequence == 0x10003


def test_duplicates_and_reordering():
    source = rtp.Source()
    verdicts = judged(source, [10, 12, 11, 11, 12, 10, 14, 13])
    first, late, again = rtp.FIRST, rtp.NEXT, rtp.DUPLICATE
    assert verdicts == [first, rtp.NEXT, late, again, again, again, rtp.NEXT, late]
    assert source.expected() == 5
    assert source.received == 8  # A.1 counts duplicates too


def test_a_jump_is_believed_when_a_second_packet_follows():
    source = rtp.Source()
    judged(source, range(100, 110))
    assert judged(source, [40000]) == [rtp.UNPROVEN]
    assert judged(source, [110]) == [rtp.NEXT]
    assert judged(source, [50000, 50001, 50002]) == [rtp.UNPROVEN, rtp.FIRST, rtp.NEXT]
    assert source.expected() == 2


def test_another_source_takes_over_only_from_a_silent_one():
    source = rtp.Source()
    judged(source, range(10), now=1000)
    assert judged(source, [7, 8, 9, 10], ssrc=2, now=1050) == [rtp.UNPROVEN] * 4
    assert judged(source, [11, 12], ssrc=2, now=1100) == [rtp.FIRST, rtp.NEXT]
    assert source.ssrc == 2
    assert source.expected() == source.received == 2


def test_one_stray_packet_takes_nothing_over():
    source = rtp.Source()
    judged(source, range(10), now=1000)
    for sequence in (5, 500, 5000, 7, 9):
        assert judged(source, [sequence], ssrc=9, now=5000) == [rtp.UNPROVEN]
    assert judged(source, [10], now=5000) == [rtp.NEXT]


def test_jitter_is_that_of_appendix_a8():
    source = rtp.Source()
    expected = 0.0
    before = 0
    for number, late_ms in enumerate((0, 0, 5, 0, 12, 3, 3, 0, 20, 0)):
        now = (0x3FFFFF00 + number * 20 + late_ms) & 0x3FFFFFFF  # across the wrap of the ticks
        source.time((0xFFFFFF00 + number * 160) & 0xFFFFFFFF, now)
        if number:
            expected += (abs(late_ms - before) * 8 - expected) / 16
        before = late_ms
    assert abs(source.jitter / 16 - expected) < 1


def test_a_new_time_line_is_no_jitter():
    source = rtp.Source()
    for number in range(5):
        source.time(number * 160, number * 20)
    source.time(0x80000000, 100)
    source.time(0x80000000 + 160, 120)
    assert source.jitter == 0
