"""Subscriptions both ways under fire: any NOTIFY, SUBSCRIBE or answer, in any order, from a peer that knows the tags.

Nothing goes wrong inside, what is kept stays bounded, and in the end all falls silent.
"""

from fuzz.test_event_bodies import DIALOGS, MAILBOX, PRESENCE, REGISTRATIONS
from hypothesis import given, settings
from hypothesis import strategies as st

from phone.features.features import Features, LineOptions
from sip.event.subscriber import Subscriber
from sip.syntax import uri
from support.desk import Desk
from support.devices import Ether
from support.featured import Watched, give
from support.network import Network
from support.phones import Peer

PEER = "sip:peer@192.0.2.99"
ALICE = ("192.0.2.1", 5060)
STATES = (
    "active",
    "pending",
    "terminated",
    "active;expires=0",
    "active;expires=99999999999",
    "x",
    "",
    "active;expires=-1",
    "terminated;reason=deactivated",
    "terminated;reason=probation;retry-after=x",
    "terminated;reason=rejected",
    ";",
    "terminated;reason=timeout;retry-after=4294967295",
    None,
)
EVENTS = (
    "dialog",
    "presence",
    "message-summary",
    "reg",
    "refer",
    "check-sync",
    "ua-profile",
    "dialog;id=1",
    "",
    ";",
    None,
)
BODIES = (b"", DIALOGS, PRESENCE, REGISTRATIONS, MAILBOX, b"\xff\x00<", DIALOGS[:90])
STATUSES = (100, 180, 200, 202, 204, 300, 401, 403, 404, 407, 408, 412, 423, 480, 481, 489, 500, 503, 603)
NUMBERS = (None, "0", "1", "60", "3600", "99999999999", "x", "-1", "")


class Options(LineOptions):
    mwi = presence = share_calls = watch_registration = True
    voice_mail = "99"


class Fire:
    def __init__(self, data):
        self.data = data
        self.network = Network()
        self.peer = Peer(self.network)
        self.desk = Desk(self.network, Ether(), "alice", "192.0.2.1", "secret")
        account = self.desk.line.account
        account.proxy = uri.parse("sip:192.0.2.99")
        account.registrar = account.proxy
        give(self.desk, {"contacts": [Watched("peer"), Watched("peer", "presence")]})
        self.features = Features(
            control=self.desk.control,
            storage=self.desk.storage,
            dialplan=self.desk.features.dialplan,
            local_time=lambda: None,
            options=[Options()],
            watched=self.desk.features.watched,
        )
        self.desk.features = self.features
        self.desk.control.user_agent.add(account)
        for name in ("voice_mail", "contacts", "shared_state", "registration_watch"):
            self.features.part(name).begin(self.desk.line, self.network.now)
        self.network.settle()
        self.number = 0
        self.known = []

    def pick(self, *choices):
        return self.data.draw(st.sampled_from(choices))

    def step(self):
        requests = [each for each in self.peer.received if hasattr(each, "method")]
        self.peer.received = []
        self.known = (self.known + requests)[-30:]
        getattr(self, self.pick("answer", "notify", "subscribe", "message", "wait"))()
        self.network.settle()

    def answer(self):
        if self.known:
            request = self.known.pop(0)
            self.peer.respond(
                request,
                self.pick(*STATUSES),
                Expires=self.pick(*NUMBERS),
                Min_Expires=self.pick(*NUMBERS),
                Retry_After=self.pick(*NUMBERS),
                SIP_ETag=self.pick("tag", "", None),
            )

    def notify(self):
        self.number += 1
        ours = [each for each in self.known if each.method in ("SUBSCRIBE", "NOTIFY")]
        if ours and self.pick(True, True, False):
            about = ours[self.data.draw(st.integers(0, len(ours) - 1))]
            call_id, to_tag = about.call_id, about.from_.tag
        else:
            call_id, to_tag = "n%d" % self.number, None
        self.peer.request(
            "NOTIFY",
            "sip:alice@192.0.2.1",
            ALICE,
            call_id,
            self.pick(self.number, 1),
            to_tag,
            self.pick(*BODIES),
            From="<%s>;tag=%s" % (PEER, self.pick("a", "b")),
            Event=self.pick(*EVENTS),
            Contact=self.pick("<%s>" % PEER, None),
            Subscription_State=self.pick(*STATES),
            Content_Type=self.pick("x/y", "application/dialog-info+xml"),
        )

    def subscribe(self):
        self.number += 1
        notifies = [each for each in self.known if each.method == "NOTIFY"]
        call_id, to_tag = "s%d" % self.number, None
        if notifies and self.pick(True, False):
            call_id, to_tag = notifies[0].call_id, notifies[0].from_.tag
        self.peer.request(
            "SUBSCRIBE",
            "sip:alice@192.0.2.1",
            ALICE,
            call_id,
            self.number,
            to_tag,
            Event=self.pick(*EVENTS),
            Expires=self.pick(*NUMBERS),
            Accept=self.pick(None, "*/*", "x", ";"),
            Contact=self.pick("<%s>" % PEER, "*", None),
        )

    def message(self):
        self.number += 1
        self.peer.request(
            self.pick("MESSAGE", "INFO", "REFER"),
            "sip:alice@192.0.2.1",
            ALICE,
            "m%d" % self.number,
            body=self.pick(b"hello", b"\xff", b"x" * 1301, b""),
            Content_Type=self.pick("text/plain", "x/y", ";", None),
            Refer_To=self.pick("<%s>" % PEER, None),
            Target_Dialog=self.pick(None, "x;local-tag=a;remote-tag=b", ";"),
        )

    def wait(self):
        self.network.run(self.pick(500, 33_000, 700_000))


@settings(max_examples=40)
@given(st.data())
def test_any_conversation(data):
    fire = Fire(data)
    user_agent = fire.desk.control.user_agent
    for _ in range(data.draw(st.integers(1, 25))):
        fire.step()
        assert len(user_agent.notifier.subscriptions) <= 8
        assert len(user_agent.subscriptions) <= 4 + 1
        assert len(user_agent.endpoint.timers) < 200
    assert "internal_errors" not in user_agent.endpoint.counters
    assert all(isinstance(each, Subscriber) for each in user_agent.subscriptions)
    fire.features.shutdown(fire.network.now)
    user_agent.shutdown(fire.network.now)
    fire.network.run(8_000_000)
    assert not user_agent.subscriptions and not user_agent.notifier.subscriptions
    assert user_agent.endpoint.deadline() is None
