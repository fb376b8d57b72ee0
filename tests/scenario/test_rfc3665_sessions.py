"""The sessions of RFC 3665 §3, whole endpoints over the fake network, by their names there.

Where ours differs from the printed flow: a proxy that gets no answer at all says 408 and not 480 (§3.10), as
RFC 3261 §16.9 has it. What is printed as one message per hop is one line here.
"""

# micropython-heap: 1M: phones, proxies and network live in one process

from sip.call.events import Ended, Established, Progress
from support.network import Network
from support.worlds import Direct, TwoProxies, storms


def take_ladder(network):
    ladder = network.ladder
    network.ladder = []
    return ladder


def along(*steps):
    """ "alice bob: INVITE" for each pair of neighbours in "alice proxy1 proxy2 bob: INVITE"."""
    ladder = []
    for step in steps:
        names, what = step.split(": ")
        names = names.split()
        ladder += ["%s > %s: %s" % (names[at], names[at + 1], what) for at in range(len(names) - 1)]
    return ladder


INVITING = along(
    "alice proxy1: INVITE",
    "proxy1 alice: 407 INVITE",
    "alice proxy1: ACK",
    "alice proxy1: INVITE",
    "proxy1 alice: 100 INVITE",
    "proxy1 proxy2: INVITE",
    "proxy2 proxy1: 100 INVITE",
    "proxy2 bob: INVITE",
)


def test_3_1_successful_session_establishment():
    world = Direct(Network())
    world.call()
    world.network.settle()
    assert take_ladder(world.network) == along("alice bob: INVITE", "bob alice: 180 INVITE")
    world.bob.accept()
    world.network.settle()
    assert world.talking()
    world.bob.end()
    world.network.settle()
    assert take_ladder(world.network) == along(
        "bob alice: 200 INVITE", "alice bob: ACK", "bob alice: BYE", "alice bob: 200 BYE"
    )
    assert world.alice.take(Ended)[0].remote and not world.bob.take(Ended)[0].remote
    world.assert_nothing_is_left()


def test_3_2_session_establishment_through_two_proxies():
    world = TwoProxies(Network())
    world.call()
    world.network.settle()
    assert take_ladder(world.network) == INVITING + along("bob proxy2 proxy1 alice: 180 INVITE")
    assert [event.status for event in world.alice.take(Progress)] == [180]
    world.bob.accept()
    world.network.settle()
    assert take_ladder(world.network) == along(
        "bob proxy2 proxy1 alice: 200 INVITE", "alice proxy1 proxy2 bob: ACK"
    )
    assert world.talking()
    assert world.alice.take(Established) and world.bob.take(Established)
    world.bob.end()
    world.network.settle()
    assert take_ladder(world.network) == along(
        "bob proxy2 proxy1 alice: BYE", "alice proxy1 proxy2 bob: 200 BYE"
    )
    world.assert_nothing_is_left()


def test_3_8_unsuccessful_no_answer():
    world = TwoProxies(Network())
    world.call()
    world.network.run(10_000)
    assert take_ladder(world.network) == INVITING + along("bob proxy2 proxy1 alice: 180 INVITE")
    world.alice.end()
    world.network.settle()
    assert take_ladder(world.network) == along(
        "alice proxy1: CANCEL",
        "proxy1 alice: 200 CANCEL",
        "proxy1 proxy2: CANCEL",
        "proxy2 proxy1: 200 CANCEL",
        "proxy2 bob: CANCEL",
        "bob proxy2: 200 CANCEL",
        "bob proxy2: 487 INVITE",
        "proxy2 bob: ACK",
        "proxy2 proxy1: 487 INVITE",
        "proxy1 proxy2: ACK",
        "proxy1 alice: 487 INVITE",
        "alice proxy1: ACK",
    )
    for phone, remote in ((world.alice, False), (world.bob, True)):
        ended = phone.take(Ended)
        assert [(event.status, event.remote) for event in ended] == [(487, remote)]
    world.assert_nothing_is_left()


def refused_ladder(status):
    return INVITING + along(
        "bob proxy2: %d INVITE" % status,
        "proxy2 bob: ACK",
        "proxy2 proxy1: %d INVITE" % status,
        "proxy1 proxy2: ACK",
        "proxy1 alice: %d INVITE" % status,
        "alice proxy1: ACK",
    )


def check_refused(status):
    world = TwoProxies(Network(), answers=status)
    world.call()
    world.network.settle()
    assert take_ladder(world.network) == refused_ladder(status)
    assert [(event.status, event.remote) for event in world.alice.take(Ended)] == [(status, True)]
    world.assert_nothing_is_left()


def test_3_9_unsuccessful_busy():
    check_refused(486)


def test_3_10_unsuccessful_no_response_from_user_agent():
    world = TwoProxies(Network())
    world.bob.node.up = False
    world.call()
    world.network.run_until(world.quiet, 40_000)
    world.network.settle()
    # Sent at 0, 0.5, 1.5, 3.5, 7.5, 15.5 and 31.5 s.
    assert take_ladder(world.network) == INVITING + along(
        "proxy2 bob: INVITE",
        "proxy2 bob: INVITE",
        "proxy2 bob: INVITE",
        "proxy2 bob: INVITE",
        "proxy2 bob: INVITE",
        "proxy2 bob: INVITE",
        "proxy2 proxy1: 408 INVITE",
        "proxy1 proxy2: ACK",
        "proxy1 alice: 408 INVITE",
        "alice proxy1: ACK",
    )
    assert [(event.status, event.remote) for event in world.alice.take(Ended)] == [(408, True)]


def test_3_11_unsuccessful_temporarily_unavailable():
    check_refused(480)


# The same with 30 % of the datagrams lost, 30 % doubled, and all of them out of order


def test_3_1_in_a_storm():
    for network in storms(1, 2, 3, 4, 5, 6, 7, 8):
        world = Direct(network, answers="answers")
        world.call()
        network.run_until(world.talking, 70_000)
        for phone in world.phones:
            assert phone.session.media.remote[1] == 4000
            assert len(phone.take(Established)) == 1
        world.bob.end()
        network.run_until(world.quiet, 40_000)
        assert [event.status for event in world.alice.take(Ended)] == [200]
        world.assert_nothing_is_left()


def test_3_2_in_a_storm():
    # A 200 and its ACK cross six lossy links in all, end to end: some calls must fail, but none may hang, and both
    # ends must come to the same.
    answered = 0
    for network in storms(1, 2, 3, 4, 5, 6):
        world = TwoProxies(network, answers="answers")
        world.call()
        network.run_until(lambda world=world: world.alice.session and world.bob.session, 60_000)
        network.run_until(world.settled, 120_000)
        if world.talking():
            answered += 1
            world.bob.end()
            network.run_until(world.quiet, 70_000)
        for phone in world.phones:
            assert len(phone.take(Ended)) == 1
        world.assert_nothing_is_left()
    assert answered >= 3


def test_3_8_in_a_storm():
    for network in storms(11, 12, 13):
        world = TwoProxies(network)
        world.call()
        network.run(10_000)
        if world.alice.session.state in ("calling", "early"):
            world.alice.end()
        network.run_until(world.quiet, 120_000)
        assert [event.status for event in world.alice.take(Ended)] == [487]
        if world.bob.session:
            assert [event.status for event in world.bob.take(Ended)] == [487]
        world.assert_nothing_is_left()


def check_refused_in_a_storm(status, *seeds):
    for network in storms(*seeds):
        world = TwoProxies(network, answers=status)
        world.call()
        network.run_until(lambda world=world: world.bob.session and world.quiet(), 120_000)
        assert [event.status for event in world.alice.take(Ended)] == [status]
        world.assert_nothing_is_left()


def test_3_9_in_a_storm():
    check_refused_in_a_storm(486, 21, 22, 23)


def test_3_10_in_a_storm():
    for network in storms(31, 32, 33):
        world = TwoProxies(network)
        world.bob.node.up = False
        world.call()
        network.run_until(world.quiet, 120_000)
        assert [event.status for event in world.alice.take(Ended)] == [408]


def test_3_11_in_a_storm():
    check_refused_in_a_storm(480, 41, 42, 43)
