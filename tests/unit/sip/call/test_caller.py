"""The caller's half of a session, against a peer played by hand."""

# micropython-heap: 512k: a network and both its ends live in one process, call after call

from sip.agent.capabilities import ALLOW
from sip.call import sdp
from sip.call.events import Ended, Established, MediaChanged, Progress, Redirected
from sip.events import LocalError
from support.check import raises
from support.descriptions import description
from support.network import Network
from support.phones import Peer, Phone


def calling(**settings):
    """(network, phone, peer, the INVITE): a call that the peer has not answered yet."""
    network = Network()
    phone = Phone(network, "alice", "192.0.2.1")
    peer = Peer(network)
    phone.call("sip:bob@192.0.2.99", **settings)
    network.settle()
    return network, phone, peer, peer.take("INVITE")


def established():
    network, phone, peer, invite = calling()
    peer.respond(invite, 200, body=description())
    network.settle()
    peer.take("ACK")
    phone.names()
    return network, phone, peer, invite


def test_invite_says_what_it_must():
    _, phone, _, invite = calling()
    assert str(invite.uri) == "sip:bob@192.0.2.99"
    assert invite.from_.tag and not invite.to.tag and invite.cseq.number == 1
    assert str(invite.contacts[0].uri) == "sip:alice@192.0.2.1:5060"
    assert invite.get("Allow") == ALLOW
    assert invite.get("User-Agent") == "Bakelite/test"
    assert sdp.parse(invite.body).media[0].port == 4000
    assert phone.session.state == "calling" and phone.session.id == 1


def test_ringing_and_answer():
    network, phone, peer, invite = calling()
    peer.respond(invite, 100)
    peer.respond(invite, 180)
    network.settle()
    assert phone.session.state == "early" and phone.session.status == 180
    peer.respond(invite, 200, body=description())
    network.settle()
    assert phone.names() == ["Progress", "MediaChanged", "Established"]
    ack = peer.take("ACK")
    assert str(ack.uri) == "sip:peer@192.0.2.99:5060" and ack.cseq.number == 1 and ack.to.tag == "theirs"
    assert not ack.body
    assert phone.session.state == "established" and phone.session.media.remote == ("192.0.2.99", 6000)
    assert phone.session.remote.tag == "theirs"


def test_early_media_and_then_an_answer_without_or_with_another_description():
    for body, port in ((b"", 6000), (description(), 6000), (description(port=7000), 7000)):
        network, phone, peer, invite = calling()
        peer.respond(invite, 183, body=description())
        network.settle()
        assert phone.names() == ["MediaChanged", "Progress"]
        peer.respond(invite, 200, body=body)
        network.settle()
        assert phone.names() == (["Established"] if port == 6000 else ["MediaChanged", "Established"])
        assert phone.session.media.remote[1] == port


def test_every_repeated_2xx_is_acknowledged_alike():
    network, _, peer, invite = established()
    for _ in range(3):
        peer.respond(invite, 200, body=description())
    network.settle()
    assert peer.kinds() == ["ACK", "ACK", "ACK"]


def test_refusals_end_it():
    for status in (486, 404, 480, 503, 603, 302, 487):
        network, phone, peer, invite = calling()
        peer.respond(invite, status)
        network.settle()
        ended = phone.take(Ended)[0]
        assert (ended.status, ended.remote) == (status, True)
        assert phone.session.state == "ended" and phone.user_agent.idle
        assert peer.kinds() == ["ACK"]
        raises(LocalError, phone.end)


def test_nobody_answers():
    network = Network()
    phone = Phone(network, "alice", "192.0.2.1")
    phone.call("sip:bob@192.0.2.99")
    network.run(31_000)
    assert phone.session.state == "calling"
    network.run(2000)
    assert phone.take(Ended)[0].status == 408 and phone.user_agent.idle


def test_hanging_up_before_the_answer_cancels():
    network, phone, peer, invite = calling()
    phone.end()
    network.settle()
    assert phone.take(Ended)[0].status == 487
    # §9.1: no CANCEL before a provisional response.
    assert peer.kinds() == []
    peer.respond(invite, 180)
    network.settle()
    cancel = peer.take("CANCEL")
    assert cancel.via.branch == invite.via.branch and cancel.cseq.number == 1
    peer.respond(cancel, 200)
    peer.respond(invite, 487)
    network.settle()
    assert peer.kinds() == ["ACK"]
    assert phone.names() == [] and phone.user_agent.idle
    raises(LocalError, phone.end)


def test_a_2xx_that_crosses_the_cancel_is_taken_and_ended():
    network, phone, peer, invite = calling()
    peer.respond(invite, 180)
    network.settle()
    phone.end()
    peer.respond(invite, 200, body=description())
    network.settle()
    assert peer.kinds() == ["CANCEL", "ACK", "BYE"]
    assert phone.session.state == "leaving"
    assert phone.names() == ["Progress", "Ended"]
    peer.respond(invite, 200, body=description())
    network.settle()
    assert peer.kinds() == ["ACK"]


def test_a_cancelled_invite_that_never_ends_is_given_up():
    network, phone, peer, invite = calling()
    peer.respond(invite, 180)
    network.settle()
    phone.end()
    network.run(33_000)
    assert phone.user_agent.idle and not phone.session.negotiation.media


def test_a_challenge_does_not_undo_a_cancel():
    network, phone, peer, invite = calling()
    peer.respond(invite, 180)
    network.settle()
    phone.end()
    peer.respond(invite, 407, Proxy_Authenticate='Digest realm="x", nonce="n"')
    network.settle()
    assert "INVITE" not in peer.kinds() and phone.user_agent.idle


def test_each_further_fork_that_answers_is_acknowledged_and_ended():
    network, phone, peer, invite = calling()
    peer.respond(invite, 180, tag="one")
    peer.respond(invite, 180, tag="two")
    peer.respond(invite, 200, tag="two", body=description())
    network.settle()
    assert [each.to.tag for each in peer.received] == ["two"]
    peer.kinds()
    for _ in range(2):
        peer.respond(invite, 200, tag="three", body=description())
        network.settle()
    assert [(each.method, each.to.tag) for each in peer.received] == [
        ("ACK", "three"),
        ("BYE", "three"),
        ("ACK", "three"),
    ]
    assert phone.session.state == "established" and phone.session.dialog.remote.tag == "two"


def test_each_fork_has_its_own_early_media_and_one_becomes_the_call():
    network, phone, peer, invite = calling()
    for tag, port in (("one", 7000), ("two", 7002)):
        peer.respond(invite, 183, tag=tag, body=description(port=port))
        network.settle()
        assert phone.session.media.remote[1] == port
    peer.respond(invite, 200, tag="one", body=description(port=7000))
    network.settle()
    assert phone.session.media.remote[1] == 7000 and peer.take("ACK").to.tag == "one"
    # The other early dialog is nothing any more (§13.2.2.4).
    peer.request("UPDATE", "sip:alice@192.0.2.1", ("192.0.2.1", 5060), invite.call_id, 9, invite.from_.tag)
    update = peer.unsend()
    update.set("From", "<sip:peer@192.0.2.99>;tag=two")
    peer.send(update)
    network.settle()
    assert peer.kinds() == [481]


def test_a_fork_that_answers_after_the_call_was_hung_up():
    network, phone, peer, invite = calling()
    for tag in ("one", "two"):
        peer.respond(invite, 180, tag=tag)
    network.settle()
    phone.end()
    network.settle()
    peer.respond(peer.take("CANCEL"), 200)
    for tag in ("one", "two"):
        peer.respond(invite, 200, tag=tag, body=description())
        network.settle()
        assert peer.take("ACK").to.tag == tag
        bye = peer.take("BYE")
        assert bye.to.tag == tag
        peer.respond(bye, 200)
        network.settle()
    assert peer.kinds() == [] and phone.session.state == "ended"


def test_forks_are_bounded():
    network, phone, peer, invite = calling()
    for number in range(20):
        peer.respond(invite, 180, tag="t%d" % number)
    network.settle()
    assert phone.endpoint.counters["too_many_forks"] == 12
    peer.respond(invite, 200, tag="t3", body=description())
    network.settle()
    assert phone.session.state == "established"


def test_bye_of_the_callee_in_an_early_dialog():
    # It must not (§15), but a callee that never saw our ACK to a lost 2xx does.
    network, phone, peer, invite = calling()
    peer.respond(invite, 180)
    network.settle()
    from_tag = invite.from_.tag
    peer.request("BYE", "sip:alice@192.0.2.1", ("192.0.2.1", 5060), invite.call_id, 9, from_tag)
    network.settle()
    assert peer.kinds() == [200, "CANCEL"]
    assert phone.take(Ended)[0].remote


def test_late_offer():
    network, phone, peer, invite = calling(late_offer=True)
    assert not invite.body
    peer.respond(invite, 200, body=description(formats="8 97"))
    network.settle()
    ack = peer.take("ACK")
    assert ack.content_type == "application/sdp"
    assert sdp.parse(ack.body).media[0].formats == ["8"]
    assert phone.session.media.codec == "PCMA" and phone.names() == ["MediaChanged", "Established"]


def test_a_late_offer_that_we_cannot_meet():
    for body in (description(formats="18"), b"rubbish", b""):
        network, phone, peer, invite = calling(late_offer=True)
        peer.respond(invite, 200, body=body)
        network.settle()
        ack = peer.take("ACK")
        if body.startswith(b"v=0"):
            # §13.2.2.4: a valid answer all the same.
            assert sdp.parse(ack.body).media[0].port == 0
        assert peer.kinds() == ["BYE"]
        assert phone.names() == ["Ended"] and phone.session.state == "leaving"


def test_an_answer_that_we_cannot_use():
    for body in (description(formats="18"), b"rubbish", b""):
        network, phone, peer, invite = calling()
        peer.respond(invite, 200, body=body)
        network.settle()
        assert peer.kinds() == ["ACK", "BYE"]
        assert phone.take(Ended)[0].status == 488 and not phone.take(Established)


def test_redirection_to_a_number():
    network, phone, peer, invite = calling()
    peer.send(redirect(invite, 302, "<tel:+49-30-55501>"))
    network.settle()
    # At the line's own domain, as any number is called.
    assert [str(each) for each in phone.take(Redirected)[0].contacts] == ["sip:+493055501@192.0.2.1"]


def test_redirection_is_followed_in_order_of_preference():
    network, phone, peer, invite = calling()
    contacts = (
        "<sip:c@192.0.2.99>;q=0.1, <mailto:x@y>, <sip:a@192.0.2.99?Subject=x>;q=0.9, <sip:b@192.0.2.99>"
    )
    peer.send(redirect(invite, 302, contacts))
    network.settle()
    event = phone.take(Redirected)[0]
    assert [uri.user for uri in event.contacts] == ["b", "a", "c"]
    assert phone.session.state == "calling"
    for user, sequence in (("b", 2), ("a", 3)):
        assert peer.take("ACK")
        again = peer.take("INVITE")
        assert again.uri.user == user and not again.uri.headers and again.cseq.number == sequence
        assert again.call_id == invite.call_id and again.from_.tag == invite.from_.tag
        assert again.body == invite.body and again.via.branch != invite.via.branch
        peer.respond(again, 404)
        network.settle()
    peer.take("ACK")
    again = peer.take("INVITE")
    # A second list goes first; who was asked already is not asked again.
    peer.send(redirect(again, 302, "<sip:b@192.0.2.99>, <sip:d@192.0.2.99>, <sip:bob@192.0.2.99>"))
    network.settle()
    assert [uri.user for uri in phone.take(Redirected)[0].contacts] == ["d"]
    peer.take("ACK")
    again = peer.take("INVITE")
    assert again.uri.user == "d"
    peer.send(redirect(again, 302, "<sip:c@192.0.2.99>"))
    network.settle()
    assert peer.kinds() == ["ACK"]
    assert phone.take(Ended)[0].status == 302 and not phone.take(Redirected)[0].contacts


def test_redirections_in_a_circle_and_without_end():
    # (where the n-th answer sends us, how many INVITEs that makes)
    for target, invites in (
        (lambda at: "bob", 1),
        (lambda at: ("one", "two")[at % 2], 3),
        (lambda at: "n%d" % at, 6),
    ):
        network, phone, peer, invite = calling()
        count = 1
        while True:
            peer.send(redirect(invite, 302, "<sip:%s@192.0.2.99>" % target(count)))
            network.settle()
            if phone.session.state == "ended":
                break
            invite = peer.take("INVITE")
            count += 1
        assert count == invites and [event.status for event in phone.take(Ended)] == [302]


def redirect(invite, status, contacts):
    from sip.syntax.message import Response

    response = Response.of(invite, status, to_tag="r")
    response.add("Contact", contacts)
    return response


def test_redirection_bounds():
    network, phone, peer, invite = calling()
    peer.send(redirect(invite, 300, ", ".join(["<sip:%d@192.0.2.99>" % number for number in range(50)])))
    network.settle()
    assert len(phone.take(Redirected)[0].contacts) == 5
    for _ in range(5):
        peer.respond(peer.take("INVITE"), 480)
        network.settle()
    assert phone.take(Ended)[0].status == 480
    # A global failure ends the search.
    network, phone, peer, invite = calling()
    peer.send(redirect(invite, 300, "<sip:a@192.0.2.99>, <sip:b@192.0.2.99>"))
    network.settle()
    peer.respond(peer.take("INVITE"), 603)
    network.settle()
    assert phone.take(Ended)[0].status == 603


def test_hanging_up_while_redirected():
    network, phone, peer, invite = calling()
    peer.send(redirect(invite, 302, "<sip:a@192.0.2.99>, <sip:b@192.0.2.99>"))
    network.settle()
    again = peer.take("INVITE")
    peer.respond(again, 180)
    network.settle()
    phone.end()
    network.settle()
    peer.respond(peer.take("CANCEL"), 200)
    peer.respond(again, 487)
    network.settle()
    assert "INVITE" not in peer.kinds() and phone.user_agent.idle


def test_what_a_caller_cannot_do():
    network, phone, _, _ = calling()
    for function in (phone.ring, phone.accept):
        raises(LocalError, function)
    raises(LocalError, phone.session.reject, 486, network.now)
    raises(LocalError, phone.session.modify, "sendonly", network.now)
    assert phone.session.state == "calling" and network.ladder == ["alice > peer: INVITE"]


def test_progress_is_told_each_time():
    network, phone, peer, invite = calling()
    for status in (180, 181, 183):
        peer.respond(invite, status)
    network.settle()
    assert [event.status for event in phone.take(Progress)] == [180, 181, 183]
    assert not phone.take(MediaChanged)


def test_a_call_that_nobody_speaks_of_any_more_is_given_up():
    network, phone, peer, invite = calling()
    peer.respond(invite, 180)
    network.run(190_000)
    peer.respond(invite, 180)
    network.run(199_000)
    assert phone.session.state == "early"
    network.run(2000)
    assert "CANCEL" in peer.kinds()
    ended = phone.take(Ended)[0]
    assert (ended.status, ended.remote) == (408, True)
    network.run(33_000)
    assert phone.user_agent.idle and len(phone.endpoint.timers) == 0
