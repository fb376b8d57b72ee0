"""Any octets as answers of DNS servers: one kind of error, and nothing of it believed."""

from hypothesis import given, settings
from hypothesis import strategies as st

from net import dns, x509
from net.dns_client import DnsClient
from sip import stun
from support.dns_server import a, answer, cname, naptr, srv

SERVER = ("192.0.2.53", 53)
KINDS = (dns.A, dns.AAAA, dns.SRV, dns.NAPTR, dns.CNAME, dns.SOA, 41, 255)
RECORDS = [
    a("a.b", "192.0.2.1"),
    cname("a.b", "c.d"),
    srv("a.b", 1, 2, 3, "c.d"),
    naptr("a.b", 1, 2, "s", "SIP+D2U", "c.d"),
]


@st.composite
def damaged(draw):
    """An answer in which some octets are others."""
    kind = draw(st.sampled_from(KINDS))
    records = draw(st.lists(st.sampled_from(RECORDS), max_size=4))
    octets = bytearray(
        answer(dns.query(0, "a.b", kind), records, draw(st.lists(st.sampled_from(RECORDS), max_size=2)))
    )
    for at, octet in draw(
        st.lists(st.tuples(st.integers(2, len(octets) - 1), st.integers(0, 255)), max_size=6)
    ):
        octets[at] = octet
    return bytes(octets[: draw(st.integers(0, len(octets)))]) if draw(st.booleans()) else bytes(octets)


@given(st.one_of(st.binary(max_size=600), damaged()))
@settings(max_examples=400, deadline=None)
def test_an_answer_is_read_or_refused(octets):
    try:
        parsed = dns.parse(octets)
    except dns.DnsError:
        return
    assert len(parsed.records) + len(parsed.additional) <= 64
    for name, kind, ttl, _ in parsed.records + parsed.additional:
        assert len(name) < 256 and 0 <= ttl < 1 << 31 and kind
    for ttl, _ in parsed.found():
        assert ttl >= 0


@given(st.lists(st.one_of(st.binary(max_size=100), damaged()), max_size=8))
@settings(max_examples=150, deadline=None)
def test_a_client_that_hears_anything_ends_its_question(octets):
    client = DnsClient(lambda n: bytes(n), [SERVER])
    assert client.lookup("a.b", dns.A, 0) is None
    now = 0
    while client.deadline() is not None:
        token, _, _, _ = client.to_send(now)
        for each in octets:
            client.receive(token, each, SERVER, now)
        item = client.to_send(now)
        while item is not None:
            item = client.to_send(now)
        if client.deadline() is not None:
            now = client.deadline()
            client.handle_timer(now)
            if client._outgoing == [] and client.deadline() is not None:
                break
    assert len(client._questions) <= 1 and len(client._kept) <= 48


IDENTITY = bytes(12)
STUN = b"\1\1\0\x0c\x21\x12\xa4\x42" + IDENTITY + b"\0\x20\0\x08\0\1\x32\x47\xe1\x12\xa6\x43"


@given(
    st.one_of(
        st.binary(max_size=600),
        st.lists(st.tuples(st.integers(0, len(STUN) - 1), st.integers(0, 255)), max_size=6),
    )
)
@settings(max_examples=400, deadline=None)
def test_stun_is_read_or_refused(change):
    octets = bytearray(STUN)
    if isinstance(change, bytes):
        octets[20:] = change
        octets[2:4] = len(change).to_bytes(2, "big")
    else:
        for at, octet in change:
            octets[at] = octet
    try:
        address = stun.parse_response(bytes(octets), IDENTITY)
    except stun.StunError:
        return
    assert address is None or 0 <= address[1] < 65536


@given(st.binary(max_size=1500))
@settings(max_examples=400, deadline=None)
def test_a_certificate_is_for_nobody_by_chance(octets):
    assert not x509.is_for(octets, "pbx.test")
    assert not x509.is_for(b"\x30\x82" + len(octets).to_bytes(2, "big") + octets, "pbx.test")
    x509.ders(octets)
