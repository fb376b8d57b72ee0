"""What the user agent answers, and to whom, against a peer played by hand."""

# micropython-heap: 512k: a network and both its ends live in one process, call after call

from sip.agent.account import Account
from sip.agent.body import ACCEPT
from sip.agent.capabilities import ALLOW, METHODS, SUPPORTED
from sip.call.events import Ended, IncomingCall
from sip.digest import Credentials
from sip.events import LocalError
from sip.syntax import uri
from support.check import raises
from support.descriptions import description
from support.network import Network
from support.phones import Peer, Phone

BOB = ("192.0.2.2", 5060)
TARGET = "sip:bob@192.0.2.2"


def place(answers=None, **settings):
    network = Network()
    if "password" in settings:
        # Whoever asks for it is our server.
        settings["registrar"] = uri.parse("sip:192.0.2.99")
    phone = Phone(network, "bob", "192.0.2.2", answers=answers, **settings)
    return network, phone, Peer(network)


def asked(method, target=TARGET, answers=None, **settings):
    """The response to one request."""
    network, _, peer = place(answers)
    peer.request(method, target, BOB, **settings)
    network.settle()
    return peer.take()


def test_options():
    response = asked("OPTIONS")
    assert response.status == 200 and response.to.tag
    assert response.get("Allow") == ALLOW
    assert response.get("Accept") == ACCEPT
    assert response.get("Supported") == SUPPORTED
    assert response.get("Server") == "Bakelite/test"


def test_options_in_a_dialog():
    network, _, peer = place("answers")
    invite = peer.request("INVITE", TARGET, BOB, body=description())
    network.settle()
    tag = peer.take(200).to.tag
    peer.kinds()
    for sequence, status in ((5, 200), (5, 500), (4, 500), (6, 200)):
        peer.request("OPTIONS", TARGET, BOB, invite.call_id, sequence, tag)
        network.settle()
        assert [each.status for each in peer.received] == [status], sequence
        peer.kinds()


def test_what_we_do_not_do():
    cases = [
        ("PUBLISH", {}, 405, ("Allow", ALLOW)),
        ("FROBNICATE", {}, 405, ("Allow", ALLOW)),
        ("PUBLISH", {"to_tag": "x"}, 405, ("Allow", ALLOW)),
        ("INFO", {"to_tag": "x"}, 481, None),
        ("INFO", {}, 481, None),
        ("BYE", {}, 481, None),
        ("BYE", {"to_tag": "x"}, 481, None),
        ("INVITE", {"to_tag": "x"}, 481, None),
        ("OPTIONS", {"to_tag": "x"}, 481, None),
        ("INVITE", {"target": "mailto:bob@192.0.2.2"}, 416, None),
        ("INVITE", {"target": "sip:nobody@192.0.2.2"}, 404, None),
        ("OPTIONS", {"target": "sip:nobody@192.0.2.2"}, 404, None),
        ("INVITE", {"Require": "100rel, nothing"}, 420, ("Unsupported", "nothing")),
        ("OPTIONS", {"Require": "gruu"}, 420, ("Unsupported", "gruu")),
        ("INVITE", {"body": b"x", "Content_Type": "text/plain"}, 415, ("Accept", ACCEPT)),
        ("INVITE", {"body": b"x", "Content_Type": None}, 415, ("Accept", ACCEPT)),
        ("INVITE", {"body": description(), "Content_Encoding": "gzip"}, 415, ("Accept-Encoding", "identity")),
        ("INVITE", {"Contact": None}, 400, None),
        ("INVITE", {"Contact": "*"}, 400, None),
        ("INVITE", {"Contact": "<tel:1>"}, 400, None),
        ("INVITE", {"Record_Route": "<sip:"}, 400, None),
        ("INVITE", {"body": b"x", "Content_Disposition": ";"}, 400, None),
    ]
    for method, settings, status, header in cases:
        response = asked(method, **settings)
        assert response.status == status, (method, settings)
        assert response.to.tag
        if header is not None:
            assert response.get(header[0]) == header[1], (method, settings)


def test_a_body_that_we_may_ignore():
    network, phone, peer = place()
    peer.request(
        "INVITE",
        TARGET,
        BOB,
        body=b"<x/>",
        Content_Type="text/xml",
        Content_Disposition="alert;handling=optional",
    )
    network.settle()
    assert phone.take(IncomingCall)[0].session.negotiation.state == "idle"


def test_an_ack_for_nothing_is_dropped():
    network, phone, peer = place()
    peer.request("ACK", TARGET, BOB, to_tag="x")
    network.settle()
    assert peer.kinds() == [] and phone.names() == []


def test_who_is_called():
    network, phone, peer = place()
    second = Account(uri.parse("sip:bob@other.example"), None)
    third = Account(uri.parse("sip:carol@other.example"), None)
    phone.user_agent.add(second)
    phone.user_agent.add(third)
    phone.user_agent.add(third)
    cases = (
        (TARGET, phone.account),
        ("sip:carol@192.0.2.2", third),
        ("sip:bob@other.example", second),
        ("sip:192.0.2.2", phone.account),
    )
    for number, (target, account) in enumerate(cases):
        peer.request("INVITE", target, BOB, "call-%d" % number, body=description())
        network.settle()
        assert phone.take(IncomingCall)[0].session.account is account, target
        phone.end()


def test_busy_at_the_limit():
    network, phone, peer = place()
    phone.user_agent.max_sessions = 2
    for number in range(3):
        peer.request("INVITE", TARGET, BOB, "call-%d" % number, body=description())
    network.settle()
    assert peer.kinds() == [486] and [each.id for each in phone.user_agent.sessions] == [1, 2]
    peer.request("OPTIONS", TARGET, BOB, "call-9")
    network.run(50)
    assert peer.kinds() == [486]
    raises(LocalError, phone.call, "sip:peer@192.0.2.99")
    phone.user_agent.sessions[0].end(network.now)
    phone.call("sip:peer@192.0.2.99")
    assert [each.id for each in phone.user_agent.sessions] == [2, 1]


def test_an_invite_that_comes_by_two_ways():
    network, phone, peer = place()
    for branch in ("z9hG4bKone", "z9hG4bKtwo"):
        peer.request("INVITE", TARGET, BOB, branch=branch, body=description())
    network.settle()
    assert peer.kinds() == [482] and len(phone.take(IncomingCall)) == 1


def test_another_call_with_the_same_call_id_is_another_call():
    network, _, peer = place(486)
    for sequence in (1, 2):
        peer.request("INVITE", TARGET, BOB, "same", sequence, body=description())
        network.settle()
    assert peer.kinds() == [486, 486]


def test_calls_with_credentials():
    network, phone, peer = place(password="secret")
    phone.call("sip:peer@192.0.2.99")
    network.settle()
    first = peer.take("INVITE")
    assert first.get("Authorization") is None and first.get("Proxy-Authorization") is None
    challenge = 'Digest realm="r", nonce="n1", qop="auth", algorithm=SHA-256'
    peer.respond(first, 407, tag="p", Proxy_Authenticate=challenge)
    network.settle()
    peer.take("ACK")
    second = peer.take("INVITE")
    assert 'nonce="n1"' in second.get("Proxy-Authorization") and "secret" not in str(second.headers)
    assert second.cseq.number == 2 and second.call_id == first.call_id and second.to.tag is None
    assert second.from_.tag == first.from_.tag and second.body == first.body
    assert second.via.branch != first.via.branch
    peer.respond(second, 200, body=description())
    network.settle()
    # The ACK carries what the INVITE carried (§22.3), later requests what was learned.
    assert peer.take("ACK").get("Proxy-Authorization") == second.get("Proxy-Authorization")
    phone.end()
    network.settle()
    bye = peer.take("BYE")
    assert bye.cseq.number == 3 and "nc=00000002" in bye.get("Proxy-Authorization")
    peer.respond(bye, 407, Proxy_Authenticate=challenge.replace("n1", "n2") + ", stale=true")
    network.settle()
    again = peer.take("BYE")
    assert again.cseq.number == 4 and 'nonce="n2"' in again.get("Proxy-Authorization")
    peer.respond(again, 200)
    network.settle()
    assert phone.user_agent.idle


def test_challenges_without_end():
    network, phone, peer = place(password="wrong")
    phone.call("sip:peer@192.0.2.99")
    network.settle()
    tries = 0
    while peer.received:
        each = peer.take()
        if each.method == "INVITE":
            tries += 1
            peer.respond(
                each, 401, tag="p", WWW_Authenticate='Digest realm="r", nonce="n%d", stale=true' % tries
            )
        network.settle()
    assert tries == 4
    assert phone.take(Ended)[0].status == 401


def test_a_wrong_password_is_tried_once():
    network, phone, peer = place(password="wrong")
    phone.call("sip:peer@192.0.2.99")
    network.settle()
    for _ in range(2):
        peer.respond(peer.take("INVITE"), 401, tag="p", WWW_Authenticate='Digest realm="r", nonce="n"')
        network.settle()
        peer.take("ACK")
    assert peer.kinds() == [] and phone.take(Ended)[0].status == 401


def test_challenges_that_nobody_can_answer():
    for challenge in (
        'Digest realm="r"',
        "Bearer x",
        "",
        'Digest realm="r", nonce="n", algorithm=ROT13',
        '"',
    ):
        network, phone, peer = place(password="secret")
        phone.call("sip:peer@192.0.2.99")
        network.settle()
        peer.respond(peer.take("INVITE"), 401, tag="p", WWW_Authenticate=challenge)
        network.settle()
        assert phone.take(Ended)[0].status == 401, challenge
    network, phone, peer = place()
    phone.call("sip:peer@192.0.2.99")
    network.settle()
    peer.respond(peer.take("INVITE"), 401, tag="p", WWW_Authenticate='Digest realm="r", nonce="n"')
    network.settle()
    assert phone.take(Ended)[0].status == 401


def test_the_outbound_proxy():
    network = Network()
    peer = Peer(network)
    phone = Phone(network, "bob", "192.0.2.2", proxy=uri.parse("sip:192.0.2.99"))
    phone.call("sip:carol@192.0.2.77")
    phone.register()
    network.settle()
    invite = peer.take("INVITE")
    assert str(invite.uri) == "sip:carol@192.0.2.77" and invite.all("Route") == ["<sip:192.0.2.99;lr>"]
    assert peer.take("REGISTER").all("Route") == ["<sip:192.0.2.99;lr>"]


def test_over_tcp():
    network = Network()
    phone = Phone(network, "alice", "192.0.2.1", transport="tcp")
    other = Phone(network, "bob", "192.0.2.2", answers="answers", transport="tcp")
    vias = []
    network.on_message = lambda message, source, to: vias.append(message.via.transport)
    phone.call("sip:bob@192.0.2.2")
    network.settle()
    assert str(phone.session.dialog.target) == "sip:bob@192.0.2.2:5060;transport=tcp"
    other.end()
    network.settle()
    assert phone.user_agent.idle and other.user_agent.idle
    assert network.ladder == [
        "alice > bob: INVITE",
        "bob > alice: 180 INVITE",
        "bob > alice: 200 INVITE",
        "alice > bob: ACK",
        "bob > alice: BYE",
        "alice > bob: 200 BYE",
    ]
    assert vias == ["TCP"] * 6


def test_a_strict_router_on_the_way():
    network, phone, peer = place("answers")
    strict = Peer(network, "strict", "192.0.2.50")
    route = "<sip:192.0.2.50>, <sip:192.0.2.51;lr>"
    invite = peer.request("INVITE", TARGET, BOB, body=description(), Record_Route=route)
    network.settle()
    ok = peer.take(200)
    peer.request("ACK", TARGET, BOB, invite.call_id, 1, ok.to.tag)
    network.settle()
    phone.end()
    network.settle()
    # §12.2.1.1: it gets itself in the Request-URI, and the target comes last.
    bye = strict.take("BYE")
    assert str(bye.uri) == "sip:192.0.2.50"
    assert bye.all("Route") == ["<sip:192.0.2.51;lr>", "<sip:peer@192.0.2.99:5060>"]


def test_a_stray_2xx_is_dropped():
    network, _, peer = place()
    invite = peer.request("INVITE", TARGET, BOB, body=description())
    network.settle()
    invite.set("Via", "SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKnone")
    peer.source = BOB
    peer.respond(invite, 200)
    network.settle()
    assert "ACK" not in network.ladder[-1]


def test_shutdown():
    network, phone, peer = place("answers")
    invite = peer.request("INVITE", TARGET, BOB, "one", body=description())
    network.settle()
    peer.request("ACK", TARGET, BOB, invite.call_id, 1, peer.take(200).to.tag)
    phone.answers = "rings"
    peer.request("INVITE", TARGET, BOB, "two", body=description())
    phone.call("sip:peer@192.0.2.99")
    network.settle()
    peer.respond(peer.take("INVITE"), 180)
    network.settle()
    peer.kinds()
    phone.user_agent.shutdown(network.now)
    phone.user_agent.shutdown(network.now)
    network.settle()
    assert sorted(str(each) for each in peer.kinds()) == ["480", "BYE", "CANCEL"]
    assert len(phone.take(Ended)) == 3 and not phone.user_agent.idle
    network.run(33_000)
    assert phone.user_agent.idle


def test_no_secret_in_any_repr():
    account = Account(uri.parse("sip:bob@192.0.2.2"), Credentials("bob", "hunter2"))
    _, phone, _ = place()
    phone.account = account
    session = phone.call("sip:peer@192.0.2.99")
    registration = phone.register()
    for each in (account, account.credentials, session, registration):
        assert "hunter2" not in repr(each)


def test_a_wrong_password_is_not_tried_on_every_new_nonce():
    network, phone, peer = place(password="wrong")
    phone.call("sip:peer@192.0.2.99")
    network.settle()
    for nonce in ("n1", "n2"):
        peer.respond(
            peer.take("INVITE"), 401, tag="p", WWW_Authenticate='Digest realm="r", nonce="%s"' % nonce
        )
        network.settle()
    assert phone.take(Ended)[0].status == 401 and "INVITE" not in peer.kinds()


def test_a_proxy_and_then_the_peer_may_both_ask():
    network, phone, peer = place(password="secret")
    phone.call("sip:peer@192.0.2.99")
    network.settle()
    peer.respond(peer.take("INVITE"), 407, tag="p", Proxy_Authenticate='Digest realm="p", nonce="n1"')
    network.settle()
    peer.respond(peer.take("INVITE"), 401, tag="q", WWW_Authenticate='Digest realm="q", nonce="n2"')
    network.settle()
    invite = peer.take("INVITE")
    assert 'realm="q"' in invite.get("Authorization")


def test_without_an_address_nothing_begins():
    network, phone, _ = place()
    phone.endpoint.local.clear()
    phone.user_agent.accounts.clear()
    raises(LocalError, phone.register)
    raises(LocalError, phone.call, "sip:peer@192.0.2.99")
    agent = phone.user_agent
    assert (agent.sessions, agent.registrations, agent.accounts) == ([], [], []) and network.ladder == []


def test_an_account_of_a_transport_that_we_lack_is_reached_by_udp():
    _, phone, _ = place(transport="tcp")
    del phone.endpoint.local["tcp"]
    assert str(phone.user_agent.contact(phone.account)) == "sip:bob@192.0.2.2:5060"


def test_allow_is_true():
    for method in METHODS:
        if method not in ("INVITE", "ACK", "CANCEL"):
            assert asked(method).status != 405, method
    for method in ("PUBLISH", "REGISTER"):
        if method not in METHODS:
            assert asked(method).status == 405, method


def test_calls_go_to_the_port_of_the_registrar_where_its_host_is_the_domain():
    network = Network()
    # (registrar, proxy, target, the Request-URI)
    for registrar, proxy, target, aimed in (
        ("sip:192.0.2.99:5070", None, "sip:2@192.0.2.99", "sip:2@192.0.2.99:5070"),
        (
            "sip:192.0.2.99:5070;transport=tcp",
            None,
            "sip:2@192.0.2.99",
            "sip:2@192.0.2.99:5070;transport=tcp",
        ),
        ("sip:192.0.2.99:5070", None, "sip:2@192.0.2.99:5080", "sip:2@192.0.2.99:5080"),
        ("sip:192.0.2.99:5070", None, "sip:2@192.0.2.98", "sip:2@192.0.2.98"),
        ("sip:192.0.2.98:5070", None, "sip:2@192.0.2.98", "sip:2@192.0.2.98"),
        ("sip:192.0.2.99", None, "sip:2@192.0.2.99", "sip:2@192.0.2.99"),
        ("sip:192.0.2.99:5070", "sip:192.0.2.99:5090", "sip:2@192.0.2.99", "sip:2@192.0.2.99"),
        (None, None, "sip:2@192.0.2.99", "sip:2@192.0.2.99"),
    ):
        phone = Phone(
            network,
            "alice",
            "192.0.2.1",
            aor="sip:alice@192.0.2.99",
            registrar=registrar and uri.parse(registrar),
            proxy=proxy and uri.parse(proxy),
        )
        request = phone.user_agent.initial_request(phone.account, "INVITE", uri.parse(target))
        assert str(request.uri) == aimed, (registrar, target)
        assert str(request.to.uri) == target
