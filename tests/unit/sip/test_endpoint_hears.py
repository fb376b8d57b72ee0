"""Requests of those whom the phone does not hear: no answer, whatever they hold."""

from sip.endpoint import Endpoint
from support.link import BEFORE_WRAP, B, Core, answers_of, counting_random, raw

NOW = BEFORE_WRAP
STRANGER = ("192.0.2.9", 40404)

WHOLE = raw(
    """OPTIONS sip:bob@10.0.0.2 SIP/2.0
    Via: SIP/2.0/UDP 192.0.2.9:5070
    From: <sip:alice@10.0.0.1>;tag=alice
    To: <sip:bob@10.0.0.2>
    Call-ID: one
    CSeq: 1 OPTIONS"""
)


def test_a_malformed_request_of_one_whom_nobody_hears_is_not_answered():
    for method in (b"OPTIONS", b"CANCEL", b"INVITE"):
        endpoint = Endpoint(counting_random(), {"udp": B})
        endpoint.core = Core()
        endpoint.hears = lambda request, source: False
        named = WHOLE.replace(b"OPTIONS", method)
        for malformed in (named, named.replace(b"CSeq: 1 ", b"CSeq: x "), named.replace(b": one", b": ")):
            endpoint.receive(malformed, STRANGER, "udp", NOW)
            assert answers_of(endpoint, NOW) == [], method
        assert endpoint.counters == {"malformed": 2, "strangers": 3}, method
