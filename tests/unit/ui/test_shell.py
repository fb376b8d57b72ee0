"""Keys: where they lead, from the person's point of view."""

# micropython-heap: 1200k: two whole phones and the proxy live in one process

from support.desk import Office


def office(**shell):
    made = Office("201", "202", **shell)
    return made, made.desks[0], made.desks[1]


def silent(desk):
    desk.codec.waiting = 3
    desk.voice.frame(desk.network.now)
    return not desk.codec.heard.strip(b"\0")


def test_ways_to_dial():
    for way in ("#", "ok", "soft1", "lift", "speaker"):
        both, one, _ = office()
        one.type("202")
        if way == "lift":
            one.lift()
        else:
            one.press(way)
        both.run(300)
        assert one.call.state == "ringing", way
        assert one.codec.output == ("handset" if way == "lift" else "speaker"), way


def test_a_pause_dials_only_if_asked():
    both, one, _ = office(dial_timeout_s=4)
    one.lift()
    one.type("20")
    both.run(3000)
    one.type("2")
    both.run(3900)
    assert one.call is None
    both.run(300)
    assert one.call.number == "202"
    both, one, _ = office()
    one.type("202")
    both.run(60_000, 500)
    assert one.call is None


def test_the_dial_tone_stops_at_the_first_digit_and_comes_back():
    both, one, _ = office()
    one.lift()
    assert not silent(one)
    one.type("2")
    assert silent(one)
    one.press("back")
    assert not silent(one)
    one.put_down()
    assert not one.codec.running


def test_a_handset_lifted_while_keying_in_by_speaker_does_not_dial():
    both, one, _ = office()
    one.press("speaker")
    one.type("20")
    one.lift()
    both.run(300)
    assert one.call is None and one.screen()[1] == "20" and silent(one)
    one.type("2#")
    both.run(300)
    assert one.call.number == "202" and one.codec.output == "handset"


def test_hash_begins_a_code_and_ends_a_number():
    both, one, _ = office()
    one.type("#31")
    assert one.screen()[1] == "#31"
    one.type("#")
    assert one.call.number == "#31"


def test_long_presses():
    _, one, _ = office()
    one.hold_key("0")
    assert one.screen()[1] == "+"
    one.type("49")
    one.hold_key("0")
    assert one.screen()[1] == "+49+"
    one.hold_key("back")
    assert one.screen()[1] == "14:05"


def test_ways_to_answer():
    for way in ("ok", "soft1", "lift", "speaker", "line1"):
        both, one, two = office()
        one.type("202#")
        both.run(300)
        if way == "lift":
            two.lift()
        else:
            two.press(way)
        both.run(300)
        assert two.call.state == one.call.state == "active", way


def test_ways_to_refuse_and_to_end():
    for way in ("back", "soft4"):
        both, one, two = office()
        one.type("202#")
        both.run(300)
        two.press(way)
        both.run(300)
        assert one.call.reason == "Busy", way
        both, one, two = office()
        both.call()
        one.press(way)
        both.run(300)
        assert two.call.reason == "Call ended", way
        both, one, two = office()
        one.type("202#")
        both.run(300)
        one.press(way)
        both.run(300)
        assert one.call.reason == "Cancelled", way


def test_redial():
    both, one, _ = office()
    one.type("202#")
    both.run(300)
    one.press("redial")  # of no use in a call
    one.press("soft4")
    both.run(6000)
    one.press("redial")
    both.run(300)
    assert one.call.number == "202" and one.call.state == "ringing"


def test_a_line_key_dials_on_that_line():
    both, one, _ = office()
    one.press("line1")
    assert one.screen()[0] == "Dial              201"
    one.type("202#")
    both.run(300)
    assert one.call.line is one.line


def test_a_line_key_gives_a_dial_tone_and_leaves_what_is_keyed_in():
    _, one, _ = office()
    one.press("line1")
    assert one.codec.output == "speaker" and not silent(one)
    one.type("20")
    one.press("line1")
    assert one.screen()[1] == "20" and silent(one)
    one.press("soft4")
    assert one.screen()[1] == "14:05" and not one.codec.running


def test_a_number_given_up_brings_the_dial_tone_back():
    _, one, _ = office()
    one.lift()
    one.type("20")
    one.press("soft4")
    assert one.screen()[1] == "Enter number" and not silent(one)


def test_a_line_key_after_a_call_begins_the_next():
    both, one, two = office()
    both.call()
    two.put_down()
    both.run(300)
    one.press("line1")
    assert one.screen()[1] == "Enter number" and not silent(one) and one.codec.output == "handset"


def test_a_digit_after_a_call_begins_the_next():
    both, one, _ = office()
    one.type("999#")
    both.run(300)
    one.type("202#")
    both.run(300)
    assert one.call.number == "202" and one.call.state == "ringing"


def test_what_cannot_be_dialled_is_said_and_can_be_mended():
    both, one, _ = office()
    one.ports.none_left = True
    one.type("202#")
    assert "No free voice port" in one.screen()
    one.ports.none_left = False
    one.press("ok")
    both.run(300)
    assert one.call.state == "ringing"


def test_keys_that_mean_nothing_here_do_nothing():
    both, one, _ = office()
    keys = (
        "hold",
        "transfer",
        "conference",
        "messages",
        "headset",
        "mute",
        "back",
        "soft2",
        "soft3",
        "nonsense",
    )
    for key in keys:
        one.hold_key(key)
        assert one.screen()[1] == "14:05", key
    both.call()
    for key in keys:
        if key not in ("hold", "transfer", "mute", "back", "soft2", "soft3"):
            one.hold_key(key)
    assert one.call.state == "active"


def test_a_call_that_comes_while_keying_in_takes_the_screen():
    both, one, two = office()
    two.type("20")
    one.type("202#")
    both.run(300)
    assert two.screen()[0] == "Incoming call   202"
    two.press("soft4")
    both.run(6000)
    assert two.screen()[1] == "14:05"


def test_nothing_is_drawn_while_nothing_happens():
    both, one, _ = office()
    one.screen()
    shows = one.glass.shows
    both.run(20_000, 500)
    assert one.glass.shows == shows


def test_it_draws_from_the_first_moment_wherever_the_ticks_stand():
    for start in (0, 5, (1 << 29) + 5, (1 << 30) - 1):
        from support.network import Network

        network = Network()
        network.now = start
        one = Office("201", network=network, register=False).desks[0]
        assert one.screen()[1] == "14:05", start
