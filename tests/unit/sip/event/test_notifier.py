"""The notifier of RFC 6665 §4.2, against a subscriber played by hand."""

# micropython-heap: 512k: a network and both its ends live in one process, many times over

from sip.event.notifier import Notifier
from support.network import Network
from support.phones import Peer, Phone

ALICE = ("192.0.2.1", 5060)


class Package:
    name = "dialog"
    content_type = "application/dialog-info+xml"
    allowed = True
    state = "idle"

    def allows(self, account, transaction):
        return self.allowed

    def body(self, account, version):
        return ("%s %d" % (self.state, version)).encode()


class Scene:
    def __init__(self):
        self.network = Network()
        self.phone = Phone(self.network, "alice", "192.0.2.1")
        self.peer = Peer(self.network)
        self.package = Package()
        self.server = Notifier(self.phone.user_agent)
        self.server.serve(self.package)
        self.sequence = 0

    def subscribe(self, expires=600, call_id="sub", to_tag=None, event="dialog", **headers):
        self.sequence += 1
        headers.setdefault("Contact", "<sip:peer@192.0.2.99>")
        headers.setdefault("Accept", "application/dialog-info+xml")
        self.peer.request(
            "SUBSCRIBE",
            "sip:alice@192.0.2.1",
            ALICE,
            call_id,
            self.sequence,
            to_tag,
            Event=event,
            Expires=expires,
            **headers,
        )
        self.network.settle()
        for each in self.peer.received:
            if getattr(each, "status", 0):
                self.peer.received.remove(each)
                return each
        return None

    def notified(self, status=200, answer=True):
        """The NOTIFY that came, answered: (state, body)."""
        request = self.peer.take("NOTIFY")
        self.request = request
        if answer:
            self.peer.respond(request, status)
            self.network.settle()
        return request.get("Subscription-State"), str(bytes(request.body), "utf-8")

    def change(self, state):
        self.package.state = state
        self.server.changed("dialog", self.phone.account, self.network.now)
        self.network.settle()

    def is_over(self):
        self.network.run(700_000)
        return not self.peer.received and self.phone.endpoint.deadline() is None

    def begin(self):
        response = self.subscribe()
        assert response.status == 200
        self.notified()
        return response.to.tag


def test_subscribe_change_refresh_unsubscribe():
    scene = Scene()
    response = scene.subscribe(Record_Route="<sip:192.0.2.99;lr>")
    assert response.status == 200 and response.expires == 600 and len(response.contacts) == 1
    assert response.get("Record-Route") == "<sip:192.0.2.99;lr>"
    tag = response.to.tag
    assert scene.notified() == ("active;expires=600", "idle 0")
    request = scene.request
    assert request.from_.tag == tag and request.to.tag == "theirs" and request.get("Event") == "dialog"
    assert request.content_type == Package.content_type and len(request.contacts) == 1
    scene.network.run(100_000)
    scene.change("busy")
    assert scene.notified() == ("active;expires=500", "busy 1")
    response = scene.subscribe(300, to_tag=tag)
    assert response.status == 200 and response.expires == 300
    assert scene.notified() == ("active;expires=300", "busy 2")
    assert scene.subscribe(0, to_tag=tag).status == 200
    assert scene.notified() == ("terminated;reason=timeout", "busy 3")
    scene.change("idle")
    assert not scene.peer.received and not scene.server.subscriptions
    assert scene.subscribe(300, to_tag=tag).status == 481
    scene.network.run(40_000)
    assert scene.phone.endpoint.deadline() is None


def test_poll():
    scene = Scene()
    assert scene.subscribe(0).status == 200
    assert scene.notified() == ("terminated;reason=timeout", "idle 0") and not scene.server.subscriptions


def test_it_ends_by_itself():
    scene = Scene()
    scene.begin()
    scene.network.run(600_000)
    assert scene.notified() == ("terminated;reason=timeout", "idle 1") and not scene.server.subscriptions


def test_refusals():
    scene = Scene()
    for settings, status, header in (
        ({"event": "presence"}, 489, ("Allow-Events", "dialog, refer")),
        ({"event": "refer"}, 403, None),
        ({"event": None}, 400, None),
        ({"expires": 1}, 423, ("Min-Expires", "60")),
        ({"expires": 59}, 423, ("Min-Expires", "60")),
        ({"Accept": "text/plain"}, 406, ("Accept", "application/dialog-info+xml")),
        ({"Contact": None}, 400, None),
        ({"to_tag": "nobody"}, 481, None),
    ):
        response = scene.subscribe(call_id="c%d" % scene.sequence, **settings)
        assert response.status == status, settings
        assert header is None or response.get(header[0]) == header[1]
    scene.package.allowed = False
    assert scene.subscribe(call_id="refused").status == 403
    assert not scene.server.subscriptions and not scene.peer.received


def test_expires():
    scene = Scene()
    for asked, granted in ((60, 60), (3600, 3600), (100_000, 3600), (None, 3600)):
        assert scene.subscribe(asked, "c%s" % asked).expires == granted
        scene.notified()


def test_what_may_be_accepted():
    scene = Scene()
    for accept in (None, "*/*", "text/plain, application/*;q=0.5", "application/dialog-info+xml;x=y"):
        assert scene.subscribe(call_id="c%d" % scene.sequence, Accept=accept).status == 200
        scene.notified()


def test_the_event_id_comes_back():
    scene = Scene()
    tag = scene.subscribe(event="dialog;id=7").to.tag
    scene.notified()
    assert scene.request.get("Event") == "dialog;id=7"
    assert scene.subscribe(event="dialog", to_tag=tag).status == 481
    assert scene.subscribe(event="dialog;id=7", to_tag=tag).status == 200


def test_as_many_as_there_is_room_for():
    scene = Scene()
    for number in range(8):
        assert scene.subscribe(call_id="c%d" % number).status == 200
        scene.notified()
    response = scene.subscribe(call_id="more")
    assert response.status == 503 and response.retry_after == 60
    scene.change("busy")
    assert scene.peer.kinds() == ["NOTIFY"] * 8


def test_one_notify_at_a_time_and_the_last_state_counts():
    scene = Scene()
    scene.begin()
    scene.change("ringing")
    request = scene.peer.take("NOTIFY")
    scene.change("busy")
    scene.change("idle")
    assert not scene.peer.received
    scene.peer.respond(request, 200)
    scene.network.settle()
    assert scene.notified() == ("active;expires=600", "idle 2") and not scene.peer.received


def test_nobody_listens():
    for status in (481, 404, 489):
        scene = Scene()
        scene.begin()
        scene.change("busy")
        scene.notified(status)
        assert not scene.server.subscriptions and scene.is_over()
    scene = Scene()
    scene.begin()
    scene.change("busy")
    scene.network.run(33_000)
    assert not scene.server.subscriptions


def test_another_refusal_is_no_end():
    scene = Scene()
    scene.begin()
    scene.change("busy")
    scene.notified(500)
    scene.change("idle")
    assert scene.notified()[1] == "idle 2"


def test_an_old_subscribe_is_out_of_order():
    scene = Scene()
    tag = scene.begin()
    scene.sequence = 0
    assert scene.subscribe(to_tag=tag).status == 500


def test_shutdown():
    scene = Scene()
    scene.begin()
    scene.phone.user_agent.shutdown(scene.network.now)
    scene.network.settle()
    assert scene.notified() == ("terminated;reason=probation", "idle 1")


def test_without_packages_every_one_is_unknown():
    scene = Scene()
    scene.phone.user_agent.notifier = None
    response = scene.subscribe()
    assert response.status == 489 and response.get("Allow-Events") == "refer"
    scene.phone.user_agent.notifier = None
    assert scene.subscribe(to_tag="x").status == 481
