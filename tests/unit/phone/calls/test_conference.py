"""A conference of three on one phone: who hears whom, and what ends it."""

# micropython-heap: 2M: four whole phones and the proxy live in one process

from support.desk import Office


class Three:
    def __init__(self):
        self.office = Office("201", "202", "203")
        self.me, self.two, self.three = self.office.desks
        self.office.call()
        self.first = self.me.call
        self.me.control.dial("203", self.me.network.now)
        self.run()
        self.three.lift()
        self.run()
        self.second = self.me.call
        assert self.first.state == "held" and self.second.state == "active"

    def run(self, ms=300):
        self.office.run(ms)

    def hear(self, who):
        """Who hears `who` talk."""
        self.office.talk(15)
        who.codec.said = bytes([0, 24, 0, 232] * 80)
        self.office.talk(15)
        names = [each.name for each in self.office.desks if each is not who and each.codec.heard.strip(b"\0")]
        who.codec.said = b""
        self.office.talk(15)
        return names

    def end(self):
        for desk in self.office.desks:
            desk.put_down()
        self.run(70_000)
        for desk in self.office.desks:
            for call in list(desk.control.live):
                desk.control.hang_up(desk.network.now, call)
        self.run(70_000)
        for desk in self.office.desks:
            assert desk.control.calls == [] and desk.ports.count() == 0 and desk.voice.port is None


def joined():
    three = Three()
    three.me.press("soft3")
    three.run()
    assert three.first.state == three.second.state == "active" and len(three.me.control.conference) == 2
    return three


def test_all_three_hear_each_other():
    three = joined()
    assert three.me.screen()[0].startswith("Conference") and three.me.screen()[-1] == "Split             End"
    assert three.two.call.state == three.three.call.state == "active"
    assert three.hear(three.me) == ["202", "203"]
    assert three.hear(three.two) == ["201", "203"]
    assert three.hear(three.three) == ["201", "202"]
    three.end()


def test_who_is_mute_is_not_heard_but_the_others_are():
    three = joined()
    three.me.press("mute")
    assert three.hear(three.me) == []
    assert three.hear(three.two) == ["201", "203"]
    three.me.press("mute")
    assert three.hear(three.me) == ["202", "203"]
    three.end()


def test_split_and_joined_again():
    three = joined()
    three.me.press("soft1")
    three.run()
    assert (three.first.state, three.second.state) == ("held", "active") and three.me.control.conference == []
    assert three.hear(three.me) == ["203"] and three.hear(three.two) == []
    three.me.press("conference")
    three.run()
    assert three.hear(three.two) == ["201", "203"]
    three.end()


def test_one_leaves_and_the_others_talk_on():
    for who in ("two", "three"):
        three = joined()
        gone = getattr(three, who)
        rest = three.three if gone is three.two else three.two
        gone.put_down()
        three.run()
        assert len(three.me.control.live) == 1 and three.me.control.heard is three.me.call
        assert three.hear(three.me) == [rest.name] and three.hear(rest) == ["201"]
        three.end()


def test_hanging_up_ends_it_for_all():
    three = joined()
    three.me.put_down()
    three.run()
    assert not three.me.control.live and three.two.call.state == three.three.call.state == "ended"
    three.end()


def test_the_hold_key_holds_both():
    three = joined()
    three.me.press("hold")
    three.run()
    assert three.first.state == three.second.state == "held" and three.me.control.heard is None
    assert three.two.call.state == three.three.call.state == "remote_held" and three.me.voice.port is not None
    assert three.hear(three.two) == []
    three.me.press("ok")
    three.run()
    assert three.me.control.heard is three.me.call and three.me.control.conference == []
    three.end()


def test_counters_of_both_are_kept():
    three = joined()
    three.office.talk(20)
    three.me.press("soft1")
    three.run()
    assert three.first.stats["sent"] >= 20 and three.second.stats["sent"] >= 20
    three.end()
