"""Who speaks is sent whole, pauses are not, and the level of the background is told."""

from array import array

from media import core, vad
from media.engine import Engine


class Noise:
    def __init__(self):
        self.state = 1

    def frame(self, loud):
        samples = array("h", [0] * 160)
        for index in range(160):
            self.state = (self.state * 69069 + 1) & 0xFFFFFFFF
            samples[index] = ((self.state >> 16) % (2 * loud + 1)) - loud
        return samples


def kinds(detector, noise, loud, frames):
    return [detector.hear(noise.frame(loud)) for _ in range(frames)]


def test_a_pause_is_told_after_300_ms_and_every_half_second():
    detector, noise = vad.Detector(), Noise()
    assert set(kinds(detector, noise, 3000, 30)[:15]) == {vad.SPEECH}
    found = kinds(detector, noise, 30, 80)
    first = found.index(vad.NOISE)
    assert first <= 15
    assert [at - first for at in range(80) if found[at] == vad.NOISE] == list(range(0, 80 - first, 25))
    assert kinds(detector, noise, 3000, 1) == [vad.SPEECH]


def test_a_loud_room_becomes_the_background():
    detector, noise = vad.Detector(), Noise()
    kinds(detector, noise, 20, 40)
    found = kinds(detector, noise, 400, 700)
    assert found[0] == vad.SPEECH and found[-1] != vad.SPEECH


def test_the_level_is_that_of_the_background():
    for loud, least, most in ((18918, 9, 12), (1892, 28, 33), (189, 46, 54), (0, 100, 127)):
        detector, noise = vad.Detector(), Noise()
        kinds(detector, noise, loud, 40)
        assert least <= detector.level() <= most, (loud, detector.level())


def test_what_is_sent_in_a_pause():
    engine, noise = Engine(native=False), Noise()
    engine.open("PCMU", 0, ssrc=1)
    engine.send_pauses(False)
    lengths, markers, stamps = [], [], []
    for number in range(70):
        packet = engine.transmit(noise.frame(3000 if number < 5 or number >= 60 else 10), number * 20)
        lengths.append(len(packet) if packet else 0)
        if packet:
            markers.append(packet[1])
            stamps.append(int.from_bytes(bytes(packet[4:8]), "big") // 160)
    assert set(lengths) == {0, core.NOISE_PACKET, core.VOICE_PACKET}
    assert lengths[60:] == [core.VOICE_PACKET] * 10
    assert markers.count(0x80) == 2 and markers.count(13) == lengths.count(core.NOISE_PACKET) >= 2
    assert stamps[-1] == 69
    engine.send_pauses(True)
    assert len(engine.transmit(noise.frame(10), 0)) == core.VOICE_PACKET


def test_what_is_heard_in_a_pause():
    sender, receiver, noise = Engine(native=False), Engine(native=False), Noise()
    sender.open("PCMU", 0, ssrc=1)
    sender.send_pauses(False)
    receiver.open("PCMU", 0, ssrc=2)
    out, levels = array("h", [0] * 160), []
    for number in range(90):
        packet = sender.transmit(noise.frame(3000 if number < 5 or number >= 70 else 200), number * 20)
        if packet:
            receiver.receive(packet, len(packet), number * 20)
        receiver.playout(out)
        levels.append(sum([abs(sample) for sample in out]) // 160)
    assert all(30 < level < 250 for level in levels[30:69]), levels
    assert levels[-1] > 1000
    assert receiver.stats()["concealed"] == 0 and receiver.stats()["lost"] == 0
