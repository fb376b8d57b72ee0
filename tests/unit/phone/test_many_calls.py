"""Several calls at once on one phone: who is in the ear, who is held, and what the keys do then."""

# micropython-heap: 2M: four whole phones and the proxy live in one process

import compat
from phone.dialplan import DialError
from support.check import raises
from support.desk import Office


class Four:
    """201 is the phone that is looked at; 202, 203 and 204 are around it."""

    def __init__(self, **shell):
        self.office = Office("201", "202", "203", "204", **shell)
        self.me, self.two, self.three, self.four = self.office.desks

    def run(self, ms=300):
        self.office.run(ms)

    def talk_to(self, other):
        """I call `other`, which answers."""
        before = len(self.me.control.live)
        if not self.me.control.instrument.handset:
            self.me.lift()
        self.me.control.dial(other.name, self.me.network.now)
        self.run()
        other.lift()
        self.run()
        assert len(self.me.control.live) == before + 1 and self.me.call.state == other.call.state == "active"
        return self.me.call

    def calls_me(self, other):
        """`other` calls; I do nothing yet."""
        other.lift()
        other.type("201#")
        self.run()

    def states(self):
        """{who: state} of my calls."""
        return {call.number: call.state for call in self.me.control.calls}

    def hear(self, other):
        """Whether `other` and I hear each other."""
        for desk in (self.me, other):
            desk.codec.said = bytes([0, 24, 0, 232] * 80)
        self.office.talk(12)
        heard = [bool(desk.codec.heard.strip(b"\0")) for desk in (self.me, other)]
        for desk in (self.me, other):
            desk.codec.said = b""
        self.office.talk(12)
        return heard[0] and heard[1]


def test_hold_and_resume():
    four = Four()
    call = four.talk_to(four.two)
    four.me.press("hold")
    four.run()
    assert (call.state, four.two.call.state) == ("held", "remote_held") and not four.hear(four.two)
    assert four.me.screen()[0].startswith("On hold") and four.me.screen()[-1] == "Resume    New     End"
    assert four.two.screen()[2] == "On hold (remote)"
    four.me.press("hold")
    four.run()
    assert call.state == four.two.call.state == "active" and four.hear(four.two)
    assert four.me.states == ["dialing", "ringing", "active", "held", "active"]


def test_both_hold_and_each_resumes_by_itself():
    four = Four()
    call = four.talk_to(four.two)
    four.me.press("hold")
    four.run()
    four.two.press("hold")
    four.run()
    assert (call.state, four.two.call.state) == ("held", "held")
    four.me.press("hold")
    four.run()
    assert (call.state, four.two.call.state) == ("remote_held", "held")
    four.two.press("hold")
    four.run()
    assert call.state == four.two.call.state == "active" and four.hear(four.two)


def test_a_second_call_that_comes_is_told_in_the_ear_and_on_the_screen():
    four = Four()
    four.talk_to(four.two)
    four.calls_me(four.three)
    assert not four.me.bell.ringing and four.me.lamp.state
    four.me.codec.waiting = 1
    four.me.voice.frame(four.me.network.now)
    assert four.me.codec.heard.strip(b"\0"), "call waiting"
    golden = ["Incoming call   201", "203", "In call: 202", "Answer Silence Reject"]
    assert four.me.screen() == golden
    four.me.press("soft1")
    four.run()
    assert four.states() == {"202": "held", "203": "active"} and four.two.call.state == "remote_held"
    assert four.hear(four.three) and not four.hear(four.two)
    lines = four.me.screen()
    assert (
        lines[1].split() == ["202", "on", "hold"]
        and lines[2].split()[0] == ">203"
        and lines[3] == "Swap Xfer Conf    End"
    )


def test_swap_and_back():
    four = Four()
    first = four.talk_to(four.two)
    second = four.talk_to(four.three)
    for heard, other, desk in (
        (first, second, four.two),
        (second, first, four.three),
        (first, second, four.two),
    ):
        four.me.press("soft1")
        four.run()
        assert four.me.control.heard is heard is four.me.call and other.state == "held"
        assert four.hear(desk)


def test_reject_ignore_and_busy_when_full():
    four = Four()
    four.talk_to(four.two)
    four.calls_me(four.three)
    four.me.press("soft4")
    four.run()
    assert four.three.call.reason == "Busy" and four.states() == {"202": "active"}
    four.three.put_down()
    four.calls_me(four.three)
    four.me.press("soft3")
    four.run()
    assert four.three.call.state == "ringing" and four.me.call.number == "202"
    four.me.codec.waiting = 1
    four.me.voice.frame(four.me.network.now)
    assert not four.me.codec.heard.strip(b"\0")
    four.me.control.preferences.most_calls = 2
    four.calls_me(four.four)
    assert four.four.call.reason == "Busy" and four.me.control.history.unseen == 1
    four.me.press("down")
    assert four.me.screen()[-1] == "Answer         Reject", "an ignored call can still be taken"
    four.me.press("soft1")
    four.run()
    assert four.states() == {"202": "held", "203": "active"}


def test_three_calls_and_the_fourth_answered_from_the_list():
    four = Four()
    four.talk_to(four.two)
    four.talk_to(four.three)
    four.talk_to(four.four)
    assert four.states() == {"202": "held", "203": "held", "204": "active"}
    assert four.me.ports.count() == 3
    assert [line.split()[0] for line in four.me.screen()[1:4]] == ["202", "203", ">204"]
    four.me.press("down")
    assert four.me.screen()[1].split()[0] == ">202" and four.me.screen()[-1] == "Swap Xfer Conf    End"
    four.me.press("ok")
    four.run()
    assert four.states() == {"202": "active", "203": "held", "204": "held"} and four.hear(four.two)
    for desk in (four.two, four.three, four.four):
        desk.put_down()
        four.run()
    four.run(40_000)
    assert four.me.control.calls == [] and four.me.ports.count() == 0 and four.me.voice.port is None


def test_hanging_up_leaves_the_held_call_and_shows_it():
    four = Four()
    four.talk_to(four.two)
    four.talk_to(four.three)
    four.me.put_down()
    four.run()
    assert four.states() == {"202": "held"} and not four.me.codec.running
    assert four.me.screen()[0].startswith("On hold") and four.three.call.state == "ended"
    four.me.lift()
    four.me.press("soft1")
    four.run()
    assert four.states() == {"202": "active"} and four.hear(four.two)


def test_the_other_side_hangs_up_and_the_held_call_comes_back_to_the_screen():
    four = Four()
    four.talk_to(four.two)
    four.talk_to(four.three)
    four.three.put_down()
    four.run()
    assert four.me.screen()[0].startswith("Call ended")
    four.run(5000)
    assert four.me.call.number == "202" and four.me.screen()[0].startswith("On hold")


def test_a_held_call_that_ends_is_told():
    four = Four()
    four.talk_to(four.two)
    four.talk_to(four.three)
    four.two.put_down()
    four.run()
    assert four.states() == {"203": "active"} and "202: Call ended" in four.me.screen()
    assert four.hear(four.three)


def test_a_held_call_that_nobody_talks_over_is_remembered():
    four = Four()
    four.talk_to(four.two)
    four.me.press("hold")
    four.me.put_down()
    four.run(59_000)
    assert not four.me.bell.ringing and four.states() == {"202": "held"}
    four.run(1500)
    assert four.me.bell.ringing
    four.run(2000)
    assert not four.me.bell.ringing
    four.run(58_000)
    assert four.me.bell.ringing
    four.two.put_down()
    four.run(70_000)
    assert not four.me.bell.ringing and four.me.call is None


def test_dialling_a_second_call_by_key_holds_the_first():
    four = Four()
    first = four.talk_to(four.two)
    four.me.press("soft3")
    assert first.state == "held" and four.me.screen()[0].startswith("Dial")
    four.me.type("203")
    four.me.press("soft4")
    four.run()
    assert first.state == "held" and four.me.screen()[0].startswith("On hold"), "given up: still held"
    four.me.type("203#")
    four.run()
    assert four.states() == {"202": "held", "203": "ringing"}
    assert four.me.screen()[2].split() == [">203", "ringing"]
    four.me.press("soft4")
    four.run()
    assert four.states() == {"202": "held"}


def test_a_call_that_is_not_answered_gives_way():
    four = Four()
    four.me.lift()
    four.me.type("202#")
    four.run()
    four.calls_me(four.three)
    four.me.press("soft1")
    four.run()
    assert four.states() == {"203": "active"} and not four.two.bell.ringing


def test_an_incoming_call_takes_the_screen_from_a_number_being_keyed_in():
    four = Four()
    four.talk_to(four.two)
    four.me.press("soft3")
    four.me.type("20")
    four.calls_me(four.three)
    assert four.me.screen()[0].startswith("Incoming call")
    four.me.press("soft4")
    four.run()
    assert four.states() == {"202": "held"} and four.me.screen()[0].startswith("On hold")


def test_a_line_key_answers_resumes_and_seizes():
    four = Four()
    first = four.talk_to(four.two)
    four.me.press("line1")
    assert first.state == "active", "it is that call's own key"
    four.calls_me(four.three)
    four.me.press("line1")
    four.run()
    assert four.states() == {"202": "held", "203": "active"}
    four.three.put_down()
    four.run()
    four.me.press("line1")
    four.run()
    assert four.states()["202"] == "active"


def test_the_handset_answers_what_waits_once_the_first_call_is_over():
    four = Four()
    four.talk_to(four.two)
    four.calls_me(four.three)
    four.me.put_down()
    four.run()
    assert four.two.call.state == "ended" and four.me.bell.ringing
    four.me.lift()
    four.run()
    assert four.states() == {"203": "active"} and four.hear(four.three)


def test_the_speaker_carries_a_swap():
    four = Four()
    four.talk_to(four.two)
    four.me.press("speaker")
    four.me.put_down()
    four.calls_me(four.three)
    four.me.press("soft1")
    four.run()
    assert four.me.codec.output == "speaker" and four.states() == {"202": "held", "203": "active"}
    four.me.press("speaker")
    four.run()
    assert four.states() == {"202": "held"} and not four.me.codec.running
    four.me.press("hold")
    four.run()
    assert four.states() == {"202": "active"} and four.me.codec.output == "speaker"


def test_statistics_are_of_the_whole_call_and_nothing_leaks():
    four = Four()
    first = four.talk_to(four.two)
    four.office.talk(20)
    second = four.talk_to(four.three)
    four.office.talk(20)
    four.me.press("soft1")
    four.run()
    four.office.talk(20)
    four.me.control.hang_up(four.me.network.now, second)
    four.me.control.hang_up(four.me.network.now, first)
    four.run()
    assert first.stats["sent"] == 40 and second.stats["sent"] == 20 and first.stats["lost"] <= 1
    assert four.me.ports.count() == 0


def test_digits_go_to_who_is_heard():
    four = Four()
    four.talk_to(four.two)
    four.talk_to(four.three)
    four.me.type("5")
    four.office.talk(60)
    four.run(1100)
    assert four.three.call.digits == "5" and four.two.call.digits == ""


def test_one_more_than_there_is_room_for():
    four = Four()
    four.talk_to(four.two)
    four.me.control.preferences.most_calls = 1
    error = raises(DialError, four.me.control.dial, "203", four.me.network.now)
    assert str(error) == "Too many calls" and four.states() == {"202": "active"}


def test_all_calls_move_to_another_address():
    four = Four()
    four.talk_to(four.two)
    four.talk_to(four.three)
    me = four.me
    four.office.network.move(me.node, "192.0.2.77")
    me.ports.host = "192.0.2.77"
    me.control.address_changed(me.network.now)
    four.run()
    for desk in (four.two, four.three):
        assert desk.call.session.media.remote[0] == "192.0.2.77"
    assert four.states() == {"202": "held", "203": "active"} and four.hear(four.three)
    me.press("soft1")
    four.run()
    assert four.hear(four.two)


def test_without_memory_a_further_call_meets_a_busy_phone_and_harms_nobody():
    four = Four()
    four.talk_to(four.two)
    before = compat.free_heap
    try:
        compat.free_heap = lambda: 20_000
        four.calls_me(four.three)
        assert four.three.call.reason == "Busy" and four.me.control.history.unseen == 1
        error = raises(DialError, four.me.control.dial, "204", four.me.network.now)
        assert str(error) == "Too many calls"
    finally:
        compat.free_heap = before
    assert four.states() == {"202": "active"} and four.hear(four.two)
