"""Wideband calls, whole phones in virtual time: G.722 from microphone to earpiece, beside narrow phones."""

# cpython-only: the cores are shared libraries there

import math
from array import array

import pytest

from media.engine import Engine
from support.desk import Office
from support.require import missing
from tools import build_native

WIDE = ("G722", "PCMA", "PCMU")
NARROW = ("PCMA", "PCMU")


@pytest.fixture(scope="module", autouse=True)
def native():
    try:
        build_native.build_host(quiet=True)
    except build_native.BuildError as error:
        missing("a C compiler", str(error))


def office(*codecs):
    """Phones 201, 202 …, on wires of 16 kHz, with these lists of codecs."""
    made = Office(*[str(201 + number) for number in range(len(codecs))], register=False)
    for desk, names in zip(made.desks, codecs):
        desk.codec.rates = (16000,)
        desk.voice.engine = Engine(native=True)
        desk.switchboard._codecs = desk.control.user_agent.codecs = names
        desk.register()
    made.run_until(lambda: all(desk.line.state == "registered" for desk in made.desks))
    return made


def tone(hertz, loud=8000):
    return bytes(array("h", [round(loud * math.sin(2 * math.pi * hertz * at / 16000)) for at in range(320)]))


def part(desk, hertz):
    """Amplitude of that tone in the frame that was heard last."""
    heard = array("h", desk.codec.heard)
    sums = [
        sum(sample * wave(2 * math.pi * hertz * at / 16000) for at, sample in enumerate(heard))
        for wave in (math.sin, math.cos)
    ]
    return math.hypot(*sums) / 160


def hears(made, who, speaker, hertz):
    """Amplitude of a tone at the ear of `who` while `speaker` says it at 8000; with volume 100."""
    who.voice.set_volume(100)
    speaker.codec.said = tone(hertz)
    made.talk(20)
    loud = part(who, hertz)
    speaker.codec.said = b""
    made.talk(20)
    assert part(who, hertz) < 300
    return loud


def codec_of(desk):
    return desk.call.session.media.codec


def test_both_hear_what_lies_above_4_khz():
    made = office(WIDE, WIDE)
    made.call()
    one, two = made.desks
    assert codec_of(one) == codec_of(two) == "G722" and one.call.wide and two.call.wide
    for hertz in (1000, 3500, 5500, 6500):
        assert 7000 < hears(made, one, two, hertz) < 9000, hertz
        assert 7000 < hears(made, two, one, hertz) < 9000, hertz
    assert "HD In call" in one.screen()[0] and "HD" in two.screen()[0]
    stats = one.voice.engine.stats()
    assert stats["concealed"] == stats["invalid"] == stats["late"] == 0


def test_a_narrow_phone_is_spoken_to_as_before():
    for codecs in ((WIDE, NARROW), (NARROW, WIDE)):
        made = office(*codecs)
        made.call()
        one, two = made.desks
        assert codec_of(one) == codec_of(two) == "PCMA"
        assert not one.voice.engine.wide and not two.voice.engine.wide
        assert 7000 < hears(made, one, two, 1000) < 9000 and hears(made, one, two, 5500) < 100
        assert "HD" not in one.screen()[0]


def test_the_offer_has_the_number_and_the_clock_of_rfc_3551():
    made = office(WIDE, WIDE)
    made.call()
    offer = made.desks[0].call.session.negotiation._sent.decode()
    assert "RTP/AVP 9 8 0 13 101" in offer and "a=rtpmap:9 G722/8000\r\n" in offer


def test_without_memory_for_it_the_call_is_narrow(monkeypatch):
    made = office(WIDE, WIDE)
    for free, codec in ((39_999, "PCMA"), (40_000, "G722")):
        monkeypatch.setattr("compat.free_heap", lambda free=free: free)
        made.call()
        assert codec_of(made.desks[0]) == codec
        for desk in made.desks:
            desk.put_down()
        made.run(70_000)


def test_digits_mute_and_hold_go_on():
    made = office(WIDE, WIDE)
    made.call()
    one, two = made.desks
    one.type("5")
    made.talk(30)
    assert two.voice.digits() == "5"
    assert 7000 < hears(made, two, one, 5500) < 9000
    one.voice.mute(True)
    assert hears(made, two, one, 5500) < 100 and hears(made, two, one, 1000) < 100
    one.voice.mute(False)
    one.control.hold(made.network.now)
    made.run(500)
    assert one.call.state == "held"
    made.talk(20)
    one.control.resume(made.network.now)
    made.run(500)
    assert codec_of(one) == codec_of(two) == "G722"
    assert 7000 < hears(made, two, one, 5500) < 9000 and 7000 < hears(made, one, two, 5500) < 9000


def change(made, desk, codecs):
    """A re-INVITE that offers these."""
    desk.call.session.negotiation.capabilities.codecs = codecs
    desk.control.hold(made.network.now)
    made.run(500)
    desk.control.resume(made.network.now)
    made.run(500)


def test_the_codec_changes_amid_the_call_and_back():
    made = office(NARROW, WIDE)
    made.call()
    one, two = made.desks
    assert not one.voice.engine.wide
    before = one.voice.engine.stats()
    made.talk(10)
    change(made, two, ("G722",))
    assert codec_of(one) == "PCMA", "the other has no G.722"
    one.call.session.negotiation.capabilities.codecs = WIDE
    change(made, two, ("G722", "PCMA"))
    change(made, two, ("G722",))
    assert codec_of(one) == codec_of(two) == "G722" and one.voice.engine.wide
    assert 7000 < hears(made, one, two, 5500) < 9000 and 7000 < hears(made, two, one, 5500) < 9000
    after = one.voice.engine.stats()
    assert after["sent"] > before["sent"] + 80 and after["received"] > before["received"] + 80
    change(made, two, ("PCMU",))
    assert codec_of(one) == codec_of(two) == "PCMU"
    assert 7000 < hears(made, one, two, 1000) < 9000 and 7000 < hears(made, two, one, 1000) < 9000
    assert hears(made, one, two, 5500) < 100


def test_a_conference_of_wide_and_narrow():
    """Each is heard by the others as far as its own way carries it."""
    made = office(WIDE, WIDE, NARROW)
    made.call()
    me, two, three = made.desks
    me.control.dial("203", made.network.now)
    made.run(300)
    three.lift()
    made.run(300)
    me.press("soft3")
    made.run(300)
    assert len(me.control.conference) == 2
    for desk in made.desks:
        desk.voice.set_volume(100)
    assert 7000 < hears(made, two, me, 5500) < 9000 and hears(made, three, me, 5500) < 300
    assert 7000 < hears(made, me, two, 5500) < 9000
    for who, speaker in ((two, me), (three, me), (me, two), (three, two), (me, three), (two, three)):
        assert 6500 < hears(made, who, speaker, 1500) < 9500, (who.name, speaker.name)
    assert "HD" not in me.screen()[0]
