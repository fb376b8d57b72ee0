"""The endpoint: routing of requests and responses, matching, streams, limits, and hostile input."""

from compat import ticks_add
from sip.endpoint import Endpoint, refuse_unsupported
from sip.sending import next_hop
from sip.syntax import uri
from sip.syntax.grammar import ParseError
from sip.syntax.message import Response, parse
from support.check import raises
from support.link import BEFORE_WRAP, A, B, Core, Link, User, answers_of, counting_random, new_request, raw

NOW = BEFORE_WRAP
STRANGER = ("192.0.2.9", 40404)


def alone(*answers, **options):
    endpoint = Endpoint(counting_random(), {"udp": B, "tcp": B}, **options)
    endpoint.core = Core(*answers)
    return endpoint


def options_with(via, more=""):
    return raw(
        """OPTIONS sip:bob@10.0.0.2 SIP/2.0
        Via: %s
        From: <sip:alice@10.0.0.1>;tag=alice
        To: <sip:bob@10.0.0.2>
        Call-ID: one
        CSeq: 1 OPTIONS%s"""
        % (via, more)
    )


def heard(endpoint, data, source=STRANGER, transport="udp", now=NOW):
    """What `endpoint` answers to `data`."""
    endpoint.receive(data, source, transport, now)
    return answers_of(endpoint, now)


# Where requests go


def test_a_request_goes_to_its_uri_unless_routed():
    cases = (
        # target, Route, destination, transport, Request-URI, Route afterwards
        ("sip:bob@10.0.0.2", [], ("10.0.0.2", 5060), "udp", None, []),
        ("sip:bob@host.example:5080", [], ("host.example", 5080), "udp", None, []),
        ("sip:bob@host.example;transport=TCP", [], ("host.example", 5060), "tcp", None, []),
        ("sip:bob@host.example;maddr=10.9.9.9", [], ("10.9.9.9", 5060), "udp", None, []),
        ("sip:bob@[2001:db8::1]:5070", [], ("2001:db8::1", 5070), "udp", None, []),
        ("sip:bob@far", ["<sip:p1:5070;lr>", "<sip:p2;lr>"], ("p1", 5070), "udp", None, None),
        ("sip:bob@far", ["<sip:p1;lr;transport=tcp>"], ("p1", 5060), "tcp", None, None),
        # RFC 3261 §12.2.1.1: a strict router takes the Request-URI's place, and is where the request goes.
        (
            "sip:bob@far",
            ["<sip:p1>", "<sip:p2;lr>"],
            ("p1", 5060),
            "udp",
            "sip:p1",
            ["<sip:p2;lr>", "<sip:bob@far>"],
        ),
        ("sip:bob@far", ["<sip:p1:5071>"], ("p1", 5071), "udp", "sip:p1:5071", ["<sip:bob@far>"]),
    )
    for target, routes, destination, transport, written, rest in cases:
        endpoint = alone()
        request = new_request("OPTIONS", target, headers=[("Route", route) for route in routes])
        endpoint.request(request, None, NOW)
        sent = parse(endpoint._outgoing[0][0])
        assert endpoint._outgoing[0][1:] == (destination, transport), target
        assert str(sent.uri) == (written or target)
        assert sent.all("Route") == (routes if rest is None else rest)
        assert str(sent.via).startswith("SIP/2.0/%s 10.0.0.2:5060;rport;branch=z9hG4bK" % transport.upper())
        assert sent.max_forwards == 70


def test_the_caller_may_say_where_and_how():
    endpoint = alone()
    request = new_request("OPTIONS", headers=[("Max-Forwards", "10")])
    endpoint.request(request, None, NOW, destination=("proxy", 5099), transport="tcp", branch="z9hG4bKmine")
    data, destination, transport = endpoint.to_send(NOW)
    assert (destination, transport) == (("proxy", 5099), "tcp")
    assert parse(data).via.branch == "z9hG4bKmine" and parse(data).max_forwards == 10


def test_next_hop():
    assert next_hop(uri.parse("sip:a")) == ("a", 5060)
    assert next_hop(uri.parse("sips:a")) == ("a", 5061)
    assert next_hop(uri.parse("tel:123")) is None
    assert next_hop(uri.parse("urn:service:sos")) is None


def test_ack_of_2xx_is_sent_outside_any_transaction():
    endpoint = alone()
    endpoint.send(new_request("ACK", "sip:bob@far:5062"), NOW)
    data, destination, _ = endpoint.to_send(NOW)
    assert destination == ("far", 5062) and parse(data).method == "ACK" and endpoint.deadline() is None
    endpoint.send(new_request("ACK", "tel:123"), NOW)
    assert endpoint.to_send(NOW) is None and endpoint.counters == {"unreachable": 1}


# Where responses go


def test_responses_go_where_rfc_3581_and_18_2_2_say():
    cases = (
        ("SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bKa", ("192.0.2.9", 5070), ""),
        ("SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKa", ("192.0.2.9", 5060), ""),
        ("SIP/2.0/UDP 192.168.1.1:5070;branch=z9hG4bKa", ("192.0.2.9", 5070), ";received=192.0.2.9"),
        ("SIP/2.0/UDP host.example;branch=z9hG4bKa", ("192.0.2.9", 5060), ";received=192.0.2.9"),
        ("SIP/2.0/UDP 192.168.1.1;rport;branch=z9hG4bKa", STRANGER, ";received=192.0.2.9"),
        ("SIP/2.0/UDP 192.0.2.9:5060;rport;branch=z9hG4bKa", STRANGER, ";received=192.0.2.9"),
        # Neither a forged address nor maddr leads the answer astray.
        ("SIP/2.0/UDP 1.1.1.1;rport=9;received=6.6.6.6;branch=z9hG4bKa", STRANGER, None),
        ("SIP/2.0/UDP 192.0.2.9;maddr=6.6.6.6;branch=z9hG4bKa", ("192.0.2.9", 5060), ""),
    )
    for via, destination, added in cases:
        [(response, where, transport)] = heard(alone(200), options_with(via))
        assert (response.status, where, transport) == (200, destination, "udp"), via
        if added is not None:
            assert response.get("Via") == via.replace(";rport", ";rport=40404") + added


def test_only_the_top_via_is_stamped():
    via = "SIP/2.0/UDP a;rport;branch=z9hG4bKa, SIP/2.0/UDP b;rport;branch=z9hG4bKb\r\nVia: SIP/2.0/UDP c"
    [(response, _, _)] = heard(alone(200), options_with(via))
    assert response.all("Via") == [
        "SIP/2.0/UDP a;rport=40404;branch=z9hG4bKa;received=192.0.2.9",
        "SIP/2.0/UDP b;rport;branch=z9hG4bKb",
        "SIP/2.0/UDP c",
    ]
    assert [str(via) for via in response.vias] == response.all("Via")


def test_a_response_goes_back_on_its_connection_or_else_to_the_via():
    endpoint = alone()
    data = options_with("SIP/2.0/TCP 192.0.2.9:5070;branch=z9hG4bKa", "\r\nContent-Length: 0")
    endpoint.receive(data, STRANGER, "tcp", NOW)
    transaction = endpoint.core.transactions[0]
    transaction.reply(100, NOW)
    assert endpoint.to_send(NOW)[1:] == (STRANGER, "tcp")
    endpoint.connection_closed(STRANGER, NOW)
    transaction.reply(200, NOW)
    assert endpoint.to_send(NOW)[1:] == (("192.0.2.9", 5070), "tcp")


# Matching


def test_server_transactions_match_by_branch_sent_by_and_method():
    same = "SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKa"
    for via, number in (
        (same, 1),
        (same + ";x=y", 1),
        ("SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKb", 2),
        ("SIP/2.0/UDP 192.0.2.9:5061;branch=z9hG4bKa", 2),
        ("SIP/2.0/UDP other;branch=z9hG4bKa", 2),
    ):
        endpoint = alone()
        endpoint.receive(options_with(same), STRANGER, "udp", NOW)
        endpoint.receive(options_with(via), STRANGER, "udp", NOW)
        assert len(endpoint.core.transactions) == number, via
    endpoint = alone()
    endpoint.receive(options_with(same), STRANGER, "udp", NOW)
    endpoint.receive(options_with(same).replace(b"OPTIONS", b"MESSAGE"), STRANGER, "udp", NOW)
    assert len(endpoint.core.transactions) == 2


def test_server_transactions_of_rfc_2543_match_by_everything_else():
    for branch in ("", ";branch=1", ";branch=z9hG4bK"):
        via = "SIP/2.0/UDP 192.0.2.9" + branch
        for change, number in (
            ((b"x", b"x"), 1),
            ((b"Call-ID: one", b"Call-ID: two"), 2),
            ((b"tag=alice", b"tag=other"), 2),
            ((b"CSeq: 1", b"CSeq: 2"), 2),
            ((b"sip:bob@10.0.0.2 SIP", b"sip:bob2@10.0.0.2 SIP"), 2),
            ((b"UDP 192.0.2.9", b"UDP 192.0.2.9:5061"), 2),
        ):
            endpoint = alone()
            endpoint.receive(options_with(via), STRANGER, "udp", NOW)
            endpoint.receive(options_with(via).replace(*change), STRANGER, "udp", NOW)
            assert len(endpoint.core.transactions) == number, (branch, change)


def test_ack_and_cancel_of_rfc_2543_find_their_invite():
    endpoint = alone(180)
    invite = options_with("SIP/2.0/UDP 192.0.2.9;branch=7").replace(b"OPTIONS", b"INVITE")
    endpoint.receive(invite, STRANGER, "udp", NOW)
    endpoint.receive(invite.replace(b"INVITE", b"CANCEL"), STRANGER, "udp", NOW)
    assert [answer.status for answer, _, _ in answers_of(endpoint, NOW)] == [180, 200, 487]
    ack = invite.replace(b"INVITE", b"ACK").replace(b"bob@10.0.0.2>", b"bob@10.0.0.2>;tag=ours")
    endpoint.receive(ack, STRANGER, "udp", NOW)
    assert endpoint.core.transactions[0].state == "confirmed" and endpoint.core.acks == []


def test_responses_match_by_branch_and_method_only():
    link = Link()
    user = User()
    client = link.request("OPTIONS", user)
    good = Response.of(client.request, 200, to_tag="t")
    for change in ((b"branch=z9hG4bK", b"branch=z9hG4bKx"), (b"1 OPTIONS", b"1 INVITE")):
        link.a.receive(good.to_bytes().replace(*change), B, "udp", link.now)
    assert user.told == [] and len(link.a.core.strays) == 2
    link.a.receive(good.to_bytes().replace(b"10.0.0.1:5060", b"10.6.6.6:5060"), B, "udp", link.now)
    assert user.told == [200]  # the branch is ours alone; our address may have changed since
    link.a.receive(
        good.to_bytes().replace(b"10.0.0.1:5060;rport;branch=", b"6.6.6.6;branch=x"), B, "udp", link.now
    )
    assert len(link.a.core.strays) == 2 and link.a.counters["foreign_responses"] == 1


def test_a_request_that_came_by_two_ways_is_merged():
    endpoint = alone()
    endpoint.receive(options_with("SIP/2.0/UDP p1;branch=z9hG4bKa"), STRANGER, "udp", NOW)
    endpoint.receive(options_with("SIP/2.0/UDP p2;branch=z9hG4bKb"), STRANGER, "udp", NOW)
    next_cseq = options_with("SIP/2.0/UDP p1;branch=z9hG4bKc").replace(b"CSeq: 1", b"CSeq: 2")
    endpoint.receive(next_cseq, STRANGER, "udp", NOW)
    in_dialog = options_with("SIP/2.0/UDP p2;branch=z9hG4bKd").replace(b"0.2>\r\n", b"0.2>;tag=x\r\n")
    endpoint.receive(in_dialog, STRANGER, "udp", NOW)
    _, second, other, inside = endpoint.core.transactions
    assert endpoint.is_merged(second)
    assert not endpoint.is_merged(other) and not endpoint.is_merged(inside)


def test_another_attempt_after_a_refusal_is_not_merged():
    endpoint = alone()
    first = options_with("SIP/2.0/UDP p1;branch=z9hG4bKa").replace(b"OPTIONS", b"INVITE")
    endpoint.receive(first, STRANGER, "udp", NOW)
    for branch, status, merged in (("b", 0, True), ("c", 487, False)):
        if status:
            endpoint.core.transactions[0].reply(status, NOW)
        endpoint.receive(first.replace(b"z9hG4bKa", b"z9hG4bK" + branch.encode()), STRANGER, "udp", NOW)
        latest = endpoint.core.transactions.pop()
        assert endpoint.is_merged(latest) == merged, status
        endpoint.forget(latest)


# Checks that a UAS and a proxy share


def test_unknown_schemes_and_extensions_are_refused():
    via = "SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKa"
    cases = (
        (options_with(via), (), None, None),
        (options_with(via).replace(b"sip:bob@10.0.0.2 ", b"urn:service:sos "), (), 416, None),
        (options_with(via).replace(b"sip:bob@10.0.0.2 ", b"tel:123 "), (), None, None),
        (options_with(via, "\r\nRequire: 100rel, foo"), (), 420, "100rel, foo"),
        (options_with(via, "\r\nRequire: 100REL, foo"), ("100rel",), 420, "foo"),
        (options_with(via, "\r\nRequire: 100rel"), ("100rel",), None, None),
        (options_with(via, "\r\nProxy-Require: foo"), (), None, None),
    )
    for data, extensions, status, unsupported in cases:
        endpoint = alone()
        endpoint.receive(data, STRANGER, "udp", NOW)
        assert refuse_unsupported(endpoint.core.transactions[0], NOW, extensions) == (status is not None)
        answers = answers_of(endpoint, NOW)
        if status:
            assert answers[0][0].status == status and answers[0][0].get("Unsupported") == unsupported
        else:
            assert answers == []


def test_the_server_header_names_us_in_answers():
    [(response, _, _)] = heard(
        alone(404, server_header="Bakelite"), options_with("SIP/2.0/UDP x;branch=z9hG4bKa")
    )
    assert response.get("Server") == "Bakelite"


# Streams

FRAMED = options_with("SIP/2.0/TCP x;branch=z9hG4bKa", "\r\nContent-Length: 0")


def test_a_stream_is_framed_per_connection():
    endpoint = alone(200)
    other = ("192.0.2.10", 1)
    for at in range(len(FRAMED)):
        endpoint.receive(FRAMED[at : at + 1], STRANGER, "tcp", NOW)
        endpoint.receive(FRAMED[at : at + 1].replace(b"x", b"x"), other, "tcp", NOW)
    # One transaction, for the branch is the same; but two complete messages.
    assert len(endpoint.core.transactions) == 1
    assert [where for _, where, _ in answers_of(endpoint, NOW)] == [STRANGER, STRANGER]


def test_several_messages_in_one_piece():
    endpoint = alone(200)
    assert len(heard(endpoint, FRAMED + FRAMED.replace(b"bKa", b"bKb") + FRAMED[:50], transport="tcp")) == 2


def test_a_ping_gets_its_pong():
    endpoint = alone()
    endpoint.receive(b"\r\n\r\n", STRANGER, "tcp", NOW)
    assert endpoint.to_send(NOW) == (b"\r\n", STRANGER, "tcp")
    endpoint.receive(b"\r\n\r\n\r\n\r\n" + FRAMED, STRANGER, "tcp", NOW)
    assert endpoint.to_send(NOW) == (b"\r\n\r\n", STRANGER, "tcp")
    assert len(endpoint.core.transactions) == 1


def test_a_stream_that_cannot_be_framed_is_answered_once_and_closed():
    endpoint = alone()
    without = options_with("SIP/2.0/TCP x;rport;branch=z9hG4bKa")
    endpoint.receive(without, STRANGER, "tcp", NOW)
    data, destination, _ = endpoint.to_send(NOW)
    assert parse(data).status == 400 and destination == STRANGER
    assert endpoint.to_send(NOW) == (b"", STRANGER, "tcp")
    endpoint.receive(without * 3, STRANGER, "tcp", NOW)
    assert endpoint.to_send(NOW) is None and endpoint.counters == {"malformed": 1}
    # A new connection from there starts clean.
    endpoint.connection_closed(STRANGER, NOW)
    endpoint.receive(FRAMED, STRANGER, "tcp", NOW)
    assert len(endpoint.core.transactions) == 1


def test_buffered_streams_are_limited_in_number_and_size():
    endpoint = alone(max_connections=2, max_message=1000)
    for port in (1, 2, 3):
        endpoint.receive(b"OPTIONS ", ("192.0.2.9", port), "tcp", NOW)
    assert endpoint.to_send(NOW) == (b"", ("192.0.2.9", 3), "tcp")
    assert endpoint.counters == {"too_many_connections": 1}
    for _ in range(20):
        endpoint.receive(b"x" * 100, ("192.0.2.9", 1), "tcp", NOW)
    assert endpoint.to_send(NOW) == (b"", ("192.0.2.9", 1), "tcp")
    assert endpoint.counters["malformed"] == 1


# Hostile and odd input


def test_a_malformed_request_is_answered_and_forgotten():
    endpoint = alone()
    bad = options_with("SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bKa").replace(b"CSeq: 1 ", b"CSeq: x ")
    endpoint.receive(bad, STRANGER, "udp", NOW)
    data, destination, _ = endpoint.to_send(NOW)
    assert data.startswith(b"SIP/2.0 400 Bad CSeq\r\n") and destination == ("192.0.2.9", 5070)
    assert b"To: <sip:bob@10.0.0.2>;tag=" in data
    assert endpoint.counters == {"malformed": 1} and endpoint.core.transactions == []
    assert endpoint.deadline() is None


def test_what_cannot_be_answered_is_counted_and_dropped():
    for data in (
        b"",
        b"\x00",
        b"\r\n\r\n",
        b"\xff" * 2000,
        b"SIP/2.0 999 x\r\n\r\n",
        b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 10.0.0.2\r\n\r\n",
        b"OPTIONS sip:bob SIP/2.0\r\n\r\n",
        b"OPTIONS sip:bob SIP/2.0\r\n" + b"x" * 2000,
        raw("ACK sip:bob@10.0.0.2 SIP/2.0\nVia: SIP/2.0/UDP x"),
    ):
        endpoint = alone(max_message=2000)
        assert heard(endpoint, data) == []
        assert sum(endpoint.counters.values()) == 1 and endpoint.deadline() is None


def test_a_header_that_only_the_core_reads_is_a_bad_request_as_well():
    endpoint = alone()

    class Reader(Core):
        def on_request(self, transaction, now):
            super().on_request(transaction, now)
            return transaction.request.routes

    endpoint.core = Reader()
    bad = options_with("SIP/2.0/UDP x;branch=z9hG4bKa", "\r\nRoute: <<>>")
    [(response, _, _)] = heard(endpoint, bad)
    assert response.status == 400 and endpoint.core.transactions[0].answered
    endpoint.core = Reader(202)
    [(response, _, _)] = heard(endpoint, bad.replace(b"bKa", b"bKb"))
    assert response.status == 202  # it had answered already


def test_a_response_that_its_user_cannot_read_is_dropped():
    link = Link()

    class Reader(User):
        def on_response(self, transaction, response, now):
            raise ParseError("Contact: no")

    link.b.core = Core(200)
    link.request("OPTIONS", Reader())
    assert link.a.counters == {"malformed": 1}


def test_a_mistake_of_our_own_is_raised_or_else_reported_and_answered_500():
    class Broken(Core):
        def on_request(self, transaction, now):
            raise KeyError("oops")

    data = options_with("SIP/2.0/UDP x;branch=z9hG4bKa")
    endpoint = alone()
    endpoint.core = Broken()
    raises(KeyError, endpoint.receive, data, STRANGER, "udp", NOW)
    errors = []
    endpoint = alone()
    endpoint.core = Broken()
    endpoint.on_error = errors.append
    [(response, _, _)] = heard(endpoint, data)
    assert response.status == 500 and len(errors) == 1 and endpoint.counters == {"internal_errors": 1}


def test_a_mistake_in_a_timer_does_not_stop_the_others():
    endpoint = alone()
    errors = []
    endpoint.on_error = errors.append
    ran = []

    class Owner:
        def on_timer(self, name, now):
            ran.append(name)
            if name == "bad":
                raise KeyError(name)

    for name in ("bad", "good"):
        endpoint.timers.start(10, Owner(), name, NOW)
    endpoint.handle_timer(ticks_add(NOW, 10))
    assert ran == ["bad", "good"] and len(errors) == 1


def test_too_many_requests_get_503_until_some_are_done():
    endpoint = alone(max_transactions=2)

    def from_branch(number):
        return options_with("SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK%d" % number)

    assert heard(endpoint, from_branch(1)) == [] and heard(endpoint, from_branch(2)) == []
    [(response, _, _)] = heard(endpoint, from_branch(3))
    assert response.status == 503 and response.retry_after == 10
    assert endpoint.counters == {"too_many_transactions": 1}
    endpoint.core.transactions[0].reply(200, NOW)
    endpoint.to_send(NOW)
    # The one that is answered is kept for retransmissions only, and gives way.
    assert heard(endpoint, from_branch(4)) == [] and len(endpoint.core.transactions) == 3
    assert endpoint.core.transactions[0].state == "terminated"
    [(response, _, _)] = heard(endpoint, from_branch(5))
    assert response.status == 503


def test_an_invite_gives_way_last_and_only_when_all_is_said():
    endpoint = alone(max_transactions=2)
    via = "SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK"
    heard(endpoint, options_with(via + "call").replace(b"OPTIONS", b"INVITE"))
    heard(endpoint, options_with(via + "one"))
    call, options = endpoint.core.transactions
    call.reply(200, NOW)
    options.reply(200, NOW)
    heard(endpoint, options_with(via + "two"))
    assert (call.state, options.state) == ("accepted", "terminated")
    # Its 2xx may have to be sent again until the user has seen the ACK.
    heard(endpoint, options_with(via + "three"))
    assert call.state == "accepted" and endpoint.counters == {"too_many_transactions": 1}
    call.settled = True
    heard(endpoint, options_with(via + "four"))
    assert call.state == "terminated" and len(endpoint.core.transactions) == 4


def test_a_flood_leaves_room_to_end_calls():
    endpoint = alone(180, max_transactions=4)
    invite = options_with("SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKcall").replace(b"OPTIONS", b"INVITE")
    endpoint.receive(invite, STRANGER, "udp", NOW)
    for number in range(5):
        endpoint.receive(
            options_with("SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK%d" % number), STRANGER, "udp", NOW
        )
    assert len(endpoint.core.transactions) == 4
    answers_of(endpoint, NOW)
    answers = heard(endpoint, invite.replace(b"INVITE", b"CANCEL"))
    assert [answer.status for answer, _, _ in answers] == [200, 487]
    bye = options_with("SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKbye").replace(b"OPTIONS", b"BYE")
    [(answer, _, _)] = heard(endpoint, bye.replace(b"0.2>\r\n", b"0.2>;tag=x\r\n"))
    assert answer.status == 180 and endpoint.core.transactions[-1].request.method == "BYE"


def test_events_are_handed_over_once_and_in_order():
    endpoint = alone()
    endpoint.emit("first")
    endpoint.emit("second")
    assert endpoint.events() == ["first", "second"] and endpoint.events() == []


def test_tokens_differ_and_are_as_long_as_asked():
    endpoint = alone()
    tokens = [endpoint.token() for _ in range(50)]
    assert len(set(tokens)) == 50 and len(tokens[0]) == 16 and len(endpoint.token(4)) == 8


def test_an_endpoint_can_talk_to_itself_over_a():
    # The same wire carries both directions at once: matching keeps client and server apart.
    link = Link()
    link.a.core = Core(200)
    link.b.core = Core(200)
    one, two = User(), User()
    link.a.request(new_request("OPTIONS"), one, link.now)
    link.b.request(new_request("OPTIONS", "sip:alice@10.0.0.1"), two, link.now, destination=A)
    link.settle()
    assert one.told == [200] and two.told == [200]
