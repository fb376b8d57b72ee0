"""RFC 4235 §6 and RFC 5359 §2.13: a lamp that follows another's calls, and the call taken that rings there."""

# micropython-heap: 1200k: four phones and the network live in one process

from sip.call.events import Ended
from sip.call.offer_answer import Capabilities
from sip.event import dialog_info
from sip.event.notifier import Notifier
from sip.event.subscriber import Subscriber
from sip.notices import Notified
from sip.syntax import uri
from support.network import Network
from support.phones import Phone
from support.worlds import storms


class Calls:
    """The event package "dialog" of a phone."""

    name = "dialog"
    content_type = dialog_info.CONTENT_TYPE

    def __init__(self, phone):
        self.phone = phone

    def allows(self, account, transaction):
        return True

    def body(self, account, version):
        return dialog_info.build(str(account.aor), version, self.phone.user_agent.sessions)


class Scene:
    """Alice calls Bob; Bill watches Bob."""

    def __init__(self, network):
        self.network = network
        self.alice = Phone(network, "alice", "192.0.2.1", answers="answers")
        self.bob = Phone(network, "bob", "192.0.2.2")
        self.bill = Phone(network, "bill", "192.0.2.3")
        self.server = Notifier(self.bob.user_agent)
        self.server.serve(Calls(self.bob))
        self.table = dialog_info.DialogTable()
        self.shown = []
        for phone in (self.bob, self.bill):
            self._hook(phone)
        self.subscriber = Subscriber(
            self.bill.user_agent,
            self.bill.account,
            uri.parse("sip:bob@192.0.2.2"),
            package="dialog",
            accept=dialog_info.CONTENT_TYPE,
            expires=600,
            now=network.now,
        )
        self.sees("idle")

    def _hook(self, phone):
        before = phone.node.on_events

        def on_events(events, now):
            before(events, now)
            if phone is self.bob:
                self.server.changed("dialog", phone.account, now)
            for event in events:
                if isinstance(event, Notified):
                    assert self.table.take(event.body)
                    if not self.shown or self.shown[-1] != self.table.state:
                        self.shown.append(self.table.state)

        phone.node.on_events = on_events

    def sees(self, state):
        self.network.run_until(lambda: self.shown and self.shown[-1] == state, 200_000)


def test_the_lamp_follows():
    for network in [Network()] + list(storms(11, 12, 13)):
        scene = Scene(network)
        session = scene.alice.call("sip:bob@192.0.2.2")
        scene.sees("ringing")
        scene.bob.accept()
        scene.sees("busy")
        network.run_until(lambda session=session: session.state == "established", 60_000)
        network.run_until(lambda scene=scene: not scene.bob.session.unacknowledged, 60_000)
        scene.alice.end()
        scene.sees("idle")
        if not network.loss:
            assert scene.shown == ["idle", "ringing", "busy", "idle"]


def test_bob_calls():
    scene = Scene(Network())
    scene.bob.call("sip:alice@192.0.2.1")
    scene.network.run_until(lambda: scene.bob.session.state == "established")
    scene.sees("busy")
    assert "ringing" not in scene.shown


def test_bill_takes_the_call_that_rings_at_bobs():
    for network in [Network()] + list(storms(14, 15)):
        scene = Scene(network)
        first = scene.alice.call("sip:bob@192.0.2.2")
        scene.sees("ringing")
        entry = scene.table.ringing()
        bill = scene.bill.user_agent.invite(
            scene.bill.account,
            entry.target,
            Capabilities("192.0.2.3", 4000),
            network.now,
            extra=[("Replaces", entry.replaces())],
        )
        network.run_until(lambda bill=bill: bill.state == "established", 70_000)
        # Bob's phone falls silent, and Alice talks to Bill without having done anything.
        scene.sees("idle")
        assert first.state in ("cancelling", "ended")
        assert [session.state for session in scene.alice.user_agent.sessions if session is not first] == [
            "established"
        ]
        network.run_until(lambda scene=scene: scene.bob.take(Ended), 60_000)


def test_who_comes_too_late_takes_nothing():
    scene = Scene(Network())
    scene.alice.call("sip:bob@192.0.2.2")
    scene.sees("ringing")
    entry = scene.table.ringing()
    scene.bob.accept()
    scene.network.run(1000)
    bill = scene.bill.user_agent.invite(
        scene.bill.account,
        entry.target,
        Capabilities("192.0.2.3", 4000),
        scene.network.now,
        extra=[("Replaces", entry.replaces())],
    )
    scene.network.run(1000)
    # early-only: the call that stands by now is not disturbed.
    assert bill.status == 486 and scene.alice.session.state == "established"
