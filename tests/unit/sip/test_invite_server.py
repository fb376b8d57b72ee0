"""The INVITE server transaction, through two endpoints and a wire: RFC 3261 §17.2.1, RFC 6026 §7.1."""

from sip import transaction as machines
from support.link import (
    A,
    Core,
    Link,
    User,
    answered,
    new_request,
    only,
    untaken,
)

T1 = 500
_64_T1 = 32000


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


def test_a_transaction_gives_way_when_only_repetitions_are_left():
    for status, settled, evicted in (
        (180, False, False),
        (200, False, False),
        (200, True, True),
        (486, False, True),
    ):
        link = Link()
        link.b.core = Core(*[status] if status else [])
        link.request("INVITE", User())
        server = link.server()
        server.settled = settled
        assert server.evict(link.now) == evicted, status
        assert (server.state == "terminated") == evicted, status
    link = Link()
    link.lose = lambda sender, word: word == "ACK"
    answered(link, User(), 486)
    assert link.server().evict(link.now)  # or who never sends an ACK fills us up
    assert link.b.timers.deadline() is None


def test_a_2xx_is_sent_each_time_that_the_user_does():
    link = Link()
    answered(link, User(), 200)
    link.advance(1000)
    link.server().reply(200, link.now)
    link.settle()
    assert link.times("b", 200) == [0, 1000] and link.server().state == "accepted"


def test_every_row_of_the_table_is_taken_by_these_tests():
    assert untaken(machines.INVITE_SERVER, globals()) == []
