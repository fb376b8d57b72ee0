"""A call on the speaker: what the peer hears of itself, through drivers, models of I2S and the core in C."""

import sys
from array import array
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from vectors import Numbers

from media.engine import Engine
from phone.voice.voice import Voice
from sip.call.offer_answer import Media
from support.devices import Ether, Ports
from support.hardware import Simulated
from support.require import missing
from tools import build_native

SECONDS = 4


class Room:
    """The simulated phone's loudspeaker, heard by its microphone a third as loud after 9 ms and in two reflections."""

    PATH = ((9, 3), (13, -6), (31, 8))  # ms, and what it is divided by

    def __init__(self, world):
        self.air = array("h", [0] * 2000)
        self.near = lambda at: 0
        self.at = 0
        world.set_recorder(self.play, "speaker")
        world.set_microphone(self.hear)

    def play(self, samples, rate):
        self.air = self.air[-4000:] + array("h", bytes(samples))

    def hear(self, frames, rate):
        out = array("h", [0] * frames)
        for at in range(frames):
            place = len(self.air) - frames + at
            sample = sum([self.air[place - ms * rate // 1000] // by for ms, by in self.PATH])
            out[at] = min(max(sample + self.near(self.at), -32768), 32767)
            self.at += 1
        return out.tobytes()


def back(echo, rate, near=lambda at: 0):
    """RMS of what the peer hears in the last second of a call in which it sends noise."""
    rig = Simulated()
    ether = Ether()
    port, their_port = Ports(ether, "192.0.2.1").open(), Ports(ether, "192.0.2.2").open()
    voice = Voice(rig.board.codec, Engine(native=True), bytes, volume=100, echo=echo, fastest=rate)
    room = Room(rig.world)
    room.near = near
    peer = Engine(native=True)
    peer.open("PCMA", 8, event_payload_type=101, ssrc=5)
    media = Media(("192.0.2.2", their_port.port), ("192.0.2.2", their_port.port + 1), "PCMA", 8, 8)
    media.event_payload_type, media.direction = 101, "sendrecv"
    voice.start("speaker")
    voice.open(port, media)
    their_port.connect(("192.0.2.1", port.port), None)
    numbers = Numbers(4)
    frame, packet, heard = array("h", [0] * 160), bytearray(1500), []
    for now in range(0, SECONDS * 1000, 5):
        rig.run(5)
        voice.codec.poll(rig.clock.now())
        voice.frame(now)
        if now % 20 == 0:
            sent = peer.transmit(array("h", [numbers.below(12001) - 6000 for _ in range(160)]), now)
            their_port.send(sent)
            while True:
                length = their_port.receive_into(packet)
                if not length:
                    break
                peer.receive(packet, length, now)
            peer.playout(frame)
            heard += frame
    voice.stop()
    return (sum([sample * sample for sample in heard[-8000:]]) / 8000) ** 0.5


@pytest.fixture(scope="module", autouse=True)
def native():
    try:
        build_native.build_host(quiet=True)
    except build_native.BuildError as error:
        missing("a C compiler", str(error))


@pytest.mark.parametrize("rate", [16000, 8000])
def test_the_peer_does_not_hear_itself_on_the_speaker(rate):
    without, with_echo = back("off", rate), back("speaker", rate)
    assert without > 500
    assert with_echo < without / 30, (without, with_echo)


def test_who_speaks_is_heard_while_the_peer_talks():
    """Syllables of 200 ms: what is steady for longer is taken for noise."""

    def syllables(at):
        return (2500 if at // 20 % 2 else -2500) * (at // 3200 % 2)

    assert back("speaker", 16000, syllables) > 500
