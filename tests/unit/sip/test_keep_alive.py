"""A flow to a server is kept open, and missed when it is gone (RFC 5626 §3.5, §4.4)."""

# micropython-heap: 512k: a network and both its ends live in one process

import struct

from compat import ticks_diff
from sip.endpoint import Endpoint
from sip.keep_alive import KeepAlive
from support.link import BEFORE_WRAP, A, Core, counting_random

SERVER = ("192.0.2.10", 5060)
NOW = BEFORE_WRAP


class Flow:
    def __init__(self, transport, answers, flow_timer=None):
        self.endpoint = Endpoint(counting_random(), {"udp": A, "tcp": A}, core=Core())
        self.transport = transport
        self.now = NOW
        self.lost = []
        self.keep = KeepAlive(self.endpoint, transport, SERVER, flow_timer, answers, self.lost.append)
        self.keep.start(NOW)

    def next(self):
        """(ms until something went out, its octets); (…, None) if a timer ran and nothing did."""
        start = self.now
        self.now = self.endpoint.deadline()
        self.endpoint.handle_timer(self.now)
        item = self.endpoint.to_send(self.now)
        assert item is None or item[1:] == (SERVER, self.transport)
        return ticks_diff(self.now, start), item and item[0]

    def hear(self, data, source=SERVER):
        self.endpoint.receive(data, source, self.transport, self.now)


def binding_answer(request, port=5060):
    value = b"\0\1" + struct.pack("!H", port ^ 0x2112) + bytes((0xE1, 0x12, 0xA6, 0x43))
    return b"\1\1\0\x0c\x21\x12\xa4\x42" + request[8:20] + b"\0\x20\0\x08" + value


def test_pings_come_at_the_intervals_of_the_rfc():
    for transport, timer, least, most in (
        ("udp", None, 23_200, 29_000),
        ("tcp", None, 96_000, 120_000),
        ("tcp", 60, 48_000, 60_000),
    ):
        flow = Flow(transport, False, timer)
        for _ in range(5):
            waited, data = flow.next()
            assert least <= waited <= most and data == b"\r\n\r\n", (transport, waited)
        assert flow.lost == []


def test_a_stream_whose_pong_stays_out_is_lost():
    flow = Flow("tcp", True)
    for _ in range(3):
        flow.next()
        flow.hear(b"\r\n")
        assert flow.endpoint._streams[SERVER]._buffer == b"" and flow.endpoint.to_send(flow.now) is None
    assert flow.next()[1] == b"\r\n\r\n"
    assert flow.next() == (10_000, None)
    assert len(flow.lost) == 1 and flow.endpoint.deadline() is None and flow.endpoint.flows == {}


def test_who_never_answered_is_not_held_to_it_but_who_did_is():
    flow = Flow("tcp", False)
    flow.next()
    flow.next()
    assert not flow.lost
    flow.hear(b"\r\n")
    flow.next()
    flow.next()
    assert len(flow.lost) == 1


def test_a_pong_before_a_message_leaves_the_message_whole():
    flow = Flow("tcp", True)
    flow.next()
    message = b"OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/TCP b;branch=z9hG4bKx\r\nFrom: <sip:b@b>;tag=1\r\nTo: <sip:a@a>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
    flow.hear(b"\r\n" + message)
    assert len(flow.endpoint.core.transactions) == 1
    flow.hear(b"\r\n\r\n")  # a ping of theirs
    assert flow.endpoint.to_send(flow.now)[0] == b"\r\n"


def test_a_closed_connection_is_a_lost_flow():
    flow = Flow("tcp", True)
    flow.endpoint.connection_closed(("192.0.2.99", 5060), NOW)
    assert not flow.lost
    flow.endpoint.connection_closed(SERVER, NOW)
    assert len(flow.lost) == 1 and flow.endpoint.deadline() is None


def test_stun_over_datagrams():
    flow = Flow("udp", True)
    _, request = flow.next()
    assert request[:2] == b"\0\1"
    flow.hear(binding_answer(request), ("192.0.2.66", 5060))
    flow.hear(binding_answer(bytes(20)))
    flow.hear(b"\1\1")
    assert flow.keep.mapped is None and flow.endpoint.counters["stray_stun"] == 3
    flow.hear(binding_answer(request))
    assert flow.keep.mapped == ("192.0.2.1", 5060)
    waited, request = flow.next()
    assert 23_200 <= waited <= 29_000
    # Seen from another port: the NAT has forgotten us.
    flow.hear(binding_answer(request, 5099))
    assert len(flow.lost) == 1


def test_silence_to_stun_is_a_lost_flow():
    flow = Flow("udp", True)
    sent = [flow.next()]
    while not flow.lost:
        sent.append(flow.next())
    assert [waited for waited, _ in sent[1:]] == [500, 1000, 2000, 4000, 8000, 16000, 8000]
    assert sent[-1][1] is None and len({data for _, data in sent[:-1]}) == 1
