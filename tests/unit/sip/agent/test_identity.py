"""Who is there and who was called before us (RFC 3323, 3325, 5806, 7044), and why a call ended (RFC 3326)."""

# micropython-heap: 512k: a network and both its ends live in one process, call after call

from sip.agent.identity import diverted_from
from sip.call.events import Ended, IdentityChanged
from sip.syntax import uri
from sip.syntax.message import Request
from sip.syntax.reason import Cause, cause_of
from support.descriptions import description
from support.network import Network
from support.phones import Peer, Phone
from support.talk import ALICE, Talk

TARGET = "sip:alice@192.0.2.1"


def called(trusting=True, From=None, **headers):
    """(network, phone, peer, INVITE) of a call with those headers."""
    network = Network()
    proxy = uri.parse("sip:192.0.2.99") if trusting else None
    phone = Phone(network, "alice", "192.0.2.1", proxy=proxy)
    peer = Peer(network)
    invite = peer.request("INVITE", TARGET, ALICE, body=description(), **headers)
    if From is not None:
        invite = peer.unsend()
        invite.set("From", From)
        peer.send(invite, ALICE)
    network.settle()
    return network, phone, peer, invite


def who(**settings):
    session = called(**settings)[1].session
    return None if session.identity is None else str(session.identity.uri)


def test_identity():
    peer = "sip:peer@192.0.2.99"
    # (trusting, headers, whom the person sees)
    for trusting, headers, seen in (
        (True, {}, peer),
        (True, {"P_Asserted_Identity": '"Bob" <sip:202@example.com>'}, "sip:202@example.com"),
        (False, {"P_Asserted_Identity": "<sip:202@example.com>"}, peer),
        (True, {"P_Asserted_Identity": "<tel:+4930>, <sip:202@example.com>"}, "sip:202@example.com"),
        (True, {"P_Asserted_Identity": "tel:+4930"}, "tel:+4930"),
        (True, {"P_Asserted_Identity": "rubbish"}, peer),
        (True, {"P_Asserted_Identity": '"rubbish'}, peer),
        (True, {"P_Asserted_Identity": "<sip:202@example.com>", "Privacy": "none"}, "sip:202@example.com"),
        (True, {"P_Asserted_Identity": "<sip:202@example.com>", "Privacy": "id"}, None),
        (False, {"Privacy": "header; ID"}, None),
        (
            True,
            {"Remote_Party_ID": '"Bob" <sip:202@example.com>;party=calling;privacy=off'},
            "sip:202@example.com",
        ),
        (False, {"Remote_Party_ID": "<sip:202@example.com>;party=calling"}, peer),
        (True, {"Remote_Party_ID": "<sip:202@example.com>"}, "sip:202@example.com"),
        (True, {"Remote_Party_ID": "<sip:202@example.com>;party=calling;privacy=full"}, None),
        (True, {"Remote_Party_ID": "<sip:202@example.com>;party=called"}, peer),
        (
            True,
            {"Remote_Party_ID": "<sip:9@e.com>;party=redirecting, <sip:202@example.com>;party=CALLING"},
            "sip:202@example.com",
        ),
        (True, {"Remote_Party_ID": '"rubbish'}, peer),
        (True, {"Remote_Party_ID": "rubbish, <sip:202@example.com>"}, "sip:202@example.com"),
        (
            True,
            {
                "Remote_Party_ID": "<sip:303@example.com>",
                "P_Asserted_Identity": "<sip:202@example.com>",
            },
            "sip:202@example.com",
        ),
        (
            True,
            {
                "From": "<sip:anonymous@example.com>;tag=theirs",
                "Remote_Party_ID": "<sip:202@example.com>;party=calling;privacy=off",
            },
            "sip:202@example.com",
        ),
        (True, {"From": '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=theirs'}, None),
        (True, {"From": "<sip:anonymous@example.com>;tag=theirs"}, None),
        (
            True,
            {
                "From": "<sip:anonymous@example.com>;tag=theirs",
                "P_Asserted_Identity": "<sip:202@example.com>",
            },
            "sip:202@example.com",
        ),
    ):
        assert who(trusting=trusting, **headers) == seen, headers


def test_rubbish_keeps_no_call_from_ringing():
    for name in ("P_Asserted_Identity", "Privacy", "Diversion", "History_Info", "Referred_By"):
        for value in ('"', "<", "<sip:", ";;;", "<sip:x@y>;privacy"):
            session = called(**{name: value})[1].session
            assert session.state == "ringing", (name, value)


def test_diversion():
    # (header, value, who, why)
    for name, value, diverter, reason in (
        ("Diversion", "<sip:9@example.com>;reason=no-answer;counter=1", "9", "no-answer"),
        (
            "Diversion",
            "<sip:9@example.com>;reason=user-busy, <sip:8@example.com>;reason=unconditional",
            "9",
            "user-busy",
        ),
        ("Diversion", "<sip:9@example.com>;privacy=full", None, None),
        (
            "History-Info",
            "<sip:9@example.com?Reason=SIP%3Bcause%3D486>;index=1, <sip:alice@example.com>;index=1.1",
            "9",
            "user-busy",
        ),
        (
            "History-Info",
            "<sip:9@example.com>;index=1, <sip:alice@example.com;cause=302>;index=1.1;mp=1",
            "9",
            "unconditional",
        ),
        (
            "History-Info",
            "<sip:9@x.com?Reason=SIP%3Bcause%3D486&Privacy=history>;index=1, <sip:a@x.com>;index=1.1",
            None,
            None,
        ),
        ("History-Info", "<sip:9@example.com?Reason=%22>;index=1", "9", "unknown"),
        ("History-Info", "<sip:9@example.com>;index=1", None, None),
    ):
        request = Request("INVITE", uri.parse(TARGET))
        request.add(name, value)
        found = diverted_from(request)
        assert (found and found.uri.user) == diverter, value
        assert found is None or found.params["reason"] == reason and not found.uri.headers, value


def test_the_session_knows():
    session = called(Diversion="<sip:9@example.com>;reason=no-answer", Referred_By="<sip:carol@example.com>")[
        1
    ].session
    assert session.diverted_from.uri.user == "9" and session.referred_by.uri.user == "carol"


def test_the_one_who_answers_is_somebody_else():
    network = Network()
    phone = Phone(network, "alice", "192.0.2.1", proxy=uri.parse("sip:192.0.2.99"))
    peer = Peer(network)
    session = phone.call("sip:peer@192.0.2.99")
    network.settle()
    invite = peer.take("INVITE")
    peer.respond(invite, 180)
    network.settle()
    assert not phone.take(IdentityChanged)
    peer.respond(invite, 200, body=description(), P_Asserted_Identity="<sip:303@example.com>")
    network.settle()
    assert phone.take(IdentityChanged)[0].session is session and session.identity.uri.user == "303"


def test_handed_on_within_the_call():
    talk = Talk()
    talk.phone.account.proxy = uri.parse("sip:192.0.2.99")
    for at, method in enumerate(("UPDATE", "INVITE")):
        talk.next(
            method,
            description() if at else b"",
            Contact="<sip:peer@192.0.2.99>",
            P_Asserted_Identity="<sip:%d@example.com>" % at,
        )
        talk.network.settle()
        assert talk.peer.take(200)
        assert talk.phone.take(IdentityChanged) and talk.session.identity.uri.user == str(at)


def test_the_remote_party_within_a_call_of_ours():
    network = Network()
    phone = Phone(network, "alice", "192.0.2.1", proxy=uri.parse("sip:192.0.2.99"))
    peer = Peer(network)
    session = phone.call("sip:peer@192.0.2.99")
    network.settle()
    invite = peer.take("INVITE")
    for status, party in ((180, "called"), (200, "called")):
        name = '"At %d" <sip:%d@example.com>;party=%s' % (status, status, party)
        peer.respond(invite, status, body=description() if status == 200 else b"", Remote_Party_ID=name)
        network.settle()
        assert phone.take(IdentityChanged) and session.identity.display_name == "At %d" % status
    peer.kinds()
    session.hold(network.now)
    network.settle()
    peer.respond(
        peer.take("INVITE"),
        200,
        body=description(direction="recvonly"),
        Remote_Party_ID="<sip:7@example.com>",
    )
    network.settle()
    assert session.identity.uri.user == "7"
    # A server that calls itself the caller in requests means who is there now.
    for party in ("calling", "called"):
        peer.request(
            "UPDATE",
            "sip:alice@192.0.2.1",
            ALICE,
            invite.call_id,
            5 if party == "calling" else 6,
            invite.from_.tag,
            Contact="<sip:peer@192.0.2.99>",
            Remote_Party_ID="<sip:%s@example.com>;party=%s" % (party, party),
        )
        network.settle()
        assert session.identity.uri.user == party


def test_we_withhold_our_name():
    for proxy in (None, uri.parse("sip:192.0.2.99")):
        network = Network()
        phone = Phone(network, "alice", "192.0.2.1", proxy=proxy)
        peer = Peer(network)
        phone.user_agent.invite(
            phone.account, uri.parse("sip:bob@192.0.2.99"), phone.media, network.now, anonymous=True
        )
        network.settle()
        invite = peer.take("INVITE")
        assert str(invite.from_.uri) == "sip:anonymous@anonymous.invalid" and invite.from_.tag
        assert invite.get("Privacy") == "id"
        assert invite.get("P-Preferred-Identity") == ("<sip:alice@192.0.2.1>" if proxy else None)


# Reason


def test_reasons_are_read():
    for text, protocol, code, words in (
        ('SIP ;cause=200 ;text="Call completed elsewhere"', "SIP", 200, "Call completed elsewhere"),
        ("Q.850;cause=16", "Q.850", 16, ""),
        ('Q.850;cause=16;text="Normal", SIP;cause=600', "SIP", 600, ""),
        ("SIP", "SIP", None, ""),
    ):
        request = Request("BYE", uri.parse(TARGET))
        request.add("Reason", text)
        cause = cause_of(request)
        assert (cause.protocol, cause.code, cause.text) == (protocol, code, words)
    for text in ("", "SIP;cause=x", "SIP;cause=1000", 'SIP;text="'):
        request = Request("BYE", uri.parse(TARGET))
        request.add("Reason", text)
        assert cause_of(request) is None, text
    assert cause_of(Request("BYE", uri.parse(TARGET))) is None


def test_answered_elsewhere():
    for reason, elsewhere in (
        ('SIP;cause=200;text="Call completed elsewhere"', True),
        ("SIP;cause=487", False),
        ("Q.850;cause=200", False),
    ):
        network, phone, peer, invite = called()
        peer.request("CANCEL", TARGET, ALICE, invite.call_id, branch=invite.via.branch, Reason=reason)
        network.settle()
        ended = phone.take(Ended)[0]
        assert ended.status == 487 and ended.cause.elsewhere == elsewhere, reason


def test_a_bye_with_a_reason():
    talk = Talk()
    talk.next("BYE", Reason='Q.850;cause=31;text="Normal"')
    talk.network.settle()
    assert talk.phone.take(Ended)[0].cause.code == 31


def test_we_give_a_reason():
    talk = Talk()
    talk.session.end(talk.network.now, Cause("SIP", 486, 'the "busy" one'))
    talk.network.settle()
    assert talk.peer.take("BYE").get("Reason") == 'SIP;cause=486;text="the \\"busy\\" one"'
    network = Network()
    phone = Phone(network, "alice", "192.0.2.1")
    peer = Peer(network)
    phone.call("sip:peer@192.0.2.99")
    network.settle()
    peer.respond(peer.take("INVITE"), 180)
    network.settle()
    phone.session.end(network.now, Cause("SIP", 200))
    network.settle()
    assert peer.take("CANCEL").get("Reason") == "SIP;cause=200"
