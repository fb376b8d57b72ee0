"""Forking to several targets, and the choice among what they say: RFC 3261 §16.6 to §16.10."""

# micropython-heap: 400k: five endpoints and the network between them live in one process

from support.link import User
from support.site import Site, last_of


def test_all_ring_one_answers_the_others_are_cancelled():
    site = Site()
    alice = site.peer("alice")
    desk = site.peer("desk", 180, at="bob")
    hall = site.peer("hall", 180, at="bob")
    client, user = alice.send("INVITE", "sip:bob@example.com")
    assert user.told == [100, 180, 180]
    desk.reply(200)
    assert user.told == [100, 180, 180, 200] and site.sent_by_proxy("CANCEL") == 1
    assert hall.transactions[0].state == "confirmed" and desk.transactions[0].state == "accepted"
    assert client.state == "accepted"
    branches = [peer.requests[0].via.branch for peer in (desk, hall)]
    assert branches[0] != branches[1]


def test_a_second_2xx_is_passed_on_as_well():
    site = Site()
    alice = site.peer("alice")
    desk = site.peer("desk", 180, at="bob")
    hall = site.peer("hall", 180, at="bob")
    _, user = alice.send("INVITE", "sip:bob@example.com")
    now = site.network.now
    desk.transactions[0].reply(200, now)
    hall.transactions[0].reply(200, now)  # crosses the CANCEL
    site.settle()
    assert user.told == [100, 180, 180, 200, 200]
    assert len({response.to.tag for response in user.responses[-2:]}) == 2


def test_the_best_response():
    cases = (
        ((486, 404), 486),  # of equals the first
        ((302, 486), 302),
        ((486, 500), 486),
        ((500, 486), 486),
        ((486, 603), 603),
        ((302, 600), 600),
        ((404, 484), 484),
        ((486, 401), 401),
        ((415, 407), 407),
        ((480, 503), 480),
        ((503, 408), 408),
        ((503, 503), 500),
        ((503, 504), 504),
    )
    for statuses, best in cases:
        site = Site()
        alice = site.peer("alice")
        peers = [site.peer("p%d" % at, at="bob") for at in range(2)]
        _, user = alice.send("INVITE", "sip:bob@example.com")
        peers[0].reply(statuses[0])
        assert user.told == [100] or statuses[0] >= 600
        peers[1].reply(statuses[1])
        assert user.told == [100, best], statuses


def test_challenges_of_all_branches_are_gathered():
    site = Site()
    alice = site.peer("alice")
    peers = [site.peer("p%d" % at, at="bob") for at in range(3)]
    _, user = alice.send("INVITE", "sip:bob@example.com")
    for number, peer, status, name in (
        (1, peers[0], 401, "WWW-Authenticate"),
        (2, peers[1], 407, "Proxy-Authenticate"),
        (3, peers[2], 401, "WWW-Authenticate"),
    ):
        response = peer.transactions[0].response(status)
        response.add(name, 'Digest realm="%d", nonce="n"' % number)
        peer.transactions[0].respond(response, site.network.now)
        site.settle()
    assert user.told == [100, 401]
    assert (
        len(last_of(user).all("WWW-Authenticate")) == 2 and len(last_of(user).all("Proxy-Authenticate")) == 1
    )


def test_lower_q_is_tried_when_the_higher_has_failed():
    site = Site()
    alice = site.peer("alice")
    first = [site.peer("a%d" % at, at="bob", q="0.9") for at in range(2)]
    second = site.peer("b", 200, at="bob", q="0.5")
    third = site.peer("c", 200, at="bob", q="0.1")
    _, user = alice.send("INVITE", "sip:bob@example.com")
    first[0].reply(486)
    assert second.requests == []
    first[1].reply(480)
    assert user.told == [100, 200] and third.requests == []


def test_a_6xx_ends_the_search():
    site = Site()
    alice = site.peer("alice")
    first = [site.peer("a%d" % at, 180, at="bob", q="0.9") for at in range(2)]
    second = site.peer("b", 200, at="bob", q="0.5")
    _, user = alice.send("INVITE", "sip:bob@example.com")
    first[0].reply(603)
    assert user.told == [100, 180, 180, 603] and second.requests == []
    assert first[1].transactions[0].state == "confirmed"  # 487


def test_cancel_ends_all_branches_and_the_search():
    site = Site()
    alice = site.peer("alice")
    ringing = site.peer("a0", 180, at="bob", q="0.9")
    silent = site.peer("a1", at="bob", q="0.9")
    later = site.peer("b", 200, at="bob", q="0.5")
    client, user = alice.send("INVITE", "sip:bob@example.com")
    client.cancel(site.network.now)
    site.settle()
    assert ringing.transactions[0].state == "confirmed" and user.told == [100, 180]
    site.network.run(300)  # the other's 100 lets the CANCEL go
    assert silent.transactions[0].state == "confirmed"
    assert user.told == [100, 180, 487] and later.requests == []


def test_timer_c_ends_what_rings_too_long():
    site = Site()
    bob = site.peer("bob", 180)
    _, user = site.peer("alice").send("INVITE", "sip:bob@example.com")
    site.network.run(100_000)
    bob.reply(180)  # which gives it all the time again
    site.network.run(184_800)
    assert user.told == [100, 180, 180] and site.sent_by_proxy("CANCEL") == 0
    site.network.run(1000)
    assert user.told == [100, 180, 180, 487] and bob.transactions[0].state == "confirmed"


def test_timer_c_gives_up_a_branch_that_ignores_its_cancel():
    site = Site()
    bob = site.peer("bob", 180)
    _, user = site.peer("alice").send("INVITE", "sip:bob@example.com")
    bob.transactions[0].user = User()  # never answers the INVITE
    site.network.run(185_000 + 32_000)
    assert user.told == [100, 180, 408]


def test_nobody_answers():
    for method, told in (("INVITE", [100, 408]), ("MESSAGE", ["failure 408"])):
        site = Site()
        site.peer("bob", contact="<sip:bob@192.0.2.250>")
        _, user = site.peer("alice").send(method, "sip:bob@example.com")
        site.network.run(33_000)
        # A 408 of the proxy's own would be of no use to other requests (RFC 4320).
        assert user.told == told and site.proxy.contexts == 0
        assert site.sent_by_proxy("408 MESSAGE") == 0


def test_a_target_that_cannot_be_reached():
    site = Site()
    site.peer("bob", contact="<sips:bob@192.0.2.250>")
    alice = site.peer("alice")
    _, user = alice.send("INVITE", "sip:bob@example.com")
    assert user.told == [100, 500]
    site.peer("desk", 200, at="bob", q="0.5")
    _, user = alice.send("INVITE", "sip:bob@example.com", call_id="again")
    assert user.told == [100, 200]


def test_other_requests_fork_and_the_first_2xx_wins():
    site = Site()
    alice = site.peer("alice")
    peers = [site.peer("p%d" % at, at="bob") for at in range(2)]
    _, user = alice.send("MESSAGE", "sip:bob@example.com")
    peers[0].reply(404)
    peers[1].reply(200)
    assert user.told == [200]
    _, user = alice.send("MESSAGE", "sip:bob@example.com", call_id="second")
    peers[0].reply(200)
    peers[1].reply(200)
    assert user.told == [200] and site.sent_by_proxy("CANCEL") == 0 and site.proxy.contexts == 0


def test_a_response_that_lost_our_callers_via_goes_nowhere():
    site = Site()
    bob = site.peer("bob")
    _, user = site.peer("alice").send("INVITE", "sip:bob@example.com")
    response = bob.transactions[0].response(200)
    response.set("Via", bob.requests[0].via)
    bob.transactions[0].respond(response, site.network.now)
    site.settle()
    assert user.told == [100, 502] and site.endpoint.counters["responses_for_nobody"] == 1
