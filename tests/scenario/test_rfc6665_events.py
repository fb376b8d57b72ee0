"""RFC 6665: subscriptions between whole user agents, in fine weather and in storms."""

# micropython-heap: 1M: both ends and the network live in one process

from sip.agent.account import Account
from sip.event.subscriber import Subscriber
from sip.notices import Notified, SubscriptionChanged
from sip.syntax import uri
from support.agents import StateAgent, Told
from support.network import Network
from support.phones import Phone
from support.worlds import storms

BOB = "sip:bob@192.0.2.2"


class Scene:
    """Alice watches Bob; `seen` is what she knows, newest last."""

    def __init__(self, network, expires=600):
        self.network = network
        self.alice = Phone(network, "alice", "192.0.2.1")
        account = Account(uri.parse(BOB), None)
        self.bob = StateAgent(network, "bob", "192.0.2.2", account, Told("test", "text/plain", b"first"))
        self.seen = []
        self.expires = expires
        before = self.alice.node.on_events

        def on_events(events, now):
            before(events, now)
            self.seen += [bytes(event.body) for event in events if isinstance(event, Notified)]

        self.alice.node.on_events = on_events

    def subscribe(self):
        self.subscriber = Subscriber(
            self.alice.user_agent,
            self.alice.account,
            uri.parse(BOB),
            package="test",
            accept="text/plain",
            expires=self.expires,
            now=self.network.now,
        )
        return self.subscriber

    def sees(self, state):
        self.network.run_until(lambda: self.seen and self.seen[-1] == state, 400_000)

    def nothing_is_left(self):
        self.network.run(4000_000)
        assert not self.alice.user_agent.subscriptions and not self.bob.server.subscriptions
        for node in self.network.nodes:
            assert "internal_errors" not in node.endpoint.counters
            assert node.endpoint.deadline() is None


def test_a_subscription_from_end_to_end():
    scene = Scene(Network())
    scene.subscribe()
    scene.sees(b"first")
    scene.bob.tell(b"second")
    scene.sees(b"second")
    scene.network.run(3600_000)
    assert scene.subscriber.state == "active" and len(scene.bob.server.subscriptions) == 1
    scene.subscriber.unsubscribe(scene.network.now)
    scene.network.settle()
    assert scene.network.ladder[-4:] == [
        "alice > bob: SUBSCRIBE",
        "bob > alice: 200 SUBSCRIBE",
        "bob > alice: NOTIFY",
        "alice > bob: 200 NOTIFY",
    ]
    scene.nothing_is_left()


def test_in_a_storm_the_last_state_arrives():
    for network in storms(1, 2, 3, 4):
        scene = Scene(network, 300)
        scene.subscribe()
        scene.sees(b"first")
        for number in range(12):
            scene.bob.tell(("state %d" % number).encode())
            network.run(900)
        scene.sees(b"state 11")
        # However late they came, never an older one after a newer one within a dialog.
        network.run(1200_000)
        assert scene.seen[-1] == b"state 11"
        scene.subscriber.unsubscribe(network.now)
        scene.nothing_is_left()


def test_the_notifier_is_gone_for_a_while():
    scene = Scene(Network(), 300)
    scene.subscribe()
    scene.sees(b"first")
    scene.bob.node.up = False
    scene.network.run(1200_000)
    assert scene.subscriber.state in ("waiting", "subscribing")
    # It has started anew, and knows nobody.
    scene.bob.server.subscriptions = []
    scene.bob.node.up = True
    scene.bob.package.state = b"back"
    scene.seen = []
    scene.network.run_until(lambda: scene.seen == [b"back"], 2_000_000)
    assert scene.subscriber.state == "active"


def test_the_notifier_forgets():
    scene = Scene(Network(), 300)
    scene.subscribe()
    scene.sees(b"first")
    scene.bob.server.subscriptions[0]._user_agent.endpoint.timers.stop(
        scene.bob.server.subscriptions[0]._timer
    )
    scene.bob.server.subscriptions = []
    scene.bob.package.state = b"anew"
    scene.seen = []
    scene.sees(b"anew")
    assert scene.subscriber.state == "active" and len(scene.bob.server.subscriptions) == 1


def test_the_subscriber_forgets():
    scene = Scene(Network(), 300)
    scene.subscribe()
    scene.sees(b"first")
    for branch in scene.subscriber._branches:
        branch.stop()
    scene.alice.user_agent.subscriptions = []
    scene.bob.tell(b"who hears this?")
    scene.network.settle()
    # 481 ends it (§4.2.2).
    assert not scene.bob.server.subscriptions


def test_shutdown_of_either_end():
    scene = Scene(Network())
    scene.subscribe()
    scene.sees(b"first")
    scene.bob.server.shutdown(scene.network.now)
    scene.network.settle()
    assert scene.subscriber.state == "waiting" and scene.subscriber.reason == "probation"
    scene.network.run_until(lambda: scene.subscriber.state == "active", 60_000)
    scene.alice.user_agent.shutdown(scene.network.now)
    scene.network.settle()
    assert not scene.bob.server.subscriptions and not scene.alice.user_agent.subscriptions
    assert [event.subscriber for event in scene.alice.take(SubscriptionChanged)]
