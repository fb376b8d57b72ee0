"""What the phone does beside calls, from keys and pixels to the network, between two whole phones and a proxy."""

# micropython-heap: 3M: two whole phones and the proxy live in one process

import json

from sip.event.dialog_info import build
from sip.event.message_summary import Summary
from sip.events import RegistrationChanged
from sip.notices import DigitsReceived, MessagesWaiting
from support.desk import Office
from support.featured import Watched, featured

RINGS = (250, 250)


def office(one=None, two=None, *more):
    made = Office("201", "202", *more, register=False)
    desks = featured(made, one or {}, two or {}, *[{} for _ in more])
    for desk in desks:
        desk.register()
    made.run_until(lambda: all(desk.line.state == "registered" for desk in desks))
    made.run(500)
    return made, desks[0], desks[1]


# Voice mail


def tell(desk, summary):
    desk.node.endpoint.emit(MessagesWaiting(desk.line.account, summary))
    desk.network.settle()


def test_voice_mail_lights_the_lamp_and_is_called_by_its_key():
    both, one, two = office({"voice_mail": "202", "mwi": False})
    assert one.lamp.state is None
    tell(one, Summary(True, None, 2, 5))
    assert one.lamp.state is not None and one.line.messages.new == 2
    assert "* 2 voicemail" in one.screen()
    one.press("messages")
    both.run_until(lambda: two.control.ringing)
    assert one.call.number == "202"
    one.press("soft4")
    both.run(10_000)
    tell(one, Summary(False))
    two.shell.hook("on", both.network.now)
    assert one.lamp.state is None and not any("voicemail" in line for line in one.screen())


def test_a_server_that_comes_back_is_asked_again():
    both, one, _ = office({"contacts": ["202"]}, {"share_calls": True})

    def asked(*states):
        both.network.ladder = []
        for state in states:
            one.line.registration.state = state
            one.node.endpoint.emit(RegistrationChanged(one.line.registration))
            both.run(1000)
        return any(line.startswith("201 >") and line.endswith(": SUBSCRIBE") for line in both.network.ladder)

    assert not asked("registered", "registered")
    assert asked("failed", "registered")


def test_a_mailbox_that_does_not_count():
    _, one, _ = office()
    tell(one, Summary(True))
    assert "* 1 voicemail" in one.screen()


def test_without_a_number_the_key_opens_the_texts():
    _, one, _ = office()
    one.press("messages")
    assert one.screen()[0].startswith("Texts")


# Texts


def test_a_text_goes_and_comes_and_is_read():
    both, one, two = office()
    one.press("messages")
    one.press("soft2")
    assert one.screen()[0] == "Text to"
    one.type("202")
    one.press("ok")
    one.type("44")
    both.run(2000)
    one.type("4446")
    assert one.screen()[:2] == ["To 202            abc", "Him_"]
    one.press("soft2")
    one.press("soft1")
    both.run(1000)
    assert one.screen()[:2] == ["Texts             1/1", ">202: Hi"]
    assert two.lamp.state is not None and "* 1 new text" in two.screen()
    two.press("messages")
    assert two.screen()[1] == "*201: Hi"
    two.press("ok")
    assert two.screen()[1] == "Hi" and two.lamp.state is None
    two.press("soft1")
    two.press("down")
    two.press("ok")
    both.run(1000)
    assert [text.text for text in one.features.part("texts").entries] == ["Yes", "Hi"]
    assert [text.state for text in two.features.part("texts").entries] == ["sent", "read"]


def test_a_text_that_nobody_takes():
    both, one, _ = office()
    texts = one.features.part("texts")
    texts.send("999", "x", both.network.now)
    both.run(5000)
    assert texts.entries[0].state == "failed"
    one.shell.open("texts", both.network.now)
    one.press("ok")
    assert "(not delivered)" in one.screen()
    one.press("soft3")
    assert not texts.entries and "No texts yet" in one.screen()


def test_texts_outlive_the_phone_and_are_bounded():
    both, one, two = office()
    texts = one.features.part("texts")
    for number in range(25):
        two.features.part("texts").send("201", "text %d" % number, both.network.now)
        both.run(100)
    assert len(texts.entries) == 20 and texts.entries[0].text == "text 24"
    for _ in range(6):
        two.features.part("texts").send("201", "x" * 1300, both.network.now)
        both.run(100)
    assert sum([len(text.text) for text in texts.entries]) <= 6000
    from phone.features.texts import Texts

    again = Texts(one.features)
    assert [text.text for text in again.entries] == [text.text for text in texts.entries]
    for rubbish in (b"", b"{", b"[1]", b'[["new","a","b",3,null]]', b'[["odd","a","b","c",null]]', b"{}"):
        one.storage.files["texts.json"] = rubbish
        assert Texts(one.features).entries == []
    one.storage.files["texts.json"] = json.dumps([["sending", "a", "b", "c", [2026, 7, 31, 14, 5]]]).encode()
    assert Texts(one.features).entries[0].state == "failed"


def test_letters():
    both, one, _ = office()
    from ui.screens.writing import Writing

    def written(keys):
        page = Writing(one.shell, "Ada", "202")
        for key in keys:
            if key == "_":
                both.run(1300)
            else:
                page.key(key, "press", both.network.now)
        return page._text

    assert written("2222") == "2" and written("2_2_2") == "Aaa" and written("#2") == "a"
    assert written("202") == "A a" and written("#7" + "_#7" * 1) == "pP"
    assert written("2" * 10) == written("222")  # round and round


# Contacts


def test_a_lamp_follows_the_calls_of_another():
    both, one, two = office({"contacts": ["202"]}, {"share_calls": True})
    lamp = one.lamps["contact1"]
    contact = one.features.part("contacts").entries[0]
    assert (contact.state, lamp.state) == ("idle", None)
    two.lift()
    two.type("201#")
    both.run_until(lambda: one.control.ringing)
    both.run(500)
    assert (contact.state, lamp.state) == ("calling", "on")
    one.lift()
    both.run(1000)
    assert (contact.state, lamp.state) == ("busy", "on")
    one.put_down()
    both.run(3000)
    assert (contact.state, lamp.state) == ("idle", None)


def test_a_key_takes_the_call_that_rings_at_another():
    both, one, two = office({"contacts": ["202"]}, {"share_calls": True}, "203")
    three = both.desks[2]
    contact = one.features.part("contacts").entries[0]
    three.lift()
    three.type("202#")
    both.run_until(lambda: contact.state == "ringing")
    assert one.lamps["contact1"].state == RINGS
    one.press("line2")
    both.run_until(lambda: one.call is not None and one.call.state == "active", 5000)
    both.run(2000)
    assert not two.control.ringing and contact.state == "idle"
    assert three.call.state == "active" and three.call.number == "201"


def test_a_code_takes_it_where_the_server_wants_one():
    both, one, two = office({"contacts": ["202"], "pickup": "*8"}, {"share_calls": True}, "203")
    both.desks[2].lift()
    both.desks[2].type("202#")
    both.run_until(lambda: one.features.part("contacts").entries[0].state == "ringing")
    one.press("line2")
    assert one.call.number == "*8202"


def test_nobody_is_told_who_was_not_to_be():
    _, one, two = office({"contacts": ["202", Watched("202", "presence")]})
    contacts = one.features.part("contacts").entries
    assert [contact.subscriber.state for contact in contacts] == ["terminated"] * 2
    assert two.control.user_agent.notifier is not None


def test_the_key_behind_the_lines_calls_a_contact():
    both, one, two = office({"contacts": [Watched("202", "nothing", "Ada")]})
    one.press("line3")
    assert "No line 3" in one.screen()
    one.press("line2")
    both.run_until(lambda: two.control.ringing)


def test_the_screen_of_contacts():
    _, one, two = office(
        {"contacts": [Watched("202", "calls", "Ada"), Watched("999", "nothing")]}, {"share_calls": True}
    )
    one.press("soft3")
    assert one.screen()[:3] == ["Contacts          1/2", ">Ada: free", "999"]
    one.press("down")
    one.press("ok")
    assert one.call.number == "999"


def test_presence_says_who_is_on_the_phone():
    both, one, two = office({"contacts": [Watched("202", "presence")]}, {"presence": True})
    contact = one.features.part("contacts").entries[0]
    assert contact.state == "available"
    two.lift()
    two.type("201#")
    both.run(1000)
    assert contact.state == "busy"
    two.put_down()
    both.run(6000)
    assert contact.state == "available"


# Digits by INFO


def test_digits():
    both, one, two = office()
    both.call()
    for digit in "12#":
        one.node.endpoint.emit(DigitsReceived(one.call.session, digit))
        both.network.settle()
    assert one.call.digits == "12#"


def test_what_we_say_of_a_call_names_nobody_who_wants_not_to_be_named():
    both, one, two = office()
    both.call()
    session = one.call.session
    assert b"202" in build("sip:201@h", 0, [session])
    session.identity = None
    assert b"<remote>" not in build("sip:201@h", 0, [session])
