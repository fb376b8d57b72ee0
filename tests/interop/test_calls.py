"""Hold, resume and transfer with baresip, each way; the third is another phone of ours."""

import contextlib
import time

import pytest
from interop import sound
from interop.peers import Baresip, Kamailio
from interop.test_phone import a_phone

OURS_HZ, THEIRS_HZ, THIRD_HZ = 440, 1200, 1800
LEVEL_DB = -12.0


@pytest.fixture
def place(tmp_path):
    """(phone 201, baresip 202, phone 203), all registered, each with its tone; and where the tones' files are."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(Kamailio(tmp_path / "kamailio"))
        theirs = sound.write_tone(tmp_path / "theirs.wav", THEIRS_HZ, 30, LEVEL_DB)
        peer = stack.enter_context(Baresip(tmp_path / "baresip", "202", theirs, server.address))
        # baresip calls to where it is sent: an address that it can look up.
        phones = [
            stack.enter_context(
                a_phone(user, server.address, tmp_path, aor="sip:%s@%s" % (user, server.address))
            )
            for user in ("201", "203")
        ]
        for phone, hertz in zip(phones, (OURS_HZ, THIRD_HZ)):
            phone.wait("line", state="registered")
            phone.do("mic", wav=sound.write_tone(tmp_path / (phone.name + ".wav"), hertz, 30, LEVEL_DB))
        yield phones[0], peer, phones[1], server


def hears(phone, folder):
    """The tones that `phone` hears just now."""
    path = folder / (phone.name + "-hears.wav")
    phone.do("record", wav=str(path))
    phone.gather(1)
    phone.do("record", wav=None)
    phone.state()
    samples, rate = sound.read(path)
    samples = samples[-rate // 2 :]
    tones = (OURS_HZ, THEIRS_HZ, THIRD_HZ)
    return [hertz for hertz in tones if sound.goertzel(samples, rate, hertz) > LEVEL_DB - 12]


def call(phone, peer):
    phone.do("hook", state="off")
    phone.keys("202#")
    phone.wait("call", state="active")
    peer.wait_for_event("CALL_ESTABLISHED")


def test_baresip_holds_and_resumes_us_and_we_it(place, tmp_path):
    phone, peer, _, _ = place
    call(phone, peer)
    assert hears(phone, tmp_path) == [THEIRS_HZ]
    peer.command("hold")
    phone.wait("call", state="remote_held")
    peer.command("resume")
    phone.wait("call", state="active")
    assert hears(phone, tmp_path) == [THEIRS_HZ]
    phone.keys("hold")
    phone.wait("call", state="held")
    assert hears(phone, tmp_path) == []
    phone.keys("hold")
    phone.wait("call", state="active")
    assert hears(phone, tmp_path) == [THEIRS_HZ]
    phone.do("hook", state="on")
    phone.wait("call", state="ended")
    peer.wait_for_event("CALL_CLOSED")


def test_baresip_transfers_us(place, tmp_path):
    phone, peer, third, server = place
    call(phone, peer)
    peer.command("transfer", "sip:203@" + server.address)
    third.wait("call", state="ringing", direction="in")
    phone.wait("display", where=lambda event: any("Transferred by" in line for line in event["lines"]))
    third.do("hook", state="off")
    third.wait("call", state="active")
    phone.wait("call", state="ended", where=lambda event: "sip:202@" in event["peer"])
    assert hears(phone, tmp_path) == [THIRD_HZ] and hears(third, tmp_path) == [OURS_HZ]
    peer.wait_for_event("CALL_CLOSED")


def test_we_transfer_baresip(place, tmp_path):
    phone, peer, third, _ = place
    call(phone, peer)
    phone.keys("transfer", "203#")
    third.wait("call", state="ringing", direction="in")
    third.do("hook", state="off")
    third.wait("call", state="active")
    assert phone.wait("call", state="ended")["reason"] == "Transferred"
    assert hears(third, tmp_path) == [THEIRS_HZ]


def test_we_ask_first_and_connect_baresip_then(place, tmp_path):
    """baresip 1.0 leaves Replaces out: it comes as a further call, and we end the one it should have replaced."""
    phone, peer, third, _ = place
    call(phone, peer)
    phone.keys("transfer", "203", "soft3")
    third.wait("call", state="ringing", direction="in")
    third.do("hook", state="off")
    third.wait("call", state="active")
    time.sleep(0.3)
    phone.keys("transfer")
    third.wait("call", state="ringing", direction="in")
    third.keys("soft1")
    third.wait("call", state="active", where=lambda event: "sip:202@" in event["peer"])
    for _ in range(2):
        phone.wait("call", state="ended")
    assert hears(third, tmp_path) == [THEIRS_HZ]
