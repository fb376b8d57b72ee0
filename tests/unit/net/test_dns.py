"""DNS messages and the client that asks: right answers, wrong ones, and hostile ones."""

import struct

from compat import ticks_add
from net import dns
from net.dns_client import DnsClient
from support.check import raises
from support.dns_server import a, answer, cname, naptr, question_of, raw_record, soa, srv

NOW = ticks_add(0, -500)
FIRST, SECOND = ("192.0.2.53", 53), ("192.0.2.54", 53)


def client(*servers):
    numbers = [0]

    def random(n):
        numbers[0] += 1
        return (numbers[0] * 257 & 0xFFFF).to_bytes(n, "big")

    return DnsClient(random, servers or (FIRST, SECOND))


def test_a_question_is_what_the_rfc_says():
    wanted = (
        b"\x12\x34\x01\x00\x00\x01" + bytes(6) + b"\x04_sip\x04_udp\x07example\x03com\x00\x00\x21\x00\x01"
    )
    assert dns.query(0x1234, "_sip._udp.example.com.", dns.SRV, False) == wanted
    assert dns.query(0x1234, "example.com", dns.A)[-11:] == b"\x00\x00\x29\x04\xd0" + bytes(6)
    for name in ("", "a..b", "a" * 64, "a b", "\u00fc.de", ".".join(["a" * 60] * 5), "."):
        raises(dns.DnsError, dns.name_octets, name)


def test_every_kind_of_record_is_read():
    name = "example.com"
    rows = (
        (dns.A, a(name, "192.0.2.1"), "192.0.2.1"),
        (dns.AAAA, raw_record(name, dns.AAAA, b"\x20\x01\x0d\xb8" + bytes(11) + b"\x01"), "2001:db8::1"),
        (dns.SRV, srv(name, 1, 2, 5060, "a.example.com"), (1, 2, 5060, "a.example.com")),
        (dns.SRV, srv(name, 1, 2, 0, ""), (1, 2, 0, "")),
        (
            dns.NAPTR,
            naptr(name, 10, 20, "s", "SIP+D2U", "_sip._udp.x"),
            (10, 20, "s", "SIP+D2U", "", "_sip._udp.x"),
        ),
    )
    for kind, record, value in rows:
        parsed = dns.parse(answer(dns.query(7, name, kind), [record]))
        assert (parsed.identity, parsed.name, parsed.kind, parsed.status) == (7, name, kind, 0)
        assert parsed.found() == [(300, value)], value


def test_aliases_are_followed_and_circles_left():
    question = dns.query(7, "www.example", dns.A)
    chain = [
        cname("www.example", "x.example", 20),
        cname("X.example", "y.example"),
        a("y.example", "192.0.2.9", 90),
    ]
    assert dns.parse(answer(question, chain)).found() == [(20, "192.0.2.9")]
    circle = [cname("www.example", "x.example"), cname("x.example", "www.example")]
    assert dns.parse(answer(question, circle)).found() == []


def test_hostile_answers_raise_one_error():
    question = dns.query(7, "example.com", dns.A, False)
    head = b"\x00\x07\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00"
    good = answer(question, [a("example.com", "192.0.2.1")])
    cases = (
        [
            b"",
            b"\0" * 11,
            b"\0" * 12,
            question,
            head,
            head + b"\xc0\x0c\x00\x01\x00\x01",  # a name that is itself
            head + b"\x01a\xc0\x0c\x00\x01\x00\x01",  # … or ends in itself
            head + b"\x01a\xc0\x20\x00\x01\x00\x01" + bytes(40),  # a pointer forwards
            head + b"\x80\x00\x00\x01\x00\x01",  # a label that nobody knows
            head + b"\x3fa\x00\x00\x01\x00\x01",
            head + b"\x03a.b\x00\x00\x01\x00\x01" + bytes(20),
            head + b"\x03a\x00b\x00\x00\x01\x00\x01" + bytes(20),
            head + (b"\x3f" + b"a" * 63) * 4 + b"\x00\x00\x01\x00\x01",
            answer(question, [raw_record("example.com", dns.A, b"123")]),
            answer(question, [raw_record("example.com", dns.SRV, b"\0\0\0\0\0\0\x01a\0x")]),
            answer(question, [raw_record("example.com", dns.NAPTR, b"\0\0\0\0\xff")]),
            answer(question, [raw_record("example.com", dns.CNAME, b"")]),
            answer(question, [a("example.com", "192.0.2.1")] * 65),
        ]
        + [good[:length] for length in range(len(good))]
    )
    for case in cases:
        raises(dns.DnsError, dns.parse, case)


def test_a_lookup_asks_once_and_remembers_for_the_ttl():
    asking = client()
    settled = []
    asking.on_answer = settled.append
    assert asking.lookup("PBX.example", dns.A, NOW) is None
    assert asking.lookup("pbx.example", dns.A, NOW) is None
    token, octets, server, _ = asking.to_send(NOW)
    assert server == FIRST and asking.to_send(NOW) is None and question_of(octets) == ("pbx.example", dns.A)
    asking.receive(token, answer(octets, [a("pbx.example", "192.0.2.1", 60)]), server, NOW)
    assert settled == [NOW] and not asking.is_waiting(token) and asking.deadline() is None
    assert asking.lookup("pbx.example", dns.A, ticks_add(NOW, 59_999)) == ["192.0.2.1"]
    assert asking.lookup("pbx.example", dns.A, ticks_add(NOW, 60_000)) is None


def test_only_the_right_answer_from_the_right_place_counts():
    asking = client()
    asking.lookup("pbx.example", dns.A, NOW)
    token, octets, server, _ = asking.to_send(NOW)
    evil = a("pbx.example", "203.0.113.6")
    good = answer(octets, [evil])
    wrong_id = bytes([octets[0] ^ 1]) + good[1:]
    other_name = answer(dns.query(octets[0] << 8 | octets[1], "other.example", dns.A), [evil])
    other_kind = answer(dns.query(octets[0] << 8 | octets[1], "pbx.example", dns.AAAA), [evil])
    for data, source, by in (
        (wrong_id, server, token),
        (other_name, server, token),
        (other_kind, server, token),
        (good, SECOND, token),
        (good, server, token + 1),
        (b"junk", server, token),
    ):
        asking.receive(by, data, source, NOW)
        assert asking.lookup("pbx.example", dns.A, NOW) is None
    assert asking.counters["unasked"] == 5 and asking.counters["malformed"] == 1
    # Records of other names do not answer the question, and are not kept.
    asking.receive(
        token,
        answer(octets, [a("bank.example", "203.0.113.6")], [a("bank.example", "203.0.113.6")]),
        server,
        NOW,
    )
    assert asking.lookup("pbx.example", dns.A, NOW) == []
    assert asking.lookup("bank.example", dns.A, NOW) is None


def test_additional_addresses_are_used_for_the_hosts_that_srv_names_only():
    asking = client()
    asking.lookup("_sip._udp.example", dns.SRV, NOW)
    token, octets, server, _ = asking.to_send(NOW)
    more = [a("p1.example", "192.0.2.1"), a("p1.example", "192.0.2.2"), a("bank.example", "203.0.113.6")]
    asking.receive(
        token, answer(octets, [srv("_sip._udp.example", 1, 1, 5060, "p1.example")], more), server, NOW
    )
    assert asking.lookup("p1.example", dns.A, NOW) == ["192.0.2.1", "192.0.2.2"]
    assert asking.lookup("bank.example", dns.A, NOW) is None


def test_silence_goes_round_the_servers_and_ends():
    asking = client()
    assert asking.lookup("pbx.example", dns.A, NOW) is None
    asked, identities, now = [], set(), NOW
    while asking.deadline() is not None:
        item = asking.to_send(now)
        asked.append(item[2])
        identities.add(item[1][:2])
        now = asking.deadline()
        asking.handle_timer(now)
    assert asked == [FIRST, SECOND] * 3 and len(identities) == 6
    assert asking.lookup("pbx.example", dns.A, now) == []
    assert asking.lookup("pbx.example", dns.A, ticks_add(now, 10_000)) is None


def test_a_server_that_fails_hands_over_at_once():
    def refused(asking, item):
        asking.receive(item[0], answer(item[1], [], status=2), item[2], NOW)

    def unreachable(asking, item):
        asking.failed(item[0], NOW)

    for fails in (refused, unreachable):
        asking = client()
        asking.lookup("pbx.example", dns.A, NOW)
        fails(asking, asking.to_send(NOW))
        token, octets, server, _ = asking.to_send(NOW)
        assert server == SECOND
        asking.receive(token, answer(octets, [a("pbx.example", "192.0.2.1")]), server, NOW)
        assert asking.lookup("pbx.example", dns.A, NOW) == ["192.0.2.1"]


def test_a_server_without_extensions_is_asked_without():
    asking = client()
    asking.lookup("pbx.example", dns.A, NOW)
    token, octets, server, _ = asking.to_send(NOW)
    asking.receive(token, answer(octets, [], status=1), server, NOW)
    token, octets, again, _ = asking.to_send(NOW)
    assert again == server and octets[11] == 0


def test_that_there_is_nothing_is_remembered_as_long_as_the_soa_says():
    for status, authority, seconds in (
        (3, [soa("example", 120, 900)], 120),
        (0, [soa("example", 900, 40)], 40),
        (3, [], 60),
    ):
        asking = client()
        asking.lookup("no.example", dns.A, NOW)
        token, octets, server, _ = asking.to_send(NOW)
        asking.receive(token, answer(octets, [], [], authority, status), server, NOW)
        assert asking.lookup("no.example", dns.A, ticks_add(NOW, seconds * 1000 - 1)) == []
        assert asking.lookup("no.example", dns.A, ticks_add(NOW, seconds * 1000)) is None


def truncated():
    """A client that has an answer with one of three records, and asks again over TCP: (client, token, octets)."""
    asking = client()
    asking.lookup("_sip._udp.example", dns.SRV, NOW)
    token, octets, server, streamed = asking.to_send(NOW)
    assert not streamed
    cut = answer(octets, [srv("_sip._udp.example", 1, 1, 5060, "p1.example")], truncated=True, claimed=3)
    asking.receive(token, cut, server, NOW)
    assert asking.lookup("_sip._udp.example", dns.SRV, NOW) is None
    token, octets, again, streamed = asking.to_send(NOW)
    assert streamed and again == server and asking.is_waiting(token)
    return asking, token, octets


def test_a_truncated_answer_is_asked_for_over_tcp():
    asking, token, octets = truncated()
    whole = [srv("_sip._udp.example", 1, 1, port, "p1.example") for port in (5060, 5070, 5080)]
    asking.receive(token, answer(octets, whole), FIRST, NOW)
    assert [value[2] for value in asking.lookup("_sip._udp.example", dns.SRV, NOW)] == [5060, 5070, 5080]


def test_where_tcp_fails_what_came_is_used():
    def silent(asking, token):
        asking.handle_timer(asking.deadline())

    def refused(asking, token):
        asking.failed(token, NOW)

    for fails in (silent, refused):
        asking, token, _ = truncated()
        fails(asking, token)
        assert asking.lookup("_sip._udp.example", dns.SRV, NOW) == [(1, 1, 5060, "p1.example")]


def test_questions_and_memory_are_bounded():
    asking = client()
    for number in range(20):
        asking.lookup("h%d.example" % number, dns.A, NOW)
    assert len(asking._questions) == 8 and asking.lookup("h19.example", dns.A, NOW) == []
    for number in range(60):
        asking._keep(("k%d" % number, 1), [], 100 + number, NOW)
    assert len(asking._kept) <= 48 and ("k59", 1) in asking._kept
    assert struct.calcsize("!H") == 2


def test_an_answer_of_last_week_is_asked_for_again():
    for look in (1, 7, 11):  # ticks wrap after 12.4 days
        dns_client = client()
        now = NOW
        dns_client._keep(("pbx", dns.A), ["192.0.2.1"], 300, now)
        assert dns_client.lookup("pbx", dns.A, now) == ["192.0.2.1"]
        for _ in range(look):
            now = ticks_add(now, 86_400_000)
        assert dns_client.lookup("pbx", dns.A, now) is None, look
