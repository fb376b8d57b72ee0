"""The whole simulated phone with soft phones that this project's other tests do not know, and through a B2BUA."""

import contextlib
import time

import pytest
from interop import sound
from interop.peers import HOST, Baresip, Kamailio
from interop.soft_phones import Linphone, Pjsua, SippyB2bua
from interop.test_phone import a_phone

from tools.lib.bench_client import Phone

OURS_HZ, THEIRS_HZ, THIRD_HZ = 440, 1200, 1800
LEVEL_DB = -12.0


def tone(folder, name, hertz):
    return sound.write_tone(folder / (name + ".wav"), hertz, 60, LEVEL_DB)


def listen(phone, folder, seconds=1.0):
    """The tones that our `phone` hears just now."""
    path = folder / (phone.name + "-hears.wav")
    phone.do("record", wav=str(path))
    phone.gather(seconds)
    phone.do("record", wav=None)
    phone.state()
    samples, rate = sound.read(path)
    samples = samples[-rate // 2 :]
    return [
        hertz
        for hertz in (OURS_HZ, THEIRS_HZ, THIRD_HZ)
        if sound.goertzel(samples, rate, hertz) > LEVEL_DB - 12
    ]


def heard_our_tone(path, hertz=OURS_HZ):
    samples, rate = sound.read(path)
    level, everything = sound.clearest(samples, rate, hertz)
    assert abs(level - LEVEL_DB) < 3 and everything - level < 1.5, (level, everything)
    assert sound.seconds_of(samples, rate, hertz) > 0.5


@contextlib.contextmanager
def our_phone(user, server, folder, hertz=OURS_HZ, **line):
    line.setdefault("aor", "sip:%s@%s" % (user, server))
    with a_phone(user, server, folder, **line) as phone:
        phone.wait("line", state="registered")
        phone.do("mic", wav=tone(folder, user, hertz))
        yield phone


@pytest.fixture
def place(tmp_path):
    """(our phone 201, PJSIP's phone 202, Kamailio), both registered."""
    with (
        Kamailio(tmp_path / "kamailio") as server,
        Pjsua(tmp_path / "pjsua", "202", tone(tmp_path, "theirs", THEIRS_HZ), server.address) as peer,
        our_phone("201", server.address, tmp_path) as phone,
    ):
        yield phone, peer, server


def call_pjsua(phone, peer):
    phone.do("hook", state="off")
    phone.keys("202#")
    peer.wait("incoming")
    peer.do("answer")
    peer.wait("active")
    phone.wait("call", state="active")


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_pjsua_calls_us(tmp_path, transport):
    with (
        Kamailio(tmp_path / "kamailio") as server,
        Pjsua(
            tmp_path / "pjsua", "202", tone(tmp_path, "t", THEIRS_HZ), server.address, transport=transport
        ) as peer,
        our_phone("201", server.address, tmp_path, transport=transport) as phone,
    ):
        peer.do("call", to="sip:201@" + server.address)
        phone.wait("call", state="ringing", direction="in")
        peer.wait("ringing", code=180)
        phone.do("hook", state="off")
        phone.wait("call", state="active")
        peer.wait("active")
        assert listen(phone, tmp_path, 2) == [THEIRS_HZ]
        peer.do("hangup")
        phone.wait("call", state="ended")
        peer.wait("ended")
        peer.do("quit")
        peer.ended()
        heard_our_tone(peer.heard)


def test_we_call_pjsua_and_hang_up(place, tmp_path):
    phone, peer, _ = place
    call_pjsua(phone, peer)
    assert listen(phone, tmp_path, 1.5) == [THEIRS_HZ]
    phone.do("hook", state="on")
    peer.wait("ended")
    phone.wait("call", state="ended")
    peer.do("quit")
    peer.ended()
    heard_our_tone(peer.heard)


def test_pjsua_is_busy_or_rejects(place):
    phone, peer, _ = place
    phone.do("hook", state="off")
    phone.keys("202#")
    peer.wait("incoming")
    peer.do("hangup", status=486)
    assert phone.wait("call", state="ended")["reason"] == "Busy"


def held_by_the_peer(phone, peer, tmp_path):
    peer.do("hold")
    phone.wait("call", state="remote_held")
    peer.do("resume")
    phone.wait("call", state="active")
    assert listen(phone, tmp_path, 1.5) == [THEIRS_HZ]


def held_by_us(phone, tmp_path):
    phone.keys("hold")
    phone.wait("call", state="held")
    phone.keys("hold")
    phone.wait("call", state="active")
    assert listen(phone, tmp_path, 1.5) == [THEIRS_HZ]


def test_hold_by_either_side(place, tmp_path):
    phone, peer, _ = place
    call_pjsua(phone, peer)
    held_by_the_peer(phone, peer, tmp_path)
    held_by_us(phone, tmp_path)


def test_digits_go_both_ways(place):
    phone, peer, _ = place
    call_pjsua(phone, peer)
    phone.keys("19#")
    assert [peer.wait("digit")["digit"] for _ in range(3)] == ["1", "9", "#"]


def test_messages_go_both_ways(place):
    phone, peer, server = place
    peer.do("message", to="sip:201@" + server.address, text="Coffee at ten?")
    phone.wait(
        "display",
        where=lambda event: any("essage" in line or "text" in line.lower() for line in event["lines"]),
    )
    peer.wait("delivered", code=200)


def test_pjsua_transfers_us_blind(place, tmp_path):
    phone, peer, server = place
    with our_phone("203", server.address, tmp_path, THIRD_HZ) as third:
        call_pjsua(phone, peer)
        peer.do("transfer", to="sip:203@" + server.address)
        third.wait("call", state="ringing", direction="in")
        third.do("hook", state="off")
        third.wait("call", state="active")
        peer.wait("transfer", where=lambda event: event["code"] // 100 == 2)
        assert listen(phone, tmp_path, 2) == [THIRD_HZ]


def test_pjsua_transfers_us_after_asking(place, tmp_path):
    phone, peer, server = place
    with our_phone("203", server.address, tmp_path, THIRD_HZ) as third:
        call_pjsua(phone, peer)
        peer.do("hold")
        phone.wait("call", state="remote_held")
        peer.do("call", to="sip:203@" + server.address)
        third.wait("call", state="ringing", direction="in")
        third.do("hook", state="off")
        third.wait("call", state="active")
        time.sleep(0.5)
        peer.do("transfer_attended")
        peer.wait("transfer", where=lambda event: event["code"] // 100 == 2)
        assert listen(phone, tmp_path, 2) == [THIRD_HZ]


def test_we_transfer_pjsua_blind(place, tmp_path):
    phone, peer, server = place
    with our_phone("203", server.address, tmp_path, THIRD_HZ) as third:
        call_pjsua(phone, peer)
        phone.keys("transfer")
        phone.keys("203#")
        third.wait("call", state="ringing", direction="in")
        third.do("hook", state="off")
        third.wait("call", state="active")
        assert listen(third, tmp_path, 2) == [THEIRS_HZ]


def test_we_transfer_pjsua_after_asking(place, tmp_path):
    phone, peer, server = place
    with our_phone("203", server.address, tmp_path, THIRD_HZ) as third:
        call_pjsua(phone, peer)
        phone.keys("transfer", "203", "soft3")
        third.wait("call", state="ringing", direction="in")
        third.do("hook", state="off")
        third.wait("call", state="active")
        time.sleep(0.3)
        phone.keys("transfer")
        # Its Replaces takes the place of our call: nothing rings.
        third.wait("call", state="active", where=lambda event: "sip:202@" in event["peer"])
        for _ in range(2):
            phone.wait("call", state="ended")
        assert listen(third, tmp_path, 2) == [THEIRS_HZ]


def test_a_conference_of_three_programs(place, tmp_path):
    """The phone mixes PJSIP and baresip: each of the three hears the two others, and nobody itself."""
    phone, peer, server = place
    with Baresip(tmp_path / "baresip", "203", tone(tmp_path, "third", THIRD_HZ), server.address) as third:
        call_pjsua(phone, peer)
        phone.keys("soft3", "203#")
        third.wait_for_event("CALL_ESTABLISHED")
        time.sleep(0.5)
        phone.keys("conference")
        assert listen(phone, tmp_path, 2.5) == [THEIRS_HZ, THIRD_HZ]
        phone.gather(1)
        phone.do("hook", state="on")
        peer.wait("ended")
        third.wait_for_event("CALL_CLOSED")
        peer.do("quit")
        peer.ended()
    for path, other, own in ((peer.heard, THIRD_HZ, THEIRS_HZ), (third.heard()[0], THEIRS_HZ, THIRD_HZ)):
        samples, rate = sound.read(path)
        pieces = [
            samples[start : start + rate // 2] for start in range(0, len(samples) - rate // 2, rate // 4)
        ]
        together = [min(sound.goertzel(piece, rate, hertz) for hertz in (other, OURS_HZ)) for piece in pieces]
        assert max(together) > LEVEL_DB - 4, (path, max(together))
        assert sound.goertzel(samples, rate, own) < -40, path


@pytest.mark.parametrize("direction", ["out", "in"])
def test_a_call_with_linphone(tmp_path, direction):
    theirs = tone(tmp_path, "theirs", THEIRS_HZ)
    with (
        Kamailio(tmp_path / "kamailio") as server,
        Linphone(tmp_path / "linphone", "202", theirs, server.address) as peer,
        our_phone("201", server.address, tmp_path) as phone,
    ):
        if direction == "out":
            phone.do("hook", state="off")
            phone.keys("202#")
        else:
            peer.command("call sip:201@" + server.address)
            phone.wait("call", state="ringing", direction="in")
            phone.do("hook", state="off")
        phone.wait("call", state="active")
        assert listen(phone, tmp_path, 2) == [THEIRS_HZ]
        peer.command("terminate")
        phone.wait("call", state="ended")
        time.sleep(0.5)
        heard_our_tone(peer.heard)


def phone_behind(b2bua, stack, folder):
    """A phone whose calls go to `b2bua`; its own address is `sip`."""
    config = {
        "lines": [{"aor": "sip:201@" + HOST, "register": False, "proxy": "sip:%s;lr" % b2bua.address}],
        "network": {"sip_port": 0, "rtp_port_min": 0, "rtp_port_max": 0},
        "audio": {"volume": 100},
    }
    phone = stack.enter_context(Phone("201", config))
    phone.sip = phone.wait("ready")["sip"]
    phone.do("mic", wav=tone(folder, "ours", OURS_HZ))
    return phone


@pytest.mark.parametrize("direction", ["out", "in"])
def test_a_call_through_sippys_b2bua(tmp_path, direction):
    """Each side has a dialog of its own with the B2BUA; neither registers."""
    with contextlib.ExitStack() as stack:
        peer = stack.enter_context(Pjsua(tmp_path / "pjsua", "202", tone(tmp_path, "t", THEIRS_HZ)))
        outward = stack.enter_context(SippyB2bua(tmp_path / "outward", peer.address))
        phone = phone_behind(outward, stack, tmp_path)
        if direction == "out":
            call_pjsua(phone, peer)
        else:
            inward = stack.enter_context(SippyB2bua(tmp_path / "inward", phone.sip))
            peer.do("call", to="sip:201@" + inward.address)
            phone.wait("call", state="ringing", direction="in")
            phone.do("hook", state="off")
            phone.wait("call", state="active")
            peer.wait("active")
        assert listen(phone, tmp_path, 2) == [THEIRS_HZ]
        phone.do("hook", state="on")
        phone.wait("call", state="ended")
        peer.wait("ended")
        peer.do("quit")
        peer.ended()
        heard_our_tone(peer.heard)


def test_hold_through_sippys_b2bua(tmp_path):
    with contextlib.ExitStack() as stack:
        peer = stack.enter_context(Pjsua(tmp_path / "pjsua", "202", tone(tmp_path, "t", THEIRS_HZ)))
        phone = phone_behind(
            stack.enter_context(SippyB2bua(tmp_path / "b2bua", peer.address)), stack, tmp_path
        )
        call_pjsua(phone, peer)
        held_by_us(phone, tmp_path)
        held_by_the_peer(phone, peer, tmp_path)


def test_we_transfer_blind_through_sippys_b2bua(tmp_path):
    """It passes the REFER on, and ends both calls."""
    with contextlib.ExitStack() as stack:
        peer = stack.enter_context(Pjsua(tmp_path / "pjsua", "202", tone(tmp_path, "t", THEIRS_HZ)))
        phone = phone_behind(
            stack.enter_context(SippyB2bua(tmp_path / "b2bua", peer.address)), stack, tmp_path
        )
        call_pjsua(phone, peer)
        phone.keys("transfer")
        phone.keys("203#")
        assert phone.wait("call", state="ended")["reason"] == "Transferred"
        assert peer.wait("asked_to_call")["to"] == "<sip:203@%s>" % HOST
