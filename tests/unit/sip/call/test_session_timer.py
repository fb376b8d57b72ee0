"""Session timers (RFC 4028), against a peer played by hand."""

# micropython-heap: 512k: a network and both its ends live in one process, call after call

from sip.call.events import Ended
from sip.syntax import uri
from support.descriptions import description
from support.network import Network
from support.phones import Peer, Phone
from support.talk import ALICE, Talk


def test_we_ask_for_it():
    talk = Talk()
    assert talk.invite.get("Session-Expires") == "1800" and "timer" in talk.invite.all("Supported")
    assert talk.invite.get("Min-SE") is None


def test_not_where_it_is_switched_off():
    network = Network()
    phone = Phone(network, "alice", "192.0.2.1", session_expires=0)
    peer = Peer(network)
    phone.call("sip:peer@192.0.2.99")
    network.settle()
    assert peer.take("INVITE").get("Session-Expires") is None


def test_what_we_answer():
    # (Session-Expires, Supported, Min-SE; our Session-Expires, Require) (§9, table 2)
    for asked, supported, minimum, granted, required in (
        (None, None, None, None, None),
        (None, "timer", None, "1800;refresher=uas", None),
        (None, "timer", "3600", "3600;refresher=uas", None),
        ("600", "timer", None, "600;refresher=uac", "timer"),
        ("600;refresher=uac", "100rel, TIMER", None, "600;refresher=uac", "timer"),
        ("600;refresher=uas", "timer", None, "600;refresher=uas", None),
        ("600;refresher=UAC", None, None, "600;refresher=uas", None),
        ("600;refresher=nobody", "timer", None, "600;refresher=uac", "timer"),
        ("60", None, None, "90;refresher=uas", None),
        ("rubbish", None, None, None, None),
        ("600", "timer", "rubbish", "600;refresher=uac", "timer"),
    ):
        talk = Talk(True, Session_Expires=asked, Supported=supported, Min_SE=minimum)
        assert talk.ok.get("Session-Expires") == granted, (asked, supported)
        assert talk.ok.get("Require") == required, (asked, supported)


def test_too_short_to_begin_with():
    network = Network()
    phone = Phone(network, "alice", "192.0.2.1")
    peer = Peer(network)
    peer.request(
        "INVITE", "sip:alice@192.0.2.1", ALICE, body=description(), Supported="timer", Session_Expires="89"
    )
    network.settle()
    assert peer.take(422).get("Min-SE") == "90" and phone.session is None


def test_too_short_later():
    talk = Talk()
    for method in ("INVITE", "UPDATE"):
        talk.next(
            method, description(), Supported="timer", Session_Expires="30", Contact="<sip:peer@192.0.2.99>"
        )
        talk.network.settle()
        assert talk.peer.take(422).get("Min-SE") == "90"
    assert talk.session.state == "established"


def test_a_422_raises_what_we_ask_for():
    network = Network()
    phone = Phone(network, "alice", "192.0.2.1")
    peer = Peer(network)
    phone.call("sip:peer@192.0.2.99")
    network.settle()
    invite = peer.take("INVITE")
    for minimum in (2000, 4000):
        peer.respond(invite, 422, Min_SE=minimum)
        network.settle()
        peer.take("ACK")
        again = peer.take("INVITE")
        assert (again.get("Session-Expires"), again.get("Min-SE")) == (str(minimum), str(minimum))
        assert again.call_id == invite.call_id and again.cseq.number == invite.cseq.number + 1 and again.body
        invite = again
    peer.respond(invite, 200, body=description(), Session_Expires="4000;refresher=uas")
    network.settle()
    assert phone.session.timer.interval == 4000


def test_a_422_that_makes_no_sense_ends_the_call():
    for minimum in (None, "x", "0", "86401"):
        network = Network()
        phone = Phone(network, "alice", "192.0.2.1")
        peer = Peer(network)
        phone.call("sip:peer@192.0.2.99")
        network.settle()
        peer.respond(peer.take("INVITE"), 422, Min_SE=minimum)
        network.settle()
        assert peer.kinds() == ["ACK"] and phone.take(Ended)[0].status == 422, minimum


def test_we_refresh():
    # (Allow of the peer, method)
    for allow, method in (("INVITE, UPDATE", "UPDATE"), ("INVITE", "INVITE"), (None, "INVITE")):
        talk = Talk(Session_Expires="100;refresher=uac", Allow=allow)
        for _ in range(5):
            talk.network.run(49_800)
            assert talk.peer.kinds() == []
            talk.network.run(400)
            refresh = talk.peer.take(method)
            assert refresh.get("Session-Expires") == "100;refresher=uac" and refresh.contacts
            body = b""
            if method == "INVITE":
                # The same description is offered again, in its old version (RFC 3264 §8).
                assert refresh.body == talk.invite.body
                body = description()
            else:
                assert not refresh.body
            talk.peer.respond(refresh, 200, body=body, Session_Expires="100;refresher=uac")
            talk.network.run(10)
            talk.peer.kinds()
        assert not talk.phone.names()


def test_our_refresh_is_not_answered():
    talk = Talk(Session_Expires="90;refresher=uac", Allow="UPDATE")
    talk.network.run(45_000 + 33_000)
    assert "BYE" in talk.peer.kinds() and talk.phone.take(Ended)[0].status == 408


def test_our_refresh_is_refused():
    talk = Talk(Session_Expires="90;refresher=uac", Allow="UPDATE")
    talk.network.run(45_100)
    talk.peer.respond(talk.peer.take("UPDATE"), 500)
    talk.network.run(11_000)
    # Once more, before it is too late.
    talk.peer.respond(talk.peer.take("UPDATE"), 200, Session_Expires="90;refresher=uac")
    talk.network.run(30_000)
    assert talk.session.state == "established"


def test_an_update_that_is_not_let_through_becomes_a_re_invite():
    for status in (405, 403, 501, 488):
        talk = Talk(Session_Expires="90;refresher=uac", Allow="INVITE, UPDATE")
        talk.network.run(45_100)
        talk.peer.respond(talk.peer.take("UPDATE"), status)
        for _ in range(3):
            talk.network.settle()
            invite = talk.peer.take("INVITE")
            # That the peer allows it again changes nothing.
            talk.peer.respond(
                invite, 200, body=description(), Session_Expires="90;refresher=uac", Allow="INVITE, UPDATE"
            )
            talk.network.run(45_100)
            assert talk.peer.take("ACK") and "UPDATE" not in [each.method for each in talk.peer.received]
        assert talk.session.state == "established", status


def test_a_422_to_our_refresh():
    talk = Talk(Session_Expires="100;refresher=uac", Allow="UPDATE")
    talk.network.run(50_100)
    talk.peer.respond(talk.peer.take("UPDATE"), 422, Min_SE="300")
    talk.network.settle()
    again = talk.peer.take("UPDATE")
    assert (again.get("Session-Expires"), again.get("Min-SE")) == ("300;refresher=uac", "300")


def test_the_peer_does_not_refresh():
    # (seconds, the tick of our BYE) (§10)
    for seconds, end in ((90, 60), (99, 67), (600, 568)):
        talk = Talk(Session_Expires="%d;refresher=uas" % seconds)
        talk.network.run(end * 1000 - 200)
        assert talk.peer.kinds() == []
        talk.network.run(300)
        assert talk.peer.take("BYE").get("Reason").startswith("SIP;cause=408")
        assert talk.phone.take(Ended)[0].status == 408


def test_the_peer_refreshes():
    for method in ("INVITE", "UPDATE"):
        talk = Talk(Session_Expires="90;refresher=uas")
        for _ in range(4):
            talk.network.run(45_000)
            body = description() if method == "INVITE" else b""
            headers = {"Supported": "timer", "Session_Expires": "90;refresher=uac"}
            talk.next(method, body, Contact="<sip:peer@192.0.2.99>", **headers)
            talk.network.settle()
            assert talk.peer.take(200).get("Session-Expires") == "90;refresher=uac"
            if method == "INVITE":
                talk.request("ACK", talk.sequence)
        assert talk.session.state == "established" and not talk.phone.names()


def test_the_peer_hands_the_refreshing_over_and_ends_it():
    talk = Talk(Session_Expires="90;refresher=uas")
    contact = "<sip:peer@192.0.2.99>"
    talk.next("UPDATE", Supported="timer", Session_Expires="90;refresher=uas", Contact=contact)
    talk.network.settle()
    assert talk.session.timer.refresher
    talk.next("UPDATE", Contact=contact)
    talk.network.settle()
    assert talk.session.timer.interval == 0
    talk.network.run(200_000)
    assert talk.session.state == "established"


def test_a_server_that_knows_nothing_of_it():
    talk = Talk()
    talk.network.run(4_000_000)
    assert talk.peer.kinds() == [] and talk.session.timer.interval == 0


def test_it_ends_with_the_call():
    talk = Talk(Session_Expires="90;refresher=uac", Allow="UPDATE")
    talk.phone.end()
    talk.network.settle()
    assert talk.peer.take("BYE").get("Reason") is None
    talk.network.run(100_000)
    assert "UPDATE" not in talk.peer.kinds()


def test_an_account_says_how_long():
    network = Network()
    phone = Phone(network, "alice", "192.0.2.1", session_expires=120)
    phone.call(str(uri.parse("sip:peer@192.0.2.99")))
    peer = Peer(network)
    network.settle()
    assert peer.take("INVITE").get("Session-Expires") == "120"
