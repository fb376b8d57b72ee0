"""G.722 calls of the whole simulated phone, with a tone above 4 kHz each way: baresip and PJSIP."""

import pytest
from interop import sound
from interop.peers import Baresip, Kamailio
from interop.soft_phones import Pjsua
from interop.test_phone import a_phone

OURS_HZ, THEIRS_HZ = 5200, 6100
LEVEL_DB = -12.0
RATE = 16000
# PJSIP of this version takes the codec's samples for 14 bits wide, where they are 15 (pjproject, issue 4419): it sends
# half as loud, and hears twice as loud.
PJSIP_DB = 6


def tone(folder, name, hertz):
    return sound.write_tone(folder / (name + ".wav"), hertz, 60, LEVEL_DB, RATE)


def holds_the_tone(path, hertz, other, louder_db=0):
    samples, rate = sound.read(path)
    assert rate == RATE
    level, everything = sound.clearest(samples, rate, hertz)
    assert abs(level - LEVEL_DB - louder_db) < 2, "%s: %g Hz at %.1f dB" % (path.name, hertz, level)
    assert everything - level < 1, "%s: more than the tone" % path.name
    assert sound.goertzel(samples, rate, other) < LEVEL_DB - 40, "%s: hears itself" % path.name
    assert sound.seconds_of(samples, rate, hertz) > 1.5, path.name


def talk_wide(phone, folder, louder_db=0):
    """Three seconds of the call; what the phone heard."""
    recording = folder / "phone-hears.wav"
    phone.do("record", wav=str(recording))
    phone.do("mic", wav=tone(folder, "ours", OURS_HZ))
    phone.gather(3)
    lines = phone.state()["display"]
    phone.do("record", wav=None)
    phone.do("hook", state="on")
    ended = phone.wait("call", state="ended")
    assert "HD" in lines[0], lines
    assert ended["stats"]["received"] > 100 and ended["stats"]["invalid"] == 0
    holds_the_tone(recording, THEIRS_HZ, OURS_HZ, louder_db)


@pytest.mark.parametrize("calls", ["phone", "baresip"])
def test_baresip(tmp_path, calls):
    with (
        Kamailio(tmp_path / "kamailio") as server,
        Baresip(
            tmp_path / "baresip",
            "202",
            tone(tmp_path, "theirs", THEIRS_HZ),
            server.address,
            codecs="G722/16000/1,PCMA",
            rate=RATE,
        ) as peer,
        a_phone("201", server.address, tmp_path) as phone,
    ):
        phone.wait("line", state="registered")
        if calls == "phone":
            phone.do("hook", state="off")
            phone.keys("202#")
        else:
            peer.command("dial", "sip:201@" + server.address)
            phone.wait("call", state="ringing", direction="in")
            phone.do("hook", state="off")
        phone.wait("call", state="active")
        peer.wait_for_event("CALL_ESTABLISHED")
        talk_wide(phone, tmp_path)
        peer.wait_for_event("CALL_CLOSED")
        holds_the_tone(peer.heard()[0], OURS_HZ, THEIRS_HZ)


@pytest.mark.parametrize("calls", ["phone", "pjsip"])
def test_pjsip(tmp_path, calls):
    wav = tone(tmp_path, "theirs", THEIRS_HZ)
    with (
        Kamailio(tmp_path / "kamailio") as server,
        Pjsua(tmp_path / "pjsua", "202", wav, server.address, codecs=["G722"]) as peer,
        a_phone("201", server.address, tmp_path) as phone,
    ):
        phone.wait("line", state="registered")
        if calls == "phone":
            phone.do("hook", state="off")
            phone.keys("202#")
            peer.wait("incoming")
            peer.do("answer")
        else:
            peer.do("call", to="sip:201@" + server.address)
            phone.wait("call", state="ringing", direction="in")
            phone.do("hook", state="off")
        phone.wait("call", state="active")
        assert peer.wait("media")["codec"] == "G722"
        talk_wide(phone, tmp_path, -PJSIP_DB)
        peer.wait("ended")
    holds_the_tone(peer.heard, OURS_HZ, THEIRS_HZ, PJSIP_DB)
