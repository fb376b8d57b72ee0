"""What a network does to a call's packets: traces in counted time, the same at each run.

A trace is a list of (time in ms at which the packet arrives, the packet's octets), in order of arrival.
"""

import math
import random
import struct

import numpy

from media import g711

MU = 0
COMFORT_NOISE = 13
SSRC = 0x5EED


def _table():
    octets = bytearray(65536)
    g711.compress(octets, 0, range(-32768, 32768), MU)
    return numpy.frombuffer(bytes(octets), "uint8")


_CODES = _table()


def code(samples) -> bytes:
    """µ-law of int16 samples."""
    return _CODES[samples.astype(int) + 32768].tobytes()


def as_sent(samples):
    """`samples` after µ-law: what is played where nothing was changed."""
    expansion = numpy.array(g711.expansion(MU), "int16")
    return expansion[_CODES[samples.astype(int) + 32768]]


def rtp(kind, sequence, timestamp, payload, marker=0) -> bytes:
    return struct.pack(">BBHII", 0x80, marker << 7 | kind, sequence, timestamp, SSRC) + payload


class Network:
    """How long each packet takes, in ms; None: it is lost. One per trace, seeded."""

    def __init__(self, seed=1):
        self.dice = random.Random(seed)

    def delay(self, sent_ms):
        return 0


class Loss(Network):
    def __init__(self, percent, seed=1):
        super().__init__(seed)
        self.percent = percent

    def delay(self, sent_ms):
        return None if self.dice.random() * 100 < self.percent else 0


class Bursts(Network):
    """Gilbert's model: `percent` lost in all, in bursts of `mean` packets."""

    def __init__(self, percent, mean, seed=1):
        super().__init__(seed)
        self.leave = 1 / mean
        self.enter = self.leave * percent / (100 - percent)
        self.bad = False

    def delay(self, sent_ms):
        self.bad = self.dice.random() < (1 - self.leave if self.bad else self.enter)
        return None if self.bad else 0


class Uniform(Network):
    def __init__(self, spread, seed=1):
        super().__init__(seed)
        self.spread = spread

    def delay(self, sent_ms):
        return self.dice.random() * self.spread


class Exponential(Network):
    """A heavy tail, cut at `most`, of which a packet never overtakes another."""

    def __init__(self, mean, most, seed=1):
        super().__init__(seed)
        self.mean, self.most, self.last = mean, most, 0.0

    def delay(self, sent_ms):
        wanted = sent_ms + min(self.dice.expovariate(1 / self.mean), self.most)
        self.last = max(self.last, wanted)
        return self.last - sent_ms


class Stalls(Network):
    """Nothing passes for `ms` every `every` ms; what waited comes at once."""

    def __init__(self, ms, every, spread=0, seed=1):
        super().__init__(seed)
        self.ms, self.every, self.spread = ms, every, spread

    def delay(self, sent_ms):
        begin = self.every * 0.6
        into = (sent_ms - begin) % self.every
        stalled = self.ms - into if sent_ms >= begin and into < self.ms else 0
        return stalled + self.dice.random() * self.spread


class Sine(Network):
    def __init__(self, most, period_s):
        super().__init__()
        self.most, self.period = most, period_s * 1000

    def delay(self, sent_ms):
        return self.most / 2 * (1 - math.cos(2 * math.pi * sent_ms / self.period))


class Steps(Network):
    """`ms` longer between the times `up` and `down`."""

    def __init__(self, ms, up_s, down_s):
        super().__init__()
        self.ms, self.up, self.down = ms, up_s * 1000, down_s * 1000

    def delay(self, sent_ms):
        return self.ms if self.up <= sent_ms < self.down else 0


class Reordering(Network):
    """Some packets take 25 ms longer, so that the next overtakes them."""

    def delay(self, sent_ms):
        return 25 if self.dice.random() < 0.05 else 0


def trace(sound, network, packet_ms=20, drift_ppm=0, twice=0, seed=3):
    """`sound` sent over `network` in packets of `packet_ms`, by a clock that is `drift_ppm` fast."""
    dice = random.Random(seed)
    size = packet_ms * 8
    arrivals = []
    for number in range(len(sound) // size):
        sent_ms = number * packet_ms / (1 + drift_ppm / 1e6)
        delay = network.delay(sent_ms)
        if delay is None:
            continue
        payload = code(sound[number * size : (number + 1) * size])
        packet = rtp(MU, 1000 + number & 0xFFFF, 160000 + number * size, payload, number == 0)
        arrivals.append((sent_ms + delay, packet))
        if dice.random() < twice:
            arrivals.append((sent_ms + delay + 1, packet))
    return sorted(arrivals, key=lambda arrival: arrival[0])


def redundant(sound, network, kind=97):
    """The same, each packet with the one before it once more (RFC 2198)."""
    arrivals, before = [], b""
    for number in range(len(sound) // 160):
        payload = code(sound[number * 160 : (number + 1) * 160])
        head = struct.pack(">I", 0x80000000 | MU << 24 | 160 << 10 | len(before)) if before else b""
        packet = rtp(
            kind, 1000 + number & 0xFFFF, 160000 + number * 160, head + bytes([MU]) + before + payload
        )
        before = payload
        delay = network.delay(number * 20)
        if delay is not None:
            arrivals.append((number * 20 + delay, packet))
    return arrivals


def pauses(sound, comfort=True, threshold=100.0):
    """A peer that sends nothing in pauses, after 200 ms of them; with a packet of comfort noise at their start."""
    arrivals, quiet, sequence = [], 0, 1000
    for number in range(len(sound) // 160):
        frame = sound[number * 160 : (number + 1) * 160]
        level = (frame.astype(float) ** 2).mean() ** 0.5
        quiet = quiet + 1 if level < threshold else 0
        if quiet > 10:
            if quiet == 11 and comfort:
                dbov = min(127, int(-20 * math.log10(max(level, 1) / 32768)))
                packet = rtp(COMFORT_NOISE, sequence & 0xFFFF, 160000 + number * 160, bytes([dbov]))
                arrivals.append((number * 20, packet))
                sequence += 1
            continue
        arrivals.append((number * 20, rtp(MU, sequence & 0xFFFF, 160000 + number * 160, code(frame))))
        sequence += 1
    return arrivals


def lasting(sound, seconds):
    return numpy.tile(sound, -(-seconds * 8000 // len(sound)))[: seconds * 8000]


TRACES = {
    "clean": lambda sound: trace(sound, Network()),
    "ptime10": lambda sound: trace(sound, Network(), 10),
    "ptime30": lambda sound: trace(sound, Network(), 30),
    "ptime60": lambda sound: trace(sound, Network(), 60),
    "reorder": lambda sound: trace(sound, Reordering(), twice=0.05),
    "jitter20": lambda sound: trace(sound, Uniform(40)),
    "exp10": lambda sound: trace(sound, Exponential(10, 120)),
    "wifi100": lambda sound: trace(sound, Stalls(100, 2000, 5)),
    "wifi150": lambda sound: trace(sound, Stalls(150, 2000, 5)),
    "wifi150-3s": lambda sound: trace(sound, Stalls(150, 3100)),
    "sine10s": lambda sound: trace(sound, Sine(80, 10)),
    "sine20s": lambda sound: trace(sound, Sine(80, 20)),
    "step60": lambda sound: trace(sound, Steps(60, 10.33, 20.71)),
    "step150": lambda sound: trace(sound, Steps(150, 11.2, 21.4)),
    "loss1": lambda sound: trace(sound, Loss(1)),
    "loss5": lambda sound: trace(sound, Loss(5)),
    "loss10": lambda sound: trace(sound, Loss(10)),
    "burst5": lambda sound: trace(sound, Bursts(5, 3)),
    "loss5-ptime10": lambda sound: trace(sound, Loss(5), 10),
    "loss5-ptime30": lambda sound: trace(sound, Loss(5), 30),
    "pauses-cn": lambda sound: pauses(sound),
    "pauses": lambda sound: pauses(sound, comfort=False),
    "drift+200": lambda sound: trace(lasting(sound, 120), Network(), drift_ppm=200),
    "drift-200": lambda sound: trace(lasting(sound, 120), Network(), drift_ppm=-200),
}


def traces(sound, *names):
    """{name: trace} of those names, or of all."""
    return {name: make(sound) for name, make in TRACES.items() if not names or name in names}
