"""Transfers from the keys of whole phones (RFC 5589), forwarding (RFC 5359 §2.7-2.9) and pick-up (§2.16)."""

# micropython-heap: 2M: four whole phones and the proxy live in one process

from support.desk import Office


class Four:
    """201 is in the middle: it talks to 202, and transfers it to 203. 204 may do what it likes."""

    def __init__(self, talk=True, **options):
        self.office = Office("201", "202", "203", "204", **options)
        self.me, self.two, self.three, self.four = self.office.desks
        if talk:
            self.office.call()

    def run(self, ms=300):
        self.office.run(ms)

    def hear_each_other(self, one, two):
        for desk in (one, two):
            desk.codec.said = bytes([0, 24, 0, 232] * 80)
        self.office.talk(12)
        return bool(one.codec.heard.strip(b"\0")) and bool(two.codec.heard.strip(b"\0"))

    def nothing_is_left(self):
        for desk in self.office.desks:
            desk.put_down()
            for call in list(desk.control.live):
                desk.control.hang_up(desk.network.now, call)
        self.run(70_000)
        for desk in self.office.desks:
            assert desk.control.calls == [] and desk.ports.count() == 0 and desk.voice.port is None, desk.name
            assert not desk.control.user_agent.sessions and not desk.control.user_agent.subscriptions


def rows(desk):
    return desk.screen()[1:-1]


def test_blind():
    for way in ("ok", "#", "soft1", "transfer"):
        four = Four()
        four.me.press("transfer")
        four.run()
        assert four.me.screen()[0] == "Transfer          202" and four.two.call.state == "remote_held"
        four.me.type("203")
        assert four.me.screen()[-1] == "Xfer Del  Call Cancel"
        four.me.press(way)
        four.run()
        assert "Ringing" in four.me.screen()
        assert four.two.screen()[:3] == ["Ringing         202", "203", "Transferred by 201"], way
        assert four.three.screen()[2] == "From 201", way
        four.three.lift()
        four.run()
        assert four.me.screen()[0].startswith("Transferred") and four.me.call.state == "ended"
        assert four.hear_each_other(four.two, four.three)
        assert len(four.two.control.live) == 1
        four.nothing_is_left()


def test_blind_to_who_is_busy_and_the_call_is_ours_again():
    four = Four()
    four.three.control.preferences.most_calls = 0
    four.me.press("transfer")
    four.me.type("203#")
    four.run(500)
    assert "Transfer failed: Busy" in four.me.screen()
    assert four.me.call.state == four.two.call.state == "active", "taken back, for somebody listens"
    assert four.hear_each_other(four.me, four.two)
    four.nothing_is_left()


def test_the_reason_stays_when_the_transferee_is_gone_right_after():
    for wait, reason in ((500, "Transfer failed: Busy"), (11_000, "Call ended")):
        four = Four()
        four.three.control.preferences.most_calls = 0
        four.me.press("transfer")
        four.me.type("203#")
        four.run(wait)
        four.two.put_down()
        four.run()
        assert four.me.call.reason == reason and four.me.call.state == "ended"
        four.nothing_is_left()


def test_blind_to_who_does_not_exist_while_nobody_listens():
    four = Four()
    four.me.press("transfer")
    four.me.type("999#")
    four.me.put_down()
    four.run(700)
    assert four.me.call.state == "held" and four.me.bell.ringing
    assert "Transfer failed: Numb" in four.me.screen()
    four.run(2000)
    assert not four.me.bell.ringing
    four.me.press("hold")
    four.run()
    assert four.me.call.state == four.two.call.state == "active"
    four.nothing_is_left()


def test_attended():
    four = Four()
    four.me.press("transfer")
    four.me.type("203")
    four.me.press("soft3")
    four.run()
    assert four.me.call.number == "203" and four.two.call.state == "remote_held"
    four.three.lift()
    four.run()
    assert four.hear_each_other(four.me, four.three)
    four.me.press("transfer")
    four.run(500)
    assert four.me.control.live == [] and four.hear_each_other(four.two, four.three)
    assert not four.three.bell.ringing and four.three.call.name == "202"
    kinds = [entry.kind for entry in four.me.control.history.entries]
    assert kinds == ["placed", "placed"]
    four.nothing_is_left()


def test_attended_between_two_calls_that_there_are():
    four = Four()
    four.three.lift()
    four.three.type("201#")
    four.run()
    four.me.press("ok")
    four.run()
    assert four.me.call.number == "203"
    four.me.press("transfer")
    assert "or transfer to 202" in four.me.screen()
    four.me.press("ok")
    four.run(500)
    assert four.me.control.live == [] and four.hear_each_other(four.two, four.three)
    four.nothing_is_left()


def test_sent_on_while_the_one_to_be_asked_still_rings():
    four = Four()
    four.me.press("transfer")
    four.me.type("203")
    four.me.press("soft3")
    four.run()
    four.me.press("transfer")
    four.run(1000)
    assert four.three.bell.ringing and four.two.call.number == "203"
    four.three.lift()
    four.run()
    assert four.me.control.live == [] and four.hear_each_other(four.two, four.three)
    four.nothing_is_left()


def test_the_one_who_is_asked_hangs_up():
    four = Four()
    four.me.press("transfer")
    four.me.type("203")
    four.me.press("soft3")
    four.run()
    four.three.lift()
    four.run()
    four.three.put_down()
    four.run(6000)
    assert four.me.call.number == "202" and four.me.call.state == "held"
    four.me.press("soft1")
    four.run()
    assert four.hear_each_other(four.me, four.two)
    four.nothing_is_left()


def test_giving_up_the_number_goes_back_to_the_call():
    four = Four()
    four.me.press("transfer")
    four.me.type("20")
    four.me.press("soft4")
    four.run()
    assert four.me.call.state == four.two.call.state == "active" and four.hear_each_other(four.me, four.two)
    four.nothing_is_left()


def test_a_transferee_whose_new_call_fails_talks_on():
    four = Four()
    four.three.control.preferences.most_calls = 0
    four.me.control.transfer("203", four.me.network.now)
    four.run(100)
    four.run(500)
    assert four.two.call.name == "201" and len(four.two.control.live) == 1
    assert "Transfer failed: Busy" in four.two.screen()
    assert four.hear_each_other(four.me, four.two)
    four.nothing_is_left()


def test_a_transferee_who_does_not_want_to():
    four = Four()
    four.two.control.preferences.follow_transfers = False
    four.me.control.transfer("203", four.me.network.now)
    four.run()
    assert "Transfer failed: Decl" in four.me.screen() and not four.three.bell.ringing
    assert four.hear_each_other(four.me, four.two)
    four.nothing_is_left()


def test_a_transfer_while_the_transferee_talks_to_somebody_else_stays_held():
    four = Four()
    four.four.lift()
    four.four.type("202#")
    four.run()
    four.two.press("soft1")
    four.run()
    assert four.two.call.number == "204"
    four.me.control.transfer("203", four.me.network.now)
    four.run()
    four.three.lift()
    four.run(500)
    states = {call.number: call.state for call in four.two.control.live}
    assert states == {"204": "active", "203": "held"} and four.three.call.state == "remote_held"
    four.nothing_is_left()


def test_whoever_calls_is_sent_on():
    four = Four(talk=False)
    four.two.lift()
    four.two.type("201#")
    four.run()
    four.me.press("transfer")
    assert four.me.screen()[0] == "Forward to        202"
    four.me.type("203#")
    four.run(500)
    assert four.three.bell.ringing and not four.me.bell.ringing
    assert four.me.control.history.entries[0].kind == "forwarded" and four.me.control.history.unseen == 0
    four.nothing_is_left()


def test_5359_2_7_forwarding_always():
    four = Four(talk=False)
    four.me.control.preferences.forward_always = "203"
    four.two.lift()
    four.two.type("201#")
    four.run(500)
    assert four.three.bell.ringing and four.me.states == [] and four.me.call is None
    four.nothing_is_left()


def test_5359_2_8_forwarding_when_busy():
    four = Four()
    four.me.control.preferences.forward_busy = "203"
    four.four.lift()
    four.four.type("201#")
    four.run(500)
    assert not four.three.bell.ringing and len(four.me.control.live) == 2, "there is room"
    four.me.press("soft4")
    four.four.put_down()
    four.run()
    four.me.control.preferences.call_waiting = False
    four.four.lift()
    four.four.type("201#")
    four.run(500)
    assert four.three.bell.ringing and four.me.control.history.entries[0].kind == "missed"
    four.nothing_is_left()


def test_5359_2_9_forwarding_when_nobody_answers():
    four = Four(talk=False)
    four.me.control.preferences.forward_no_answer = "203"
    four.me.control.preferences.no_answer_s = 10
    four.two.lift()
    four.two.type("201#")
    four.run(9000)
    assert four.me.bell.ringing and not four.three.bell.ringing
    four.run(1500)
    assert four.three.bell.ringing and not four.me.bell.ringing
    four.three.lift()
    four.run()
    assert four.hear_each_other(four.two, four.three)
    four.nothing_is_left()


def test_5359_2_16_pick_up_of_a_call_that_rings_elsewhere():
    """RFC 3891 §7.2: whoever picks up calls the caller with Replaces; the phone that rang misses nothing."""
    four = Four(talk=False)
    four.two.lift()
    four.two.type("201#")
    four.run()
    dialog = four.two.call.session.dialog
    replaces = "%s;to-tag=%s;from-tag=%s;early-only" % (dialog.call_id, dialog.local.tag, dialog.remote.tag)
    four.three.lift()
    four.three.control.dial("202", four.three.network.now, None, [("Replaces", replaces)])
    four.run(500)
    assert four.hear_each_other(four.two, four.three) and not four.me.bell.ringing
    assert len(four.two.control.live) == 1 and four.two.call.name == "203"
    missed = four.me.control.history.entries[0]
    assert (missed.kind, four.me.control.history.unseen) == ("elsewhere", 0)
    assert four.me.call.reason == "Answered elsewhere"
    four.nothing_is_left()
