"""RFC 5359 §2.1 (call hold), both ways and by both at once, between whole endpoints."""

# micropython-heap: 1M: phones and network live in one process

from sip.call.events import Ended
from support.network import Network
from support.worlds import Direct, storms


def talking(network):
    world = Direct(network, answers="answers")
    world.call()
    network.run_until(world.talking, 70_000)
    # Until the last ACK is there for good, however often it was lost.
    network.run_until(lambda: not world.bob.session.unacknowledged, 40_000)
    return world


def directions(world):
    return tuple([phone.session.media.direction for phone in world.phones])


def do(world, phone, what):
    getattr(phone.session, what)(world.network.now)


# (who, what, the directions that it comes to)
STEPS = (
    ("alice", "hold", ("sendonly", "recvonly")),
    ("bob", "hold", ("inactive", "inactive")),
    ("alice", "resume", ("recvonly", "sendonly")),
    ("bob", "resume", ("sendrecv", "sendrecv")),
    ("bob", "hold", ("recvonly", "sendonly")),
    ("alice", "hold", ("inactive", "inactive")),
    ("alice", "resume", ("recvonly", "sendonly")),
    ("bob", "resume", ("sendrecv", "sendrecv")),
)


def test_2_1_call_hold():
    world = talking(Network())
    for who, what, expected in STEPS:
        world.network.ladder = []
        do(world, getattr(world, who), what)
        world.network.settle()
        other = "bob" if who == "alice" else "alice"
        assert world.network.ladder == [
            who + " > " + other + ": INVITE",
            other + " > " + who + ": 200 INVITE",
            who + " > " + other + ": ACK",
        ]
        assert directions(world) == expected, (who, what)
    world.alice.end()
    world.assert_nothing_is_left()


def test_2_1_in_a_storm():
    for network in storms(51, 52, 53, 54):
        world = talking(network)
        for who, what, expected in STEPS:
            do(world, getattr(world, who), what)
            network.run_until(lambda world=world, expected=expected: directions(world) == expected, 70_000)
        assert world.talking()
        world.bob.end()
        network.run_until(world.quiet, 40_000)
        assert [event.status for event in world.alice.take(Ended)] == [200]
        world.assert_nothing_is_left()


def test_both_hold_at_once():
    """RFC 5407 §3.3.1: the offers cross, each is refused with 491, and both are made again."""
    world = talking(Network())
    for phone in world.phones:
        do(world, phone, "hold")
    world.network.settle()
    assert world.network.ladder.count("alice > bob: 491 INVITE") == 1
    assert world.network.ladder.count("bob > alice: 491 INVITE") == 1
    world.network.run(10_000)
    assert directions(world) == ("inactive", "inactive")
    for phone in world.phones:
        do(world, phone, "resume")
    world.network.run(10_000)
    assert directions(world) == ("sendrecv", "sendrecv")
    world.bob.end()
    world.assert_nothing_is_left()


def test_both_hold_at_once_in_a_storm():
    for network in storms(61, 62, 63, 64):
        world = talking(network)
        for phone in world.phones:
            do(world, phone, "hold")
        network.run_until(lambda world=world: directions(world) == ("inactive", "inactive"), 70_000)
        world.bob.end()
        network.run_until(world.quiet, 40_000)
        world.assert_nothing_is_left()


def test_2_1_with_a_slow_peer():
    world = talking(Network(delay=900))
    for who, what, expected in STEPS:
        do(world, getattr(world, who), what)
        world.network.run_until(lambda expected=expected: directions(world) == expected, 70_000)
        world.network.run(10_000)
    world.alice.end()
    world.assert_nothing_is_left()
