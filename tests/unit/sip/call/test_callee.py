"""The callee's half of a session, against a peer played by hand."""

# micropython-heap: 512k: a network and both its ends live in one process, call after call

from sip.call import sdp
from sip.call.events import Ended, Established, IncomingCall, MediaChanged
from sip.call.offer_answer import Capabilities
from sip.events import LocalError
from support.check import raises
from support.descriptions import description
from support.network import Network
from support.phones import Peer, Phone

BOB = ("192.0.2.2", 5060)


def called(body=None, **headers):
    """(network, phone, peer, the peer's INVITE): a call that waits for what the phone does."""
    network = Network()
    phone = Phone(network, "bob", "192.0.2.2", answers=None)
    peer = Peer(network)
    body = description() if body is None else body
    invite = peer.request("INVITE", "sip:bob@192.0.2.2", BOB, body=body, **headers)
    network.settle()
    return network, phone, peer, invite


def acknowledge(peer, invite, ok, body=b""):
    peer.request("ACK", "sip:bob@192.0.2.2:5060", BOB, invite.call_id, invite.cseq.number, ok.to.tag, body)


def in_call():
    network, phone, peer, invite = called()
    phone.accept()
    network.settle()
    ok = peer.take(200)
    acknowledge(peer, invite, ok)
    network.settle()
    phone.names()
    return network, phone, peer, invite, ok


def test_a_call_comes_in():
    network, phone, peer, _ = called(Contact='"Peer" <sip:peer@192.0.2.99:5060>')
    assert phone.take(IncomingCall)[0].session is phone.session
    session = phone.session
    assert (session.state, session.direction, session.remote.uri.user) == ("incoming", "in", "peer")
    assert peer.kinds() == []
    network.run(200)
    assert peer.kinds() == [100]


def test_ring_and_answer():
    network, phone, peer, invite = called(Record_Route="<sip:p.example.com;lr>")
    phone.ring()
    network.settle()
    ringing = peer.take(180)
    assert ringing.to.tag and not ringing.body
    assert str(ringing.contacts[0].uri) == "sip:bob@192.0.2.2:5060"
    assert ringing.all("Record-Route") == ["<sip:p.example.com;lr>"]
    phone.accept()
    network.settle()
    ok = peer.take(200)
    assert ok.to.tag == ringing.to.tag and ok.get("Allow") and ok.get("Supported") is not None
    assert ok.get("Server") == "Bakelite/test"
    assert sdp.parse(ok.body).media[0].formats == ["0", "101"]
    assert phone.session.state == "accepted"
    assert [event.media.codec for event in phone.take(MediaChanged)] == ["PCMU"]
    assert not phone.take(Established)
    acknowledge(peer, invite, ok)
    network.settle()
    assert phone.session.state == "established" and phone.take(Established)


def test_early_media():
    network, phone, peer, _ = called()
    phone.ring(phone.media)
    network.settle()
    progress = peer.take(183)
    phone.accept()
    network.settle()
    assert peer.take(200).body == progress.body
    assert len(phone.take(MediaChanged)) == 1
    # Media that does not suit the offer changes nothing.
    network, phone, peer, _ = called()
    raises(LocalError, phone.ring, Capabilities("2001:db8::2", 4000))
    assert phone.session.state == "incoming" and phone.session.negotiation.state == "received"
    phone.ring()
    network.settle()
    assert peer.kinds() == [180]


def test_the_ringing_is_repeated_every_minute():
    network, phone, peer, _ = called()
    phone.ring()
    network.run(125_000)
    assert peer.kinds() == [180, 180, 180]
    phone.session.reject(486, network.now)
    network.settle()
    peer.kinds()
    network.run(300_000)
    assert 180 not in peer.kinds()


def test_the_2xx_is_repeated_until_its_ack():
    network, phone, peer, invite = called()
    phone.accept()
    network.run(500 + 1000 + 2000 + 4000 + 4000 + 50)
    assert peer.kinds() == [200] * 6
    acknowledge(peer, invite, phone_response(phone, invite))
    network.run(60_000)
    assert peer.kinds() == []
    assert phone.session.state == "established"


def phone_response(phone, invite):
    """Something with the phone's tag in To."""
    from sip.syntax.message import Response

    return Response.of(invite, 200, to_tag=phone.session.dialog.local.tag)


def test_after_its_ack_the_transaction_of_a_2xx_gives_way():
    network, phone, peer, invite = called()
    phone.accept()
    network.settle()
    (transaction,) = phone.endpoint._servers.values()
    assert not transaction.evict(network.now)  # its ACK is still to come
    acknowledge(peer, invite, peer.take(200))
    network.settle()
    assert transaction.settled and transaction.evict(network.now)


def test_without_ack_it_ends_in_bye():
    network, phone, peer, _ = called()
    phone.accept()
    network.run(31_900)
    assert "BYE" not in peer.kinds()
    network.run(200)
    assert peer.kinds() == ["BYE"]
    ended = phone.take(Ended)[0]
    assert (ended.status, ended.remote) == (408, True)


def test_hanging_up_before_the_ack_waits_for_it():
    network, phone, peer, invite = called()
    phone.accept()
    network.settle()
    ok = peer.take(200)
    phone.end()
    network.settle()
    assert phone.take(Ended) and phone.session.state == "closing" and peer.kinds() == []
    acknowledge(peer, invite, ok)
    network.settle()
    bye = peer.take("BYE")
    assert bye.cseq.number == 1 and str(bye.uri) == "sip:peer@192.0.2.99:5060"
    peer.respond(bye, 200)
    network.settle()
    assert phone.user_agent.idle and phone.names() == ["IncomingCall", "MediaChanged"]


def test_hanging_up_before_an_ack_that_never_comes():
    network, phone, peer, _ = called()
    phone.accept()
    phone.end()
    network.run(31_900)
    assert "BYE" not in peer.kinds()
    network.run(200)
    assert peer.kinds() == ["BYE"]


def test_bye_of_the_caller_before_its_ack():
    network, phone, peer, invite = called()
    phone.accept()
    network.settle()
    ok = peer.take(200)
    peer.request("BYE", "sip:bob@192.0.2.2", BOB, invite.call_id, 2, ok.to.tag)
    network.settle()
    assert peer.kinds() == [200] and phone.take(Ended)[0].remote and phone.user_agent.idle
    network.run(10_000)
    assert peer.kinds() == []


def test_refusals():
    for status in (486, 603, 480, 302):
        network, phone, peer, _ = called()
        phone.session.reject(status, network.now)
        network.settle()
        assert peer.kinds() == [status]
        assert phone.take(Ended)[0].status == status and phone.user_agent.idle
    for status in (100, 180, 200, 299, 700):
        network, phone, peer, _ = called()
        raises(LocalError, phone.session.reject, status, network.now)
        assert phone.session.state == "incoming"


def test_hanging_up_while_it_rings_refuses():
    network, phone, peer, _ = called()
    phone.ring()
    phone.end()
    network.settle()
    assert peer.kinds() == [180, 480] and phone.take(Ended)[0].remote is False


def test_cancel():
    for rings in (False, True):
        network, phone, peer, invite = called()
        if rings:
            phone.ring()
        cancel(peer, invite)
        network.settle()
        kinds = peer.kinds()
        assert kinds[-2:] in ([200, 487], [487, 200])
        ended = phone.take(Ended)[0]
        assert (ended.status, ended.remote) == (487, True) and phone.user_agent.idle
        raises(LocalError, phone.accept)


def cancel(peer, invite):
    peer.request(
        "CANCEL", "sip:bob@192.0.2.2", BOB, invite.call_id, invite.cseq.number, branch=invite.via.branch
    )


def test_cancel_after_the_answer_has_no_effect():
    network, phone, peer, invite = called()
    phone.accept()
    network.settle()
    ok = peer.take(200)
    cancel(peer, invite)
    network.settle()
    assert peer.take(200).cseq.method == "CANCEL"
    assert phone.session.state == "accepted"
    acknowledge(peer, invite, ok)
    network.settle()
    assert phone.session.state == "established" and not phone.take(Ended)


def test_cancel_of_nothing():
    network = Network()
    phone = Phone(network, "bob", "192.0.2.2")
    peer = Peer(network)
    peer.request("CANCEL", "sip:bob@192.0.2.2", BOB)
    network.settle()
    assert peer.kinds() == [481] and phone.names() == []


def test_bye_before_the_answer_ends_the_invite_too():
    network, phone, peer, invite = called()
    phone.ring()
    network.settle()
    tag = peer.take(180).to.tag
    peer.request("BYE", "sip:bob@192.0.2.2", BOB, invite.call_id, 2, tag)
    network.settle()
    assert [(each.status, each.cseq.method) for each in peer.received] == [(200, "BYE"), (487, "INVITE")]
    assert phone.take(Ended)[0].status == 487


def test_an_invite_that_expires():
    network, phone, peer, _ = called(Expires="30")
    phone.ring()
    network.run(29_000)
    assert phone.session.state == "ringing"
    network.run(2000)
    assert 487 in peer.kinds() and phone.take(Ended)
    network, phone, peer, _ = called(Expires="30")
    phone.accept()
    network.run(31_000)
    assert phone.session.state == "accepted"


def test_an_invite_whose_expires_cannot_be_read_rings_and_leaves_nothing():
    for value in ("30", "soon", "", "-1", "4294967295"):
        network, phone, peer, invite = called(Expires=value)
        phone.ring()
        network.run(20_000)
        assert phone.session.state == "ringing", value
        cancel(peer, invite)
        network.run(40_000)
        agent = phone.user_agent
        assert 487 in peer.kinds() and not agent.sessions and not agent._by_dialog, value


def test_an_invite_that_says_twice_when_it_expires_is_refused_and_leaves_nothing():
    network = Network()
    phone = Phone(network, "bob", "192.0.2.2", answers=None)
    peer = Peer(network)
    peer.request("INVITE", "sip:bob@192.0.2.2", BOB, body=description(), Expires="30")
    octets, *way = peer._outgoing.pop()
    peer.send(octets.replace(b"Expires: 30\r\n", b"Expires: 30\r\nExpires: 60\r\n"), *way)
    network.settle()
    network.run(40_000)
    agent = phone.user_agent
    assert 400 in peer.kinds() and not agent.sessions and not agent._by_dialog


def test_an_invite_without_an_offer():
    network, phone, peer, invite = called(body=b"")
    phone.accept()
    network.settle()
    ok = peer.take(200)
    assert sdp.parse(ok.body).media[0].formats == ["0", "8", "101"]
    assert not phone.take(MediaChanged)
    acknowledge(peer, invite, ok, description(formats="8"))
    network.settle()
    assert phone.session.media.codec == "PCMA"
    assert phone.names() == ["IncomingCall", "MediaChanged", "Established"]


def test_a_late_answer_that_we_cannot_use():
    for body in (b"", b"rubbish", description(formats="18")):
        network, phone, peer, invite = called(body=b"")
        phone.accept()
        network.settle()
        acknowledge(peer, invite, peer.take(200), body)
        network.settle()
        assert peer.kinds() == ["BYE"]
        assert phone.take(Ended)[0].status == 488 and not phone.take(Established)


def test_an_answer_that_our_media_cannot_give():
    network, phone, peer, _ = called()
    phone.session.accept(Capabilities("2001:db8::2", 4000), network.now)
    network.settle()
    assert peer.kinds() == [488]
    assert phone.take(Ended)[0].status == 488 and phone.user_agent.idle


def test_offers_that_we_cannot_meet_never_ring():
    for body, status in ((description(formats="18"), 488), (b"rubbish", 400)):
        _, phone, peer, _ = called(body=body)
        assert [each.status for each in peer.received] == [status]
        if status == 488:
            assert peer.received[0].get("Warning").startswith("305 192.0.2.2 ")
        assert phone.names() == [] and phone.user_agent.idle


def test_bye_either_way():
    network, phone, peer, invite, ok = in_call()
    peer.request("BYE", "sip:bob@192.0.2.2", BOB, invite.call_id, 2, ok.to.tag)
    network.settle()
    assert peer.kinds() == [200] and phone.take(Ended)[0].remote and phone.user_agent.idle
    network, phone, peer, invite, ok = in_call()
    phone.end()
    network.settle()
    assert phone.take(Ended)[0].remote is False and phone.session.state == "leaving"
    peer.respond(peer.take("BYE"), 481)
    network.settle()
    assert phone.user_agent.idle


def test_byes_that_cross():
    network, phone, peer, invite, ok = in_call()
    phone.end()
    peer.request("BYE", "sip:bob@192.0.2.2", BOB, invite.call_id, 2, ok.to.tag)
    network.settle()
    assert peer.take(200)
    peer.respond(peer.take("BYE"), 481)
    network.settle()
    assert phone.user_agent.idle and len(phone.take(Ended)) == 1


def test_a_bye_that_nobody_answers_is_given_up():
    network, phone, _, _, _ = in_call()
    phone.end()
    network.run(33_000)
    assert phone.user_agent.idle


def test_a_second_ack_and_a_foreign_one_do_nothing():
    network, phone, peer, invite, ok = in_call()
    acknowledge(peer, invite, ok)
    peer.request("ACK", "sip:bob@192.0.2.2", BOB, "other", 1, ok.to.tag)
    peer.request("ACK", "sip:bob@192.0.2.2", BOB, invite.call_id, 1, "nobody")
    network.settle()
    assert peer.kinds() == [] and phone.session.state == "established" and phone.names() == []


def test_the_same_invite_again_after_its_end_is_another_call():
    for sequence in (1, 2):
        network = Network()
        phone, peer = Phone(network, "alice", "192.0.2.1"), Peer(network)
        for at in range(3):
            number = 1 + at * (sequence - 1)
            peer.request(
                "INVITE",
                "sip:alice@192.0.2.1",
                ("192.0.2.1", 5060),
                "c",
                number,
                body=description(),
                branch="z9hG4bK%d" % at,
            )
            network.settle()
            assert phone.take(IncomingCall) and peer.take(180), (sequence, at)
            peer.request(
                "CANCEL", "sip:alice@192.0.2.1", ("192.0.2.1", 5060), "c", number, branch="z9hG4bK%d" % at
            )
            network.settle()
            assert peer.take(487), (sequence, at)
            peer.kinds()
