"""REFER outside of a call, without a subscription, and what a phone says that it can do."""

# micropython-heap: 512k: a network and both its ends live in one process, call after call

from sip.call.events import TransferRequested
from sip.event.notifier import Notifier
from sip.syntax import uri
from support.talk import ALICE, Talk

CAROL = "<sip:carol@192.0.2.99>"


def refer(talk, number=1, **headers):
    """The status of the answer to a REFER outside of the call."""
    headers.setdefault("Contact", "<sip:peer@192.0.2.99>")
    headers.setdefault("Refer_To", CAROL)
    talk.peer.request("REFER", "sip:alice@192.0.2.1", ALICE, "refer-%d" % number, **headers)
    talk.network.settle()
    return talk.peer.take().status


def dialog_of(talk):
    return "%s;local-tag=%s;remote-tag=%s" % talk.session.dialog.key


def test_a_stranger_sends_nobody_anywhere():
    talk = Talk()
    assert refer(talk) == 403
    for number, target in enumerate(
        (
            "other;local-tag=a;remote-tag=b",
            "%s;local-tag=a;remote-tag=b" % talk.call_id,
            talk.call_id,
        )
    ):
        assert refer(talk, number + 2, Target_Dialog=target) == 403
    assert not talk.phone.take(TransferRequested)
    assert talk.phone.endpoint.counters["refer_from_stranger"] == 4


def test_who_names_the_call_is_in_it():
    talk = Talk()
    assert refer(talk, Target_Dialog=dialog_of(talk), Require="tdialog") == 202
    event = talk.phone.take(TransferRequested)[0]
    assert event.session is talk.session and str(event.referral.target) == "sip:carol@192.0.2.99"
    notify = talk.peer.take("NOTIFY")
    assert notify.call_id == "refer-1" and notify.to.tag == "theirs" and b"100" in bytes(notify.body)
    talk.peer.respond(notify, 200)
    event.referral.reject(talk.network.now)
    talk.network.settle()
    notify = talk.peer.take("NOTIFY")
    assert notify.call_id == "refer-1" and notify.get("Subscription-State").startswith("terminated")


def test_some_write_the_tags_from_their_side():
    talk = Talk()
    call_id, local, remote = talk.session.dialog.key
    assert refer(talk, Target_Dialog="%s;local-tag=%s;remote-tag=%s" % (call_id, remote, local)) == 202


def test_no_subscription():
    talk = Talk()
    talk.next(
        "REFER", Refer_To=CAROL, Refer_Sub="false", Require="norefersub", Contact="<sip:peer@192.0.2.99>"
    )
    talk.network.settle()
    response = talk.peer.take()
    assert response.status == 202 and response.get("Refer-Sub") == "false"
    referral = talk.phone.take(TransferRequested)[0].referral
    referral.accept(talk.phone.media, talk.network.now)
    talk.network.settle()
    assert talk.settle() == ["INVITE"]


def test_what_we_say_that_we_can_do():
    talk = Talk()
    talk.phone.user_agent.shutdown(talk.network.now)
    talk.phone.account.registrar = uri.parse("sip:192.0.2.99")
    for names in ([], ["dialog"]):
        if names:

            class Package:
                name = "dialog"

            Notifier(talk.phone.user_agent).serve(Package())
        talk.peer.request("OPTIONS", "sip:alice@192.0.2.1", ALICE, "options" + "".join(names))
        talk.network.settle()
        response = talk.peer.take(200)
        for method in ("SUBSCRIBE", "NOTIFY", "MESSAGE", "INFO", "REFER", "PRACK", "UPDATE"):
            assert method in response.all("Allow")
        assert response.all("Allow-Events") == names
        for option in ("100rel", "timer", "replaces", "norefersub", "tdialog"):
            assert option in response.all("Supported")
    talk.peer.kinds()
    talk.phone.register()
    talk.network.settle()
    params = talk.peer.take("REGISTER").contacts[0].params
    assert "audio" in params and "SUBSCRIBE" in params["methods"] and params["events"] == '"dialog"'


# Click to dial


def test_the_server_of_a_line_has_the_phone_dial():
    talk = Talk()
    talk.phone.end()
    talk.settle()
    talk.phone.user_agent.click_to_dial = True
    assert refer(talk) == 403  # allowed, and yet from nobody's server
    talk.phone.account.proxy = uri.parse("sip:192.0.2.99")
    talk.phone.user_agent.click_to_dial = False
    assert refer(talk, 2) == 403  # from the server, and yet not allowed
    talk.phone.user_agent.click_to_dial = True
    assert refer(talk, 3, Refer_To="<tel:+49-30-1234>") == 202
    referral = talk.phone.take(TransferRequested)[0].referral
    assert referral.session is None and str(referral.target) == "sip:+49301234@192.0.2.1"
    talk.peer.respond(talk.peer.take("NOTIFY"), 200)
    session = referral.accept(talk.phone.media, talk.network.now)
    talk.network.settle()
    invite = talk.peer.take("INVITE")
    assert session.account is talk.phone.account and invite.uri.user == "+49301234"
    talk.peer.respond(invite, 486)
    talk.network.settle()
    assert talk.peer.take("NOTIFY").body.startswith(b"SIP/2.0 486")
