"""A CANCEL that meets the final response on its way (RFC 3261 §9, §15; RFC 5407 §3.1.2)."""

# micropython-heap: 1M: phones, proxies and network live in one process

from sip.call.events import Ended, Established
from support.network import Network
from support.worlds import Direct, TwoProxies, storms


def ringing():
    world = Direct(Network())
    world.call()
    world.network.settle()
    assert world.state() == ("early", "ringing")
    world.network.ladder = []
    return world


def check_ended(world, alice, bob):
    """(status, remote) of the one Ended on either side."""
    for phone, expected in ((world.alice, alice), (world.bob, bob)):
        assert [(event.status, event.remote) for event in phone.take(Ended)] == [expected], phone.account.aor
    world.assert_nothing_is_left()


def test_the_answer_crosses_the_cancel():
    world = ringing()
    world.alice.end()
    world.bob.accept()
    world.network.settle()
    assert world.network.ladder == [
        "alice > bob: CANCEL",
        "bob > alice: 200 INVITE",
        "alice > bob: ACK",
        "alice > bob: BYE",
        "bob > alice: 200 CANCEL",
        "bob > alice: 200 BYE",
    ]
    assert not world.alice.take(Established)
    check_ended(world, (487, False), (200, True))


def test_the_refusal_crosses_the_cancel():
    world = ringing()
    world.alice.end()
    world.bob.session.reject(486, world.network.now)
    world.network.settle()
    assert world.network.ladder == [
        "alice > bob: CANCEL",
        "bob > alice: 486 INVITE",
        "alice > bob: ACK",
        "bob > alice: 200 CANCEL",
    ]
    check_ended(world, (487, False), (486, False))


def test_the_answer_comes_while_the_cancel_is_lost():
    world = ringing()
    world.network.filter = lambda message, source, to: getattr(message, "method", "") == "CANCEL"
    world.alice.end()
    world.network.run(700)
    world.bob.accept()
    world.network.filter = None
    world.network.run(3000)
    assert world.network.ladder.count("alice > bob: BYE") == 1
    check_ended(world, (487, False), (200, True))


def test_hanging_up_before_anything_came_back():
    world = Direct(Network(), answers=None)
    world.call()
    world.alice.end()
    world.network.settle()
    # The CANCEL waits for a provisional response (§9.1), which comes by itself after 200 ms.
    assert world.network.ladder == ["alice > bob: INVITE"]
    world.network.run(200)
    assert world.network.ladder[1:] == [
        "bob > alice: 100 INVITE",
        "alice > bob: CANCEL",
        "bob > alice: 200 CANCEL",
        "bob > alice: 487 INVITE",
        "alice > bob: ACK",
    ]
    check_ended(world, (487, False), (487, True))


def test_hanging_up_on_a_phone_that_answers_at_once():
    world = Direct(Network(), answers="answers")
    world.call()
    world.alice.end()
    world.network.settle()
    assert world.network.ladder == [
        "alice > bob: INVITE",
        "bob > alice: 180 INVITE",
        "bob > alice: 200 INVITE",
        "alice > bob: CANCEL",
        "alice > bob: ACK",
        "alice > bob: BYE",
        "bob > alice: 200 CANCEL",
        "bob > alice: 200 BYE",
    ]
    check_ended(world, (487, False), (200, True))


def test_the_ack_is_overtaken_by_the_bye():
    world = ringing()
    world.network.filter = lambda message, source, to: getattr(message, "method", "") == "ACK"
    world.bob.accept()
    world.network.settle()
    world.alice.end()
    world.network.settle()
    assert world.state() == ("ended", "ended")
    check_ended(world, (200, False), (200, True))


def test_both_hang_up_at_once():
    world = ringing()
    world.bob.accept()
    world.network.settle()
    world.alice.end()
    world.bob.end()
    world.network.settle()
    # Each is out of the dialog when the other's BYE comes, and still answers it.
    assert sorted(world.network.ladder[2:]) == [
        "alice > bob: 200 BYE",
        "alice > bob: BYE",
        "bob > alice: 200 BYE",
        "bob > alice: BYE",
    ]
    check_ended(world, (200, False), (200, False))


def test_through_two_proxies_the_answer_crosses_the_cancel_on_each_link():
    # The longer Bob waits after Alice has hung up, the nearer to him the two meet.
    for wait in (0, 5, 10, 15):
        world = TwoProxies(Network())
        world.call()
        world.network.settle()
        world.alice.end()
        world.network.run(wait)
        if world.bob.session.state == "ringing":
            world.bob.accept()
        world.network.settle()
        assert world.quiet(), wait
        bob = world.bob.take(Ended)
        assert [event.status for event in bob] == [200 if wait < 15 else 487], wait
        assert [event.status for event in world.alice.take(Ended)] == [487]
        world.assert_nothing_is_left()


def test_races_in_a_storm():
    for network in storms(1, 2, 3, 4, 5, 6, 7, 8, 9, 10):
        world = Direct(network)
        world.call()
        network.run_until(
            lambda world=world: world.bob.session and world.bob.session.state == "ringing", 40_000
        )
        world.alice.end()
        network.run(network.dice.below(60))
        if world.bob.session.state == "ringing":
            world.bob.accept()
        network.run_until(world.quiet, 120_000)
        assert len(world.alice.take(Ended)) == 1 and len(world.bob.take(Ended)) == 1
        world.assert_nothing_is_left()
