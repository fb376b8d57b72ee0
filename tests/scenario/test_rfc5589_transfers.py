"""RFC 5589 §6 and §7 (RFC 5359 §2.4 and §2.5): transfers between three whole phones.

Alice is the transferor, Bob the transferee, Carol the target. Bob and Carol do what a phone does by itself: they
follow a REFER, and take a call that comes in the place of another.
"""

# micropython-heap: 1M: phones and network live in one process

from sip.call.events import Ended, TransferProgress, TransferRequested
from sip.syntax import uri
from support.network import Network
from support.phones import Phone
from support.worlds import storms

CAROL = "sip:carol@192.0.2.3"


class Obliging(Phone):
    """A phone that does what it is asked to."""

    def _on_events(self, events, now):
        super()._on_events(events, now)
        for event in events:
            if isinstance(event, TransferRequested):
                self.transferred = event.referral.accept(self.media, now)


class Three:
    def __init__(self, network, carol="answers"):
        self.network = network
        self.alice = Phone(network, "alice", "192.0.2.1")
        self.bob = Obliging(network, "bob", "192.0.2.2", answers="answers")
        self.carol = Obliging(network, "carol", "192.0.2.3", answers=carol)
        self.phones = (self.alice, self.bob, self.carol)
        self.bob.transferred = None
        self.to_bob = self.call("sip:bob@192.0.2.2", self.bob)

    def call(self, target, callee):
        session = self.alice.call(target)
        self.network.run_until(lambda: session.state == "established", 70_000)
        self.network.run_until(lambda: not callee.session.unacknowledged, 40_000)
        return session

    def hold(self, session):
        session.hold(self.network.now)
        self.network.run_until(lambda: session.media.direction == "sendonly", 70_000)

    def transfer(self, target):
        self.to_bob.transfer(target, self.network.now)

    def progress(self):
        return [event.status for event in self.alice.take(TransferProgress)]

    def final(self):
        """What the person at the transferor's is told in the end, after time enough for it."""
        statuses = []

        def told():
            statuses.extend(self.progress())
            return statuses and statuses[-1] >= 200

        self.network.run_until(told, 250_000)
        return statuses[-1]

    def bob_and_carol_talk(self):
        calls = [phone.user_agent.sessions for phone in (self.bob, self.carol)]
        return not self.alice.user_agent.sessions and all(
            len(each) == 1 and each[0].state == "established" for each in calls
        )

    def end(self):
        for phone in self.phones:
            for session in list(phone.user_agent.sessions):
                if session.state == "established":
                    session.end(self.network.now)
            self.network.run(10)
        self.network.run(300_000)
        for phone in self.phones:
            assert not phone.user_agent.sessions and not phone.user_agent.subscriptions
            assert phone.endpoint.deadline() is None
            assert "internal_errors" not in phone.endpoint.counters


def without_answers(ladder):
    return [line for line in ladder if " 200 " not in line and ": ACK" not in line]


def test_6_1_successful_transfer():
    world = Three(Network())
    world.hold(world.to_bob)
    world.network.ladder = []
    world.transfer(uri.parse(CAROL))
    world.network.settle(200)
    assert world.bob_and_carol_talk() and world.progress() == [100, 180, 200]
    assert without_answers(world.network.ladder) == [
        "alice > bob: REFER",
        "bob > alice: 202 REFER",
        "bob > alice: NOTIFY",
        "bob > carol: INVITE",
        "carol > bob: 180 INVITE",
        "bob > alice: NOTIFY",
        "bob > alice: NOTIFY",
        "alice > bob: BYE",
    ]
    assert [event.status for event in world.alice.take(Ended)] == [200]
    world.end()


def test_6_4_target_busy_and_the_call_is_taken_back():
    world = Three(Network(), carol=486)
    world.hold(world.to_bob)
    world.transfer(uri.parse(CAROL))
    world.network.settle(200)
    assert world.progress() == [100, 486] and world.to_bob.state == "established"
    world.to_bob.resume(world.network.now)
    world.network.settle()
    assert world.to_bob.media.direction == "sendrecv" and not world.bob.session.media.held
    world.end()


def test_6_5_target_does_not_answer():
    world = Three(Network(), carol="rings")
    world.transfer(uri.parse(CAROL))
    world.network.run(10_000)
    assert world.progress() == [100, 180]
    world.bob.transferred.end(world.network.now)
    world.network.settle()
    assert world.progress() == [487] and world.to_bob.state == "established"
    world.end()


def test_6_transferee_does_not_follow():
    world = Three(Network())
    world.bob._on_events = None
    world.bob.node.on_events = None
    world.transfer(uri.parse(CAROL))
    world.network.settle()
    world.bob.take(TransferRequested)[0].referral.reject(world.network.now)
    world.network.settle()
    assert world.progress() == [100, 603] and world.to_bob.state == "established"
    world.end()


def test_7_1_attended_transfer():
    world = Three(Network())
    world.hold(world.to_bob)
    to_carol = world.call(CAROL, world.carol)
    world.hold(to_carol)
    world.network.ladder = []
    world.transfer(to_carol)
    world.network.settle(200)
    assert world.bob_and_carol_talk() and world.progress()[-1] == 200
    assert without_answers(world.network.ladder) == [
        "alice > bob: REFER",
        "bob > alice: 202 REFER",
        "bob > alice: NOTIFY",
        "bob > carol: INVITE",
        "carol > bob: 180 INVITE",
        "carol > alice: BYE",
        "bob > alice: NOTIFY",
        "bob > alice: NOTIFY",
        "alice > bob: BYE",
    ]
    assert world.carol.session.replaces is not None and world.carol.session.referred_by.uri.user == "alice"
    assert len(world.alice.take(Ended)) == 2
    world.end()


def test_7_attended_transfer_into_a_call_that_is_gone():
    world = Three(Network())
    to_carol = world.call(CAROL, world.carol)
    world.transfer(to_carol)
    to_carol.end(world.network.now)
    world.network.settle(200)
    assert world.progress()[-1] in (481, 603) and world.to_bob.state == "established"
    world.end()


def test_6_in_a_storm():
    for network in storms(91, 92, 93, 94, 95, 96):
        world = Three(network)
        world.transfer(uri.parse(CAROL))
        final = world.final()
        network.run(70_000)
        assert world.bob_and_carol_talk() if final == 200 else world.to_bob.state == "established", final
        world.end()


def test_6_target_busy_in_a_storm():
    for network in storms(101, 102, 103):
        world = Three(network, carol=486)
        world.transfer(uri.parse(CAROL))
        assert world.final() >= 400 and world.to_bob.state == "established"
        world.end()


def test_7_in_a_storm():
    for network in storms(111, 112, 113, 114, 115, 116):
        world = Three(network)
        to_carol = world.call(CAROL, world.carol)
        world.transfer(to_carol)
        final = world.final()
        network.run(70_000)
        assert world.bob_and_carol_talk() if final == 200 else world.to_bob.state == "established", final
        world.end()


def test_6_with_a_slow_peer():
    """A round trip of 1.8 s: every request is sent again before its answer comes."""
    network = Network(delay=900)
    world = Three(network)
    world.hold(world.to_bob)
    world.transfer(uri.parse(CAROL))
    assert world.final() == 200
    network.run(70_000)
    assert world.bob_and_carol_talk()
    world.end()


def test_6_target_busy_with_a_slow_peer():
    world = Three(Network(delay=900), carol=486)
    world.transfer(uri.parse(CAROL))
    assert world.final() == 486 and world.to_bob.state == "established"
    world.end()


def test_7_with_a_slow_peer():
    network = Network(delay=900)
    world = Three(network)
    to_carol = world.call(CAROL, world.carol)
    world.transfer(to_carol)
    assert world.final() == 200
    network.run(70_000)
    assert world.bob_and_carol_talk()
    world.end()
