"""A call that the server of the line answers and holds by NOTIFY."""

# micropython-heap: 512k: a network and both its ends live in one process

from sip.call.remote_control import ControlRequested
from sip.syntax import uri
from support.talk import Talk


def notify(talk, event, **headers):
    talk.next("NOTIFY", Event=event, Subscription_State="active", Contact="<sip:peer@192.0.2.99>", **headers)
    talk.network.settle()
    return talk.peer.take()


def test_by_the_server_of_the_line():
    for inward in (False, True):
        talk = Talk(inward)
        talk.phone.account.proxy = uri.parse("sip:192.0.2.99")
        for event, package in (("talk", "talk"), ("hold", "hold"), ("HOLD ;id=1", "hold")):
            assert notify(talk, event).status == 200
            asked = talk.phone.take(ControlRequested)
            assert [(each.session, each.package) for each in asked] == [(talk.session, package)]
        assert talk.session.state == "established"


def test_by_nobody_else():
    talk = Talk()
    assert notify(talk, "talk").status == 403
    assert talk.phone.endpoint.counters["notify_from_stranger"] == 1 and not talk.phone.take(ControlRequested)


def test_another_package_is_refused_and_the_dialog_stays():
    talk = Talk()
    talk.phone.account.proxy = uri.parse("sip:192.0.2.99")
    for event in ("conference", "refer", "x"):
        refused = notify(talk, event)
        assert refused.status == 489 and refused.get("Allow-Events") == "talk, hold"
    assert talk.session.state == "established" and not talk.phone.take(ControlRequested)


def test_in_order_alone():
    talk = Talk()
    talk.phone.account.proxy = uri.parse("sip:192.0.2.99")
    assert notify(talk, "talk").status == 200
    talk.sequence -= 1
    assert notify(talk, "talk").status == 500
