"""The four state machines, each through two endpoints and a wire: RFC 3261 §17, RFC 6026."""

from sip import transaction as machines
from sip.events import LocalError
from sip.syntax.message import Response, parse
from support.check import raises
from support.link import A, B, Core, Link, User, new_request

T1 = 500
_64_T1 = 32000


def answered(link, user, *statuses):
    """b's core answers everything so; a's INVITE is on its way."""
    link.b.core = Core(*statuses)
    return link.request("INVITE", user)


def lose_all_from_b(link):
    link.lose = lambda sender, word: sender == "b"


def only(*words):
    """Lose everything but these words."""
    return lambda sender, word: word not in words


# INVITE client


def test_invite_is_sent_again_at_doubled_intervals_until_b_fires():
    link = Link()
    user = User()
    lose_all_from_b(link)
    client = link.request("INVITE", user)
    assert client.state == "calling"
    link.advance(_64_T1 - 1)
    assert link.times("a", "INVITE") == [0, 500, 1500, 3500, 7500, 15500, 31500]
    assert user.told == []
    link.advance(1)
    assert user.told == ["failure 408"] and client.state == "terminated"
    link.advance(100_000)
    assert len(link.times("a", "INVITE")) == 7 and link.a.deadline() is None


def test_invite_over_tcp_is_sent_once_and_times_out():
    link = Link("tcp")
    user = User()
    lose_all_from_b(link)
    link.request("INVITE", user)
    link.advance(_64_T1)
    assert link.times("a", "INVITE") == [0] and user.told == ["failure 408"]


def test_provisional_stops_retransmission_and_leaves_time_to_ring():
    link = Link()
    user = User()
    client = answered(link, user, 180)
    assert client.state == "proceeding" and user.told == [180]
    for _ in range(3):
        link.advance(239_000)
        assert link.times("a", "INVITE") == [0] and client.state == "proceeding"
        link.server().reply(183, link.now)
        link.settle()
    assert user.told == [180, 183, 183, 183]


def test_who_rings_and_falls_silent_for_good_is_given_up():
    link = Link()
    user = User()
    client = answered(link, user, 180)
    link.advance(241_000)
    assert user.told == [180, "failure 408"] and client.state == "terminated" and link.a.deadline() is None


def test_100_comes_after_200_ms_unless_the_user_answers():
    link = Link()
    user = User()
    answered(link, user)
    link.advance(199)
    assert link.times("b", 100) == []
    link.advance(1)
    assert link.times("b", 100) == [200]
    link = Link()
    answered(link, user, 180)
    link.advance(5000)
    assert link.times("b", 100) == []


def test_2xx_is_handed_up_each_time_it_comes_until_m_fires():
    link = Link()
    user = User()
    client = answered(link, user, 200)
    assert client.state == "accepted" and link.server().state == "accepted"
    for _ in range(3):
        link.advance(1000)
        link.server().reply(200, link.now)
        link.settle()
    assert user.told == [200] * 4
    assert link.times("a", "ACK") == []  # it is the user's
    link.advance(_64_T1 - 3001)
    assert client.state == "accepted"
    link.advance(1)
    assert client.state == "terminated" and link.server().state == "terminated"


def test_2xx_after_a_provisional():
    link = Link()
    user = User()
    client = answered(link, user, 180, 200)
    assert user.told == [180, 200] and client.state == "accepted"


def test_rejection_is_acknowledged_each_time_and_told_once():
    link = Link()
    user = User()
    link.lose = lambda sender, word: word == "ACK"
    client = answered(link, user, 180, 486)
    assert client.state == "completed" and user.told == [180, 486]
    link.advance(1600)
    assert link.times("b", 486) == [0, 500, 1500]
    assert link.times("a", "ACK") == [0, 500, 1500] and user.told == [180, 486]
    link.lose = lambda sender, word: False
    link.advance(31999 - 1600)
    assert client.state == "completed"
    link.advance(1)  # timer D
    assert client.state == "terminated" and user.told == [180, 486]


def test_rejection_without_a_provisional_and_over_tcp_ends_at_once():
    link = Link("tcp")
    user = User()
    client = answered(link, user, 603)
    link.advance(0)
    assert user.told == [603] and client.state == "terminated"
    assert link.server().state == "terminated"  # timer I is zero as well


def test_ack_of_a_rejection_is_what_17_1_1_3_says():
    link = Link()
    link.b.core = Core(486)
    request = new_request("INVITE", headers=[("Route", "<sip:10.0.0.2;lr>, <sip:far;lr>"), ("Subject", "x")])
    link.a.request(request, User(), link.now)
    link.settle()
    invite, rejection, ack = [parse(data) for data in link.sent]
    assert str(ack.uri) == str(invite.uri)
    assert str(ack.via) == str(invite.via) and len(ack.vias) == 1
    assert ack.get("From") == invite.get("From") and ack.get("To") == rejection.get("To")
    assert ack.call_id == invite.call_id and str(ack.cseq) == "1 ACK"
    assert ack.all("Route") == ["<sip:10.0.0.2;lr>", "<sip:far;lr>"]
    assert ack.max_forwards == 70 and ack.get("Subject") is None


def test_transport_error_while_calling_fails_the_invite():
    link = Link()
    user = User()
    link.broken = True
    client = link.request("INVITE", user)
    assert user.told == ["failure 503"] and client.state == "terminated"


def test_transport_error_of_the_ack_ends_a_rejected_invite_in_silence():
    link = Link()
    user = User()
    client = answered(link, user, 180)
    link.server().reply(486, link.now)
    data, _, _ = link.b.to_send(link.now)
    link.broken = True
    link.a.receive(data, ("10.0.0.2", 5060), "udp", link.now)
    link.settle()
    assert user.told == [180, 486] and client.state == "terminated"


def test_no_way_to_the_peer_is_told_after_request_returns():
    for method in ("INVITE", "OPTIONS"):
        for target in ("tel:+491234", "sips:bob@example.com"):
            link = Link()
            user = User()
            client = link.a.request(new_request(method, target), user, link.now)
            assert user.told == [] and client.state == "new"
            link.advance(0)
            assert user.told == ["failure 503"] and client.state == "terminated" and link.log == []


# CANCEL


def test_cancel_waits_for_a_provisional():
    link = Link()
    user = User()
    client = answered(link, user)
    assert client.cancel(link.now)
    link.settle()
    assert link.times("a", "CANCEL") == []
    link.advance(200)  # the 100
    assert link.times("a", "CANCEL") == [200]
    assert user.told == [100, 487] and client.state == "completed"
    assert link.server().state == "confirmed"


def test_cancel_while_it_rings_tells_the_server_user():
    link = Link()
    user = User()
    callee = User()
    client = answered(link, user, 180)
    link.server().user = callee
    assert client.cancel(link.now) and client.cancel(link.now)
    link.settle()
    assert link.times("a", "CANCEL") == [0] and callee.told == ["cancel"]
    invite, cancel = parse(link.sent[0]), parse(link.sent[2])
    assert str(cancel.via) == str(invite.via) and str(cancel.uri) == str(invite.uri)
    assert str(cancel.cseq) == "1 CANCEL" and cancel.get("To") == invite.get("To")
    link.server().reply(487, link.now)
    link.settle()
    assert user.told == [180, 487]


def test_cancel_in_the_callback_of_the_provisional_is_sent_once():
    link = Link()

    class Hasty(User):
        def on_response(self, transaction, response, now):
            super().on_response(transaction, response, now)
            transaction.cancel(now)

    answered(link, Hasty(), 180)
    assert link.times("a", "CANCEL") == [0]


def test_cancel_and_2xx_may_cross():
    link = Link()
    user = User()
    client = answered(link, user, 180)
    client.cancel(link.now)
    link.server().reply(200, link.now)
    link.settle()
    assert user.told == [180, 200]
    assert [word for _, sender, word in link.log if sender == "b"] == [180, 200, 200]  # 2xx of both
    assert not client.cancel(link.now) or client.cancelled


def test_cancel_after_the_final_response_does_nothing():
    link = Link()
    client = answered(link, User(), 486)
    assert client.cancel(link.now) is False
    link.settle()
    assert link.times("a", "CANCEL") == []


def test_a_cancelled_invite_without_a_final_response_is_given_up():
    link = Link()
    user = User()
    client = answered(link, user, 180)
    link.server().user = User()  # which never answers 487
    client.cancel(link.now)
    link.advance(_64_T1 - 1)
    assert user.told == [180]
    link.advance(1)
    assert user.told == [180, "failure 408"] and client.state == "terminated"


def test_cancel_that_matches_nothing_is_answered_481():
    link = Link()
    link.request("CANCEL")
    assert link.times("b", 481) == [0] and link.b.core.transactions == []


def test_only_an_invite_can_be_cancelled():
    link = Link()
    client = link.request("OPTIONS")
    raises(LocalError, client.cancel, link.now)


def test_the_2xx_of_a_cancel_has_the_tag_of_the_invites_responses():
    link = Link()
    client = answered(link, User(), 180)
    client.cancel(link.now)
    link.settle()
    tags = [message.to.tag for message in map(parse, link.sent) if isinstance(message, Response)]
    assert len(tags) == 3 and tags[0] and tags.count(tags[0]) == 3  # 180, 200 of the CANCEL, 487


# Non-INVITE client


def test_request_is_sent_again_up_to_t2_until_f_fires():
    link = Link()
    user = User()
    lose_all_from_b(link)
    client = link.request("OPTIONS", user)
    link.advance(_64_T1 - 1)
    assert link.times("a", "OPTIONS") == [0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500]
    assert user.told == []
    link.advance(1)
    assert user.told == ["failure 408"] and client.state == "terminated"


def test_request_over_tcp_is_sent_once():
    link = Link("tcp")
    user = User()
    link.request("OPTIONS", user)
    link.advance(_64_T1)
    assert link.times("a", "OPTIONS") == [0] and user.told == ["failure 408"]


def test_provisional_slows_retransmission_to_t2():
    link = Link()
    user = User()
    link.b.core = Core(100)
    client = link.request("OPTIONS", user)
    link.lose = lambda sender, word: True
    link.advance(_64_T1 - 1)
    assert client.state == "proceeding"
    # E was running when the 100 came.
    assert link.times("a", "OPTIONS") == [0, 500, 4500, 8500, 12500, 16500, 20500, 24500, 28500]
    link.advance(1)
    assert user.told == [100, "failure 408"]


def test_final_response_ends_the_request_and_its_repetition_is_absorbed():
    for status in (200, 404):
        for provisional in ((), (100,), (100, 183)):
            link = Link()
            user = User()
            link.b.core = Core(*(provisional + (status,)))
            client = link.request("OPTIONS", user)
            assert client.state == "completed"
            link.a.receive(link.sent[-1], ("10.0.0.2", 5060), "udp", link.now)
            assert user.told == list(provisional) + [status]
            link.advance(4999)
            assert client.state == "completed"
            link.advance(1)  # timer K
            assert client.state == "terminated"


def test_final_response_over_tcp_ends_it_at_once():
    link = Link("tcp")
    link.b.core = Core(200)
    client = link.request("OPTIONS")
    link.advance(0)
    assert client.state == "terminated" and link.server().state == "terminated"


def test_transport_error_fails_the_request():
    for answers in ((), (100,)):
        link = Link()
        user = User()
        link.b.core = Core(*answers)
        client = link.request("OPTIONS", user)
        link.broken = True
        link.advance(T1)
        assert user.told == list(answers) + ["failure 503"] and client.state == "terminated"


# INVITE server


def test_retransmitted_invite_gets_the_last_provisional_again():
    link = Link()
    answered(link, User())
    link.b.receive(link.sent[0], A, "udp", link.now)  # nothing said yet, so nothing to repeat
    link.settle()
    assert link.times("b", 100) == []
    link.server().reply(180, link.now)
    link.settle()
    link.b.receive(link.sent[0], A, "udp", link.now)
    link.settle()
    assert link.times("b", 180) == [0, 0] and len(link.b.core.transactions) == 1


def test_rejection_is_sent_again_until_h_gives_up():
    link = Link()
    callee = User()
    link.lose = only("INVITE", 180)
    answered(link, User(), 180)
    link.server().user = callee
    link.server().reply(486, link.now)
    link.advance(_64_T1 - 1)
    assert link.times("b", 486) == [0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500]
    assert link.server().state == "completed"
    link.advance(1)
    assert callee.told == ["no ack"] and link.server().state == "terminated"


def test_invite_again_gets_the_rejection_again():
    link = Link()
    link.lose = only("INVITE")
    answered(link, User())
    link.server().reply(486, link.now)
    link.settle()
    link.b.receive(link.sent[0], A, "udp", link.now)
    link.settle()
    assert link.times("b", 486) == [0, 0] and len(link.b.core.transactions) == 1


def test_rejection_over_tcp_is_sent_once_and_h_still_runs():
    link = Link("tcp")
    callee = User()
    link.lose = only("INVITE")
    answered(link, User(), 180)
    link.server().user = callee
    link.server().reply(486, link.now)
    link.advance(_64_T1)
    assert link.times("b", 486) == [0] and callee.told == ["no ack"]


def test_ack_confirms_and_i_ends():
    link = Link()
    callee = User()
    answered(link, User())
    link.server().user = callee
    link.server().reply(486, link.now)
    link.settle()
    assert link.server().state == "confirmed" and callee.told == ["ack"]
    link.b.receive(link.sent[-1], A, "udp", link.now)  # the ACK again is absorbed
    link.b.receive(link.sent[0], A, "udp", link.now)  # and so is the INVITE
    link.settle()
    assert callee.told == ["ack"] and link.times("b", 486) == [0]
    assert link.b.core.acks == [] and len(link.b.core.transactions) == 1
    link.advance(4999)
    assert link.server().state == "confirmed"
    link.advance(1)
    assert link.server().state == "terminated"


def test_accepted_absorbs_the_invite_until_l_fires():
    link = Link()
    answered(link, User(), 200)
    link.advance(31000)
    link.b.receive(link.sent[0], A, "udp", link.now)
    link.settle()
    assert link.times("b", 200) == [0] and len(link.b.core.transactions) == 1
    link.advance(1000)
    assert link.server().state == "terminated"
    link.b.receive(link.sent[0], A, "udp", link.now)
    assert len(link.b.core.transactions) == 2  # forgotten: a new one to all appearances


def test_ack_of_a_2xx_goes_to_the_core():
    link = Link()
    client = answered(link, User(), 200)
    # As the user agent sends it, with a branch of its own …
    link.a.send(new_request("ACK"), link.now)
    link.settle()
    # … and as some of RFC 2543's time do, with the INVITE's.
    ack = new_request("ACK")
    ack.insert("Via", client.request.via)
    link.b.receive(ack.to_bytes(), A, "udp", link.now)
    assert len(link.b.core.acks) == 2 and link.server().state == "accepted"


def test_transport_error_is_told_to_the_server_user_and_ends_nothing():
    for status, state in ((180, "proceeding"), (200, "accepted"), (486, "completed")):
        link = Link()
        callee = User()
        answered(link, User())
        link.server().user = callee
        link.broken = True
        link.server().reply(status, link.now)
        link.settle()
        assert callee.told == ["error"] and link.server().state == state


# Non-INVITE server


def test_request_again_in_trying_is_absorbed():
    link = Link()
    link.request("OPTIONS")
    link.advance(1600)
    assert link.times("a", "OPTIONS") == [0, 500, 1500]
    assert [sender for _, sender, _ in link.log] == ["a"] * 3 and len(link.b.core.transactions) == 1


def test_request_again_gets_the_last_response_again():
    link = Link()
    link.b.core = Core(100)
    link.request("OPTIONS")
    link.b.receive(link.sent[0], A, "udp", link.now)
    link.settle()
    assert link.times("b", 100) == [0, 0]
    link.server().reply(183, link.now)
    link.server().reply(200, link.now)
    link.settle()
    link.advance(_64_T1 - 1)
    link.b.receive(link.sent[0], A, "udp", link.now)
    link.settle()
    assert link.times("b", 200) == [0, 31999]
    link.advance(1)  # timer J
    assert link.server().state == "terminated"


def test_response_that_cannot_be_sent_ends_the_request():
    for statuses in ((100,), (200,), (404,)):
        link = Link()
        callee = User()
        link.request("OPTIONS")
        link.server().user = callee
        link.broken = True
        for status in statuses:
            link.server().reply(status, link.now)
        link.settle()
        assert callee.told == ["error"] and link.server().state == "terminated"


def test_request_may_be_dropped_unanswered():
    for answers in ((), (100,)):
        link = Link()
        link.b.core = Core(*answers)
        link.request("OPTIONS")
        link.server().drop(link.now)
        assert link.server().state == "terminated"
        raises(LocalError, link.server().drop, link.now)


# What the states do not allow


def test_a_transaction_gives_way_when_only_repetitions_are_left():
    for method, status, settled, evicted in (
        ("OPTIONS", None, False, False),
        ("OPTIONS", 200, False, True),
        ("INVITE", 180, False, False),
        ("INVITE", 200, False, False),
        ("INVITE", 200, True, True),
        ("INVITE", 486, False, True),
    ):
        link = Link()
        link.b.core = Core(*[status] if status else [])
        link.request(method, User())
        server = link.server()
        server.settled = settled
        assert server.evict(link.now) == evicted, (method, status)
        assert (server.state == "terminated") == evicted, (method, status)
    link = Link()
    link.lose = lambda sender, word: word == "ACK"
    answered(link, User(), 486)
    assert not link.server().evict(link.now)  # its ACK is still to come


def test_what_only_waits_for_repetitions_keeps_little_of_the_request():
    for method, status, again in (("OPTIONS", 200, [200]), ("INVITE", 486, []), ("INVITE", 200, [])):
        link = Link()
        link.b.core = Core(status)
        link.request(method, User())
        server = link.server()
        if status == 200 and method == "INVITE":
            assert server.request.max_forwards == 70
            server.settle()
        names = [name for name, _ in server.request.headers]
        assert sorted(names) == ["CSeq", "Call-ID", "From", "To", "Via"], (method, status, names)
        assert server.user is None
        sent = len(link.log)
        link.b.receive(link.sent[0], A, "udp", link.now)
        link.settle()
        assert [entry[2] for entry in link.log[sent:]] == again, (method, status)


def test_a_response_that_the_state_forbids_raises_and_changes_nothing():
    cases = (
        ("INVITE", (486,), 180, "confirmed"),
        ("INVITE", (486,), 200, "confirmed"),
        ("INVITE", (200,), 180, "accepted"),
        ("INVITE", (200,), 486, "accepted"),
        ("OPTIONS", (200,), 200, "completed"),
        ("OPTIONS", (404,), 100, "completed"),
    )
    for method, before, status, state in cases:
        link = Link()
        link.b.core = Core(*before)
        link.request(method)
        sent = len(link.log)
        raises(LocalError, link.server().reply, status, link.now)
        link.settle()
        assert link.server().state == state and len(link.log) == sent


def test_a_response_with_a_line_break_raises_and_changes_nothing():
    link = Link()
    link.request("INVITE")
    response = link.server().response(200)
    response.add("Subject", "a\r\nVia: evil")
    raises(ValueError, link.server().respond, response, link.now)
    assert link.server().state == "proceeding"


def test_stray_final_after_the_end_is_ignored_by_the_machine():
    link = Link()
    user = User()
    client = answered(link, user, 200)
    late = link.server().response(486)
    link.a.receive(late.to_bytes(), ("10.0.0.2", 5060), "udp", link.now)
    assert user.told == [200] and client.state == "accepted"


class Several:
    """A locator that gives `targets`, at once or, where `slow`, when `found` is called."""

    def __init__(self, *targets, slow=False):
        self.targets = list(targets)
        self.slow = slow
        self.found = None
        self.bad, self.good = [], []

    def locate(self, host, port, transport, secure, found, now):
        self.found = found
        return None if self.slow else list(self.targets)

    def failed(self, target, now, retry_after=0):
        self.bad.append((target, retry_after))

    def succeeded(self, target):
        self.good.append(target)


DEAD = ("udp", ("10.0.0.9", 5060))
ALIVE = ("udp", B)


def by_name(link, method, user, locator):
    link.a.locator = locator
    return link.a.request(new_request(method, "sip:bob@b.example"), user, link.now)


def test_a_silent_server_is_left_for_the_next_one():
    for method in ("INVITE", "OPTIONS"):
        link, user = Link(), User()
        link.b.core = Core(200)
        locator = Several(DEAD, ALIVE)
        link.lose = lambda sender, word, link=link: link.log[-1][0] < machines.NEXT
        client = by_name(link, method, user, locator)
        link.advance(machines.NEXT - 1)
        assert user.told == [] and client.destination == DEAD[1]
        branch = client.request.via.branch
        link.advance(1)
        assert user.told == [200] and client.destination == B
        assert client.request.via.branch != branch and len(client.request.vias) == 1
        assert locator.bad == [(DEAD, 0)] and locator.good == [ALIVE]
        link.advance(100_000)
        assert user.told == [200] and link.a.deadline() is None


def test_the_last_server_has_all_the_time_and_then_it_is_over():
    link, user = Link(), User()
    locator = Several(DEAD, ALIVE)
    link.lose = lambda sender, word: True
    by_name(link, "INVITE", user, locator)
    link.advance(machines.NEXT + _64_T1 - 1)
    assert user.told == []
    link.advance(1)
    assert user.told == ["failure 408"] and locator.bad == [(DEAD, 0), (ALIVE, 0)]


class Moody(Core):
    """Has had enough when the first request comes."""

    def on_request(self, transaction, now):
        self.transactions.append(transaction)
        response = transaction.response(503 if len(self.transactions) == 1 else 200)
        if response.status == 503:
            response.add("Retry-After", "90")
        transaction.respond(response, now)


def test_503_and_what_cannot_be_sent_lead_to_the_next_server():
    for method in ("INVITE", "OPTIONS"):
        link, user = Link(), User()
        link.b.core = Moody()
        first, second = ("udp", B), ("tcp", B)
        locator = Several(first, second)
        by_name(link, method, user, locator)
        link.advance(1000)
        assert user.told == [200] and locator.bad == [(first, 90)] and locator.good == [second]
        link, user = Link(), User()
        locator = Several(DEAD, ALIVE)
        link.b.core = Core(200)
        by_name(link, method, user, locator)
        link.a.transport_error(DEAD[1], "udp", link.now)
        link.advance(1000)
        assert user.told == [200] and locator.bad == [(DEAD, 0)]


def test_a_request_waits_for_its_way():
    link, user = Link(), User()
    link.b.core = Core(200)
    locator = Several(ALIVE, slow=True)
    client = by_name(link, "INVITE", user, locator)
    link.advance(5000)
    assert client.state == "new" and link.log == []
    locator.found([ALIVE], link.now)
    link.advance(100)
    assert user.told == [200]
    for found in ([], [("sctp", B)]):
        user.told = []
        by_name(link, "INVITE", user, locator)
        locator.found(found, link.now)
        link.advance(100)
        assert user.told == ["failure 503"]


def test_an_invite_cancelled_before_its_way_is_known_never_leaves():
    link, user = Link(), User()
    locator = Several(ALIVE, slow=True)
    client = by_name(link, "INVITE", user, locator)
    client.cancel(link.now)
    locator.found([ALIVE], link.now)
    link.advance(100)
    assert user.told == ["failure 503"] and link.log == [] and link.a.deadline() is None


def test_every_row_of_every_table_is_taken_by_these_tests():
    taken = set()
    handle = machines._Transaction._handle
    names = ("INVITE_CLIENT", "NON_INVITE_CLIENT", "INVITE_SERVER", "NON_INVITE_SERVER")

    def recorder(self, event, now, message=None):
        for name in names:
            if self._table is getattr(machines, name):
                taken.add((name, self.state, event))
        return handle(self, event, now, message)

    machines._Transaction._handle = recorder
    try:
        for name in sorted(globals()):
            if name.startswith("test_") and not name.startswith("test_every_row"):
                globals()[name]()
    finally:
        machines._Transaction._handle = handle
    rows = [(name,) + row[0] for name in names for row in getattr(machines, name)]
    assert [row for row in rows if row not in taken] == []
