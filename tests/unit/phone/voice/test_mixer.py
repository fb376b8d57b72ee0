"""A conference: how loud each hears the other does not depend on the person's volume and gain."""

# micropython-heap: 400k: five engines, each the reference in Python

from array import array

from media.engine import Engine
from phone.voice.mixer import Mixer


class Port:
    """Gives what is in `waiting`, keeps what is sent."""

    arrivals = None

    def __init__(self):
        self.waiting = []
        self.sent = []

    def receive_into(self, buffer):
        if not self.waiting:
            return 0
        packet = self.waiting.pop(0)
        buffer[: len(packet)] = packet
        return len(packet)

    def send(self, packet):
        self.sent.append(bytes(packet))


class Voice:
    muted = False

    def __init__(self, volume, gain):
        self.engine = Engine(native=False)
        self.engine.volume(volume)
        self.engine.microphone(gain)
        self.port = Port()


def square(loud, samples=160):
    return array("h", [loud if index // 20 % 2 else -loud for index in range(samples)])


def loudness(packets):
    """Of what a peer hears of those packets."""
    engine = Engine(native=False)
    engine.open("PCMU", 0, ssrc=9)
    out, loud = array("h", [0] * 160), 0
    for number, packet in enumerate(packets):
        engine.receive(packet, len(packet), number * 20)
        engine.playout(out)
        loud = sum([abs(sample) for sample in out]) // 160
    return loud


def conference(volume, gain, speaks="one", said=2000):
    """(what the other hears, what the person hears), mean size, while `speaks`."""
    voice = Voice(volume, gain)
    mixer = Mixer(voice, Port(), 320, 320)
    talker = Engine(native=False)
    talker.open("PCMU", 0, ssrc=7)
    voice.engine.open("PCMU", 0, ssrc=1)
    mixer.engine.open("PCMU", 0, ssrc=2)
    playout, packet = bytearray(320), bytearray(1500)
    for number in range(8):
        if speaks == "one":
            voice.port.waiting.append(bytes(talker.transmit(square(said), number * 20)))
        captured = bytearray(bytes(square(said if speaks == "person" else 0)))
        mixer.frame(captured, playout, packet, number * 20)
    heard = array("h", bytes(playout))
    mixer.end()
    assert voice.engine.levels_set == (gain, volume)
    return loudness(mixer.port.sent), sum([abs(sample) for sample in heard]) // 160


def test_one_hears_the_other_as_loud_as_that_one_speaks():
    for volume, gain in ((100, 0), (60, 0), (30, 0), (0, 0), (100, 4), (60, 2)):
        assert 1900 < conference(volume, gain)[0] < 2100, (volume, gain)


def test_the_person_hears_by_the_volume():
    heard = [conference(volume, 0)[1] for volume in (100, 60, 30, 0)]
    assert 1900 < heard[0] < 2100
    assert heard[0] > 4 * heard[1] > 8 * heard[2] and heard[3] == 0


def test_the_person_is_heard_by_the_gain():
    plain, amplified = [conference(60, gain, "person", 500)[0] for gain in (0, 2)]
    assert 480 < plain < 520 and 1900 < amplified < 2100
