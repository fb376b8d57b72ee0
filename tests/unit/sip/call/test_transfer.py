"""REFER (RFC 3515) from both sides, against a peer played by hand."""

# micropython-heap: 512k: a network and both its ends live in one process, call after call

from sip.call.events import Ended, TransferProgress, TransferRequested
from sip.events import LocalError
from sip.syntax import uri
from support.check import raises
from support.talk import Talk

CAROL = "sip:carol@192.0.2.99"


def refer(talk):
    talk.session.transfer(uri.parse(CAROL), talk.network.now)
    talk.network.settle()
    return talk.peer.take("REFER")


def notify(talk, text, state="active;expires=60", event="refer"):
    talk.next(
        "NOTIFY",
        text.encode(),
        Event=event,
        Subscription_State=state,
        Content_Type="message/sipfrag;version=2.0",
    )
    return talk.settle()


def progress(talk):
    return [event.status for event in talk.phone.take(TransferProgress)]


# As transferor


def test_a_transfer_that_works():
    talk = Talk()
    request = refer(talk)
    assert request.get("Refer-To") == "<" + CAROL + ">" and request.contacts
    assert request.get("Referred-By") == "<sip:alice@192.0.2.1>"
    raises(LocalError, talk.session.transfer, uri.parse(CAROL), talk.network.now)
    talk.peer.respond(request, 202)
    assert notify(talk, "SIP/2.0 100 Trying\r\n") == [200]
    assert notify(talk, "SIP/2.0 180 Ringing\r\n") == [200]
    assert talk.session.state == "established"
    assert notify(talk, "SIP/2.0 200 OK\r\n", "terminated;reason=noresource") == [200, "BYE"]
    assert progress(talk) == [100, 180, 200]
    assert [event.remote for event in talk.phone.take(Ended)] == [False]
    assert not talk.phone.user_agent.subscriptions


def test_a_transfer_that_fails_leaves_the_call():
    talk = Talk()
    talk.peer.respond(refer(talk), 202)
    assert notify(talk, "SIP/2.0 486 Busy Here\r\n", "terminated;reason=noresource") == [200]
    assert progress(talk) == [486] and talk.session.state == "established"
    # And may be tried again.
    assert refer(talk)


def test_a_refer_that_is_refused():
    for status in (403, 405, 501, 603):
        talk = Talk()
        talk.peer.respond(refer(talk), status)
        assert talk.settle() == [] and progress(talk) == [status]
        assert talk.session.state == "established" and not talk.phone.user_agent.subscriptions


def test_a_refer_that_nobody_answers():
    talk = Talk()
    refer(talk)
    talk.network.run(40_000)
    assert progress(talk) == [408] and talk.session.state == "established"


def test_a_peer_that_never_says_what_became_of_it():
    for says_the_end in (False, True):
        talk = Talk()
        talk.peer.respond(refer(talk), 202)
        notify(talk, "SIP/2.0 100 Trying\r\n")
        if says_the_end:
            notify(talk, "", "terminated;reason=timeout")
        talk.network.run(200_000)
        assert progress(talk) == [100, 408] and talk.session.state == "established"


def test_notify_overtakes_the_202():
    talk = Talk()
    request = refer(talk)
    assert notify(talk, "SIP/2.0 100 Trying\r\n", event="refer;id=%d" % request.cseq.number) == [200]
    talk.peer.respond(request, 202)
    talk.network.settle()
    assert progress(talk) == [100]


def test_the_peer_hangs_up_before_it_tells():
    talk = Talk()
    talk.peer.respond(refer(talk), 202)
    talk.next("BYE")
    assert talk.settle() == [200]
    assert notify(talk, "SIP/2.0 200 OK\r\n", "terminated") == [200]
    assert progress(talk) == [200] and len(talk.phone.take(Ended)) == 1


def test_notifys_that_fit_nothing():
    # (Event, Subscription-State, status)
    for event, state, status in (
        (None, "active", 400),
        ("presence", "active", 489),
        ("refer;id=999", "active", 489),
        ("refer", ";", 400),
    ):
        talk = Talk()
        talk.peer.respond(refer(talk), 202)
        talk.network.settle()
        assert notify(talk, "SIP/2.0 200 OK\r\n", state, event) == [status], (event, state)
        assert talk.session.state == "established"
    talk = Talk()
    assert notify(talk, "SIP/2.0 200 OK\r\n") == [489]


def test_a_notify_without_a_state_is_of_a_subscription_that_stands():
    talk = Talk()
    talk.peer.respond(refer(talk), 202)
    talk.network.settle()
    assert notify(talk, "SIP/2.0 180 Ringing\r\n", None) == [200] and progress(talk) == [180]
    assert notify(talk, "SIP/2.0 200 OK\r\n", None) == [200, "BYE"] and progress(talk) == [200]


def test_rubbish_for_a_sipfrag():
    for text in ("", "\r\n", "SIP/2.0", "SIP/2.0 xyz", "SIP/2.0 2000 OK", "HTTP/1.1 200 OK", "\x00" * 3000):
        talk = Talk()
        talk.peer.respond(refer(talk), 202)
        assert notify(talk, text) == [200], text
        assert talk.session.state == "established" and progress(talk) == []


def test_only_a_call_that_stands_is_transferred():
    talk = Talk()
    raises(LocalError, talk.session.transfer, talk.session, talk.network.now)
    talk.phone.end()
    raises(LocalError, talk.session.transfer, uri.parse(CAROL), talk.network.now)


# As transferee


def referred(talk, refer_to="<" + CAROL + ">", **headers):
    talk.next("REFER", Refer_To=refer_to, Contact="<sip:peer@192.0.2.99>", **headers)
    talk.network.settle()


def said(talk):
    """The statuses of the NOTIFYs, which are answered; and the state of the last."""
    statuses = []
    state = ""
    for each in list(talk.peer.received):
        if getattr(each, "method", "") == "NOTIFY":
            talk.peer.received.remove(each)
            assert each.get("Event").split(";")[0] == "refer" and each.content_type == "message/sipfrag"
            statuses.append(int(each.body.split(b" ")[1]))
            state = each.get("Subscription-State").split(";")[0]
            talk.peer.respond(each, 200)
            talk.network.settle()
    return statuses, state


def test_we_are_sent_to_somebody():
    talk = Talk()
    referred(talk, Referred_By="<sip:boss@192.0.2.99>")
    assert talk.peer.take(202) and said(talk) == ([100], "active")
    referral = talk.phone.take(TransferRequested)[0].referral
    assert str(referral.target) == CAROL and referral.referred_by.uri.user == "boss"
    session = referral.accept(talk.phone.media, talk.network.now)
    talk.network.settle()
    invite = talk.peer.take("INVITE")
    assert invite.get("Referred-By") == "<sip:boss@192.0.2.99>" and str(invite.uri) == CAROL
    talk.peer.respond(invite, 180)
    talk.network.settle()
    assert said(talk) == ([180], "active")
    talk.peer.respond(invite, 200, body=talk.ok.body)
    talk.network.settle()
    assert said(talk) == ([200], "terminated")
    assert session.state == "established" and talk.session.state == "established"
    raises(LocalError, referral.accept, talk.phone.media, talk.network.now)
    raises(LocalError, referral.reject, talk.network.now)


def test_the_place_of_another_call():
    talk = Talk()
    referred(
        talk,
        "<%s?Replaces=abc%%40x%%3Bto-tag%%3D1%%3Bfrom-tag%%3D2&Subject=no&Route=%%3Csip%%3Aevil%%3E>" % CAROL,
    )
    talk.phone.take(TransferRequested)[0].referral.accept(talk.phone.media, talk.network.now)
    talk.network.settle()
    invite = talk.peer.take("INVITE")
    assert invite.get("Replaces") == "abc@x;to-tag=1;from-tag=2"
    assert invite.get("Subject") is None and not invite.routes and invite.get("To") == "<" + CAROL + ">"


def test_the_target_refuses():
    talk = Talk()
    referred(talk)
    talk.phone.take(TransferRequested)[0].referral.accept(talk.phone.media, talk.network.now)
    talk.network.settle()
    said(talk)
    talk.peer.respond(talk.peer.take("INVITE"), 486)
    talk.network.settle()
    assert said(talk) == ([486], "terminated") and talk.session.state == "established"


def test_we_hang_up_on_the_target():
    talk = Talk()
    referred(talk)
    session = talk.phone.take(TransferRequested)[0].referral.accept(talk.phone.media, talk.network.now)
    said(talk)
    session.end(talk.network.now)
    talk.network.settle()
    assert said(talk) == ([487], "terminated")


def test_we_do_not_want_to():
    talk = Talk()
    referred(talk)
    talk.phone.take(TransferRequested)[0].referral.reject(talk.network.now)
    talk.network.settle()
    assert talk.peer.take(202)
    assert said(talk) == ([100], "active") and said(talk) == ([603], "terminated")


def test_nobody_decides():
    talk = Talk()
    referred(talk)
    said(talk)
    talk.network.run(31_000)
    assert said(talk)[0][0] == 603


def test_one_question_at_a_time():
    talk = Talk()
    referred(talk)
    first = talk.phone.take(TransferRequested)[0].referral
    said(talk)
    talk.peer.kinds()
    referred(talk)
    assert talk.peer.take(500).retry_after == 10 and not talk.phone.take(TransferRequested)
    first.reject(talk.network.now)
    referred(talk)
    assert talk.phone.take(TransferRequested)[0].referral is not first


def test_no_room_for_another_call():
    talk = Talk()
    talk.phone.user_agent.max_sessions = 1
    referred(talk)
    said(talk)
    referral = talk.phone.take(TransferRequested)[0].referral
    raises(LocalError, referral.accept, talk.phone.media, talk.network.now)
    talk.network.settle()
    assert said(talk) == ([486], "terminated")


def test_the_transferor_does_not_listen():
    talk = Talk()
    referred(talk)
    talk.peer.respond(talk.peer.take("NOTIFY"), 481)
    talk.network.settle()
    session = talk.phone.take(TransferRequested)[0].referral.accept(talk.phone.media, talk.network.now)
    talk.network.settle()
    talk.peer.respond(talk.peer.take("INVITE"), 200, body=talk.ok.body)
    talk.network.settle()
    assert said(talk)[0] == [] and session.state == "established"


def test_refers_that_we_refuse():
    # (Refer-To, status)
    for refer_to, status in (
        (None, 400),
        ("<sip:a@example.com>, <sip:b@example.com>", 400),
        ("<sip:", 400),
        ("<http://example.com>", 416),
        ("<mailto:a@example.com>", 416),
        ("<sip:a@example.com;method=BYE>", 603),
        ("<sip:a@example.com?Replaces=x>", 400),
        (
            "<sip:a@example.com?Replaces=x%3Bto-tag%3D1%3Bfrom-tag%3D2&Replaces=x%3Bto-tag%3D1%3Bfrom-tag%3D2>",
            400,
        ),
        ("<sip:a@example.com?Replaces=x%0D%0AEvil:1%3Bto-tag%3D1%3Bfrom-tag%3D2>", 400),
    ):
        talk = Talk()
        referred(talk, refer_to)
        assert talk.peer.kinds() == [status], refer_to
        assert not talk.phone.take(TransferRequested)


def test_a_number_is_called_at_our_domain():
    for refer_to, target in (
        ("<tel:+1-555-0100>", "sip:+15550100@192.0.2.1"),
        ("<tel:*21%23;phone-context=example.com>", "sip:*21%23@192.0.2.1"),
    ):
        talk = Talk()
        referred(talk, refer_to)
        assert talk.peer.take(202)
        assert str(talk.phone.take(TransferRequested)[0].referral.target) == target


def test_a_refer_from_nowhere():
    talk = Talk()
    talk.peer.request(
        "REFER", "sip:alice@192.0.2.1", ("192.0.2.1", 5060), "other", 1, Refer_To="<" + CAROL + ">"
    )
    assert talk.settle() == [403] and not talk.phone.take(TransferRequested)
