"""Replaces and Join (RFC 3891, RFC 3911): a call from outside that wants the place of another."""

# micropython-heap: 512k: a network and both its ends live in one process, call after call

from sip.call.events import Ended, Established, IncomingCall
from support.descriptions import description
from support.network import Network
from support.phones import Peer, Phone
from support.talk import ALICE, Talk

TARGET = "sip:alice@192.0.2.1"


def come(talk, call_id="call-2", **headers):
    """Another INVITE; returns the network's time at which it was settled."""
    talk.peer.request("INVITE", TARGET, ALICE, call_id, 1, None, description(), **headers)
    talk.network.settle()


def named(talk, more=""):
    return "%s;to-tag=%s;from-tag=theirs%s" % (talk.call_id, talk.tag, more)


def test_it_is_named_to_others_as_the_peer_sees_it():
    talk = Talk()
    from sip.call.replaces import replaces_of  # deep among imports when it comes first

    assert replaces_of(talk.session.dialog) == "%s;to-tag=theirs;from-tag=%s" % (talk.call_id, talk.tag)


def test_a_call_takes_the_place_of_another():
    for inward in (False, True):
        talk = Talk(inward)
        talk.phone.answers = None
        old = talk.session
        talk.phone.user_agent.max_sessions = 1
        come(talk, Replaces=named(talk), Require="replaces")
        new = talk.phone.take(IncomingCall)[0].session
        assert new.replaces is old and old.state == "established"
        new.accept(talk.phone.media, talk.network.now)
        talk.network.settle()
        assert talk.peer.take(200).body and talk.peer.take("BYE").call_id == talk.call_id
        assert [event.remote for event in talk.phone.take(Ended)] == [False]
        assert new.state == "accepted"


def test_refused_and_the_old_call_goes_on():
    talk = Talk()
    talk.phone.answers = 486
    come(talk, Replaces=named(talk))
    assert talk.peer.take(486) and talk.session.state == "established"
    assert talk.phone.user_agent.sessions == [talk.session]


def test_what_is_refused():
    talk = Talk()
    wrong = "%s;to-tag=wrong;from-tag=theirs" % talk.call_id
    # (headers, status)
    for at, (headers, status) in enumerate(
        (
            ({"Replaces": wrong}, 481),
            ({"Replaces": "unknown;to-tag=%s;from-tag=theirs" % talk.tag}, 481),
            ({"Replaces": "%s;to-tag=theirs;from-tag=%s" % (talk.call_id, talk.tag)}, 481),
            ({"Replaces": talk.call_id}, 400),
            ({"Replaces": ";;"}, 400),
            ({"Replaces": named(talk), "Join": named(talk)}, 400),
            ({"Replaces": named(talk, ";early-only")}, 486),
            ({"Join": named(talk)}, 488),
            ({"Join": wrong}, 481),
            ({"Join": named(talk), "Require": "join"}, 420),
        )
    ):
        come(talk, "other-%d" % at, **headers)
        assert talk.peer.take(status), (headers, status)
    assert not talk.phone.take(IncomingCall) and talk.session.state == "established"


def test_a_call_that_is_just_ending():
    talk = Talk()
    talk.phone.end()
    come(talk, Replaces=named(talk))
    assert talk.peer.take(603)


def test_a_call_of_ours_that_rings_is_picked_up():
    network = Network()
    phone = Phone(network, "alice", "192.0.2.1", answers=None)
    peer = Peer(network)
    old = phone.call("sip:peer@192.0.2.99")
    network.settle()
    invite = peer.take("INVITE")
    peer.respond(invite, 180)
    network.settle()
    replaces = "%s;to-tag=%s;from-tag=theirs;early-only" % (invite.call_id, invite.from_.tag)
    peer.request("INVITE", TARGET, ALICE, "call-2", 1, None, description(), Replaces=replaces)
    network.settle()
    assert phone.session.replaces is old
    phone.accept()
    network.settle()
    assert peer.take("CANCEL").call_id == invite.call_id and peer.take(200)


def test_a_call_that_rings_here_is_not_theirs_to_take():
    network = Network()
    phone = Phone(network, "alice", "192.0.2.1", answers="rings")
    peer = Peer(network)
    invite = peer.request("INVITE", TARGET, ALICE, body=description())
    network.settle()
    replaces = "%s;to-tag=%s;from-tag=theirs" % (invite.call_id, peer.take(180).to.tag)
    peer.request("INVITE", TARGET, ALICE, "call-2", 1, None, description(), Replaces=replaces)
    network.settle()
    assert peer.take(481) and phone.session.state == "ringing" and not phone.take(Established)
