"""The non-INVITE client transaction, through two endpoints and a wire: RFC 3261 §17.1.2."""

from sip import transaction as machines
from support.link import (
    ALIVE,
    DEAD,
    B,
    Core,
    Link,
    Several,
    User,
    by_name,
    lose_all_from_b,
    untaken,
)

T1 = 500
_64_T1 = 32000


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


def test_the_next_server_is_asked_when_the_first_is_silent():
    link, user = Link(), User()
    link.b.core = Core(200)
    link.lose = lambda sender, word: link.log[-1][0] < machines.NEXT
    client = by_name(link, "OPTIONS", user, Several(DEAD, ALIVE))
    link.advance(machines.NEXT)
    assert user.told == [200] and client.destination == B


def test_a_request_that_finds_no_way_fails():
    link, user = Link(), User()
    locator = Several(slow=True)
    by_name(link, "OPTIONS", user, locator)
    locator.found([], link.now)
    link.advance(1)
    assert user.told == ["failure 503"] and link.log == []


def test_every_row_of_the_table_is_taken_by_these_tests():
    assert untaken(machines.NON_INVITE_CLIENT, globals()) == []
