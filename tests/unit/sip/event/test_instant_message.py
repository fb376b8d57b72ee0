"""MESSAGE (RFC 3428), out and in, against a peer played by hand."""

# micropython-heap: 512k: a network and both its ends live in one process, many times over

from sip.event.instant_message import MAX_LENGTH, send
from sip.events import LocalError
from sip.notices import MessageDelivered, MessageReceived
from sip.syntax import uri
from support.check import raises
from support.network import Network
from support.phones import Peer, Phone
from support.talk import Talk

ALICE = ("192.0.2.1", 5060)
BOB = uri.parse("sip:bob@192.0.2.99")


def scene(**account):
    network = Network()
    return network, Phone(network, "alice", "192.0.2.1", **account), Peer(network)


def sent(network, phone, peer, text):
    message = send(phone.user_agent, phone.account, BOB, text, network.now)
    network.settle()
    return message, peer.take("MESSAGE")


def test_out():
    for status in (200, 202, 404, 480, 603):
        network, phone, peer = scene()
        message, request = sent(network, phone, peer, "Grüße €")
        assert bytes(request.body) == "Grüße €".encode()
        assert request.get("Content-Type") == "text/plain;charset=UTF-8" and not request.contacts
        assert message.status == 0
        peer.respond(request, status)
        network.settle()
        told = phone.take(MessageDelivered)
        assert [(each.message, each.status) for each in told] == [
            (message, status)
        ] and message.status == status
        network.run(40_000)
        assert phone.endpoint.deadline() is None


def test_nobody_answers():
    network, phone, peer = scene()
    sent(network, phone, peer, "x")
    network.run(40_000)
    assert [event.status for event in phone.take(MessageDelivered)] == [408]


def test_challenge():
    network, phone, peer = scene(password="secret", registrar=uri.parse("sip:192.0.2.99"))
    _, request = sent(network, phone, peer, "x")
    peer.respond(request, 407, Proxy_Authenticate='Digest realm="r", nonce="n", algorithm=MD5, qop="auth"')
    network.settle()
    request = peer.take("MESSAGE")
    assert request.get("Proxy-Authorization") and bytes(request.body) == b"x"


def test_how_long_a_text_may_be():
    network, phone, peer = scene()
    for text in ("", "x" * (MAX_LENGTH + 1), "ä" * (MAX_LENGTH // 2 + 1)):
        raises(LocalError, send, phone.user_agent, phone.account, BOB, text, network.now)
    network.settle()
    assert not peer.received
    _, request = sent(network, phone, peer, "x" * MAX_LENGTH)
    assert len(request.body) == MAX_LENGTH


def received(body, status=200, content="text/plain", **headers):
    network, phone, peer = scene()
    peer.request(
        "MESSAGE",
        "sip:alice@192.0.2.1",
        ALICE,
        body=body,
        Content_Type=content,
        From='"Bob" <sip:bob@192.0.2.99>;tag=t',
        **headers,
    )
    network.settle()
    response = peer.take()
    assert response.status == status, (body, content)
    assert not response.contacts
    text = "Gr\u00fc\u00dfe" if "8859" in content else str(body, "utf-8") if status == 200 else ""
    return (
        [(event.account, event.sender.display_name, event.text) for event in phone.take(MessageReceived)]
        == [(phone.account, "Bob", text)]
        if status == 200 and body
        else not phone.names()
    )


def test_in():
    assert received("Grüße €".encode())
    assert received("Grüße".encode(), 200, 'text/plain; charset="utf-8"')
    assert received(b"x" * MAX_LENGTH)
    assert received(b"")
    assert received(b"x" * (MAX_LENGTH + 1), 413)
    assert received(b"\xff\xfe", 415)
    assert received(b"x", 415, "text/plain;charset=UTF-16")
    assert received(b"Gr\xfc\xdfe", 200, "text/plain;charset=ISO-8859-1")
    assert received(b"x", 415, "text/html")
    assert received(b"x", 415, "application/im-iscomposing+xml")
    assert received(b"x", 415, Content_Encoding="gzip")
    assert received(b"x", 400, ";")


def test_it_comes_once():
    network, phone, peer = scene()
    for branch in ("z9hG4bK1", "z9hG4bK1", "z9hG4bK2"):
        peer.request(
            "MESSAGE", "sip:alice@192.0.2.1", ALICE, body=b"x", Content_Type="text/plain", branch=branch
        )
        network.settle()
    assert [each.status for each in peer.received] == [200, 200, 482]
    assert len(phone.take(MessageReceived)) == 1


def test_within_a_call():
    talk = Talk()
    talk.next("MESSAGE", b"x", Content_Type="text/plain")
    assert talk.settle() == [200]
    assert [event.text for event in talk.phone.take(MessageReceived)] == ["x"]
    talk.request("MESSAGE", 1, b"x", Content_Type="text/plain")
    assert talk.settle() == [500]


def test_who_sent_it():
    network, phone, peer = scene(proxy=uri.parse("sip:192.0.2.99"))
    peer.request(
        "MESSAGE",
        "sip:alice@192.0.2.1",
        ALICE,
        body=b"x",
        Content_Type="text/plain",
        P_Asserted_Identity='"Robert" <sip:robert@example.com>',
    )
    network.settle()
    assert [event.sender.display_name for event in phone.take(MessageReceived)] == ["Robert"]
