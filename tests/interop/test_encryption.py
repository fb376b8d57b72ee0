"""Encrypted calls of the whole simulated phone: with baresip (its own SRTP), and with another phone of ours."""

import struct

import pytest
from interop import sound
from interop.peers import DOMAIN, USERS, Baresip, Kamailio
from interop.test_phone import LEVEL_DB, THEIRS_HZ, each_hears_the_other

from tools.lib.bench_client import Phone, settings


def a_phone(user, server, folder, mode):
    """A phone that encrypts as `mode` says; its keys may go over UDP."""
    config = settings(user, USERS[user], server, aor="sip:%s@%s" % (user, DOMAIN))
    config["audio"] = {"volume": 100, "encryption": mode, "keys_without_tls": True}
    return Phone(user, config, pcap=folder / (user + ".pcap"))


def sent_packets(path):
    """The payloads of the UDP packets in a capture."""
    octets = path.read_bytes()
    at, found = 24, []
    while at + 16 <= len(octets):
        length = struct.unpack_from("<I", octets, at + 8)[0]
        found.append(octets[at + 16 + 14 + 20 + 8 : at + 16 + length])
        at += 16 + length
    return found


def nothing_went_in_clear(path, tag):
    voice = [
        packet for packet in sent_packets(path) if packet[:1] == b"\x80" and packet[1] & 0x7F in (0, 8, 9)
    ]
    assert len(voice) > 100
    assert {len(packet) for packet in voice} == {172 + tag}
    assert all(len(set(packet[12:])) > 60 for packet in voice), "a tone has few values"
    assert b"inline:" not in path.read_bytes().replace(b"inline:x", b"")


# What baresip is told -> the profile that it offers: RTP/AVP, RTP/SAVP.
@pytest.mark.parametrize("theirs", ["srtp", "srtp-mand"])
@pytest.mark.parametrize("ours", ["offer", "require"])
def test_baresip_calls_the_phone(tmp_path, ours, theirs):
    wav = sound.write_tone(tmp_path / "theirs.wav", THEIRS_HZ, 30, LEVEL_DB)
    with (
        Kamailio(tmp_path / "kamailio") as server,
        Baresip(tmp_path / "baresip", "202", wav, server.address, encryption=theirs) as peer,
        a_phone("201", server.address, tmp_path, ours) as phone,
    ):
        phone.wait("line", state="registered")
        peer.command("dial", "sip:201@" + server.address)
        phone.wait("call", state="ringing", direction="in")
        phone.do("hook", state="off")
        assert phone.wait("call", state="active")["encrypted"] is True
        peer.wait_for_event("CALL_ESTABLISHED")
        each_hears_the_other(phone, peer, tmp_path)
        nothing_went_in_clear(tmp_path / "201.pcap", 10)


@pytest.mark.parametrize("theirs, ours", [("srtp", "offer"), ("srtp-mand", "require")])
def test_the_phone_calls_baresip(tmp_path, ours, theirs):
    wav = sound.write_tone(tmp_path / "theirs.wav", THEIRS_HZ, 30, LEVEL_DB)
    with (
        Kamailio(tmp_path / "kamailio") as server,
        Baresip(tmp_path / "baresip", "202", wav, server.address, encryption=theirs) as peer,
        a_phone("201", server.address, tmp_path, ours) as phone,
    ):
        phone.wait("line", state="registered")
        phone.do("hook", state="off")
        phone.keys("202#")
        assert phone.wait("call", state="active")["encrypted"] is True
        peer.wait_for_event("CALL_ESTABLISHED")
        each_hears_the_other(phone, peer, tmp_path)


def test_a_baresip_without_encryption(tmp_path):
    """`offer` talks in clear, `require` does not talk."""
    wav = sound.write_tone(tmp_path / "theirs.wav", THEIRS_HZ, 30, LEVEL_DB)
    with (
        Kamailio(tmp_path / "kamailio") as server,
        Baresip(tmp_path / "baresip", "202", wav, server.address) as peer,
        a_phone("201", server.address, tmp_path, "offer") as phone,
        a_phone("203", server.address, tmp_path, "require") as strict,
    ):
        for each in (phone, strict):
            each.wait("line", state="registered")
        phone.do("hook", state="off")
        phone.keys("202#")
        assert "encrypted" not in phone.wait("call", state="active")
        peer.wait_for_event("CALL_ESTABLISHED")
        each_hears_the_other(phone, peer, tmp_path)
        strict.do("hook", state="off")
        strict.keys("202#")
        assert strict.wait("call", state="ended")["reason"] == "Cannot be encrypted"
        peer.wait_for_event("CALL_CLOSED")
        peer.command("dial", "sip:203@" + server.address)
        assert "488" in str(peer.wait_for_event("CALL_CLOSED"))
