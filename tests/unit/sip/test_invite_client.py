"""The INVITE client transaction, through two endpoints and a wire: RFC 3261 §17.1.1, RFC 6026 §7.2."""

from sip import transaction as machines
from sip.syntax.message import parse
from support.link import (
    ALIVE,
    DEAD,
    B,
    Core,
    Link,
    Several,
    User,
    answered,
    by_name,
    lose_all_from_b,
    new_request,
    untaken,
)

T1 = 500
_64_T1 = 32000


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


def test_stray_final_after_the_end_is_ignored_by_the_machine():
    link = Link()
    user = User()
    client = answered(link, user, 200)
    late = link.server().response(486)
    link.a.receive(late.to_bytes(), ("10.0.0.2", 5060), "udp", link.now)
    assert user.told == [200] and client.state == "accepted"


def test_the_next_server_is_asked_when_the_first_is_silent():
    link, user = Link(), User()
    link.b.core = Core(200)
    link.lose = lambda sender, word: link.log[-1][0] < machines.NEXT
    client = by_name(link, "INVITE", user, Several(DEAD, ALIVE))
    link.advance(machines.NEXT)
    assert user.told == [200] and client.destination == B


def test_an_invite_cancelled_before_its_way_is_known_never_leaves():
    link, user = Link(), User()
    locator = Several(ALIVE, slow=True)
    client = by_name(link, "INVITE", user, locator)
    client.cancel(link.now)
    locator.found([ALIVE], link.now)
    link.advance(100)
    assert user.told == ["failure 503"] and link.log == [] and link.a.deadline() is None


def test_every_row_of_the_table_is_taken_by_these_tests():
    assert untaken(machines.INVITE_CLIENT, globals()) == []
