"""PUBLISH (RFC 3903 §4), against a server played by hand."""

# micropython-heap: 512k: a network and both its ends live in one process, many times over

from sip.event.publication import Publication
from sip.notices import PublicationChanged
from support.network import Network
from support.phones import Peer, Phone


class Scene:
    def __init__(self, body=b"one", password=None):
        self.network = Network()
        self.phone = Phone(self.network, "alice", "192.0.2.1", "sip:alice@192.0.2.99", password)
        self.peer = Peer(self.network)
        self.publication = Publication(
            self.phone.user_agent, self.phone.account, "presence", "application/pidf+xml", 600
        )
        self.publish(body)
        self.request = self.peer.take("PUBLISH")

    def publish(self, body):
        self.publication.publish(body, self.network.now)
        self.network.settle()

    def answer(self, status, **headers):
        self.peer.respond(self.request, status, **headers)
        self.network.settle()

    def accept(self, tag, expires=600):
        self.answer(200, SIP_ETag=tag, Expires=expires)

    def next(self, seconds=1):
        began = self.network.elapsed
        self.network.run_until(lambda: self.peer.received, seconds * 1000)
        self.request = self.peer.take("PUBLISH")
        return (self.network.elapsed - began + 500) // 1000

    def said(self):
        request = self.request
        return request.get("SIP-If-Match"), request.get("Expires"), bytes(request.body)

    def is_silent(self, seconds=10_000):
        self.network.run(seconds * 1000)
        return not self.peer.kinds()

    @property
    def state(self):
        return self.publication.state


def test_publish_refresh_modify_remove():
    scene = Scene()
    assert scene.said() == (None, "600", b"one") and scene.state == "publishing"
    assert scene.request.get("Event") == "presence" and scene.request.content_type == "application/pidf+xml"
    assert str(scene.request.uri) == "sip:alice@192.0.2.99"
    scene.accept("t1")
    assert scene.state == "published"
    for tag in ("t2", "t3"):
        assert 400 < scene.next(600) < 600
        assert scene.said()[1:] == ("600", b"") and scene.request.get("Content-Type") is None
        scene.accept(tag)
    scene.publish(b"two")
    scene.next()
    assert scene.said() == ("t3", "600", b"two")
    scene.accept("t4")
    scene.publish(b"two")
    assert not scene.peer.received
    scene.publication.remove(scene.network.now)
    scene.next()
    assert scene.said() == ("t4", "0", b"")
    scene.accept("t5", 0)
    assert scene.state == "removed" and scene.is_silent() and scene.phone.endpoint.deadline() is None
    assert [event.publication.state for event in scene.phone.take(PublicationChanged)][-1] == "removed"


def test_what_changes_meanwhile_goes_next_and_only_the_last_of_it():
    scene = Scene()
    scene.publish(b"two")
    scene.publish(b"three")
    assert not scene.peer.received
    scene.accept("t1")
    scene.next()
    assert scene.said() == ("t1", "600", b"three")


def test_412_begins_anew():
    scene = Scene()
    scene.accept("t1")
    scene.next(600)
    scene.answer(412)
    scene.next()
    assert scene.said() == (None, "600", b"one")
    scene.accept("t2")
    assert scene.state == "published"
    # A server that says so to everything is not asked without end.
    scene.next(600)
    scene.answer(412)
    scene.next()
    scene.answer(412)
    assert scene.state == "failed" and 30 <= scene.next(61) <= 60


def test_423():
    scene = Scene()
    scene.answer(423, Min_Expires=1800)
    scene.next()
    assert scene.said() == (None, "1800", b"one")
    scene.answer(423, Min_Expires=1800)
    assert scene.state == "failed"


def test_refused_for_good():
    for status in (403, 405, 489):
        scene = Scene()
        scene.answer(status)
        assert scene.state == "failed" and scene.publication.status == status
        scene.publish(b"two")
        assert scene.is_silent()
        scene.publication.renew(scene.network.now)
        scene.next()
        assert scene.said() == (None, "600", b"two")


def test_refused_for_now():
    scene = Scene()
    scene.answer(503, Retry_After=90)
    scene.publish(b"two")
    assert scene.next(100) == 90 and scene.said() == (None, "600", b"two")
    scene.network.run(40_000)
    assert scene.state == "failed" and scene.publication.status == 408


def test_challenge():
    scene = Scene(password="secret")
    scene.answer(407, Proxy_Authenticate='Digest realm="r", nonce="n", algorithm=MD5, qop="auth"')
    scene.next()
    assert scene.request.get("Proxy-Authorization") and scene.said() == (None, "600", b"one")


def test_removed_while_it_is_under_way():
    scene = Scene()
    scene.publication.remove(scene.network.now)
    scene.accept("t1")
    scene.next()
    assert scene.said() == ("t1", "0", b"")
    scene.answer(412)
    assert scene.state == "removed" and scene.is_silent()


def test_no_entity_tag():
    scene = Scene()
    scene.answer(200, Expires=600)
    assert scene.state == "published"
    scene.publish(b"two")
    scene.next()
    assert scene.said() == (None, "600", b"two")
