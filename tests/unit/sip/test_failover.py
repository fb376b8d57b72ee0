"""The next server for a request, where a name leads to several: RFC 3263 §4.3."""

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
)

T1 = 500
_64_T1 = 32000


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
