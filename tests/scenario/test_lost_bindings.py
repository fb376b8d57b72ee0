"""A server that loses its bindings, or is gone: over UDP nothing breaks, and yet the line finds out within a minute or so."""

# micropython-heap: 700k: a phone, a server and the network between them live in one process

from sip.syntax.message import Request
from support.network import Network
from support.phones import Peer, Phone
from support.servers import Server

HOST = "192.0.2.10"
CHECK_MS = 45_000


class Scene:
    """A phone at a server that is played by hand; `answers` is what it says to an OPTIONS, None is silence."""

    def __init__(self, answers=200):
        self.network = Network()
        self.server = Peer(self.network, "server", HOST)
        self.phone = Phone(self.network, "201", "192.0.2.1", "sip:201@" + HOST)
        self.phone.user_agent.keeps_alive = True
        self.answers = answers
        self.registers = True
        self.asked = []
        self.registration = self.phone.register()
        self.run(1)

    def run(self, seconds):
        for _ in range(5 * seconds):
            self.network.run(200)
            received, self.server.received = self.server.received, []
            for message in received:
                if isinstance(message, Request):
                    self.serve(message)
        self.network.settle()

    def serve(self, request):
        self.asked.append(request.method)
        if request.method == "REGISTER" and self.registers:
            self.server.respond(request, 200, Contact=request.get("Contact"))
        elif request.method == "OPTIONS" and self.answers:
            assert str(request.uri) == str(request.to.uri) == "sip:201@" + HOST
            self.server.respond(request, self.answers)

    def take(self):
        asked, self.asked = self.asked, []
        return asked


def test_a_proxy_that_starts_again_without_its_bindings():
    network = Network()
    server = Server(network, "proxy", HOST, "example.com", {"alice": "one", "bob": "two"})
    phones = []
    for name, host, password in (("alice", "192.0.2.1", "one"), ("bob", "192.0.2.2", "two")):
        phone = Phone(network, name, host, "sip:%s@example.com" % name, password, "answers")
        phone.user_agent.keeps_alive = True
        phone.registration = phone.register()
        phones.append(phone)
    network.run_until(lambda: all(each.registration.state == "registered" for each in phones), 5000)
    network.run(3 * CHECK_MS)
    assert [each.endpoint.counters for each in phones] == [{}, {}]
    before = server.registrar.lookup("bob")
    assert before
    server.registrar._bindings.clear()
    assert not server.registrar.lookup("bob")
    network.run_until(lambda: server.registrar.lookup("bob"), 60_000)
    alice, bob = phones
    alice.call("sip:bob@example.com")
    network.run_until(lambda: bob.session is not None and bob.session.state == "established", 3000)


def test_a_server_that_is_gone_and_comes_back():
    for answers in (200, 404):
        scene = Scene(answers)
        scene.run(200)
        assert scene.take() == ["REGISTER"] + ["OPTIONS"] * 4 and scene.registration.state == "registered"
        scene.answers, scene.registers = None, False
        scene.run(115)
        assert scene.registration.state == "failed" and scene.registration.status == 408
        scene.answers, scene.registers = answers, True
        scene.run(80)
        assert scene.registration.state == "registered", answers


def test_a_server_that_reached_us_and_no_longer_does():
    for status in (404, 408, 480):
        scene = Scene()
        scene.run(100)
        scene.answers = status
        scene.take()
        scene.run(50)
        # Once: if registering does not help, something else is wrong.
        assert scene.take() == ["OPTIONS", "REGISTER"], status
        scene.run(300)
        assert "REGISTER" not in scene.take(), status


def test_servers_that_answer_no_options_or_always_the_same():
    scene = Scene(None)
    scene.run(1000)
    # Sent again as any request is, and then never more.
    assert scene.take() == ["REGISTER"] + ["OPTIONS"] * 11
    for status in (403, 404, 405, 480, 486, 500):
        scene = Scene(status)
        scene.run(500)
        assert scene.take() == ["REGISTER"] + ["OPTIONS"] * 11, status
    scene = Scene(503)
    scene.run(500)
    assert scene.take() == ["REGISTER", "OPTIONS"]


def test_what_renews_itself_soon_needs_no_check():
    scene = Scene()
    scene.phone.account.expires = scene.registration._expires = 60
    scene.registration.renew(scene.network.now)
    scene.run(400)
    assert "OPTIONS" not in scene.take()[1:]
    scene.registration.unregister(scene.network.now)
    scene.run(200)
    assert "OPTIONS" not in scene.take()
