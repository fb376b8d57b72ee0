"""RTCP: what we report, what we make of the peer's reports, and what is no compound (RFC 3550 §6, A.2, A.3)."""

import struct

from media import core, rtcp

OURS, THEIRS = 0x11111111, 0x22222222
WRAP = 0x40000000


def counters(**named):
    values = [0] * len(core.COUNTERS)
    for name, value in named.items():
        values[core.COUNTERS.index(name)] = value
    return values


NOTHING = counters()
HEARD = counters(
    sent=100,
    sent_octets=16000,
    timestamp=50000,
    sent_at=4000,
    remote_known=1,
    remote_ssrc=THEIRS,
    remote_sequence=0x10005,
    source_expected=100,
    source_received=90,
    jitter=16 * 40,
)


def reported(reporter, values, now):
    """The packets of our next compound: [(type, count, octets)]."""
    return split(bytes(reporter.report(values, now)))


def split(data):
    assert rtcp.is_compound(data, len(data))
    packets = []
    while data:
        first, kind, words = struct.unpack(">BBH", data[:4])
        packets.append((kind, first & 31, data[4 : 4 * words + 4]))
        data = data[4 * words + 4 :]
    return packets


def started(now=0, cname="201@phone"):
    reporter = rtcp.Reporter(OURS, cname)
    reporter.due(now)
    return reporter


def test_when_reports_are_due():
    reporter = rtcp.Reporter(OURS, "x")
    now = WRAP - 2500  # across the wrap of the ticks
    times = []
    for number in range(4000):
        if reporter.due((now + number * 20) % WRAP):
            reporter.report(NOTHING, (now + number * 20) % WRAP)
            times.append(number * 20)
    assert 1000 <= times[0] <= 3100
    gaps = [times[number + 1] - times[number] for number in range(len(times) - 1)]
    assert min(gaps) >= 2050 and max(gaps) <= 6180
    assert max(gaps) - min(gaps) > 500


def test_a_receiver_report_before_anything_is_heard():
    packets = reported(started(), NOTHING, 0)
    assert [(kind, count) for kind, count, _ in packets] == [(201, 0), (202, 1)]
    assert packets[1][2][:15] == struct.pack(">IBB", OURS, 1, 9) + b"201@phone"


def test_a_sender_report_says_what_was_sent_and_heard():
    reporter = started()
    packets = reported(reporter, HEARD, 4010)
    kind, count, body = packets[0]
    assert (kind, count) == (200, 1)
    ssrc, seconds, fraction, timestamp, sent, octets = struct.unpack(">6I", body[:24])
    assert (ssrc, sent, octets) == (OURS, 100, 16000)
    assert timestamp == 50000 + 10 * 8
    assert abs((seconds - 0x83AA7E80) + fraction / 2**32 - 4.010) < 0.001
    source, lost, sequence, jitter, last, delay = struct.unpack(">6I", body[24:])
    assert (source, sequence, jitter, last, delay) == (THEIRS, 0x10005, 40, 0, 0)
    assert (lost >> 24, lost & 0xFFFFFF) == (25, 10)


def test_nothing_sent_since_is_a_receiver_report():
    reporter = started()
    assert reported(reporter, HEARD, 4000)[0][0] == 200
    assert reported(reporter, HEARD, 9000)[0][0] == 201


def test_fraction_lost_is_of_the_interval():
    reporter = started()
    losses = []
    for expected, received in ((100, 90), (200, 190), (300, 310), (300, 310), (400, 311)):
        values = list(HEARD)
        values[core.COUNTERS.index("source_expected")] = expected
        values[core.COUNTERS.index("source_received")] = received
        body = reported(reporter, values, 0)[0][2]
        lost = struct.unpack(">I", body[-20:-16])[0]
        losses.append((lost >> 24, lost & 0xFFFFFF))
    assert losses == [(25, 10), (0, 10), (0, 0xFFFFF6), (0, 0xFFFFF6), (253, 89)]


def peer_report(last=0, delay=0, source=THEIRS, about=OURS, lost=0, jitter=0, kind=200):
    block = struct.pack(">6I", about, lost, 0, jitter, last, delay)
    if kind == 201:
        return struct.pack(">BBHI", 0x81, 201, 7, source) + block
    ntp = struct.pack(">5I", 0xAAAABBBB, 0xCCCCDDDD, 1, 2, 3)
    return struct.pack(">BBHI", 0x81, 200, 12, source) + ntp + block


def middle(compound):
    seconds, fraction = struct.unpack(">2I", compound[0][2][4:12])
    return (seconds & 0xFFFF) << 16 | fraction >> 16


def test_round_trip():
    for kind in (200, 201):
        reporter = started()
        sent = middle(reported(reporter, HEARD, 4000))
        answer = peer_report(sent, delay=32768, kind=kind, lost=0x05FFFFFE, jitter=80)
        assert reporter.receive(answer, len(answer), HEARD, 4000 + 500 + 123)
        assert reporter.round_trip_ms in (122, 123)
        assert reporter.remote_lost == -2
        assert reporter.remote_jitter_ms == 10


def test_round_trip_of_lies():
    for last, delay in ((0, 0), (12345, 0), (None, 0x7FFFFFFF), (None, 10 * 65536)):
        reporter = started()
        sent = middle(reported(reporter, HEARD, 4000))
        answer = peer_report(sent if last is None else last, delay)
        assert reporter.receive(answer, len(answer), HEARD, 4100)
        assert reporter.round_trip_ms is None, (last, delay)


def test_a_report_about_another_says_nothing():
    reporter = started()
    answer = peer_report(about=0x33333333, jitter=80)
    assert reporter.receive(answer, len(answer), HEARD, 0)
    assert reporter.remote_jitter_ms is None


def test_their_time_comes_back_with_its_delay():
    reporter = started()
    data = peer_report()
    reporter.receive(data, len(data), HEARD, 1000)
    last, delay = struct.unpack(">2I", reported(reporter, HEARD, 3000)[0][2][-8:])
    assert last == 0xBBBBCCCC
    assert delay == 2 * 65536


def test_bye():
    reporter = started()
    reporter.report(HEARD, 0)
    reporter.close()
    assert reporter.due(1)
    packets = reported(reporter, HEARD, 1)
    assert packets[-1] == (203, 1, struct.pack(">I", OURS))
    assert not reporter.due(100000)
    quiet = started()
    quiet.close()
    assert quiet.due(1) and quiet.report(NOTHING, 1) is None


def test_the_peers_bye():
    for source, left in ((THEIRS, True), (0x33333333, False)):
        reporter = started()
        data = peer_report(kind=201) + struct.pack(">BBHI", 0x81, 203, 1, source)
        assert reporter.receive(data, len(data), HEARD, 0)
        assert reporter.remote_bye == left


def test_names_of_any_length():
    for length in (0, 1, 2, 3, 4, 254, 255, 256, 1000):
        packets = reported(started(cname="n" * length), HEARD, 0)
        body = packets[1][2]
        kept = min(length, 255)
        assert body[5] == kept and body[6 : 6 + kept] == b"n" * kept
        assert len(body) % 4 == 0 and not any(body[6 + kept :]) and len(body) > 6 + kept


def test_what_is_no_compound():
    whole = peer_report() + struct.pack(">BBHI", 0x80, 202, 1, 0)
    assert rtcp.is_compound(whole, len(whole))
    padded = peer_report() + struct.pack(">BBHII", 0xA0, 202, 2, 0, 4)
    assert rtcp.is_compound(padded, len(padded))
    for data in (
        b"",
        whole[:4],
        whole[:-1],
        whole[:-4],  # the last packet cut off
        b"\x00" + whole[1:],  # version 0
        b"\xa1" + whole[1:],  # padding in the first
        struct.pack(">BBHI", 0x80, 202, 1, 0) + whole,  # not a report first
        struct.pack(">BBHI", 0x9F, 201, 1, 0),  # 31 blocks that are not there
        struct.pack(">BBHI", 0x80, 200, 1, 0),  # an SR without its sender's part
        struct.pack(">BBHI", 0x80, 201, 0xFFFF, 0),
        peer_report() + struct.pack(">BBHI", 0x9F, 203, 1, 0),
        peer_report() + struct.pack(">BBHII", 0xA0, 202, 2, 0, 0),
        peer_report() + struct.pack(">BBHII", 0xA0, 202, 2, 0, 12),
        peer_report() + struct.pack(">BBHII", 0xA0, 202, 2, 0, 3),
        peer_report() + struct.pack(">BBHI", 0x40, 202, 1, 0),
    ):
        reporter = started()
        assert not reporter.receive(data, len(data), HEARD, 0), data
        assert reporter.invalid == 1
        assert reporter.remote_jitter_ms is None
