"""RFC 4028 §8 and §10 between whole endpoints: refreshed for an hour, and ended when one side falls silent."""

# micropython-heap: 1M: phones and network live in one process

from sip.call.events import Ended, MediaChanged
from support.descriptions import description
from support.network import Network
from support.phones import Peer
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


def test_8_1_a_proxy_asks_for_a_longer_interval():
    """§8.1: two proxies on the way refuse with 422, each with a larger Min-SE."""
    for network in [Network()] + list(storms(83, 84)):
        world = Direct(network)
        proxy = Peer(network, "proxy", "192.0.2.80")
        world.alice.account.session_expires = 90
        session = world.alice.call("sip:bob@192.0.2.80")
        asked = []
        while session.state in ("calling", "early") and network.elapsed < 60_000:
            network.run(200)
            for invite in [each for each in proxy.received if getattr(each, "method", "") == "INVITE"]:
                proxy.source = ("192.0.2.1", 5060)
                interval = invite.get("Session-Expires").partition(";")[0]
                if interval not in asked:
                    asked.append(interval)
                if interval == "90":
                    proxy.respond(invite, 422, tag="p", Min_SE="120")
                elif interval == "120":
                    proxy.respond(invite, 422, tag="q", Min_SE="3600")
                else:
                    assert invite.get("Min-SE") == "3600"
                    proxy.respond(invite, 486, tag="r")
            proxy.kinds()
        assert asked == ["90", "120", "3600"] and session.state == "ended"
        network.run_until(world.quiet, 60_000)


def test_8_2_a_proxy_wants_refreshes_that_the_callee_knows_nothing_of():
    """§8.2: the callee has no timers; the proxy adds to its 200 that the caller is to refresh."""
    network = Network()
    world = Direct(network)
    callee = Peer(network, "callee", "192.0.2.80")
    session = world.alice.call("sip:bob@192.0.2.80")
    network.settle()
    callee.respond(
        callee.take("INVITE"),
        200,
        body=description(),
        Require="timer",
        Session_Expires="120;refresher=uac",
        Allow="INVITE, UPDATE, BYE, ACK",
    )
    network.settle()
    assert session.state == "established"
    callee.kinds()
    refreshes = 0
    for _ in range(6000):
        network.run(100)
        for each in [each for each in callee.received if getattr(each, "method", "") == "UPDATE"]:
            refreshes += 1
            callee.respond(each, 200, Session_Expires="120;refresher=uac", Require="timer")
        callee.kinds()
    # One each minute: half of the interval.
    assert session.state == "established" and refreshes in (9, 10)
    session.end(network.now)


def test_8_2_a_proxy_wants_refreshes_that_the_caller_knows_nothing_of():
    """§9, table 2: where only the callee has timers, it is the callee that refreshes."""
    network = Network()
    Direct(network, answers="answers")
    caller = Peer(network, "caller", "192.0.2.80")
    caller.request(
        "INVITE",
        "sip:bob@192.0.2.2",
        ("192.0.2.2", 5060),
        body=description(),
        Session_Expires="120",
        Min_SE="90",
    )
    network.settle()
    ok = caller.take(200)
    # No `timer` in Supported: nothing may be required of the caller.
    assert ok.get("Session-Expires") == "120;refresher=uas" and "timer" not in ok.all("Require")
    caller.request("ACK", "sip:bob@192.0.2.2", ("192.0.2.2", 5060), "call-1", 1, ok.to.tag)
    network.settle()
    caller.kinds()
    network.run_until(lambda: caller.received, 61_000)
    assert caller.take().method in ("UPDATE", "INVITE")
