"""The whole simulated phone, held by the bench, against Kamailio, baresip and SIPp."""

import time

import pytest
from interop import sound
from interop.peers import DOMAIN, USERS, Baresip, Kamailio, Sipp

from support.require import missing
from tools import build_frozen, build_micropython
from tools.lib.bench_client import Phone, settings
from tools.lib.debian import DebianError

CALLS = 200
OURS_HZ, THEIRS_HZ = 440, 1200
LEVEL_DB = -12.0


# The firmware and the simulated board frozen, the core in C: what a chip without PSRAM has to do with.
SMALL = ["--runtime", "micropython", "--frozen", "--heap", "192k"]


def a_phone(
    user: str, server: str, folder, transport: str = "udp", password=None, options=(), **line
) -> Phone:
    """A phone of `user` at the server ("host:port"), its volume all the way up."""
    line.setdefault("aor", "sip:%s@%s" % (user, DOMAIN))
    config = settings(user, password or USERS[user], server, transport=transport, **line)
    config["audio"] = {"volume": 100}
    if options:
        config["audio"]["wire_rate"] = 8000
        return Phone(user, config, options=options)
    return Phone(user, config, pcap=folder / (user + ".pcap"))


def little_was_lost(ended: dict) -> bool:
    stats = ended["stats"]
    return (
        stats["received"] > 0
        and stats["lost"] + stats["late"] + stats["concealed"] <= stats["received"] // 20
    )


@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_two_phones_through_kamailio(tmp_path, transport, algorithm):
    with (
        Kamailio(tmp_path / "kamailio", algorithm) as server,
        a_phone("201", server.address, tmp_path, transport) as caller,
        a_phone("202", server.address, tmp_path, transport) as callee,
    ):
        for phone in (caller, callee):
            phone.wait("line", state="registered")
        caller.do("hook", state="off")
        caller.keys("202#")
        callee.wait("call", state="ringing", direction="in")
        caller.wait("call", state="ringing")
        callee.do("hook", state="off")
        for phone in (caller, callee):
            phone.wait("call", state="active")
        time.sleep(1)
        caller.do("hook", state="on")
        for phone in (caller, callee):
            assert little_was_lost(phone.wait("call", state="ended"))
        # An orderly end takes the binding away: nobody is there any more.
        assert callee.quit() == 0
        caller.do("hook", state="off")
        caller.keys("202#")
        assert caller.wait("call", state="ended")["reason"]
        assert caller.quit() == 0
        assert "UNSANE" not in server.log_text()


def test_a_wrong_password_is_told(tmp_path):
    with (
        Kamailio(tmp_path / "kamailio") as server,
        a_phone("201", server.address, tmp_path, password="wrong") as phone,
    ):
        assert phone.wait("line", state="failed")["reason"]
        assert phone.quit() == 0


def each_hears_the_other(phone, peer, tmp_path):
    """Both sound for three seconds; the phone hangs up; each recording holds the other's tone and only that."""
    ours = sound.write_tone(tmp_path / "ours.wav", OURS_HZ, 30, LEVEL_DB)
    recording = tmp_path / "phone-hears.wav"
    phone.do("record", wav=str(recording))
    phone.do("mic", wav=ours)
    time.sleep(3)
    phone.do("record", wav=None)
    phone.do("hook", state="on")
    assert little_was_lost(phone.wait("call", state="ended"))
    peer.wait_for_event("CALL_CLOSED")
    for path, hz, other in ((recording, THEIRS_HZ, OURS_HZ), (peer.heard()[0], OURS_HZ, THEIRS_HZ)):
        samples, rate = sound.read(path)
        tone, everything = sound.clearest(samples, rate, hz)
        assert abs(tone - LEVEL_DB) < 2, "%s: %g Hz at %.1f dB" % (path.name, hz, tone)
        assert everything - tone < 1, "%s: more than the tone" % path.name
        assert sound.goertzel(samples, rate, other) < LEVEL_DB - 40, "%s: hears itself" % path.name
        assert sound.seconds_of(samples, rate, hz) > 2, path.name


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_the_phone_calls_baresip(tmp_path, transport):
    theirs = sound.write_tone(tmp_path / "theirs.wav", THEIRS_HZ, 30, LEVEL_DB)
    with (
        Kamailio(tmp_path / "kamailio") as server,
        Baresip(tmp_path / "baresip", "202", theirs, server.address, transport) as peer,
        a_phone("201", server.address, tmp_path, transport) as phone,
    ):
        phone.wait("line", state="registered")
        phone.do("hook", state="off")
        phone.keys("202#")
        phone.wait("call", state="active")
        peer.wait_for_event("CALL_ESTABLISHED")
        each_hears_the_other(phone, peer, tmp_path)


@pytest.mark.parametrize("codec", ["pcmu", "pcma"])
def test_baresip_calls_the_phone(tmp_path, codec):
    theirs = sound.write_tone(tmp_path / "theirs.wav", THEIRS_HZ, 30, LEVEL_DB)
    with (
        Kamailio(tmp_path / "kamailio") as server,
        Baresip(tmp_path / "baresip", "202", theirs, server.address, codecs=codec) as peer,
        a_phone("201", server.address, tmp_path) as phone,
    ):
        phone.wait("line", state="registered")
        peer.command("dial", "sip:201@" + server.address)
        phone.wait("call", state="ringing", direction="in")
        phone.wait("ringer", on=True)
        peer.wait_for_event("CALL_RINGING")
        phone.do("hook", state="off")
        phone.wait("call", state="active")
        peer.wait_for_event("CALL_ESTABLISHED")
        each_hears_the_other(phone, peer, tmp_path)


@pytest.fixture(scope="module")
def frozen():
    """The phone frozen into MicroPython, made where it is not there."""
    try:
        build_frozen.make("unix")
    except (build_micropython.BuildError, DebianError) as error:
        missing("the frozen phone", str(error))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("direction", ["out", "in"])
def test_a_call_with_baresip_on_micropython_with_184_kb(tmp_path, frozen, direction):
    theirs = sound.write_tone(tmp_path / "theirs.wav", THEIRS_HZ, 30, LEVEL_DB)
    with (
        Kamailio(tmp_path / "kamailio") as server,
        Baresip(tmp_path / "baresip", "202", theirs, server.address) as peer,
        a_phone("201", server.address, tmp_path, options=SMALL) as phone,
    ):
        phone.wait("line", state="registered")
        if direction == "in":
            peer.command("dial", "sip:201@" + server.address)
            phone.wait("call", state="ringing", direction="in")
        phone.do("hook", state="off")
        if direction == "out":
            phone.keys("202#")
        phone.wait("call", state="active")
        peer.wait_for_event("CALL_ESTABLISHED")
        each_hears_the_other(phone, peer, tmp_path)
        assert phone.state()["counters"] == {}
        assert phone.quit() == 0


def test_baresip_gives_up_and_is_refused(tmp_path):
    theirs = sound.write_tone(tmp_path / "theirs.wav", THEIRS_HZ, 1)
    with (
        Kamailio(tmp_path / "kamailio") as server,
        Baresip(tmp_path / "baresip", "202", theirs, server.address) as peer,
        a_phone("201", server.address, tmp_path) as phone,
    ):
        phone.wait("line", state="registered")
        peer.command("dial", "sip:201@" + server.address)
        phone.wait("call", state="ringing", direction="in")
        peer.wait_for_event("CALL_RINGING")
        peer.command("hangup")
        phone.wait("call", state="ended")
        peer.command("dial", "sip:201@" + server.address)
        phone.wait("call", state="ringing", direction="in")
        phone.keys("back")
        phone.wait("call", state="ended")
        peer.wait_for_event("CALL_CLOSED")


@pytest.mark.timeout(300)
def test_sipp_calls_the_phone(tmp_path):
    with a_phone("201", "127.0.0.1:9", tmp_path, register=False) as phone:
        address = phone.wait("ready")["sip"]
        with Sipp(tmp_path / "uac", "uac", CALLS, address, "-s", "201", "-l", "1", "-r", "100") as peer:
            for _ in range(CALLS):
                phone.wait("call", state="ringing", direction="in")
                phone.do("hook", state="off")
                phone.wait("call", state="ended")
                phone.do("hook", state="on")
            assert peer.finish(10) == (CALLS, 0), peer.errors()
            assert peer.errors() == ""


@pytest.mark.timeout(300)
def test_the_phone_calls_sipp(tmp_path):
    with (
        Sipp(tmp_path / "uas", "uas", CALLS) as peer,
        a_phone("201", peer.address, tmp_path, register=False) as phone,
    ):
        phone.wait("ready")
        phone.keys("1")
        for at in range(CALLS):
            # The first by hand; then by the quickest way that the phone has.
            phone.keys("redial" if at else "#")
            phone.wait("call", state="active")
            phone.keys("speaker")
            phone.wait("call", state="ended")
        assert peer.finish(20) == (CALLS, 0), peer.errors()
        assert peer.errors() == ""
