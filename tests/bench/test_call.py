"""Two phones and the embedded registrar, all real processes: a call from key to earpiece, and what disturbs it."""

import math
import random
import socket
import struct
import wave

import pytest

from tools.lib import listen
from tools.lib.bench_client import NotInTime, Phone, Registrar, settings

USERS = {"201": "first secret", "202": "second secret"}
AUDIO = {"volume": 100, "microphone_gain": 0}
TONES = {"201": 440, "202": 1000}
LEVEL = 8000


def write_tone(path, hertz, seconds=6, rate=48000):
    """A stereo file with a tone on both sides."""
    samples = [round(LEVEL * math.sin(2 * math.pi * hertz * n / rate)) for n in range(rate)] * seconds
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, rate, 0, "NONE", ""))
        file.writeframes(b"".join(struct.pack("<hh", sample, sample) for sample in samples))


def amplitude(samples, hertz):
    """Of the part of `samples` at that frequency."""
    angle = 2 * math.pi * hertz / listen.RATE
    real = sum(sample * math.cos(angle * n) for n, sample in enumerate(samples))
    imaginary = sum(sample * math.sin(angle * n) for n, sample in enumerate(samples))
    return 2 * math.hypot(real, imaginary) / len(samples)


def free_range():
    """Eight neighbouring ports for voice that are free just now."""
    while True:
        first = random.randrange(10000, 30000, 8)
        try:
            for port in range(first, first + 8):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                    probe.bind(("127.0.0.1", port))
            return first
        except OSError:
            continue


@pytest.fixture(scope="module")
def registrar():
    with Registrar(USERS) as registrar:
        yield registrar


@pytest.fixture
def phones(registrar):
    """201 and 202, registered, each with the ports of its voice as `.ports`."""
    opened = []
    try:
        for name, secret in USERS.items():
            config = settings(name, secret, registrar.address)
            first = free_range()
            config["audio"] = AUDIO
            config["network"].update(rtp_port_min=first, rtp_port_max=first + 7)
            phone = Phone(name, config)
            phone.ports = range(first, first + 8)
            opened.append(phone)
        for phone in opened:
            phone.wait("line", state="registered")
        yield opened
    finally:
        for phone in opened:
            phone.close()


def call(one, two):
    """201 lifts its handset and keys in 202, which answers by lifting its own."""
    one.do("hook", state="off")
    one.keys("202#")
    ringing = two.wait("call", state="ringing")
    assert (ringing["direction"], ringing["line"], ringing["peer"]) == ("in", 1, "sip:201@127.0.0.1")
    assert one.wait("call", state="ringing")["direction"] == "out"
    two.wait("ringer", on=True)
    two.do("hook", state="off")
    for phone in (one, two):
        phone.wait("call", state="active")
    two.wait("ringer", on=False)


def noise(phones):
    """Octets that make no sense, to every port of the phones."""
    dice = random.Random(3)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for phone in phones:
            sip = int(phone.wait("ready")["sip"].rpartition(":")[2])
            for port in [sip, *phone.ports]:
                for size in (0, 1, 11, 12, 13, 60, 172, 1400, 9000):
                    sender.sendto(dice.randbytes(size), ("127.0.0.1", port))
                # RTP as it may be in the call, from somebody else.
                sender.sendto(b"\x80\x08\0\x01\0\0\0\0\0\0\0\x01" + dice.randbytes(160), ("127.0.0.1", port))


def test_a_tone_each_way_arrives_as_it_was_while_noise_knocks_at_every_port(phones, tmp_path):
    one, two = phones
    for phone in phones:
        write_tone(tmp_path / f"{phone.name}.wav", TONES[phone.name])
    call(one, two)
    for phone in phones:
        phone.do("mic", wav=str(tmp_path / f"{phone.name}.wav"))
        phone.do("record", wav=str(tmp_path / f"{phone.name}-hears.wav"))
    noise(phones)
    for phone in phones:
        phone.gather(1.2)
        phone.do("record", wav=None)
        counters = phone.state()["counters"]
        assert not [name for name in counters if name.startswith("failed")], counters
    one.do("hook", state="on")
    for phone, other in ((one, two), (two, one)):
        ended = phone.wait("call", state="ended")
        assert ended["reason"] == "Call ended"
        stats = ended["stats"]
        assert stats["received"] > 100 and stats["sent"] > 100
        assert stats["lost"] == stats["invalid"] == 0, stats
        assert stats["late"] + stats["concealed"] <= 2, stats
        heard = listen.load(tmp_path / f"{phone.name}-hears.wav")
        # Half a second in the middle: the buffers before and after have other things in them.
        heard = heard[len(heard) // 2 :][: listen.RATE // 2]
        level = amplitude(heard, TONES[other.name])
        assert abs(20 * math.log10(level / LEVEL)) < 1, (phone.name, level)
        assert amplitude(heard, TONES[phone.name]) < LEVEL / 100
        assert listen.rms(heard) / (level / math.sqrt(2)) < 1.1


def test_the_caller_gives_up_before_an_answer(phones):
    one, two = phones
    one.do("hook", state="off")
    one.keys("202#")
    two.wait("ringer", on=True)
    one.do("hook", state="on")
    ended = one.wait("call", state="ended")
    assert ended["reason"] == "Cancelled" and "stats" not in ended
    assert two.wait("call", state="ended")["reason"] == "Missed call"
    two.wait("ringer", on=False)
    two.wait("display", where=lambda event: any("missed" in line for line in event["lines"]))


def test_nobody_of_that_number(phones):
    phones[0].keys("999#")
    ended = phones[0].wait("call", state="ended")
    assert ended["reason"] == "Number not found" and ended["peer"] == "sip:999@127.0.0.1"
    phones[0].wait("display", where=lambda event: any("not found" in line for line in event["lines"]))


def test_a_phone_that_loses_power_is_missed_by_its_peer_alone(phones):
    one, two = phones
    call(one, two)
    one.gather(0.4)
    two.do("power", state="cut")
    two.ended(2)
    one.gather(0.5)
    assert one.state()["calls"][0]["state"] == "active"
    one.do("hook", state="on")
    assert one.wait("call", state="ended")["stats"]["received"] > 0
    with pytest.raises(NotInTime):
        one.wait("error", 0.2)
