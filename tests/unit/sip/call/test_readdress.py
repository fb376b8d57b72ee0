"""A call whose phone has moved to another address: the peer learns of it, and the call goes on."""

# micropython-heap: 1M: endpoints and network live in one process

from support.network import Network
from support.worlds import Direct, storms

NEW = "192.0.2.77"


def talking(network):
    world = Direct(network, answers="answers")
    world.call()
    network.run_until(world.talking, 70_000)
    network.run_until(lambda: not world.bob.session.unacknowledged, 40_000)
    return world


def move(world, phone):
    """The phone gets another address."""
    world.network.move(phone.node, NEW)
    phone.session.readdress(NEW, world.network.now)


def test_either_side_moves_and_both_still_reach_each_other():
    for who, other in (("alice", "bob"), ("bob", "alice")):
        world = talking(Network())
        mover, peer = getattr(world, who), getattr(world, other)
        world.network.ladder = []
        move(world, mover)
        world.network.settle()
        assert world.network.ladder[0] == who + " > " + other + ": INVITE"
        assert peer.session.media.remote == (NEW, 4000) and peer.session.media.direction == "sendrecv"
        assert peer.session.dialog.target.host == NEW
        peer.end()
        world.assert_nothing_is_left()


def test_a_held_call_moves_as_held():
    world = talking(Network())
    world.alice.session.hold(world.network.now)
    world.network.settle()
    move(world, world.alice)
    world.network.settle()
    assert world.bob.session.media.remote == (NEW, 4000) and world.bob.session.media.held
    assert world.alice.session.holding
    world.bob.end()
    world.assert_nothing_is_left()


def test_in_a_storm():
    for network in storms(131, 132, 133):
        world = talking(network)
        move(world, world.alice)
        network.run_until(lambda world=world: world.bob.session.media.remote == (NEW, 4000), 70_000)
        network.run(40_000)
        assert world.talking()
        world.bob.end()
        network.run_until(world.quiet, 40_000)
        world.assert_nothing_is_left()


def test_before_the_answer_an_update_says_it():
    """RFC 3311 §5.1: an answer was agreed by a reliable response, and the peer takes an UPDATE."""
    world = Direct(Network())
    world.call()
    world.network.settle()
    world.bob.ring(world.bob.media)
    world.network.settle()
    world.network.ladder = []
    world.alice.session.readdress(NEW, world.network.now)
    world.network.settle()
    assert world.network.ladder[:2] == ["alice > bob: UPDATE", "bob > alice: 200 UPDATE"]
    assert world.bob.session.negotiation.media.remote == (NEW, 4000)
    assert world.alice.session.state == "early"
    world.bob.accept()
    world.network.settle()
    assert world.talking() and world.alice.session.media.direction == "sendrecv"
    world.alice.end()
    world.assert_nothing_is_left()


def test_what_is_not_agreed_yet_is_told_after_the_answer():
    world = Direct(Network())
    world.call()
    world.network.settle()
    world.alice.session.readdress(NEW, world.network.now)
    world.network.settle()
    assert "alice > bob: UPDATE" not in world.network.ladder
    world.bob.accept()
    world.network.settle()
    assert world.talking() and world.bob.session.media.remote == (NEW, 4000)
    world.bob.end()
    world.assert_nothing_is_left()
