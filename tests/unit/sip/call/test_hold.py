"""Hold and resume (RFC 3264 §8.4, RFC 6337 §5.3), against a peer played by hand."""

# micropython-heap: 512k: a network and both its ends live in one process, call after call

from sip.call import sdp
from sip.call.events import MediaChanged
from sip.events import LocalError
from support.check import raises
from support.descriptions import description
from support.talk import Talk


def offered(request):
    return sdp.parse(request.body).media[0].direction


def answer(talk, invite, direction):
    talk.peer.respond(invite, 200, body=description(direction=direction))
    talk.network.settle()
    talk.peer.take("ACK")


def peer_offers(talk, direction):
    """The direction with which we answer."""
    talk.sequence += 1
    talk.request("INVITE", talk.sequence, description(direction=direction, version=talk.sequence))
    talk.network.settle()
    ours = offered(talk.peer.take(200))
    talk.request("ACK", talk.sequence)
    talk.network.settle()
    return ours


def test_hold_and_resume():
    for inward in (False, True):
        talk = Talk(inward)
        invite = talk.ask(talk.session.hold)
        assert offered(invite) == "sendonly" and talk.session.holding
        answer(talk, invite, "recvonly")
        assert [event.media.direction for event in talk.phone.take(MediaChanged)] == ["sendonly"]
        assert not talk.session.media.held
        invite = talk.ask(talk.session.resume)
        assert offered(invite) == "sendrecv" and not talk.session.holding
        answer(talk, invite, "sendrecv")
        assert talk.session.media.direction == "sendrecv"


# Who does what, one after the other; what goes out in offers (ours) or answers (to theirs), and what comes of it.
# (who, what, what the peer says, what we say, media.direction after it)
STORIES = {
    "we hold, then the peer; we resume first": (
        ("we", "hold", "recvonly", "sendonly", "sendonly"),
        ("peer", "", "inactive", "inactive", "inactive"),
        ("we", "resume", "sendonly", "recvonly", "recvonly"),
        ("peer", "", "sendrecv", "sendrecv", "sendrecv"),
    ),
    "we hold, then the peer; the peer resumes first": (
        ("we", "hold", "recvonly", "sendonly", "sendonly"),
        ("peer", "", "sendonly", "inactive", "inactive"),
        ("peer", "", "sendrecv", "sendonly", "sendonly"),
        ("we", "resume", "sendrecv", "sendrecv", "sendrecv"),
    ),
    "held, we hold as well; the peer resumes first": (
        ("peer", "", "sendonly", "recvonly", "recvonly"),
        ("we", "hold", "inactive", "inactive", "inactive"),
        ("peer", "", "recvonly", "sendonly", "sendonly"),
        ("we", "resume", "sendrecv", "sendrecv", "sendrecv"),
    ),
    "held, we hold as well and resume first": (
        ("peer", "", "sendonly", "recvonly", "recvonly"),
        ("we", "hold", "inactive", "inactive", "inactive"),
        ("we", "resume", "sendonly", "recvonly", "recvonly"),
        ("peer", "", "sendrecv", "sendrecv", "sendrecv"),
    ),
    "a server that answers hold with inactive is still talked to after it": (
        ("we", "hold", "inactive", "sendonly", "inactive"),
        ("we", "resume", "sendrecv", "sendrecv", "sendrecv"),
    ),
    "the peer holds in its answer": (
        ("we", "modify", "sendonly", "sendrecv", "recvonly"),
        ("we", "hold", "inactive", "inactive", "inactive"),
    ),
}


def test_both_sides_hold():
    for name, story in STORIES.items():
        talk = Talk()
        for step, (who, what, theirs, ours, direction) in enumerate(story):
            if who == "peer":
                assert peer_offers(talk, theirs) == ours, (name, step)
            elif what == "modify":
                answer(talk, talk.modify("sendrecv"), theirs)
            else:
                invite = talk.ask(getattr(talk.session, what))
                assert offered(invite) == ours, (name, step)
                answer(talk, invite, theirs)
            assert talk.session.media.direction == direction, (name, step)


def test_an_offer_asked_for_while_held_has_all_that_we_want():
    talk = Talk()
    peer_offers(talk, "sendonly")
    talk.request("INVITE", 50)
    talk.network.settle()
    assert offered(talk.peer.take(200)) == "sendrecv"
    talk.request("ACK", 50, description(direction="sendonly", version=50))
    talk.network.settle()
    assert talk.session.media.held and talk.session.state == "established"


def test_of_several_wishes_at_once_the_last_counts():
    talk = Talk()
    first = talk.ask(talk.session.hold)
    for what in (talk.session.resume, talk.session.hold, talk.session.resume):
        what(talk.network.now)
    assert talk.settle() == []
    talk.peer.respond(first, 200, body=description(direction="recvonly"))
    talk.network.settle()
    talk.peer.take("ACK")
    assert offered(talk.peer.take("INVITE")) == "sendrecv" and talk.settle() == []


def test_a_wish_that_changed_back_costs_no_message():
    talk = Talk()
    first = talk.ask(talk.session.hold)
    talk.session.resume(talk.network.now)
    talk.session.hold(talk.network.now)
    talk.peer.respond(first, 200, body=description(direction="recvonly"))
    assert talk.settle() == ["ACK"]
    talk.session.hold(talk.network.now)
    assert talk.settle() == []


def test_hold_waits_for_the_peers_own_offer():
    talk = Talk()
    talk.request("INVITE", 11, description(version=11))
    talk.network.settle()
    talk.peer.take(200)
    talk.session.hold(talk.network.now)
    assert talk.settle() == []
    talk.request("ACK", 11)
    talk.network.settle()
    assert offered(talk.peer.take("INVITE")) == "sendonly"


def test_hold_refused():
    talk = Talk()
    invite = talk.ask(talk.session.hold)
    talk.peer.respond(invite, 488)
    assert talk.settle() == ["ACK"]
    assert not talk.session.holding and talk.phone.take(MediaChanged)[0].media.direction == "sendrecv"


def test_a_peer_that_is_busy_with_another_request_is_asked_again():
    # (status, Retry-After, ms until the request comes again, None: never)
    for status, after, ms in (
        (500, "3", 3000),
        (503, "0", 500),
        (500, None, None),
        (500, "3600", None),
        (503, "x", None),
    ):
        talk = Talk()
        talk.peer.respond(talk.ask(talk.session.hold), status, Retry_After=after)
        talk.network.run(20)
        assert talk.peer.kinds() == ["ACK"]
        talk.network.run((ms or 60_000) - 30)
        assert talk.peer.kinds() == [], (status, after)
        talk.network.run(100)
        assert talk.peer.kinds() == (["INVITE"] if ms else []), (status, after)
        assert talk.session.holding == bool(ms)


def test_glare_without_end():
    talk = Talk()
    talk.session.hold(talk.network.now)
    for _ in range(5):
        talk.network.run_until(
            lambda: "INVITE" in [getattr(each, "method", "") for each in talk.peer.received]
        )
        talk.peer.respond(talk.peer.take("INVITE"), 491)
        talk.network.settle()
    talk.peer.kinds()
    talk.network.run(10_000)
    assert talk.peer.kinds() == [] and not talk.session.holding


def test_another_wish_during_a_glare():
    talk = Talk()
    talk.peer.respond(talk.ask(talk.session.hold), 491)
    talk.network.settle()
    talk.session.resume(talk.network.now)
    talk.network.run(5000)
    assert offered(talk.peer.take("INVITE")) == "sendrecv"


def test_only_a_call_that_stands_is_held():
    talk = Talk()
    talk.phone.end()
    for what in (talk.session.hold, talk.session.resume):
        raises(LocalError, what, talk.network.now)


def test_a_2xx_that_comes_again_during_the_next_offer():
    talk = Talk()
    first = talk.ask(talk.session.hold)
    answer(talk, first, "recvonly")
    second = talk.ask(talk.session.resume)
    talk.peer.respond(first, 200, body=description(direction="recvonly"))
    talk.network.settle()
    assert talk.peer.take("ACK").cseq.number == first.cseq.number
    assert talk.session.media.direction == "sendonly"
    talk.peer.respond(second, 200, body=description())
    talk.network.settle()
    assert talk.peer.take("ACK").cseq.number == second.cseq.number
    assert talk.session.media.direction == "sendrecv"
