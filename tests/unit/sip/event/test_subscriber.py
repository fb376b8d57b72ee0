"""The subscriber of RFC 6665 §4.1, against a notifier played by hand."""

# micropython-heap: 512k: a network and both its ends live in one process, many times over

from sip.event.subscriber import Subscriber
from sip.notices import Notified, SubscriptionChanged
from sip.syntax import uri
from support.network import Network
from support.phones import Peer, Phone

ALICE = ("192.0.2.1", 5060)
BOB = "sip:bob@192.0.2.99"


class Watch:
    """Alice subscribes to Bob, who is the peer."""

    def __init__(self, expires=600, password=None):
        self.network = Network()
        self.phone = Phone(
            self.network, "alice", "192.0.2.1", password=password, registrar=uri.parse("sip:192.0.2.99")
        )
        self.peer = Peer(self.network)
        self.expires = expires
        self.sequence = 0
        self.subscriber = Subscriber(
            self.phone.user_agent,
            self.phone.account,
            uri.parse(BOB),
            package="dialog",
            accept="application/dialog-info+xml",
            expires=expires,
            now=self.network.now,
        )
        self.network.settle()
        self.request = self.peer.take("SUBSCRIBE")

    def notify(self, state, body=b"state", tag="theirs", event="dialog", **headers):
        """The status of the answer to a NOTIFY."""
        self.sequence += 1
        if body:
            headers["Content_Type"] = "application/dialog-info+xml"
        headers.setdefault("Contact", "<sip:bob@192.0.2.99>")
        self.peer.request(
            "NOTIFY",
            "sip:alice@192.0.2.1",
            ALICE,
            self.request.call_id,
            self.sequence,
            self.request.from_.tag,
            body,
            From="<%s>;tag=%s" % (BOB, tag),
            Event=event,
            Subscription_State=state,
            **headers,
        )
        self.network.settle()
        for each in self.peer.received:
            if getattr(each, "status", 0) and each.cseq.method == "NOTIFY":
                self.peer.received.remove(each)
                return each.status
        return None

    def accept(self, status=200, **headers):
        headers.setdefault("Expires", self.expires)
        self.peer.respond(self.request, status, Contact="<sip:bob@192.0.2.99>", **headers)
        self.network.settle()

    def begin(self):
        self.accept()
        assert self.notify("active;expires=%d" % self.expires) == 200
        self.phone.names()
        return self

    def refuse(self, status, **headers):
        self.peer.respond(self.request, status, **headers)
        self.network.settle()

    def next(self, seconds):
        """The next SUBSCRIBE, within `seconds` from now, and after how many it came."""
        began = self.network.elapsed
        self.network.run_until(
            lambda: any(getattr(each, "method", "") == "SUBSCRIBE" for each in self.peer.received),
            seconds * 1000,
        )
        self.request = self.peer.take("SUBSCRIBE")
        return (self.network.elapsed - began + 500) // 1000

    def is_silent(self, seconds):
        self.network.run(seconds * 1000)
        return "SUBSCRIBE" not in self.peer.kinds()

    @property
    def state(self):
        return self.subscriber.state

    def bodies(self):
        return [event.body for event in self.phone.take(Notified)]


def test_the_subscribe():
    watch = Watch()
    request = watch.request
    assert str(request.uri) == BOB and request.get("Event") == "dialog" and request.get("Expires") == "600"
    assert request.get("Accept") == "application/dialog-info+xml" and len(request.contacts) == 1
    assert watch.state == "subscribing"


def test_pending_then_active_then_unsubscribed():
    watch = Watch()
    watch.accept()
    assert watch.state == "subscribing"
    assert watch.notify("pending;expires=600", b"") == 200 and watch.state == "pending"
    assert watch.notify("active;expires=600", b"one") == 200 and watch.state == "active"
    assert watch.bodies() == [b"", b"one"]
    watch.subscriber.unsubscribe(watch.network.now)
    watch.next(1)
    assert (
        watch.request.get("Expires") == "0"
        and watch.request.to.tag == "theirs"
        and watch.state == "terminated"
    )
    watch.accept(Expires=0)
    assert watch.notify("terminated;reason=timeout") == 200
    assert not watch.phone.user_agent.subscriptions and watch.is_silent(5000)
    assert watch.phone.endpoint.deadline() is None
    assert watch.notify("active") == 481


def test_notify_before_the_200():
    watch = Watch()
    assert watch.notify("active;expires=60", b"early") == 200 and watch.state == "active"
    watch.accept()
    assert watch.bodies() == [b"early"]
    # The NOTIFY said for how long.
    assert watch.next(60) < 60 and watch.request.to.tag == "theirs"


def test_refresh_before_the_end():
    watch = Watch(expires=600).begin()
    for _ in range(3):
        assert 400 < watch.next(600) < 600
        assert watch.request.to.tag == "theirs" and watch.request.get("Event") == "dialog"
        watch.accept()
        assert watch.notify("active;expires=600") == 200
    assert watch.state == "active" and not watch.phone.take(SubscriptionChanged)


def test_a_notify_may_shorten():
    watch = Watch(expires=3600).begin()
    watch.notify("active;expires=100")
    assert watch.next(100) < 100


def test_challenge():
    watch = Watch(password="secret")
    watch.refuse(401, WWW_Authenticate='Digest realm="r", nonce="n", algorithm=MD5, qop="auth"')
    request = watch.peer.take("SUBSCRIBE")
    assert request.get("Authorization") and request.cseq.number == 2
    watch.request = request
    watch.accept()
    watch.notify("active;expires=600")
    watch.next(600)
    assert watch.request.cseq.number == 3


def test_423():
    watch = Watch(expires=60)
    watch.refuse(423, Min_Expires=300)
    request = watch.peer.take("SUBSCRIBE")
    assert request.get("Expires") == "300"
    watch.request = request
    watch.refuse(423, Min_Expires=200)
    assert watch.state == "waiting" and watch.subscriber.status == 423


def test_423_in_a_refresh():
    watch = Watch(expires=60).begin()
    watch.next(60)
    watch.refuse(423, Min_Expires=300)
    watch.request = watch.peer.take("SUBSCRIBE")
    assert watch.request.get("Expires") == "300" and watch.request.to.tag == "theirs"


def test_what_is_refused_for_good():
    for status in (403, 404, 405, 489, 501, 603):
        watch = Watch()
        watch.refuse(status)
        assert (watch.state, watch.subscriber.status) == ("terminated", status)
        assert watch.is_silent(10_000) and not watch.phone.user_agent.subscriptions
        # Until somebody wants to know.
        watch.subscriber.renew(watch.network.now)
        assert watch.next(1) == 0


def test_what_may_be_had_later():
    for status in (480, 500, 503):
        watch = Watch()
        watch.refuse(status)
        assert watch.state == "waiting" and watch.subscriber.retry_at is not None
        assert 30 <= watch.next(61) <= 60
        watch.refuse(status)
        assert 60 <= watch.next(121) <= 120


def test_retry_after():
    watch = Watch()
    watch.refuse(503, Retry_After="300 (maintenance)")
    assert watch.next(400) == 300


def test_nobody_answers():
    watch = Watch()
    watch.network.run(33_000)
    assert watch.state == "waiting" and watch.subscriber.status == 408


def test_timer_n_a_200_and_no_notify():
    watch = Watch()
    watch.accept()
    watch.network.run(31_000)
    assert watch.state == "subscribing"
    watch.network.run(2_000)
    assert watch.state == "waiting"
    old = watch.request
    # Too late for that round.
    watch.request = old
    assert watch.notify("active") == 481


def test_a_refresh_without_a_notify_is_the_end_of_it():
    watch = Watch(expires=600).begin()
    watch.next(600)
    watch.accept()
    watch.network.run(33_000)
    # Subscribed anew, outside of the old dialog.
    watch.request = watch.peer.take("SUBSCRIBE")
    assert watch.request.to.tag is None and watch.state == "subscribing"


def test_a_refresh_that_finds_nobody():
    for status in (404, 481, 489, 501):
        watch = Watch(expires=600).begin()
        watch.next(600)
        watch.refuse(status)
        request = watch.peer.take("SUBSCRIBE")
        assert request.to.tag is None and request.call_id != watch.request.call_id, status


def test_a_refresh_that_fails_is_tried_again_while_it_stands():
    watch = Watch(expires=600).begin()
    watch.next(600)
    watch.refuse(500)
    assert watch.state == "active"
    assert watch.next(100) < 100 and watch.request.to.tag == "theirs"


def test_it_expires():
    watch = Watch(expires=600).begin()
    watch.network.run(400_000)
    watch.peer.node.up = False
    watch.network.run(300_000)
    assert watch.state in ("waiting", "subscribing")
    watch.peer.node.up = True
    watch.peer.kinds()
    watch.next(2000)
    assert watch.request.to.tag is None


AFTER = (
    ("deactivated", 0, 0),
    ("timeout", 0, 0),
    ("probation", 30, 61),
    ("probation;retry-after=100", 100, 101),
    ("giveup", 30, 61),
    ("giveup;retry-after=77", 77, 78),
    ("new-word", 30, 61),
    ("", 30, 61),
    ("rejected", None, None),
    ("noresource", None, None),
    ("noresource;retry-after=5", None, None),
    ("invariant", None, None),
)


def test_why_it_ends():
    for reason, least, most in AFTER:
        watch = Watch().begin()
        watch.network.run(60_000)
        watch.peer.kinds()
        assert watch.notify("terminated" + (";reason=" + reason if reason else ""), b"last") == 200
        assert watch.bodies() == [b"last"]
        if least is None:
            assert watch.state == "terminated" and watch.is_silent(10_000), reason
            assert watch.subscriber.reason == reason.partition(";")[0]
        else:
            assert least <= watch.next(200) <= most, reason
            assert watch.request.to.tag is None


def test_who_ends_it_at_once_is_not_asked_at_once():
    watch = Watch().begin()
    watch.notify("terminated;reason=deactivated")
    assert 30 <= watch.next(61) <= 60


def test_a_notify_without_a_state_leaves_the_clock():
    watch = Watch().begin()
    due = watch.subscriber._branches[0]._expiry.due
    watch.network.run(5000)
    assert watch.notify(None, b"more") == 200 and watch.state == "active"
    assert watch.bodies() == [b"more"]
    assert watch.subscriber._branches[0]._expiry.due == due


def test_a_notify_that_says_nothing_leaves_nothing():
    for state, contact in ((";", "<sip:bob@192.0.2.99>"), ("active", None)):
        watch = Watch()
        watch.accept()
        assert watch.notify(state, b"", Contact=contact) == 400
        watch.network.run(33_000)
        assert watch.state == "waiting", state
        assert not watch.bodies()


def test_forks():
    watch = Watch()
    watch.accept()
    tags = ("theirs", "second", "third", "fourth")
    for tag in tags:
        watch.sequence = 0
        assert watch.notify("active;expires=600", tag.encode(), tag) == 200
    watch.sequence = 0
    assert watch.notify("active;expires=600", b"", "fifth") == 481
    assert [event.source for event in watch.phone.take(Notified)] == list(tags)
    # Each is refreshed in its own dialog.
    watch.network.run(550_000)
    refreshed = [each.to.tag for each in watch.peer.received if getattr(each, "method", "") == "SUBSCRIBE"]
    assert sorted(set(refreshed)) == sorted(tags)


def test_one_of_two_ends():
    watch = Watch()
    watch.accept()
    watch.notify("active;expires=600", b"", "one")
    watch.notify("pending;expires=600", b"", "two")
    assert watch.state == "active"
    assert watch.notify("terminated;reason=rejected", b"", "one") == 200
    assert watch.is_silent(5) and watch.subscriber in watch.phone.user_agent.subscriptions
    watch.notify("terminated;reason=rejected", b"", "two")
    assert watch.state == "terminated"


def test_no_further_notifier_after_timer_n():
    watch = Watch().begin()
    watch.network.run(40_000)
    assert watch.notify("active", b"", "late") == 481


def test_poll():
    watch = Watch(expires=0)
    assert watch.request.get("Expires") == "0"
    watch.accept()
    assert watch.notify("terminated;reason=timeout", b"now") == 200
    assert watch.bodies() == [b"now"] and watch.state == "terminated"
    assert watch.is_silent(10_000) and watch.phone.endpoint.deadline() is None
    watch = Watch(expires=0)
    watch.refuse(503)
    assert watch.state == "terminated" and watch.is_silent(10_000)


def test_what_is_not_for_us():
    watch = Watch().begin()
    assert watch.notify("active", event="presence") == 481
    assert watch.notify("active", event="dialog;id=7") == 481
    assert watch.notify(";") == 400
    assert watch.notify("active", event=None) == 400
    watch.sequence = 0
    assert watch.notify("active") == 500  # older than what we have
    assert not watch.bodies()


def test_a_new_address_is_told_in_the_dialogs_that_stand():
    watch = Watch().begin()
    watch.network.move(watch.phone.node, "192.0.2.7")
    watch.subscriber.renew(watch.network.now)
    watch.next(1)
    assert watch.request.to.tag == "theirs" and watch.request.contacts[0].uri.host == "192.0.2.7"


def test_rubbish_in_numbers():
    watch = Watch()
    watch.accept(Expires="soon")
    assert watch.notify("active;expires=soon") == 200 and watch.state == "active"
    watch.notify("terminated;reason=probation;retry-after=99999999999999")
    assert watch.state == "waiting"
    watch = Watch()
    watch.refuse(423, Min_Expires="x")
    assert watch.state == "waiting"


# How long it lives


def test_a_notify_without_expires_leaves_the_clock_as_it_is():
    watch = Watch(600).begin()
    watch.network.run(400_000)
    assert watch.notify("active") == 200
    assert watch.next(200) <= 200  # refreshed when the first NOTIFY said, not 600 s after the second


def test_a_2xx_says_what_a_notify_that_overtook_it_left_open():
    watch = Watch(3600)
    assert watch.notify("active") == 200
    watch.accept(202, Expires=60)
    assert watch.next(60) <= 60
    # What the NOTIFY said goes before.
    watch = Watch(3600)
    assert watch.notify("active;expires=300") == 200
    watch.accept(202, Expires=60)
    assert 60 < watch.next(300)
