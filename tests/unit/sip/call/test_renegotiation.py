"""re-INVITE from both sides, against a peer played by hand."""

# micropython-heap: 512k: a network and both its ends live in one process, call after call

from sip.call import sdp
from sip.call.events import Ended, MediaChanged
from sip.events import LocalError
from support.check import raises
from support.descriptions import description
from support.network import Network
from support.phones import Peer, Phone
from support.talk import ALICE, Talk


def test_hold_by_the_peer_and_back():
    for inward in (False, True):
        talk = Talk(inward)
        sequence = 10
        for direction, ours, held in (
            ("sendonly", "recvonly", True),
            ("inactive", "inactive", True),
            ("sendrecv", "sendrecv", False),
        ):
            sequence += 1
            talk.request("INVITE", sequence, description(direction=direction, version=sequence))
            talk.network.settle()
            ok = talk.peer.take(200)
            assert sdp.parse(ok.body).media[0].direction == ours
            media = talk.phone.take(MediaChanged)[0].media
            assert (media.direction, media.held) == (ours, held) and talk.session.media is media
            talk.request("ACK", sequence)
            assert talk.settle() == []


def test_hold_by_address_zero():
    talk = Talk()
    talk.request("INVITE", 11, description(host="0.0.0.0"))
    talk.network.settle()
    assert sdp.parse(talk.peer.take(200).body).media[0].direction == "recvonly"
    assert talk.session.media.held


def test_the_same_offer_again_changes_nothing():
    talk = Talk(inward=True)
    talk.request("INVITE", 11, description())
    assert talk.settle() == [200] and not talk.phone.take(MediaChanged)


def test_the_2xx_to_a_re_invite_is_repeated_and_its_loss_ends_the_call():
    talk = Talk()
    talk.request("INVITE", 11, description(direction="sendonly"))
    talk.network.run(1600)
    assert talk.peer.kinds() == [200, 200, 200]
    talk.network.run(31_000)
    assert talk.peer.kinds()[-1] == "BYE" and talk.phone.take(Ended)[0].status == 408


def test_the_peer_moves():
    talk = Talk()
    talk.request("INVITE", 11, description(port=7000), Contact="<sip:peer@192.0.2.99:5060;moved=1>")
    talk.network.settle()
    talk.request("ACK", 11)
    talk.network.settle()
    assert talk.session.media.remote == ("192.0.2.99", 7000)
    talk.phone.end()
    talk.network.settle()
    assert talk.peer.take("BYE").uri.params["moved"] == "1"


def test_an_offer_that_we_cannot_meet_leaves_the_call_as_it_is():
    for body, status in ((description(formats="18"), 488), (b"rubbish", 400)):
        talk = Talk()
        media = talk.session.media
        talk.request("INVITE", 11, body)
        assert talk.settle() == [status]
        assert talk.session.media is media and talk.session.negotiation.state == "idle"
        talk.request("INVITE", 12, description(direction="sendonly"))
        assert talk.settle() == [200]


def test_a_re_invite_without_an_offer():
    talk = Talk()
    talk.request("INVITE", 11)
    talk.network.settle()
    offer = sdp.parse(talk.peer.take(200).body)
    assert offer.media[0].formats == ["0", "8", "101"]
    # While the answer is out, another offer would be one too many.
    talk.request("INVITE", 12, description())
    assert talk.settle() == [491]
    raises(LocalError, talk.session.modify, "sendonly", talk.network.now)
    talk.request("ACK", 11, description(formats="8", direction="sendonly"))
    talk.network.settle()
    assert talk.session.media.codec == "PCMA" and talk.session.media.held
    talk.request("INVITE", 13)
    talk.network.settle()
    # Without an answer all stays as it was, and the call goes on.
    before = talk.session.media
    talk.phone.take(MediaChanged)
    talk.request("ACK", 13)
    assert "BYE" not in talk.settle() and talk.session.state == "established"
    assert [each.media for each in talk.phone.take(MediaChanged)] == [before]
    assert talk.modify("sendonly").body


def test_a_re_invite_before_the_first_is_answered():
    network = Network()
    phone = Phone(network, "alice", "192.0.2.1", answers="rings")
    peer = Peer(network)
    invite = peer.request("INVITE", "sip:alice@192.0.2.1", ALICE, body=description())
    network.settle()
    tag = peer.take(180).to.tag
    peer.request("INVITE", "sip:alice@192.0.2.1", ALICE, invite.call_id, 2, tag, description())
    network.settle()
    refused = peer.take(500)
    assert 0 <= refused.retry_after <= 10
    assert phone.session.state == "ringing"


def test_a_re_invite_that_overtakes_the_ack():
    network = Network()
    phone = Phone(network, "alice", "192.0.2.1", answers="answers")
    peer = Peer(network)
    invite = peer.request("INVITE", "sip:alice@192.0.2.1", ALICE, body=description())
    network.settle()
    tag = peer.take(200).to.tag
    peer.request(
        "INVITE", "sip:alice@192.0.2.1", ALICE, invite.call_id, 2, tag, description(direction="sendonly")
    )
    network.settle()
    assert peer.take(200) and phone.session.media.held
    for sequence in (2, 1):
        peer.request("ACK", "sip:alice@192.0.2.1", ALICE, invite.call_id, sequence, tag)
    network.settle()
    peer.kinds()
    network.run(40_000)
    assert peer.kinds() == [] and phone.session.state == "established"


def test_we_offer():
    for inward in (False, True):
        talk = Talk(inward)
        invite = talk.modify("sendonly")
        assert sdp.parse(invite.body).media[0].direction == "sendonly"
        assert str(invite.contacts[0].uri) == "sip:alice@192.0.2.1:5060" and invite.to.tag == "theirs"
        raises(LocalError, talk.session.modify, "sendrecv", talk.network.now)
        for _ in range(2):
            talk.peer.respond(invite, 200, body=description(direction="recvonly"))
            talk.network.settle()
            assert talk.peer.take("ACK").cseq.number == invite.cseq.number
        media = talk.phone.take(MediaChanged)
        assert len(media) == 1 and media[0].media.direction == "sendonly" and not media[0].media.held
        talk.modify("sendrecv")


def test_our_offer_refused():
    talk = Talk()
    invite = talk.modify("sendonly")
    talk.peer.respond(invite, 488)
    assert talk.settle() == ["ACK"]
    # Told again, so that nobody goes on as if it had worked.
    assert talk.phone.take(MediaChanged)[0].media.direction == "sendrecv"
    assert talk.session.negotiation.direction == "sendrecv" and talk.session.state == "established"


def test_our_offer_answered_badly():
    for body in (b"", b"rubbish", description(port=0), description(formats="18")):
        talk = Talk()
        before = talk.session.media
        invite = talk.modify("sendonly")
        talk.phone.take(MediaChanged)
        talk.peer.respond(invite, 200, body=body)
        assert talk.settle() == ["ACK"] and talk.session.state == "established", body
        assert [each.media for each in talk.phone.take(MediaChanged)] == [before], body
        # It can be tried again.
        talk.peer.respond(talk.modify("sendonly"), 200, body=description(direction="recvonly"))
        assert talk.settle() == ["ACK"] and talk.session.media.direction == "sendonly", body


def test_a_peer_that_forgot_the_dialog():
    for status in (481, 408):
        talk = Talk()
        talk.peer.respond(talk.modify("sendonly"), status)
        assert talk.settle() == ["ACK", "BYE"]
        assert talk.phone.take(Ended)[0].status == status


def test_glare():
    # (the owner of the Call-ID, the shortest wait, the longest) (§14.1)
    for inward, shortest, longest in ((False, 2100, 4000), (True, 0, 2000)):
        talk = Talk(inward)
        invite = talk.modify("sendonly")
        talk.request("INVITE", 11, description(direction="sendonly"))
        assert talk.settle() == [491]
        acknowledge_refusal(talk)
        talk.peer.respond(invite, 491)
        talk.network.run(10)
        assert talk.peer.kinds() == ["ACK"]
        raises(LocalError, talk.session.modify, "sendrecv", talk.network.now)
        start = talk.network.elapsed
        talk.network.run_until(lambda talk=talk: talk.peer.received)
        assert shortest <= talk.network.elapsed - start + 10 <= longest + 10
        again = talk.peer.take("INVITE")
        assert (
            sdp.parse(again.body).media[0].direction == "sendonly" and again.cseq.number > invite.cseq.number
        )


def acknowledge_refusal(talk):
    branch = "z9hG4bKpeer%d" % talk.peer.branches
    talk.request("ACK", 11, branch=branch)


def test_glare_and_then_the_end():
    talk = Talk()
    talk.peer.respond(talk.modify("sendonly"), 491)
    talk.network.settle()
    talk.request("BYE", 11)
    assert 200 in talk.settle()
    talk.network.run(10_000)
    assert talk.peer.kinds() == []


def test_hanging_up_while_our_offer_is_open():
    talk = Talk()
    invite = talk.modify("sendonly")
    talk.phone.end()
    assert talk.settle() == ["BYE"]
    talk.peer.respond(invite, 200, body=description())
    assert talk.settle() == ["ACK"]
    assert len(talk.phone.take(Ended)) == 1 and not talk.phone.take(MediaChanged)


def test_a_re_invite_after_our_bye():
    talk = Talk()
    talk.phone.end()
    talk.network.settle()
    talk.request("INVITE", 11, description())
    talk.network.settle()
    assert talk.peer.take(481)


def test_misuse():
    talk = Talk()
    raises(LocalError, talk.session.modify, "sideways", talk.network.now)
    raises(LocalError, talk.phone.accept)
    raises(LocalError, talk.session.reject, 486, talk.network.now)
    assert talk.settle() == [] and talk.session.negotiation.state == "idle"


def test_an_allow_that_cannot_be_read_stops_nothing():
    talk = Talk(Allow='"')
    talk.request("INVITE", 11, description(direction="sendonly"), Allow='"')
    assert talk.settle() == [200] and talk.session.media.held
