"""What every wideband core is put through, as `vectors.py` does with the narrow one: the same numbers everywhere."""

import struct

import vectors
from vectors import MU, A, Numbers, Peer, fill

from media import core

G722 = 9


class Recorder(vectors.Recorder):
    """On a wire of 16 kHz, in G.722."""

    def start(self, rate=16000, bits=16):
        super().start(rate, bits)

    def open(self, law=G722, events=101, sequence=65530, timestamp=0xFFFFFE00, depth=20, ceiling=200):
        super().open(law, events, sequence, timestamp, depth, ceiling)

    def exchange(self, packet, now):
        """A frame each way."""
        self.transmit(now)
        if packet is not None:
            self.receive(packet, now)
        self.playout()


def sounds(recorder):
    """Noise from the faintest to the loudest, square waves at full scale, a sweep, silence; heard back."""
    numbers = Numbers(7)
    recorder.start()
    recorder.open()
    frames = [
        [numbers.below(2 * loud + 1) - loud for _ in range(320)] for loud in (0, 1, 7, 100, 3000, 32767)
    ]
    for period in (1, 2, 7, 100):
        frames.append([32767 if at // period % 2 else -32768 for at in range(320)])
    phase, step = 0, 100
    for _ in range(8):
        frame = []
        for _ in range(320):
            phase = (phase + step) & 0xFFFF
            step += 8
            frame.append(abs(phase - 32768) * 2 // 3 - 10922)
        frames.append(frame)
    for now, frame in enumerate(frames + [[0] * 320] * 3):
        for index in range(320):
            recorder.capture[index] = frame[index]
        recorder.transmit(now * 20)
        recorder.receive(bytes(recorder.packet), now * 20)
        recorder.playout()
    recorder.counters()


def wires(recorder):
    """Every rate and width, every gain and volume; mute, hold, tones, and digits as tones; no stream at all."""
    for rate in (16000, 48000):
        for bits in (16, 32):
            numbers = Numbers(rate + bits)
            peer = Peer(numbers, G722)
            recorder.start(rate, bits)
            recorder.playout()
            recorder.open(events=core.NO_EVENTS)
            recorder.core.play_tone(recorder.voice, vectors.call_progress.script("uk", "busy"))
            recorder.core.send_digit(recorder.voice, 5, 60)
            for gain in range(8):
                recorder.set(core.CAPTURE_GAIN, gain)
                recorder.set(core.VOLUME, gain * 5000)
                recorder.set(core.MUTE, 1 if gain == 5 else 0)
                recorder.set(core.HOLD_RECEIVE, 1 if gain == 6 else 0)
                fill(recorder, numbers, 32767 if gain == 0 else 2000)
                recorder.exchange(peer.voice(), gain * 20)
            recorder.core.close(recorder.voice)
            recorder.exchange(None, 300)
            recorder.counters()


def bad_network(recorder):
    """Loss, reordering, bursts and odd sizes: concealed, bridged, and followed by the decoder."""
    for seed, samples, loss in ((1, 160, 20), (2, 80, 30), (3, 123, 5)):
        numbers = Numbers(seed)
        peer = Peer(numbers, G722)
        recorder.start()
        recorder.open()
        held, due = [], 0
        for frame in range(40):
            while due <= 0:
                packet = peer.voice(samples)
                due += samples
                if numbers.chance(loss) or 20 < frame < 26:
                    continue
                if numbers.chance(20):
                    held.append(packet)
                    continue
                recorder.receive(packet, frame * 20)
                if held and numbers.chance(50):
                    recorder.receive(held.pop(), frame * 20)
            due -= 160
            recorder.playout()
        recorder.counters()


def stretched(recorder):
    """A surplus that is left out, a want that is put in, by periods in both bands."""
    numbers = Numbers(20)
    peer = Peer(numbers, G722)
    recorder.start()
    recorder.open(ceiling=150)
    for frame in range(90):
        for _ in range(3 if frame == 10 else 0 if frame in (50, 51) else 1):
            recorder.receive(peer.voice(), frame * 20)
        recorder.playout()
    recorder.counters()


def changes(recorder):
    """Codecs that change by a word and without one, other sources, events, comfort noise."""
    numbers = Numbers(10)
    peer = Peer(numbers, G722)
    recorder.start()
    recorder.open()
    now = 0

    def talk(frames):
        nonlocal now
        for _ in range(frames):
            fill(recorder, numbers, 3000)
            recorder.exchange(peer.voice(), now)
            now += 20

    talk(4)
    for peer.kind in (MU, G722, A, MU, G722):
        talk(4)
    recorder.update(MU)
    talk(3)
    recorder.update(G722)
    talk(3)
    peer.ssrc = 77
    now += 200
    talk(5)
    start = peer.timestamp
    for number in range(1, 5):
        recorder.exchange(peer.event(101, 5, number // 4, number * 160, start), now)
    peer.timestamp = (peer.timestamp + 640) & vectors.MASK
    recorder.digits()
    talk(3)
    recorder.receive(peer.header(13) + bytes([30]), now)
    peer.timestamp = (peer.timestamp + 480) & vectors.MASK
    talk(4)
    recorder.set(core.VAD, 1)
    talk(3)
    recorder.counters()


def hostile(recorder):
    """Octets that no encoder made, and packets changed, cut or appended."""
    numbers = Numbers(14)
    peer = Peer(numbers, G722)
    recorder.start()
    recorder.open()
    for value in (0, 255, 0x3F, 0xC0, 0x7C, 0x83):
        recorder.receive(peer.header(G722) + bytes([value]) * 160, 0)
        peer.timestamp = (peer.timestamp + 160) & vectors.MASK
        recorder.playout()
    for frame in range(40):
        packet = bytearray(peer.voice())
        for _ in range(numbers.below(4)):
            packet[numbers.below(16)] = numbers.below(256)
        if numbers.chance(30):
            packet = packet[: numbers.below(len(packet) + 1)]
        recorder.receive(bytes(packet), frame * 20)
        recorder.receive(
            struct.pack(">BBHII", 0x80, (0, 8, 9, 13)[frame % 4], frame, 0, peer.ssrc) + packet, 0
        )
        recorder.playout()
    recorder.counters()


VECTORS = (sounds, wires, bad_network, stretched, changes, hostile)


def checksum(voice_core, vector) -> int:
    """What a core makes of a vector, as one number."""
    recorder = Recorder(voice_core)
    vector(recorder)
    return recorder.checksum
