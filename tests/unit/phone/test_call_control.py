"""Call control with all its real parts: two phones, a registrar that asks for passwords, virtual time."""

# micropython-heap: 1200k: two whole phones and the proxy live in one process

from phone.dialplan import DialError
from phone.history import Entry
from support.check import raises
from support.desk import Office


def office():
    made = Office("201", "202")
    return made, made.desks[0], made.desks[1]


def tone(desk):
    """Whether something is heard without a stream."""
    desk.codec.waiting = 3
    desk.voice.frame(desk.network.now)
    return bool(desk.codec.heard.strip(b"\0"))


def test_a_call_from_key_to_earpiece_and_back():
    both, one, two = office()
    one.lift()
    assert tone(one)  # the dial tone, until the first digit
    one.type("2")
    assert not tone(one)
    one.type("02#")
    assert one.call.state == "dialing" and one.call.peer == "sip:202@example.com"
    both.run(200)
    assert one.call.state == "ringing" and tone(one)
    assert two.bell.ringing and two.call.name == "201" and not two.codec.running
    two.lift()
    both.run(200)
    assert not two.bell.ringing and two.codec.output == "handset"
    for desk in (one, two):
        desk.codec.said = bytes([0, 24, 0, 232] * 80)
    both.talk(20)
    assert one.codec.heard.strip(b"\0") and two.codec.heard.strip(b"\0")
    two.put_down()
    both.run(200)
    for desk in (one, two):
        assert desk.call.state == "ended" and desk.call.reason == "Call ended"
        assert desk.call.stats["sent"] >= 20 and desk.call.stats["lost"] == 0
        assert desk.ports.count() == 0
    assert tone(one) and not two.codec.running  # busy tone for who still listens
    assert one.states == ["dialing", "ringing", "active", "ended"]
    assert two.states == ["ringing", "active", "ended"]
    kinds = [desk.control.history.entries[0].kind for desk in (one, two)]
    assert kinds == ["placed", "received"]


def test_the_reason_stays_until_the_handset_is_down_and_lifting_it_again_gives_the_dial_tone():
    both, one, two = office()
    both.call()
    two.put_down()
    both.run(10_000)
    assert one.call.state == "ended" and one.screen()[0].startswith("Call ended")
    assert two.call is None
    both.run(25_000, 100)
    assert one.call is None and tone(one), "a handset that is never put down gets the dial tone again"
    one.put_down()
    assert one.call is None and not one.codec.running
    one.lift()
    assert one.screen()[0].startswith("Dial") and tone(one)


def test_a_dial_tone_that_nobody_heeds_ends():
    both, one, two = office()
    one.lift()
    both.run(29_000, 100)
    assert tone(one) and one.screen()[1] == "Enter number"
    both.run(2000, 100)
    assert not one.codec.running and one.screen()[1] == "Replace the handset"
    one.type("2")
    assert one.codec.running and one.screen()[1] == "2", "keys still work"
    one.press("back")
    both.run(31_000, 100)
    assert not one.codec.running
    one.control.dial("202", both.network.now)
    both.run(300)
    assert one.codec.running and tone(one), "a call that is begun by any key is heard"
    one.press("soft4")
    both.run(40_000, 100)
    assert not one.codec.running
    two.type("201#")
    both.run(300)
    assert one.bell.ringing
    one.press("ok")
    both.run(300)
    assert one.call.state == "active" and one.codec.output == "handset"
    two.control.hang_up(both.network.now)
    both.run(100)
    one.put_down()
    one.press("speaker")
    both.run(31_000, 100)
    assert not one.control.instrument.speaker and not one.codec.running and one.screen()[1] == "14:05"


def test_on_hook_the_reason_goes_by_itself():
    both, one, _ = office()
    one.type("999#")
    both.run(500)
    assert one.call.reason == "Number not found" and one.control.instrument.speaker
    both.run(5000)
    assert one.call is None and not one.control.instrument.speaker and not one.codec.running


def test_reject_and_busy():
    both, one, two = office()
    one.type("202#")
    both.run(200)
    two.control.reject(two.network.now)
    both.run(200)
    assert one.call.reason == "Busy" and two.call.reason == "Rejected"
    assert two.control.history.entries[0].kind == "received" and two.control.history.unseen == 0


def test_who_is_busy_sees_afterwards_who_called():
    made = Office("201", "202", "203")
    one, two, three = made.desks
    made.call()
    two.control.preferences.call_waiting = False
    three.type("202#")
    made.run(300)
    assert three.call.reason == "Busy"
    assert one.call.state == two.call.state == "active" and not two.bell.ringing
    missed = two.control.history.entries[0]
    assert (missed.kind, missed.number) == ("missed", "203") and two.control.history.unseen == 1


def test_the_caller_gives_up():
    both, one, two = office()
    one.lift()
    one.type("202#")
    both.run(200)
    one.put_down()
    both.run(200)
    assert one.call.reason == "Cancelled" and two.call.reason == "Missed call"
    assert not two.bell.ringing and two.control.history.unseen == 1
    assert two.lamp.state
    assert one.ports.count() == two.ports.count() == 0
    two.control.see_history(both.network.now)
    both.run(5000)
    assert two.call is None and two.lamp.state is None


def test_an_answer_that_crosses_the_cancel_harms_nobody():
    for steps in range(1, 10):
        both, one, two = office()
        one.type("202#")
        both.run(200)
        one.control.hang_up(both.network.now)
        both.network.run(steps)
        two.lift()
        both.run(2000)
        assert one.call is None or one.call.state == "ended"
        assert two.call is None or two.call.state == "ended"
        assert one.ports.count() == two.ports.count() == 0
        assert not two.bell.ringing


def test_speaker_and_handset_take_the_sound_from_each_other():
    both, one, two = office()
    both.call()
    assert one.codec.output == "handset"
    one.press("speaker")
    assert one.codec.output == "speaker"
    one.put_down()
    both.run(100)
    assert one.call.state == "active" and one.codec.output == "speaker"
    one.lift()
    assert one.codec.output == "handset" and not one.control.instrument.speaker
    one.press("speaker")
    one.put_down()
    one.press("speaker")  # off: nobody listens any more
    both.run(100)
    assert one.call.state == two.call.state == "ended"


def test_the_speaker_key_answers():
    both, one, two = office()
    one.type("202#")
    both.run(200)
    two.press("speaker")
    both.run(200)
    assert two.call.state == "active" and two.codec.output == "speaker"
    two.press("speaker")
    both.run(200)
    assert one.call.state == "ended"


def test_mute_is_for_this_call_only():
    both, one, two = office()
    one.control.toggle_mute(both.network.now)
    assert not one.control.instrument.muted
    both.call()
    one.press("mute")
    assert one.control.instrument.muted
    one.put_down()
    both.run(5000)
    two.put_down()
    both.call()
    assert not one.control.instrument.muted


def test_volume_is_of_what_sounds():
    both, one, two = office()
    one.press("volume_up")
    assert one.bell.percent == 70 and one.control.instrument.volume == 60
    both.call()
    one.press("volume_down")
    assert one.bell.percent == 70 and one.control.instrument.volume == 50


def test_digits_go_into_the_call():
    both, one, two = office()
    assert not one.control.digit("1", both.network.now)
    both.call()
    one.type("12#")
    both.talk(60)
    both.run(1100)
    assert two.call.digits == "12#"


def test_a_digit_that_cannot_be_sent_is_not_heard_either():
    both, one, two = office()
    both.call()
    two.call.session.modify("sendonly", both.network.now)
    both.run(200)
    assert not one.control.digit("1", both.network.now) and not tone(one)
    two.call.session.modify("sendrecv", both.network.now)
    both.run(200)
    assert one.control.digit("1", both.network.now) and tone(one)


def test_the_tone_of_a_key_is_for_the_ear_alone():
    both, one, two = office()
    both.call()
    both.talk(5)
    waiting = two.ports.waiting()
    del waiting[:]
    one.press("7")
    for _ in range(14):
        one.codec.waiting += 1
        both.network.run(20)
        one.voice.frame(both.network.now)
    events = [packet for packet in waiting if packet[1] & 127 == 101]
    # RFC 4733 §2.5: one stream of events, 20 ms more in each, the end three times.
    assert [packet[14] * 256 + packet[15] for packet in events] == [
        160 * n for n in (1, 2, 3, 4, 5, 6, 7, 8, 8, 8)
    ]
    assert [packet[13] >> 7 for packet in events] == [0] * 7 + [1] * 3
    assert [packet[12] for packet in events] == [7] * 10 and len(waiting) == 14
    assert all(packet[12:] == waiting[-1][12:] for packet in waiting if packet[1] & 127 == 0), "silence"


def test_the_other_side_holds_and_resumes():
    both, one, two = office()
    both.call()
    two.call.session.modify("sendonly", both.network.now)
    both.run(200)
    assert one.call.state == "remote_held"
    two.call.session.modify("sendrecv", both.network.now)
    both.run(200)
    assert one.call.state == "active"
    assert one.states == ["dialing", "ringing", "active", "remote_held", "active"]


def test_no_port_for_voice_is_said_and_refused():
    both, one, two = office()
    one.ports.none_left = two.ports.none_left = True
    error = raises(DialError, one.control.dial, "202", both.network.now)
    assert str(error) == "No free voice port" and one.call is None
    one.ports.none_left = False
    one.type("202#")
    both.run(200)
    # Before it rings: a call that can be answered can be heard.
    assert one.call.reason == "Busy" and two.call is None and not two.bell.ringing
    assert two.control.history.unseen == 1 and one.ports.count() == 0


def test_no_memory_for_sound_ends_the_call_and_says_so():
    both, one, two = office()
    two.voice.start = lambda output: None  # phone.sound.Sound's, when there is none
    one.lift()
    one.type("202#")
    both.run(200)
    two.lift()
    both.run(500)
    assert one.call.state == "ended" and two.call.state == "ended"
    assert two.call.reason == "Not enough memory" and two.call.port is None


def test_a_call_that_rings_has_its_ports():
    both, one, two = office()
    one.lift()
    one.type("202#")
    both.run(200)
    assert two.bell.ringing and two.ports.count() == 1
    two.ports.none_left = True
    two.lift()
    both.run(200)
    assert one.call.state == two.call.state == "active"
    one.put_down()
    two.put_down()
    both.run(200)
    assert one.ports.count() == two.ports.count() == 0


def test_a_call_that_was_not_answered_gives_its_ports_back():
    both, one, two = office()
    one.lift()
    one.type("202#")
    both.run(200)
    one.put_down()
    both.run(200)
    assert two.control.history.unseen == 1 and two.ports.count() == 0


def test_another_address_while_it_rings():
    both, one, two = office()
    one.type("202#")
    both.run(200)
    two.control.address_changed(both.network.now)
    both.run(200)
    two.lift()
    both.run(200)
    assert one.call.state == two.call.state == "active"


def test_without_a_network_it_is_said_and_nothing_is_left():
    made = Office("201", register=False)
    one = made.desks[0]
    one.node.endpoint.local = {}
    one.type("202#")
    assert "No network" in one.screen() and one.ports.count() == 0 and one.call is None
    one.press("back")
    assert one.screen()[1] == "20", "the number can be mended, or dialled again"


def test_what_cannot_be_dialled_changes_nothing():
    both, one, two = office()
    for text in ("", "sip:", "a:b"):
        raises(DialError, one.control.dial, text, both.network.now)
        assert one.call is None and one.ports.count() == 0
    both.call()
    one.control.preferences.most_calls = 1
    assert str(raises(DialError, one.control.dial, "203", both.network.now)) == "Too many calls"
    assert one.call.state == "active" and one.ports.count() == 1


def test_a_wrong_password_is_told_and_keys_still_work():
    made = Office("201", "202", register=False, passwords={"201": "wrong", "202": "secret 202"})
    one, two = made.desks
    one.register()
    two.register()
    made.run(500)
    assert one.line.state == "failed" and one.line.reason == "Wrong user or password"
    assert one.line.retry_s(made.network.now) > 0
    one.type("202#")
    made.run(500)
    assert one.call.reason == "Wrong password"


def test_a_dead_registrar_is_told_and_found_again_when_it_lives():
    made = Office("201", register=False)
    one = made.desks[0]
    made.server.node.up = False
    one.register()
    made.run(35_000, 500)
    assert (one.line.state, one.line.reason) == ("failed", "No answer from server")
    one.type("202#")
    made.run(35_000, 500)
    assert one.states == ["dialing", "ended"]
    made.server.node.up = True
    made.run_until(lambda: one.line.state == "registered", 120_000)
    assert one.line.reason == ""


def test_listeners_hear_of_every_change():
    both, one, two = office()
    heard = []
    two.control.listeners.append(lambda kind, thing: heard.append(kind))
    both.call()
    two.press("mute")
    two.put_down()
    both.run(200)
    assert heard.count("call") >= 3 and "sound" in heard and "history" in heard


def test_a_peer_that_calls_and_gives_up_in_one_breath_is_listed():
    both, one, two = office()
    events = []
    two.node.on_events = lambda new, now: events.extend(new)
    one.type("202#")
    both.network.run(500)
    one.control.hang_up(both.network.now)
    both.network.run(500)
    for event in events:
        two.control.on_event(event, both.network.now)
    assert two.call is None and two.control.history.unseen == 1 and not two.bell.ringing


def test_what_was_missed_before_a_restart_is_shown_from_the_start():
    made = Office("201", register=False)
    one = made.desks[0]
    one.control.history.add(Entry("missed", "Bob", "202"))
    assert one.lamp.state is None
    one.control.start(made.network.now)
    assert one.lamp.state
