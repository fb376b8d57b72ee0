"""A flood of requests during a call: it is answered within the limits, the call goes on, and the heap comes back."""

# micropython-heap: 2M: two phones, the flood and the network live in one process

import gc

from sip import limits
from sip.call.events import Ended, IncomingCall
from support.descriptions import description
from support.network import Network
from support.phones import Peer
from support.worlds import Direct

BOB = ("192.0.2.2", 5060)
METHODS = (
    "INVITE",
    "OPTIONS",
    "INVITE",
    "SUBSCRIBE",
    "MESSAGE",
    "REGISTER",
    "NOTIFY",
    "CANCEL",
    "UPDATE",
    "NONSENSE",
)


def used() -> int:
    """Octets of heap in use; 0 where that cannot be told."""
    gc.collect()
    return gc.mem_alloc() if hasattr(gc, "mem_alloc") else 0


def talking():
    network = Network()
    world = Direct(network, answers="answers")
    world.call()
    network.settle()
    assert world.talking()
    world.bob.answers = None  # further calls are left to ring
    for phone in world.phones:
        phone.names()
    return world


def flood(world, rounds, transport="udp"):
    """Ten new requests every 20 ms; what they were answered with."""
    network = world.network
    world.flooder = flooder = getattr(world, "flooder", None) or Peer(network, "flooder", "198.51.100.66")
    world.floods = floods = getattr(world, "floods", 0) + 1
    told = {}
    endpoint = world.bob.endpoint
    for at in range(rounds):
        for number, method in enumerate(METHODS):
            flooder.request(
                method,
                "sip:bob@192.0.2.2",
                BOB,
                "flood-%d-%d-%d" % (floods, at, number),
                1,
                None,
                description(),
                Event="dialog",
                Accept="application/dialog-info+xml" if method == "SUBSCRIBE" else None,
            )
            if transport != "udp":
                message = flooder.unsend()
                flooder.send(message, BOB, transport)
        network.run(20)
        network.ladder = []
        for kind in flooder.kinds():
            told[kind] = told.get(kind, 0) + 1
        assert len(endpoint._servers) <= limits.SERVER_TRANSACTIONS * 5 // 4
        assert len(world.bob.user_agent.sessions) <= limits.SESSIONS
        assert len(endpoint.timers) < 4 * limits.SERVER_TRANSACTIONS
        assert world.alice.session.state == "established"
    return told


def let_pass(world, seconds):
    """Let time go by, and keep nothing of what was said meanwhile."""
    for _ in range(seconds):
        world.network.run(1000)
        world.network.ladder = []
        world.flooder.kinds()
        world.bob.names()


def calm_again(world, before):
    """After the longest timers only the call is left, and what it needs works."""
    network = world.network
    for session in list(world.bob.user_agent.sessions):
        if session.direction == "in" and session.state == "incoming":
            session.reject(486, network.now)
    let_pass(world, 100)
    assert world.talking() and not world.alice.take(Ended)
    assert world.bob.endpoint._servers == {} and len(world.bob.user_agent.sessions) == 1
    world.alice.session.hold(network.now)
    network.settle()
    assert world.bob.session.media.held and world.talking()
    after = used()
    # What stays is counters, and modules that were loaded.
    assert after <= before + 48_000, (before, after)


def test_a_flood_over_udp():
    world = talking()
    world.bob.session = world.bob.user_agent.sessions[0]
    mine = world.bob.session
    before = used()
    told = flood(world, 60)
    world.bob.session = mine
    # Requests that nobody acknowledges give way: the flood is answered, and does not shut others out.
    assert told.get(503, 0) < 50 and told[486] > 100 and told[405] > 0
    assert 0 < len(world.bob.take(IncomingCall)) <= limits.SESSIONS - 1
    calm_again(world, before)


def test_the_call_can_be_ended_in_the_flood():
    world = talking()
    mine = world.bob.user_agent.sessions[0]
    flood(world, 20)
    world.alice.end()
    world.network.settle()
    assert world.alice.session.state == "ended" and mine.state == "ended"


def test_who_floods_again_finds_no_less_room():
    world = talking()
    mine = world.bob.user_agent.sessions[0]
    flood(world, 10)
    world.bob.session = mine
    calm_again(world, used())
    settled = used()
    for _ in range(2):
        flood(world, 10)
        for session in list(world.bob.user_agent.sessions):
            if session is not mine:
                session.reject(486, world.network.now)
        world.bob.session = mine
        let_pass(world, 100)
        assert used() <= settled + 4_000, (settled, used())
