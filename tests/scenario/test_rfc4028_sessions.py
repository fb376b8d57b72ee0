"""RFC 4028 §8 and §10 between whole endpoints: refreshed for an hour, and ended when one side falls silent."""

# micropython-heap: 1M: phones and network live in one process

from sip.events import Ended, MediaChanged
from support.network import Network
from support.worlds import Direct, storms


def talking(network, seconds=90):
    world = Direct(network, answers="answers")
    for phone in world.phones:
        phone.account.session_expires = seconds
    world.call()
    network.run_until(world.talking, 70_000)
    network.run_until(lambda: not world.bob.session.unacknowledged, 40_000)
    return world


def test_an_hour_of_refreshes():
    world = talking(Network())
    for phone in world.phones:
        phone.names()
    world.network.ladder = []
    world.network.run(3_600_000)
    assert world.talking() and set(world.network.ladder) == {"alice > bob: UPDATE", "bob > alice: 200 UPDATE"}
    assert len(world.network.ladder) == 158 and not world.alice.take(MediaChanged)
    world.bob.end()
    world.assert_nothing_is_left()


def test_an_hour_in_a_storm():
    for network in storms(81, 82):
        world = talking(network, 600)
        network.run(3_600_000)
        assert world.talking()
        world.bob.end()
        network.run_until(world.quiet, 40_000)
        world.assert_nothing_is_left()


def test_one_side_loses_power():
    for survivor, silent in (("alice", "bob"), ("bob", "alice")):
        world = talking(Network())
        getattr(world, silent).node.up = False
        world.network.run(130_000)
        survivor = getattr(world, survivor)
        assert [event.status for event in survivor.take(Ended)] == [408] and not survivor.user_agent.sessions
