"""What the server of a line has a whole phone do: answer, hold, resume, dial."""

# micropython-heap: 2M: two whole phones and the proxy live in one process

from sip.call.events import TransferRequested
from sip.call.remote_control import ControlRequested
from sip.events import LocalError
from sip.syntax import uri
from support.desk import Office


def ask(office, desk, package):
    desk.control.on_event(ControlRequested(desk.call.session, package), desk.network.now)
    office.run(300)


def test_answered_held_and_resumed():
    office = Office("201", "202")
    one, two = office.desks
    two.lift()
    two.type("201#")
    office.run(300)
    assert one.call.waits
    ask(office, one, "talk")
    assert one.call.state == two.call.state == "active" and one.control.instrument.speaker
    ask(office, one, "talk")
    assert one.call.state == "active"
    ask(office, one, "hold")
    assert (one.call.state, two.call.state) == ("held", "remote_held")
    ask(office, one, "hold")
    ask(office, one, "talk")
    assert one.call.state == two.call.state == "active"


class Referral:
    def __init__(self, desk, target):
        self.account = desk.control.lines[0].account
        self.target = uri.parse(target)
        self.rejected = None
        self._user_agent = desk.control.user_agent

    def accept(self, media, now):
        return self._user_agent.invite(self.account, self.target, media, now)

    def reject(self, now, status=603):
        self.rejected = status


def test_dialled_by_a_click():
    office = Office("201", "202")
    one, two = office.desks
    referral = Referral(one, "sip:202@" + one.control.lines[0].account.aor.host)
    one.control.on_event(TransferRequested(None, referral), one.network.now)
    office.run(300)
    assert one.call.state == "ringing" and one.control.instrument.speaker and two.call.waits
    two.lift()
    office.run(300)
    assert one.call.state == "active" and referral.rejected is None
    second = Referral(one, "sip:203@example.com")
    one.control.on_event(TransferRequested(None, second), one.network.now)
    assert second.rejected == 486 and len(one.control.live) == 1


def test_a_click_that_cannot_be_followed_leaves_nothing_behind():
    office = Office("201", "202")
    one = office.desks[0]
    referral = Referral(one, "sip:202@example.com")

    def refuse(media, now):
        raise LocalError("no room")

    referral.accept = refuse
    one.control.on_event(TransferRequested(None, referral), one.network.now)
    assert one.control.calls == [] and one.ports.count() == 0
