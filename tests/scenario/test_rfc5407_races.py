"""Races of RFC 5407 §3, between whole endpoints; those of CANCEL are in test_cancel_races.py, and the crossing of
two re-INVITEs (§3.3.1) is in test_rfc5359_hold.py.
"""

# micropython-heap: 1M: phones and network live in one process

from sip.call.events import Ended, TransferProgress
from sip.syntax import uri
from support.descriptions import description
from support.network import Network
from support.phones import Peer
from support.worlds import Direct, storms


def lose(network, sender, what, ms):
    """Lose what `sender` sends of that kind (a method or a status), for `ms`."""
    end = network.elapsed + ms

    def filter(message, source, to):
        kind = getattr(message, "method", None) or message.status
        return source == sender and kind in what and network.elapsed < end

    network.filter = filter


def talking(network=None):
    world = Direct(network or Network(), answers="answers")
    world.call()
    world.network.run_until(world.talking, 70_000)
    world.network.run_until(lambda: not world.bob.session.unacknowledged, 40_000)
    world.network.ladder = []
    return world


def ended(world):
    """(status, remote) of the one Ended on either side."""
    world.network.run_until(world.quiet, 120_000)
    told = [phone.take(Ended) for phone in world.phones]
    assert [len(each) for each in told] == [1, 1]
    world.assert_nothing_is_left()
    return tuple([(each[0].status, each[0].remote) for each in told])


def test_3_1_1_callee_receives_the_invite_again_in_moratorium():
    world = Direct(Network(), answers="answers")
    lose(world.network, "bob", (100, 180, 200), 1200)
    world.call()
    world.network.run_until(world.talking, 10_000)
    assert world.network.ladder.count("alice > bob: INVITE") >= 2 and len(world.bob.user_agent.sessions) == 1
    world.alice.end()
    assert ended(world) == ((200, False), (200, True))


def test_3_1_2_callee_receives_the_cancel_in_moratorium():
    world = Direct(Network())
    world.call()
    world.network.settle()
    # Bob answers as Alice gives up: his 200 and her CANCEL cross.
    world.bob.accept()
    world.alice.end()
    world.network.settle()
    assert "bob > alice: 200 CANCEL" in world.network.ladder and "alice > bob: ACK" in world.network.ladder
    assert ended(world) == ((487, False), (200, True))


def test_3_1_3_callee_receives_the_bye_in_moratorium():
    """A caller may leave an early dialog by BYE; ours sends CANCEL, so this one is played by hand."""
    network = Network()
    world = Direct(network)
    caller = Peer(network, "caller", "192.0.2.80")
    bob = ("192.0.2.2", 5060)
    invite = caller.request("INVITE", "sip:bob@192.0.2.2", bob, body=description())
    network.settle()
    tag = caller.take(180).to.tag
    world.bob.accept()
    caller.request("BYE", "sip:bob@192.0.2.2", bob, invite.call_id, 2, tag)
    network.settle()
    assert world.bob.session.state == "ended" and sorted(caller.kinds()) == [200, 200]
    caller.request("ACK", "sip:bob@192.0.2.2", bob, invite.call_id, 1, tag)
    network.run(70_000)
    assert caller.kinds() == [] and [(each.status, each.remote) for each in world.bob.take(Ended)] == [
        (200, True)
    ]
    world.assert_nothing_is_left()


def test_3_1_4_callee_receives_a_re_invite_before_the_ack():
    world = Direct(Network(), answers="answers")
    lose(world.network, "alice", ("ACK",), 400)
    world.call()
    world.network.settle()
    assert world.state() == ("established", "accepted")
    world.alice.session.hold(world.network.now)
    world.network.run(5000)
    assert world.talking() and world.bob.session.media.held and not world.bob.session.unacknowledged
    world.alice.end()
    assert ended(world) == ((200, False), (200, True))


def test_3_1_5_callee_receives_a_re_invite_while_its_offer_is_open():
    world = Direct(Network(), answers="answers")
    lose(world.network, "alice", ("ACK",), 400)
    world.alice.call(world.target, True)
    world.network.settle()
    assert world.state() == ("established", "accepted")
    world.alice.session.hold(world.network.now)
    world.network.settle()
    assert "bob > alice: 491 INVITE" in world.network.ladder
    world.network.run(10_000)
    assert world.talking() and world.bob.session.media.held
    world.alice.end()
    assert ended(world) == ((200, False), (200, True))


def test_3_1_6_callee_receives_the_bye_before_the_ack():
    world = Direct(Network(), answers="answers")
    lose(world.network, "alice", ("ACK",), 400)
    world.call()
    world.network.settle()
    world.alice.end()
    assert ended(world) == ((200, False), (200, True))


def test_3_2_1_both_hang_up():
    world = talking()
    for phone in world.phones:
        phone.end()
    assert ended(world) == ((200, False), (200, False))


def test_3_2_2_a_re_invite_meets_a_bye():
    world = talking()
    world.alice.end()
    world.bob.session.hold(world.network.now)
    world.network.settle()
    assert "alice > bob: 481 INVITE" in world.network.ladder
    assert ended(world) == ((200, False), (200, True))


def test_3_2_3_the_200_to_a_re_invite_comes_after_our_bye():
    world = talking()
    world.alice.session.hold(world.network.now)
    world.network.run(2)
    world.alice.end()
    world.network.settle()
    assert world.network.ladder.count("alice > bob: ACK") == 1
    assert ended(world) == ((200, False), (200, True))


def test_3_2_4_callee_receives_the_ack_after_its_bye():
    world = Direct(Network(), answers="answers")
    lose(world.network, "alice", ("ACK",), 900)
    world.call()
    world.network.settle()
    assert world.state() == ("established", "accepted")
    # Alice hangs up; her ACK to Bob's second 200 comes when he is out of it.
    world.alice.end()
    world.network.settle()
    assert world.bob.session.state == "ended"
    world.network.run(2000)
    assert ended(world) == ((200, False), (200, True))


def test_3_3_2_an_update_crosses_a_re_invite():
    world = talking()
    world.alice.session.renegotiation.refresh(world.network.now)
    world.bob.session.hold(world.network.now)
    world.network.settle()
    assert sorted(world.network.ladder) == [
        "alice > bob: 200 INVITE",
        "alice > bob: UPDATE",
        "bob > alice: 200 UPDATE",
        "bob > alice: ACK",
        "bob > alice: INVITE",
    ]
    assert world.talking() and world.alice.session.media.held
    world.alice.end()
    assert ended(world) == ((200, False), (200, True))


def test_3_3_3_a_refer_meets_a_bye():
    world = talking()
    world.bob.end()
    world.alice.session.transfer(uri.parse("sip:carol@192.0.2.3"), world.network.now)
    world.network.settle()
    assert "bob > alice: 481 REFER" in world.network.ladder
    assert [event.status for event in world.alice.take(TransferProgress)] == [481]
    assert ended(world) == ((200, True), (200, False))


def test_races_in_a_storm():
    """Both do what they like, at once, on a bad network: whatever comes of it, nothing hangs and all ends."""
    for network in storms(121, 122, 123, 124, 125, 126, 127, 128):
        world = talking(network)
        for _ in range(4):
            for phone in world.phones:
                session = phone.session
                if session.state == "established":
                    getattr(session, ("hold", "resume")[network.dice.below(2)])(network.now)
            network.run(network.dice.below(3000))
        network.run(60_000)
        if world.talking():
            alice, bob = [phone.session for phone in world.phones]
            # Each holds or does not, as it was told last, and both know of the other.
            assert (alice.media.direction in ("sendrecv", "recvonly")) == (not alice.holding)
            assert ("send" in alice.media.direction) == (bob.media.direction in ("sendrecv", "recvonly"))
            world.alice.end()
            if world.bob.session.state == "established":
                world.bob.end()
        network.run_until(world.quiet, 120_000)
        assert len(world.alice.take(Ended)) == 1 and len(world.bob.take(Ended)) == 1
        world.assert_nothing_is_left()
