"""What every voice core is put through, so that all can be compared: the reference, the host's library, and
the native modules of the chips.

A vector is a function that drives a `Recorder`; it is made of seeded numbers only, so it is the same everywhere.
Two cores agree when their recorders wrote the same. Runs on MicroPython with little memory.
"""

import array
import struct
from binascii import crc32

from media import call_progress, core

MU, A = 0, 8
SSRC = 0x1234ABCD
MASK = 0xFFFFFFFF


class Numbers:
    """Seeded numbers, the same on every interpreter (a linear congruential generator)."""

    def __init__(self, seed: int):
        self.state = seed & 0x3FFFFFFF

    def below(self, limit: int) -> int:
        self.state = (self.state * 69069 + 12345) & 0x3FFFFFFF
        return (self.state >> 10) % limit

    def octets(self, count: int) -> bytes:
        return bytes([self.below(256) for _ in range(count)])

    def chance(self, percent: int) -> bool:
        return self.below(100) < percent


class Recorder:
    """Drives one core and writes down what comes out: (what, number or checksum) for each step."""

    def __init__(self, voice_core):
        self.core = voice_core
        self.voice = voice_core.new()
        self.packet = bytearray(core.VOICE_PACKET)
        self.counts = array.array("I", [0] * len(core.COUNTERS))
        self.checksum = 0
        self.steps = 0

    def record(self, what, value):
        self.steps += 1
        self.checksum = crc32(b"%s %d " % (what.encode(), value & MASK), self.checksum)

    def start(self, rate=8000, bits=16):
        self.core.start(self.voice, rate, bits)
        self.rate = rate
        self.capture = array.array("i" if bits == 32 else "h", [0] * (rate // 50))
        self.earpiece = array.array("h", [0] * (rate // 50))

    def open(self, law=MU, events=101, sequence=65530, timestamp=0xFFFFFE00, depth=20, ceiling=200):
        kind = law
        parameters = (law, kind, kind, events, SSRC, sequence, timestamp, depth, ceiling)
        self.core.open(self.voice, array.array("I", parameters))

    def update(self, law, events=101):
        self.core.update(self.voice, array.array("I", (law, law, law, events)))

    def transmit(self, now):
        octets = self.core.transmit(self.voice, self.capture, self.packet, now)
        self.record("sent", octets)
        self.record("packet", crc32(bytes(self.packet[:octets])))

    def receive(self, packet, now):
        self.record("received", self.core.receive(self.voice, packet, len(packet), now))

    def playout(self):
        self.core.playout(self.voice, self.earpiece)
        self.record("played", crc32(bytes(self.earpiece)))

    def counters(self):
        self.core.counters(self.voice, self.counts)
        for index in range(len(core.COUNTERS)):
            self.record(core.COUNTERS[index], self.counts[index])

    def digits(self):
        while True:
            event = self.core.next_digit(self.voice)
            self.record("digit", event)
            if event < 0:
                return

    def set(self, option, value):
        self.core.set(self.voice, option, value)


class Peer:
    """Makes a talker's packets: a buzzing voice of changing pitch, coded as octets that need no encoder."""

    def __init__(self, numbers, law=MU, ssrc=0xCAFEF00D, sequence=65500, timestamp=0xFFFFF000):
        self.numbers = numbers
        self.kind = law
        self.ssrc = ssrc
        self.sequence = sequence
        self.timestamp = timestamp
        self.period = 60
        self.clock = 0

    def header(self, kind, marker=0, timestamp=None):
        if timestamp is None:
            timestamp = self.timestamp
        sequence = self.sequence
        self.sequence = (sequence + 1) & 0xFFFF
        return struct.pack(">BBHII", 0x80, marker << 7 | kind, sequence, timestamp & MASK, self.ssrc)

    def voice(self, samples=160):
        octets = bytearray(samples)
        for index in range(samples):
            self.clock += 1
            if self.clock >= self.period:
                self.clock = 0
                self.period = min(max(self.period + self.numbers.below(5) - 2, 30), 130)
            sign = 0x80 if self.clock * 2 < self.period else 0
            level = 0x10 + (self.clock * 80) // self.period + self.numbers.below(4)
            octets[index] = sign | level
        packet = self.header(self.kind) + bytes(octets)
        self.timestamp = (self.timestamp + samples) & MASK
        return packet

    def event(self, kind, event, end, duration, timestamp, marker=0):
        payload = struct.pack(">BBH", event, 0x80 * end | 10, duration)
        return self.header(kind, marker, timestamp) + payload


def fill(recorder, numbers, loud=32767):
    """Noise into the microphone."""
    wide = recorder.capture.itemsize == 4 if hasattr(recorder.capture, "itemsize") else None
    wide = len(bytes(recorder.capture)) == 4 * len(recorder.capture) if wide is None else wide
    for index in range(len(recorder.capture)):
        sample = numbers.below(2 * loud + 1) - loud
        recorder.capture[index] = sample * 65536 + numbers.below(65536) if wide else sample


# -- the vectors -----------------------------------------------------------------------------------------


def codes(recorder):
    """Every linear value coded by both laws; every octet decoded by both."""
    now = 0
    for law in (MU, A):
        recorder.start()
        recorder.open(law, timestamp=0, sequence=0)
        for first in range(-32768, 32768, 160 * 3):
            for index in range(160):
                recorder.capture[index] = min(first + index * 3, 32767)
            recorder.transmit(now)
        peer = Peer(Numbers(1), law)
        for first in (0, 128):
            octets = bytes(range(first, first + 128)) + bytes(32)
            packet = peer.header(law, timestamp=first // 128 * 160) + octets
            recorder.receive(packet, now)
        for _ in range(6):
            recorder.playout()
        recorder.counters()


def wires(recorder):
    """Both directions at every rate and width, full-scale noise, every gain."""
    for rate in (8000, 16000, 48000):
        for bits in (16, 32):
            numbers = Numbers(rate + bits)
            peer = Peer(numbers)
            recorder.start(rate, bits)
            recorder.open()
            for gain in range(8):
                recorder.set(core.CAPTURE_GAIN, gain)
                recorder.set(core.VOLUME, gain * 5000)
                fill(recorder, numbers, 32767 if gain == 0 else 2000)
                recorder.transmit(gain * 20)
                recorder.receive(peer.voice(), gain * 20)
                recorder.playout()
            recorder.counters()


def bad_network(recorder, seed=1, loss=20, swap=20, twice=10, samples=160, frames=150, depth=60):
    """Loss, reordering and duplicates, at random, in packets of `samples`; the peer is on hold for a while."""
    numbers = Numbers(seed)
    peer = Peer(numbers)
    recorder.start()
    recorder.open(depth=depth)
    held, due = [], 0
    now = 0x3FFFFF00
    for frame in range(frames):
        recorder.set(core.HOLD_RECEIVE, 1 if 60 < frame < 80 else 0)
        while due <= 0:
            packet = peer.voice(samples)
            due += samples
            if numbers.chance(loss):
                continue
            if numbers.chance(swap):
                held.append(packet)
                continue
            recorder.receive(packet, now + numbers.below(15))
            if numbers.chance(twice):
                recorder.receive(packet, now + numbers.below(15))
            while held and numbers.chance(50):
                recorder.receive(held.pop(numbers.below(len(held))), now + numbers.below(15))
        due -= 160
        recorder.playout()
        now = (now + 20) & 0x3FFFFFFF
    recorder.counters()


def short_packets(recorder):
    bad_network(recorder, seed=2, samples=80)


def long_packets(recorder):
    bad_network(recorder, seed=3, samples=240)
    bad_network(recorder, seed=4, samples=320, depth=120, loss=5)


def odd_packets(recorder):
    """Packets of no whole number of milliseconds, and a shallow buffer."""
    bad_network(recorder, seed=5, samples=123, depth=20, loss=5, frames=60)
    bad_network(recorder, seed=6, samples=7, frames=3)


def bursts(recorder):
    """Outages longer than the concealment, and packets that come all at once after them."""
    numbers = Numbers(7)
    peer = Peer(numbers)
    recorder.start()
    recorder.open()
    waiting = []
    for frame in range(200):
        waiting.append(peer.voice())
        if not 20 <= frame % 50 < 20 + frame // 6:
            for packet in waiting:
                recorder.receive(packet, frame * 20)
            waiting = []
        if frame % 50 == 10:
            waiting = []
        recorder.playout()
    recorder.counters()


def drift(recorder):
    """A peer whose clock is 2 % fast, then one that is 2 % slow."""
    for seed, more in ((8, 163), (9, 157)):
        numbers = Numbers(seed)
        peer = Peer(numbers)
        recorder.start()
        recorder.open()
        due = 0
        for frame in range(400):
            due += more
            while due >= 160:
                due -= 160
                recorder.receive(peer.voice(), frame * 20)
            recorder.playout()
        recorder.counters()


def time_lines(recorder):
    """Other sources, restarts, jumps of timestamp and of sequence, a pause, a change of law."""
    numbers = Numbers(10)
    recorder.start()
    recorder.open()
    now = 0

    def talk(peer, frames):
        nonlocal now
        for _ in range(frames):
            recorder.receive(peer.voice(), now)
            recorder.playout()
            now += 20
        recorder.counters()

    first, second = Peer(numbers), Peer(numbers, ssrc=77)
    talk(first, 10)
    for _ in range(3):  # another that speaks at the same time is not believed
        recorder.receive(second.voice(), now)
        talk(first, 1)
    now += 200
    talk(second, 10)
    second.timestamp = (second.timestamp + 1000000) & MASK
    talk(second, 10)
    second.timestamp = (second.timestamp - 3000) & MASK
    talk(second, 20)
    second.sequence = (second.sequence + 30000) & 0xFFFF
    talk(second, 10)
    for _ in range(40):
        recorder.playout()
    talk(second, 10)
    recorder.update(A)
    second.kind = A
    talk(second, 10)
    second.timestamp = (second.timestamp + 3) & MASK
    talk(second, 10)
    for second.kind in (MU, A, MU):  # the other law, without a word
        talk(second, 5)


def late_network(recorder):
    """Stalls, steps up and down, a slow swing; a voice with pauses: the depth grows and shrinks by periods."""
    lates = (
        lambda frame: max(100 - frame % 100, 0) if frame % 100 > 93 else 0,
        lambda frame: 3 if 100 < frame < 300 else 0,
        lambda frame: abs(frame % 80 - 40) // 10,
    )
    for seed in range(3):
        numbers = Numbers(20 + seed)
        peer = Peer(numbers)
        recorder.start()
        recorder.open(ceiling=150)
        waiting = []
        for frame in range(500):
            packet = peer.voice()
            packet = packet if frame % 60 < 40 else packet[:12] + bytes([0xFF - numbers.below(3)] * 160)
            waiting.append((frame + lates[seed](frame), frame, packet))
            for when, _, packet in sorted(waiting):
                if when <= frame and not numbers.chance(3):
                    recorder.receive(packet, frame * 20)
            waiting = [entry for entry in waiting if entry[0] > frame]
            recorder.playout()
        recorder.counters()


def comfort_noise(recorder):
    """Pauses of several lengths and levels, before and amid voice; empty and long packets of noise."""
    numbers = Numbers(23)
    peer = Peer(numbers)
    recorder.start()
    recorder.open()
    now = 0
    for level, pause in ((40, 8), (60, 3), (127, 60), (0, 5), (30, 40), (255, 2), (70, 1)):
        recorder.receive(peer.header(13) + bytes([level, 200, 100])[: numbers.below(4)], now)
        peer.timestamp = (peer.timestamp + 160 * pause) & MASK
        for frame in range(pause + 6):
            if frame >= pause:
                recorder.receive(peer.voice(), now)
            recorder.playout()
            now += 20
    recorder.counters()


def voice_activity(recorder):
    """A microphone with pauses of several levels, digits as tones amid them."""
    numbers = Numbers(24)
    recorder.start()
    recorder.open(events=core.NO_EVENTS)
    recorder.set(core.VAD, 1)
    for loud in (3000, 20, 300, 3000, 0, 15000, 1):
        for frame in range(45):
            fill(recorder, numbers, loud)
            recorder.transmit(frame * 20)
    recorder.core.send_digit(recorder.voice, 5, 100)
    for frame in range(10):
        recorder.transmit(frame * 20)
    recorder.counters()


def digits_out(recorder):
    """Digits as events and as tones, among mute, hold and close."""
    numbers = Numbers(11)
    for events in (101, core.NO_EVENTS):
        recorder.start()
        recorder.open(events=events)
        for event in range(18):
            recorder.record("queued", recorder.core.send_digit(recorder.voice, event, 40 + 10 * event))
        for frame in range(120):
            if frame % 3 == 0:
                fill(recorder, numbers)
            recorder.set(core.MUTE, 1 if 30 < frame < 40 else 0)
            recorder.set(core.HOLD_SEND, 1 if 50 < frame < 60 else 0)
            recorder.transmit(frame * 20)
        recorder.counters()
    recorder.core.close(recorder.voice)
    recorder.transmit(0)
    recorder.playout()
    recorder.record("queued", recorder.core.send_digit(recorder.voice, 1, 100))
    recorder.counters()


def digits_in(recorder):
    """Events amid voice: lost packets, lost ends, repeats, old ones, long ones, several in a packet."""
    numbers = Numbers(12)
    peer = Peer(numbers)
    recorder.start()
    recorder.open()
    for event in range(16):
        for _ in range(3):
            recorder.receive(peer.voice(), 0)
            recorder.playout()
        start = peer.timestamp
        for number in range(1, 8):
            end = 1 if number > 4 else 0
            packet = peer.event(101, event, end, min(number, 5) * 160, start, 1 if number == 1 else 0)
            peer.timestamp = (peer.timestamp + 160) & MASK
            if not numbers.chance(40):
                recorder.receive(packet, 0)
                if numbers.chance(20):
                    recorder.receive(packet, 0)
            recorder.playout()
        recorder.digits()
    start = peer.timestamp
    for number in range(9):  # a gateway that moves the timestamp
        recorder.receive(peer.event(101, 7, number // 6, 160 * (number + 1), start + 160 * number), 0)
    recorder.digits()
    for segment in (0, 0, 1):  # the packet at the boundary is lost
        recorder.receive(
            peer.event(101, 4, 0, 60000 * (1 - segment) + 800, start + 9600 + segment * 65535), 0
        )
    recorder.digits()
    start += 200000
    for segment in range(3):
        recorder.receive(peer.event(101, 5, 0, 65535, start + segment * 65535), 0)
    recorder.receive(peer.header(101, timestamp=start + 400000) + bytes((1, 0x8A, 1, 0, 2, 0x8A, 1, 0)), 0)
    recorder.receive(peer.event(101, 3, 1, 800, start - 8000), 0)
    recorder.receive(peer.header(101, timestamp=0) + b"\x01\x0a\x01", 0)
    recorder.digits()
    recorder.counters()


def tones(recorder):
    """The beginning of every tone of every country, over voice, at two volumes; keys; scripts that are none."""
    numbers = Numbers(13)
    peer = Peer(numbers)
    recorder.start()
    recorder.open()
    for country in sorted(call_progress.COUNTRIES):
        for name in call_progress.NAMES:
            recorder.core.play_tone(recorder.voice, call_progress.script(country, name))
            for _ in range(2):
                recorder.playout()
    recorder.core.play_tone(recorder.voice, call_progress.script("uk", "congestion"))
    for frame in range(80):
        if frame == 30:
            recorder.set(core.VOLUME, 10000)
        if frame > 40:
            recorder.receive(peer.voice(), frame * 20)
        recorder.playout()
    for key in "0123456789*#ABCD":
        recorder.core.play_tone(recorder.voice, call_progress.key_script(key, 50))
        for _ in range(4):
            recorder.playout()
    for script in (b"\x01", b"\x01" + bytes(7), bytes(1 + 8 * 9), b"\x00\x00\x01\x0f\xa0\x00\x00\x00\x00"):
        try:
            recorder.core.play_tone(recorder.voice, script)
            recorder.record("script", 1)
        except ValueError:
            recorder.record("script", 0)
    recorder.core.play_tone(recorder.voice, b"")
    recorder.playout()


def hostile(recorder):
    """Octets at random, and packets with octets changed, cut or appended."""
    numbers = Numbers(14)
    peer = Peer(numbers)
    recorder.start()
    recorder.open(law=A)
    peer.kind = A
    for frame in range(250):
        recorder.receive(peer.voice(), frame * 20)
        packet = bytearray(peer.voice() if numbers.chance(80) else numbers.octets(numbers.below(60)))
        for _ in range(numbers.below(4) if packet else 0):
            packet[numbers.below(min(len(packet), 16))] = numbers.below(256)
        if numbers.chance(30):
            packet = packet[: numbers.below(len(packet) + 1)]
        if numbers.chance(10):
            packet += numbers.octets(numbers.below(600))
        recorder.receive(bytes(packet), frame * 20 + numbers.below(40))
        recorder.playout()
    recorder.digits()
    recorder.counters()


VECTORS = (
    codes,
    wires,
    bad_network,
    short_packets,
    long_packets,
    odd_packets,
    bursts,
    drift,
    late_network,
    comfort_noise,
    voice_activity,
    time_lines,
    digits_out,
    digits_in,
    tones,
    hostile,
)


def checksum(voice_core, vector) -> int:
    """What a core makes of a vector, as one number."""
    recorder = Recorder(voice_core)
    vector(recorder)
    return recorder.checksum
