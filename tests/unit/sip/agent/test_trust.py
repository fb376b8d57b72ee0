"""Whom a phone hears: its servers and those it talks to; a scanner hears nothing, not even a refusal."""

# micropython-heap: 1M: a network with three ends lives in one process

from sip.agent.client_request import ClientRequest
from sip.call.events import IncomingCall
from sip.syntax import uri
from sip.syntax.headers import NameAddr
from support.descriptions import description
from support.network import Network
from support.phones import Peer, Phone

ALICE = ("192.0.2.1", 5060)
SERVER = "192.0.2.99"


class Scene:
    """Alice is registered at `server`, and somebody scans the network."""

    def __init__(self, registered=True, **account):
        self.network = Network()
        self.phone = Phone(self.network, "alice", "192.0.2.1", "sip:alice@" + SERVER, **account)
        self.server = Peer(self.network, "server", SERVER)
        self.scanner = Peer(self.network, "scanner", "198.51.100.66")
        self.trust = self.phone.user_agent.trust
        self.number = 0
        if registered:
            self.phone.register()
            self.network.settle()
            register = self.server.take("REGISTER")
            self.server.respond(register, 200, Contact=str(register.contacts[0]) + ";expires=600")
            self.network.settle()

    def ask(self, peer, method, target="sip:alice@192.0.2.1", **more):
        """What the peer hears when it asks that."""
        self.number += 1
        more.setdefault("call_id", "call-%d" % self.number)
        peer.request(method, target, ALICE, sequence=self.number, **more)
        self.network.settle()
        return peer.kinds()

    def strangers(self):
        return self.phone.endpoint.counters.get("strangers", 0)


def test_a_scanner_hears_nothing_and_nothing_rings():
    scene = Scene()
    methods = (
        "OPTIONS",
        "INVITE",
        "REGISTER",
        "SUBSCRIBE",
        "MESSAGE",
        "BYE",
        "CANCEL",
        "NOTIFY",
        "REFER",
        "SNOOP",
    )
    for method in methods:
        for target in ("sip:alice@192.0.2.1", "sip:100@192.0.2.1", "sip:192.0.2.1"):
            assert scene.ask(scene.scanner, method, target, body=description()) == [], method
    assert scene.strangers() == len(methods) * 3
    assert not scene.phone.take(IncomingCall) and not scene.phone.user_agent.sessions
    # No trace of them is left in memory either.
    assert len(scene.phone.endpoint._servers) == 0


def test_what_does_not_parse_is_no_reason_to_answer():
    scene = Scene()
    for spoilt in ("Content-Length: x\r\n", "To: <sip:a@b>\r\n", "Call-ID: 2\r\n"):
        for peer, heard in ((scene.scanner, []), (scene.server, [400])):
            octets = peer.request("OPTIONS", "sip:alice@192.0.2.1", ALICE) and peer.unsend().to_bytes()
            peer.send(octets.replace(b"\r\n\r\n", b"\r\n" + spoilt.encode() + b"\r\n"), ALICE)
            scene.network.settle()
            assert peer.kinds() == heard, spoilt
    for missing in ("To", "From", "Call-ID"):
        request = scene.scanner.request("OPTIONS", "sip:alice@192.0.2.1", ALICE)
        scene.scanner.unsend()
        request.remove(missing)
        scene.scanner.send(request, ALICE)
        scene.network.settle()
        assert scene.scanner.kinds() == [], missing


def test_the_server_is_heard():
    scene = Scene()
    assert scene.ask(scene.server, "OPTIONS") == [200]
    scene.phone.answers = 486
    assert scene.ask(scene.server, "INVITE", body=description()) == [486]


def test_every_address_of_a_server_counts():
    scene = Scene()
    scene.phone.user_agent.registrations[0].servers.append(("198.51.100.66", 5080))
    assert scene.ask(scene.scanner, "OPTIONS") == [200]


def test_the_peer_of_a_call_is_heard_wherever_it_is():
    scene = Scene()
    scene.phone.call("sip:bob@198.51.100.66")
    scene.network.settle()
    invite = scene.scanner.take("INVITE")
    scene.scanner.respond(invite, 200, body=description())
    scene.network.settle()
    assert scene.phone.session.state == "established" and scene.scanner.kinds() == ["ACK"]
    other = Peer(scene.network, "other", "203.0.113.5")
    inside = {"call_id": invite.call_id, "to_tag": invite.from_.tag}
    # The words of the dialog count, not the address; and all of them.
    assert scene.ask(other, "OPTIONS", **inside) == [200]
    assert scene.ask(other, "OPTIONS", call_id=invite.call_id, to_tag="guessed") == []
    assert scene.ask(other, "OPTIONS", call_id="guessed", to_tag=invite.from_.tag) == []
    assert scene.ask(other, "BYE", **inside) == [200]
    assert scene.ask(other, "BYE", **inside) == []


def test_a_call_by_the_server_may_be_cancelled():
    scene = Scene()
    assert scene.ask(scene.server, "INVITE", body=description(), branch="z9hG4bKx") == [180]
    assert scene.ask(scene.scanner, "CANCEL", branch="z9hG4bKy") == []
    assert scene.ask(scene.server, "CANCEL", branch="z9hG4bKx", call_id="call-1") == [200, 487]


def test_replaces():
    def calling(routes):
        """A call by way of the server, or past it; and what somebody else must say to take it over."""
        scene = Scene()
        scene.phone.call("sip:bob@192.0.2.98")
        bob = Peer(scene.network, "bob", "192.0.2.98")
        scene.network.settle()
        invite = bob.take("INVITE")
        bob.respond(invite, 200, body=description(), **routes)
        scene.network.settle()
        words = "%s;to-tag=%s;from-tag=theirs" % (invite.call_id, invite.from_.tag)
        return scene, words

    for routes in ({}, {"Record_Route": "<sip:192.0.2.99;lr>"}):
        scene, words = calling(routes)
        assert scene.ask(scene.scanner, "INVITE", body=description(), Replaces=words + "x") == []
        assert scene.ask(scene.scanner, "INVITE", body=description(), Replaces="nonsense") == []
        heard = scene.ask(scene.scanner, "INVITE", body=description(), Replaces=words)
        # Whose call goes by the server is taken over by way of the server.
        assert heard == ([403] if routes else [180])
        if routes:
            assert scene.server.kinds() == ["ACK"]
            assert scene.ask(scene.server, "INVITE", body=description(), Replaces=words) == [180]


def test_who_is_not_registered_is_called_by_anybody():
    scene = Scene(registered=False)
    assert scene.ask(scene.scanner, "OPTIONS") == [200]
    assert scene.ask(scene.scanner, "OPTIONS", "sip:nobody@192.0.2.1") == [404]
    assert scene.strangers() == 0


def test_of_two_lines_the_registered_one_is_shielded():
    scene = Scene()
    other = Phone(Network(), "x", "192.0.2.1", "sip:direct@192.0.2.1").account
    scene.phone.user_agent.add(other)
    assert scene.ask(scene.scanner, "OPTIONS", "sip:direct@192.0.2.1") == [200]
    assert scene.ask(scene.scanner, "OPTIONS") == []
    assert scene.ask(scene.scanner, "OPTIONS", "sip:nobody@192.0.2.1") == []


def test_both_can_be_asked_for():
    scene = Scene()
    scene.trust.strangers = "answer"
    assert scene.ask(scene.scanner, "OPTIONS") == [200]
    scene = Scene(registered=False, proxy=uri.parse("sip:" + SERVER))
    scene.trust.strangers = "refuse"
    assert scene.ask(scene.scanner, "OPTIONS") == []
    assert scene.ask(scene.server, "OPTIONS") == [200]


def test_an_identity_is_believed_of_the_server_alone():
    for peer, believed in (("server", "sip:boss@example.com"), ("scanner", "sip:peer@198.51.100.66")):
        scene = Scene()
        scene.trust.strangers = "answer"
        scene.ask(
            getattr(scene, peer),
            "INVITE",
            body=description(),
            P_Asserted_Identity=NameAddr(uri.parse("sip:boss@example.com")),
        )
        call = scene.phone.take(IncomingCall)[0].session
        assert str(call.identity.uri) == believed


def test_a_callee_gets_no_answer_to_a_challenge_of_its_own():
    def tried(realm, target="sip:bob@198.51.100.66", **settings):
        """Whether a call that the callee challenges comes again with an answer."""
        realm_of_line = settings.pop("written", None)
        scene = Scene(password="secret", **settings)
        scene.phone.account.credentials.realm = realm_of_line
        neighbour = Peer(scene.network, "neighbour", SERVER, 5070)
        scene.phone.call(target)
        scene.network.settle()
        callee = neighbour if "5070" in target else scene.scanner if "198" in target else scene.server
        callee.respond(
            callee.take("INVITE"), 401, tag="c", WWW_Authenticate='Digest realm="%s", nonce="n"' % realm
        )
        scene.network.settle()
        return "INVITE" in callee.kinds()

    for registered in (True, False):
        for realm in ("bank", SERVER):
            for written in (None, SERVER, "*"):
                assert not tried(realm, registered=registered, written=written), (realm, written)
        assert tried(SERVER, "sip:bob@" + SERVER, registered=registered)
        # Another port of the server's address is somebody else.
        assert not tried(SERVER, "sip:bob@192.0.2.99:5070", registered=registered)
        # The host of a URI is not where it leads.
        assert not tried(SERVER, "sip:bob@192.0.2.99;maddr=198.51.100.66", registered=registered)
    # Before there is a registration, what goes to our own server may be asked anything by it.
    assert tried("asterisk", "sip:bob@192.0.2.99", registered=False)


DIGESTS = ("Authorization", "Proxy-Authorization")


def within_a_call(routes=(), contact="<sip:bob@198.51.100.66>", realm=None):
    """(whether ACK or BYE carry a digest unasked, whether a BYE that is challenged comes again) in a call that the
    server challenged and that then has this Contact and route set."""
    scene = Scene(password="secret")
    scene.phone.account.credentials.realm = realm
    server = scene.server
    scene.phone.call("sip:bob@" + SERVER)
    scene.network.settle()
    server.respond(
        server.take("INVITE"),
        407,
        tag="c",
        Proxy_Authenticate='Digest realm="192.0.2.99", nonce="n", qop="auth"',
    )
    scene.network.settle()
    assert server.take("ACK") and "INVITE" in [getattr(each, "method", "") for each in server.received]
    invite = server.take("INVITE")
    assert invite.get("Proxy-Authorization")
    ok = server.respond(invite, 200, body=description(), Record_Route=", ".join(routes) or None)
    server.unsend()
    ok.set("Contact", contact)
    server.send(ok)
    scene.network.settle()
    # What leaves for either may carry nothing that the other could use.
    ends = [server, scene.scanner]
    [ack] = [each for end in ends for each in end.received]
    scene.phone.end()
    scene.network.settle()
    [(end, bye)] = [(end, each) for end in ends for each in end.received if each.method == "BYE"]
    unasked = any(each.get(name) for each in (ack, bye) for name in DIGESTS)
    end.kinds()
    end.respond(bye, 407, Proxy_Authenticate='Digest realm="192.0.2.99", nonce="other", stale=true')
    scene.network.settle()
    return unasked, "BYE" in end.kinds()


def test_within_a_call_a_digest_goes_to_a_server_that_is_the_other_end():
    route = "<sip:192.0.2.99;lr>"
    assert within_a_call() == (False, False)  # straight to the callee
    assert within_a_call(contact="<sip:bob@192.0.2.99>") == (True, True)  # the server is a B2BUA
    assert within_a_call([route]) == (False, False)  # a proxy passes it on to the callee
    assert within_a_call([route], "<sip:bob@192.0.2.99>") == (True, True)
    assert within_a_call(["<sip:198.51.100.66;lr>"], "<sip:bob@192.0.2.99>") == (False, False)
    assert within_a_call([route], realm="*") == (True, True)  # as the settings allow
    assert within_a_call(realm="*") == (False, False)


def challenged_by_another_realm(
    method="INVITE", written=None, before=(), source=None, target="bob", realms=("sip-2",)
):
    """Whether a request is sent again with credentials, at each of these realms, when the REGISTER had another."""
    scene = Scene(registered=False, password="secret")
    scene.phone.register()
    scene.network.settle()
    server = scene.server
    server.respond(server.take("REGISTER"), 401, WWW_Authenticate='Digest realm="sip-1", nonce="n"')
    scene.network.settle()
    register = server.take("REGISTER")
    server.respond(register, 200, Contact=str(register.contacts[0]) + ";expires=600")
    scene.network.settle()
    scene.phone.account.credentials.realm = written
    if method == "INVITE":
        scene.phone.call("sip:%s@%s" % (target, SERVER))
    else:
        user_agent = scene.phone.user_agent
        to = uri.parse("sip:%s@%s" % (target, SERVER))
        request = user_agent.initial_request(scene.phone.account, method, to)
        ClientRequest(user_agent, scene.phone.account, request, lambda *_: None, scene.network.now)
    answered = []
    for realm in realms:
        scene.network.settle()
        asked = server.take(method)
        server.kinds()
        for status in before:
            server.respond(asked, status, tag="c")
        peer = source and Peer(scene.network, "other", *source) or server
        challenge = 'Digest realm="%s", nonce="n"' % realm
        server.respond(asked, 407, tag="c", Proxy_Authenticate=challenge)
        if source:
            peer.send(server.unsend(), ALICE)
        scene.network.settle()
        answered.append(any(getattr(each, "method", "") == method for each in server.received))
    return answered


def test_a_realm_of_calls_that_differs_from_that_of_the_registrar():
    asked = challenged_by_another_realm
    assert asked() == [True]
    for written, again in (("*", True), ("sip-2", True), ("sip-1", False)):
        assert asked(written=written) == [again], written
    # Whoever is behind the server may ask as well, and a proxy says 100 before it passes a call on.
    for before in ((100,), (180,), (100, 183)):
        assert asked(before=before) == [False], before
        assert asked(before=before, realms=("sip-1",)) == [True], before
        assert asked(before=before, written="*") == [True], before
    # Who asks second is behind the one that asked first.
    assert asked(realms=("sip-2", "sip-3")) == [True, False]
    # The callee knows where we are from our Via.
    assert asked(source=("198.51.100.66", 5060)) == [False]
    assert asked(source=(SERVER, 5070)) == [False]


def test_a_realm_of_requests_that_lead_to_nobody_but_the_server():
    for method in ("SUBSCRIBE", "PUBLISH"):
        assert challenged_by_another_realm(method, target="alice") == [True], method
    # There is no 100 to anything but an INVITE.
    for method in ("SUBSCRIBE", "MESSAGE", "OPTIONS"):
        assert challenged_by_another_realm(method) == [False], method
        assert challenged_by_another_realm(method, realms=("sip-1",)) == [True], method


def test_a_realm_once_answered_is_of_the_server():
    scene = Scene(password="secret")
    learned = scene.phone.account.credentials
    for number in range(6):
        scene.phone.call("sip:bob@" + SERVER)
        scene.network.settle()
        realm = 'Digest realm="node-%d", nonce="n"' % number
        scene.server.respond(scene.server.take("INVITE"), 401, tag="c", WWW_Authenticate=realm)
        scene.network.settle()
        scene.server.respond(scene.server.take("INVITE"), 486, tag="c")
        scene.network.settle()
        scene.server.kinds()
    assert learned._realms == ["node-2", "node-3", "node-4", "node-5"]


def test_a_line_over_tls_believes_its_own_connection_only():
    name = "pbx.example.com"
    scene = Scene(registered=False, proxy=uri.parse("sip:%s;transport=tls" % name))
    trust, account = scene.trust, scene.phone.account
    registration = scene.phone.register()
    for servers in ([], [("198.51.100.7", 5061, name)]):
        registration.servers = servers
        assert trust.is_server(("192.0.2.99", 5061, name), account)
        assert trust.is_server(("192.0.2.99", 40000, name))
        for source in (
            ("192.0.2.99", 5060),
            ("192.0.2.99", 5061),
            ("192.0.2.99", 5061, ""),  # who made a connection to us proved nothing
            ("192.0.2.99", 5061, "evil.example"),
            (name, 5061),
        ):
            assert not trust.is_server(source, account), source
            assert not trust.hears(None, source), source
        # Nor does a digest leave without TLS.
        for way, leads in (
            ("sip:pbx.example.com;transport=tls", True),
            ("sips:bob@pbx.example.com", True),
            ("sip:198.51.100.7:5061;transport=tls", bool(servers)),
            ("sip:192.0.2.99", False),
            ("sip:pbx.example.com:5061", False),
            ("sip:pbx.example.com;transport=udp", False),
            ("sip:192.0.2.99:5061;transport=tcp", False),
            ("sip:evil.example;transport=tls", False),
            ("sip:pbx.example.com;maddr=198.51.100.66;transport=tls", False),
            ("tel:4711", False),
        ):
            assert trust.leads_to_server(uri.parse(way), account) == leads, way


def test_the_servers_that_answered_over_tls_count_with_their_names():
    # RFC 3263 may find UDP and TLS; where TLS answered, nothing else does.
    scene = Scene(registered=False, transport="tls")
    scene.phone.endpoint.local["tls"] = ("192.0.2.1", 5061)
    registration = scene.phone.register()
    transaction = registration._client_request._transaction
    assert transaction.servers == [("192.0.2.99", 5061, "192.0.2.99")]
    transaction.servers = transaction.servers + [("192.0.2.99", 5060)]
    transaction.source = ("192.0.2.99", 5061, "192.0.2.99")
    assert registration._client_request.servers == [("192.0.2.99", 5061, "192.0.2.99")] * 2
    transaction.transport = "udp"
    assert ("192.0.2.99", 5060) in registration._client_request.servers


def test_keep_alives_of_strangers_over_tcp_are_not_answered():
    for registered, source, answered in (
        (True, ("198.51.100.66", 40000), False),
        (True, (SERVER, 40000), True),
        (False, ("198.51.100.66", 40000), True),
    ):
        scene = Scene(registered=registered)
        endpoint, now = scene.phone.endpoint, scene.network.now
        endpoint.receive(b"\r\n\r\n", source, "tcp", now)
        assert (endpoint.to_send(now) == (b"\r\n", source, "tcp")) == answered, source
        # They do not pile up either.
        assert endpoint._streams[source].pings == 0


def test_the_realm_of_the_registrar_serves_for_calls_too():
    scene = Scene(registered=False, password="secret")
    scene.phone.register()
    scene.network.settle()
    scene.server.respond(
        scene.server.take("REGISTER"), 401, WWW_Authenticate='Digest realm="asterisk", nonce="n"'
    )
    scene.network.settle()
    register = scene.server.take("REGISTER")
    scene.server.respond(register, 200, Contact=str(register.contacts[0]) + ";expires=600")
    scene.network.settle()
    scene.phone.call("sip:bob@192.0.2.99")
    scene.network.settle()
    invite = scene.server.take("INVITE")
    scene.server.respond(invite, 407, tag="c", Proxy_Authenticate='Digest realm="asterisk", nonce="n2"')
    scene.network.settle()
    assert "asterisk" in scene.server.take("INVITE").get("Proxy-Authorization")


def test_a_refer_that_knows_the_call():
    scene = Scene()
    scene.phone.call("sip:bob@192.0.2.98")
    bob = Peer(scene.network, "bob", "192.0.2.98")
    scene.network.settle()
    invite = bob.take("INVITE")
    bob.respond(invite, 200, body=description())
    scene.network.settle()
    words = "%s;local-tag=%s;remote-tag=theirs" % (invite.call_id, invite.from_.tag)
    more = {"Refer_To": "<sip:carol@192.0.2.3>", "Contact": "<sip:x@198.51.100.66>"}
    assert scene.ask(scene.scanner, "REFER", Target_Dialog=words + "x", **more) == []
    assert scene.ask(scene.scanner, "REFER", Target_Dialog="nonsense", **more) == []
    assert 202 in scene.ask(scene.scanner, "REFER", Target_Dialog=words, **more)
