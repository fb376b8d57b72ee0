"""The peers among themselves: what fails here is the harness or the machine, not the phone."""

import time

import pytest
from interop import sound
from interop.peers import Baresip, Kamailio, Sipp


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_two_baresips_hear_each_other_through_kamailio(tmp_path, transport):
    low = sound.write_tone(tmp_path / "low.wav", 440, 30)
    high = sound.write_tone(tmp_path / "high.wav", 1200, 30)
    with (
        Kamailio(tmp_path / "kamailio") as server,
        Baresip(tmp_path / "caller", "201", low, server.address, transport) as caller,
        Baresip(tmp_path / "callee", "202", high, server.address, transport) as callee,
    ):
        caller.command("dial", "sip:202@" + server.address)
        caller.wait_for_event("CALL_ESTABLISHED")
        callee.wait_for_event("CALL_ESTABLISHED")
        time.sleep(2)
        caller.command("hangup")
        callee.wait_for_event("CALL_CLOSED")
    for peer, hz, other in ((caller, 1200, 440), (callee, 440, 1200)):
        samples, rate = sound.read(peer.heard()[0])
        tone, all_of_it = sound.clearest(samples, rate, hz)
        assert abs(tone - -12) < 1 and all_of_it - tone < 0.5
        assert sound.goertzel(samples, rate, other) < -60
        assert sound.seconds_of(samples, rate, hz) > 1


def test_sipp_calls_sipp(tmp_path):
    with Sipp(tmp_path / "uas", "uas", 200) as uas:
        with Sipp(tmp_path / "uac", "uac", 200, uas.address, "-r", "200") as uac:
            assert uac.finish(20) == (200, 0), uac.errors()
        assert uas.finish(20) == (200, 0), uas.errors()
