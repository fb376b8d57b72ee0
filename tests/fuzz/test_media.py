"""Any octets on the RTP and RTCP ports: nothing is raised, and both cores make the same of them."""

import struct
from array import array

from hypothesis import given, settings
from hypothesis import strategies as st

from media import core, rtcp
from media.engine import Engine

settings.register_profile("bakelite", deadline=None, max_examples=150)
settings.load_profile("bakelite")

# The few values that steer a parser, more often than chance would have them.
FIRST = st.sampled_from((0x80, 0x80, 0x90, 0xA0, 0x8F, 0xBF, 0x00))
KIND = st.sampled_from((0, 0x80, 101, 0xE5, 13, 8))
NUMBER = st.integers(0, 0xFFFFFFFF)
NEAR = st.integers(0, 4000)
PACKETS = st.lists(
    st.one_of(
        st.binary(max_size=80),
        st.builds(
            lambda first, kind, sequence, timestamp, ssrc, rest: (
                struct.pack(">BBHII", first, kind, sequence & 0xFFFF, timestamp, ssrc) + rest
            ),
            FIRST,
            KIND,
            st.one_of(NEAR, NUMBER),
            st.one_of(NEAR, NUMBER),
            st.sampled_from((1, 1, 2)),
            st.binary(max_size=200),
        ),
    ),
    max_size=12,
)


@given(PACKETS)
def test_any_octets_on_the_rtp_port(packets):
    engines = [Engine(native=False), Engine()]
    results = []
    for engine in engines:
        engine.open("PCMU", 0, event_payload_type=101, depth_ms=20)
        result = []
        for number, packet in enumerate(packets):
            result.append(engine.receive(packet, len(packet), number * 20))
            frame = array("h", [0] * 160)
            engine.playout(frame)
            result.append(frame.tobytes())
        results.append((result, engine.digits(), engine.stats()))
    assert results[0] == results[1]


REPORTS = st.lists(
    st.builds(
        lambda first, kind, words, rest: struct.pack(">BBH", first, kind, words) + rest,
        st.sampled_from((0x80, 0x81, 0x82, 0x9F, 0xA1)),
        st.integers(199, 208),
        st.integers(0, 14),
        st.binary(max_size=60),
    ),
    max_size=4,
).map(b"".join)


@given(st.one_of(st.binary(max_size=100), REPORTS))
def test_any_octets_on_the_rtcp_port(data):
    counters = array("I", [0] * len(core.COUNTERS))
    reporter = rtcp.Reporter(1, "x")
    believed = reporter.receive(data, len(data), counters, 0)
    assert reporter.invalid == (0 if believed else 1)
    assert reporter.round_trip_ms is None  # nothing was sent that it could be an answer to
    report = bytes(reporter.report(counters, 20))
    assert rtcp.is_compound(report, len(report))
