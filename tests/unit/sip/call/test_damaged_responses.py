"""2xx and 1xx to our INVITE whose Contact, Record-Route or description somebody on the way has damaged.

The other side of a 2xx stands in the call: it gets an ACK, and a BYE where the call cannot go on.
"""

# micropython-heap: 512k: a network and both its ends live in one process, call after call

from sip.call.events import Ended, MediaChanged, Progress
from sip.syntax import uri
from support.descriptions import description
from support.network import Network
from support.phones import Peer, Phone

ROUTE = {"Record_Route": "<sip:"}
CONTACTS = ("<tel:+493055501>", "<mailto:a@b>", '"a <sip:x@y>', "<sip:", "*")


def calling(late_offer=False):
    network = Network()
    phone, peer = Phone(network, "alice", "192.0.2.1"), Peer(network)
    phone.call("sip:bob@192.0.2.99", late_offer)
    network.settle()
    return network, phone, peer, peer.take("INVITE")


def respond(peer, invite, status, contact="<sip:peer@192.0.2.99>", tag="theirs", body=None, **headers):
    """A response with that Contact alone, or with none."""
    body = description() if body is None and status >= 200 else body or b""
    peer.respond(invite, status, tag, body, **headers)
    response = peer.unsend()
    response.remove("Contact")
    if contact is not None:
        response.add("Contact", contact)
    peer.send(response)
    return response


def ends_well(network, peer, again):
    """Whether the other side got an ACK, each time that its 2xx came, and one BYE."""
    network.settle()
    ack, bye = peer.take("ACK"), peer.take("BYE")
    peer.send(again)
    network.settle()
    assert peer.kinds() == ["ACK"]
    peer.respond(bye, 200)
    network.settle()
    return ack, bye


def test_a_route_that_cannot_be_read_is_replaced_by_the_way_that_the_2xx_came():
    for route in ("<tel:+49>", "<sip:192.0.2.98;lr>, <mailto:a@b>"):
        network, phone, peer, invite = calling()
        ends_well(network, peer, respond(peer, invite, 200, Record_Route=route))
    network, phone, peer, invite = calling()
    success = respond(peer, invite, 200, **ROUTE)
    ack, bye = ends_well(network, peer, success)
    for request in (ack, bye):
        assert str(request.uri) == "sip:peer@192.0.2.99"
        assert [str(route) for route in request.routes] == ["<sip:192.0.2.99:5060;lr>"]
        assert request.to.tag == "theirs" and request.call_id == invite.call_id
    ended = phone.take(Ended)
    assert len(ended) == 1 and ended[0].status == 400 and ended[0].remote
    assert "Record-Route" in ended[0].reason and phone.session.state == "ended"
    assert phone.endpoint.counters["malformed_response"] == 1 and not phone.user_agent.sessions


def test_a_contact_that_cannot_be_followed():
    for contact in CONTACTS:
        network, phone, peer, invite = calling()
        ack, bye = ends_well(network, peer, respond(peer, invite, 200, contact))
        assert str(ack.uri) == str(bye.uri) == "sip:bob@192.0.2.99", contact
        assert phone.take(Ended)[0].status == 400, contact


def test_the_first_contact_that_can_be_followed_is():
    for contacts in ("<sip:a@192.0.2.99>, <sip:b@192.0.2.99>", "<tel:+49>, <sip:a@192.0.2.99>"):
        network, phone, peer, invite = calling()
        respond(peer, invite, 200, contacts)
        network.settle()
        assert str(peer.take("ACK").uri) == "sip:a@192.0.2.99" and phone.session.state == "established"


def test_what_a_1xx_said_of_the_dialog_stands():
    for headers in (ROUTE, {"contact": "<tel:+49>"}):
        network, phone, peer, invite = calling()
        respond(peer, invite, 180, "<sip:early@192.0.2.99>", Record_Route="<sip:192.0.2.99;lr>")
        respond(peer, invite, 200, **headers)
        network.settle()
        ack = peer.take("ACK")
        assert str(ack.uri) == "sip:early@192.0.2.99" and str(ack.routes[0]) == "<sip:192.0.2.99;lr>"
        assert phone.session.state == "established" and not phone.take(Ended)


def test_a_2xx_that_can_be_read_heals_the_dialog_of_a_1xx_that_cannot():
    network, phone, peer, invite = calling()
    respond(peer, invite, 180, **ROUTE)
    network.settle()
    assert phone.take(Progress)[0].status == 180 and phone.session.state == "early"
    respond(peer, invite, 200)
    network.settle()
    assert not peer.take("ACK").routes and phone.session.state == "established"


def test_a_reliable_1xx_gets_its_prack():
    network, phone, peer, invite = calling()
    respond(peer, invite, 183, "<tel:+49>", body=description(), Require="100rel", RSeq="1")
    network.settle()
    assert peer.take("PRACK").get("RAck") == "1 1 INVITE" and phone.take(MediaChanged)


def test_hung_up_before_a_damaged_2xx():
    network, phone, peer, invite = calling()
    phone.end()
    respond(peer, invite, 100, None)
    network.settle()
    peer.kinds()
    ends_well(network, peer, respond(peer, invite, 200, "<tel:+49>", **ROUTE))
    assert [event.status for event in phone.take(Ended)] == [487] and phone.session.state == "ended"


def test_a_damaged_2xx_of_a_further_fork():
    network, phone, peer, invite = calling()
    respond(peer, invite, 200, tag="one")
    network.settle()
    peer.kinds()
    ack, bye = ends_well(network, peer, respond(peer, invite, 200, "*", tag="two", **ROUTE))
    assert ack.to.tag == bye.to.tag == "two"
    assert phone.session.state == "established" and not phone.take(Ended)


def test_a_2xx_of_one_fork_too_many():
    network, phone, peer, invite = calling()
    for number in range(9):
        respond(peer, invite, 180, tag="t%d" % number)
    respond(peer, invite, 200, tag="late")
    network.settle()
    assert peer.take("ACK").to.tag == "late" and phone.session.state == "established"
    for number in range(20):
        respond(peer, invite, 200, tag="further%d" % number)
        network.settle()
        ack, bye = peer.take("ACK"), peer.take("BYE")
        assert ack.to.tag == bye.to.tag == "further%d" % number
        peer.respond(bye, 200)
    assert phone.session.state == "established"
    phone.end()
    network.settle()
    assert peer.take("BYE").to.tag == "late"


def test_a_description_that_cannot_be_used():
    for body, kind in (
        (b"v=0\r\nnonsense", "application/sdp"),
        (description(formats="18"), "application/sdp"),
        (description(), "application/;sdp"),
        (b"", None),
    ):
        network, phone, peer, invite = calling()
        success = respond(peer, invite, 200, body=body, Content_Type=kind)
        ends_well(network, peer, success)
        assert phone.take(Ended)[0].status == 488, kind


def test_an_offer_in_a_reliable_1xx_that_cannot_be_used_is_refused_in_the_prack():
    network, phone, peer, invite = calling(late_offer=True)
    respond(peer, invite, 183, body=description(formats="18"), Require="100rel", RSeq="1")
    network.settle()
    assert b"m=audio 0 RTP/AVP 18" in peer.take("PRACK").body and not phone.take(MediaChanged)


def test_a_2xx_that_comes_when_the_call_was_given_up_long_ago():
    for proxy, kinds in (("sip:192.0.2.99", ["ACK", "BYE"]), (None, [])):
        network, phone, peer, invite = calling()
        phone.account.proxy = proxy and uri.parse(proxy)
        respond(peer, invite, 180)
        network.settle()
        phone.end()
        network.settle()
        peer.respond(peer.take("CANCEL"), 200)
        network.run(40_000)  # no 487
        assert phone.session.state == "ended" and not phone.user_agent.sessions
        peer.kinds()
        respond(peer, invite, 200)
        network.settle()
        assert peer.kinds() == kinds, proxy


def test_a_2xx_again_to_a_call_that_stands_does_not_end_it():
    network, phone, peer, invite = calling()
    phone.account.proxy = uri.parse("sip:192.0.2.99")
    respond(peer, invite, 200)
    network.run(40_000)
    peer.kinds()
    respond(peer, invite, 200)
    network.settle()
    assert peer.kinds() == [] and phone.session.state == "established"
