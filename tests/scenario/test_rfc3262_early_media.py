"""RFC 3262 §5: offers and answers in reliable provisional responses, between whole endpoints."""

# micropython-heap: 1M: phones and network live in one process

from sip.call.events import Ended, Established
from support.network import Network
from support.worlds import Direct, storms


def early(network, late_offer=False):
    """Bob plays early media; both know the media before he answers."""
    world = Direct(network, answers=None)
    world.alice.call(world.target, late_offer)
    network.run_until(lambda: world.bob.session, 40_000)
    world.bob.ring(world.bob.media)
    network.run_until(lambda: all(phone.session.media for phone in world.phones), 40_000)
    return world


def finish(world):
    world.bob.end()
    world.network.run_until(world.quiet, 40_000)
    assert [event.status for event in world.alice.take(Ended)] == [200]
    world.assert_nothing_is_left()


def test_the_answer_in_a_183():
    world = early(Network())
    world.bob.accept()
    world.network.settle()
    assert world.network.ladder == [
        "alice > bob: INVITE",
        "bob > alice: 183 INVITE",
        "alice > bob: PRACK",
        "bob > alice: 200 PRACK",
        "bob > alice: 200 INVITE",
        "alice > bob: ACK",
    ]
    assert world.talking()
    finish(world)


def test_the_offer_in_a_183_and_the_answer_in_the_prack():
    world = early(Network(), late_offer=True)
    world.bob.accept()
    world.network.settle()
    assert world.talking() and world.network.ladder[2] == "alice > bob: PRACK"
    finish(world)


def test_in_a_storm():
    for late_offer in (False, True):
        for network in storms(71, 72, 73, 74, 75):
            world = early(network, late_offer)
            world.bob.accept()
            network.run_until(world.talking, 70_000)
            for phone in world.phones:
                assert phone.session.media.remote[1] == 4000 and len(phone.take(Established)) == 1
            network.run_until(lambda world=world: not world.bob.session.unacknowledged, 40_000)
            finish(world)


def test_hung_up_in_a_storm():
    for network in storms(76, 77, 78):
        world = early(network)
        world.bob.accept()
        world.alice.end()
        network.run_until(world.quiet, 120_000)
        assert len(world.alice.take(Ended)) == 1 and len(world.bob.take(Ended)) == 1
        world.assert_nothing_is_left()
