"""The non-INVITE server transaction, and CANCEL: RFC 3261 §17.2.2, §9.2."""

from sip import transaction as machines
from sip.events import LocalError
from sip.syntax.message import Response, parse
from support.check import raises
from support.link import (
    A,
    Core,
    Link,
    User,
    answered,
    untaken,
)

T1 = 500
_64_T1 = 32000


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


def test_a_transaction_gives_way_when_only_repetitions_are_left():
    for status, evicted in (
        (None, False),
        (200, True),
    ):
        link = Link()
        link.b.core = Core(*[status] if status else [])
        link.request("OPTIONS", User())
        server = link.server()
        assert server.evict(link.now) == evicted, status
        assert (server.state == "terminated") == evicted, status


def test_a_refusal_after_a_provisional():
    link, user = Link(), User()
    link.b.core = Core(100, 404)
    link.request("OPTIONS", user)
    assert user.told[-1] == 404 and link.server().state == "completed"


def test_every_row_of_the_table_is_taken_by_these_tests():
    assert untaken(machines.NON_INVITE_SERVER, globals()) == []
