"""The voice core in Python: what `native/core/voice.c` does in C, sample for sample, by the same functions.

It is the twin that the C is tested against, and what runs where there is no native core. A buffer of the
wrong length is a ValueError, as in C.
"""

import array
import struct

from media import core, dtmf, g711, jitter, level, plc, resample, rtp
from media.tone import Player

_COMFORT_NOISE = 13  # RFC 3389: not negotiated, yet some send it; its packets count, lest they look lost
_EVENT_TAIL = 480  # samples after an event in which its sender may still repeat the end instead of voice
_MASK = 0xFFFFFFFF


class Stream:
    """One RTP stream in both directions; `parameters` as `voice.h` lists them."""

    def __init__(self, parameters):
        _, _, _, _, self.ssrc, self.sequence, self.timestamp, depth_ms = parameters
        if not 0 < depth_ms * 8 <= jitter.RING // 2:
            raise ValueError("depth %d ms" % depth_ms)
        self.source = rtp.Source()
        self.jitter = jitter.Buffer(depth_ms * 8)
        self.plc = plc.Concealer()
        self.digits_out = dtmf.Sender()
        self.digits_in = dtmf.Receiver()
        self.digit_tone = Player()
        self.sent_at = 0
        self.sent = 0
        self.sent_octets = 0
        self.past_expected = 0
        self.past_received = 0
        self.duplicate = 0
        self.late = 0
        self.overflow = 0
        self.invalid = 0
        self.concealed = 0
        self.gap = 0  # frames made up since the last that came
        self.talking = False
        self.playing = False  # something was played since the time line was anchored
        self.law = parameters[0]
        self.update(parameters)

    def update(self, parameters):
        if self.law != parameters[0]:
            self.jitter.reset()  # what waits was coded by the other law
        self.law = parameters[0]
        self.payload_type = parameters[1]
        self.receive_payload_type = parameters[2]
        self.event_payload_type = parameters[3]
        self.expansion = g711.expansion(self.law)

    # -- sending -----------------------------------------------------------------------------------------

    def transmit(self, frame, silent, held, octets, now):
        timestamp = self.timestamp
        self.timestamp = (timestamp + core.FRAME_SAMPLES) & _MASK  # whether or not we send: RFC 3550 §5.1
        self.sent_at = now
        if held:
            self.talking = False
            return 0
        if self.event_payload_type != core.NO_EVENTS:
            kind = self.digits_out.send(octets, rtp.HEADER, timestamp)
            if kind != dtmf.VOICE:
                marker = 1 if kind == dtmf.START else 0
                start = self.digits_out.start
                return self._send(octets, self.event_payload_type, marker, start, dtmf.PAYLOAD)
        else:
            self.digits_out.sound(self.digit_tone)
        if silent or self.digit_tone.playing:
            for index in range(len(frame)):
                frame[index] = 0
        self.digit_tone.add(frame)
        g711.compress(octets, rtp.HEADER, frame, self.law)
        marker = 0 if self.talking else 1  # RFC 3551 §4.1: the first after a silence
        return self._send(octets, self.payload_type, marker, timestamp, len(frame))

    def _send(self, octets, payload_type, marker, timestamp, length):
        rtp.write(octets, rtp.Packet(payload_type, marker, self.sequence, timestamp, self.ssrc))
        self.sequence = (self.sequence + 1) & 0xFFFF
        self.talking = True
        self.sent = (self.sent + 1) & _MASK
        self.sent_octets = (self.sent_octets + length) & _MASK
        return rtp.HEADER + length

    # -- receiving ---------------------------------------------------------------------------------------

    def receive(self, octets, length, now):
        packet = rtp.parse(octets, length)
        known = (self.receive_payload_type, self.event_payload_type, _COMFORT_NOISE)
        if packet is None or packet.payload_type not in known:
            self.invalid += 1
            return 1
        expected, received = self.source.expected(), self.source.received
        verdict = self.source.take(packet, now)
        if verdict == rtp.UNPROVEN:
            self.invalid += 1
            return 1
        if verdict == rtp.DUPLICATE:
            self.duplicate += 1
            return 0
        if verdict == rtp.FIRST:
            self.past_expected = (self.past_expected + expected) & _MASK
            self.past_received = (self.past_received + received) & _MASK
            self.digits_in.known = False
            self.jitter.reset()
        if packet.payload_type == self.receive_payload_type:
            self._take_voice(packet, octets, now)
        elif packet.payload_type == self.event_payload_type:
            if not self.digits_in.receive(octets, packet.offset, packet.length, packet.timestamp):
                self.invalid += 1
                return 1
            self.jitter.cover(packet.timestamp, self.digits_in.duration + _EVENT_TAIL)
        return 0

    def _take_voice(self, packet, octets, now):
        self.source.time(packet.timestamp, now)
        verdict = self.jitter.put(packet.timestamp, octets, packet.offset, packet.length)
        if verdict == jitter.LATE:
            self.late += 1
        elif verdict == jitter.OVERFLOW:
            self.overflow += 1
        elif verdict == jitter.REPEATED:
            self.duplicate += 1

    # -- playing -----------------------------------------------------------------------------------------

    def play(self, frame):
        self.plc.begin()
        step = self.jitter.step()
        if step == jitter.REST:
            self.plc.rest(frame, 0, core.FRAME_SAMPLES)
            self.playing = False
            self.gap = 0
        elif step == jitter.LONGER:
            self.plc.conceal(frame, 0, core.FRAME_SAMPLES)
        else:
            if step == jitter.SHORTER:
                self.plc.splice()
            self._play_ring(frame)

    def _play_ring(self, frame):
        """Play one frame out of the ring; what is missing is made up."""
        empty = True
        missing = 0
        for start in range(0, core.FRAME_SAMPLES, jitter.CELL):
            at = self.jitter.cell()
            if at >= 0:
                for index in range(jitter.CELL):
                    sample = self.expansion[self.jitter.octets[at + index]]
                    self.plc.samples[self.plc.place + index] = sample
                self.plc.play(frame, start, jitter.CELL)
                self.concealed += self.gap + missing
                self.gap = missing = 0
                self.playing = True
                empty = False
            elif self.playing:
                self.plc.conceal(frame, start, jitter.CELL)
                if not self.jitter.covered:
                    missing = 1
            else:
                self.plc.rest(frame, start, jitter.CELL)
        self.gap += missing
        self.jitter.played(empty)


class Voice:
    """One wire and, while it is open, one stream."""

    def __init__(self):
        self.rate = 0
        self.stream = None  # kept after it ends, for its counters
        self.is_open = False

    def start(self, rate, capture_bits):
        if rate not in (8000, 16000, 48000) or capture_bits not in (16, 32):
            raise ValueError("a wire of %d Hz, %d bits" % (rate, capture_bits))
        self.rate = rate
        self.capture_bits = capture_bits
        samples = rate // 50
        self.capture_format = "%d%s" % (samples, "i" if capture_bits == 32 else "h")
        self.playout_format = "%dh" % samples
        self.options = [0, 0, 0, level.UNITY, 0]
        self.capture_energy = 0
        self.playout_energy = 0
        self.down = resample.Down(rate)
        self.up = resample.Up(rate)
        self.tone = Player()
        self.stream = None
        self.is_open = False

    def transmit(self, frame, octets, now):
        steps = self.options[core.CAPTURE_GAIN]
        bring = level.narrowed if self.capture_bits == 32 else level.raised
        wire = _samples(self.capture_format, frame)
        samples = self.down.frame([bring(sample, steps) for sample in wire])
        self.capture_energy = level.energy(samples)
        if self.stream is None or not self.is_open:
            return 0
        options = self.options
        return self.stream.transmit(samples, options[core.MUTE], options[core.HOLD_SEND], octets, now)

    def playout(self, frame):
        _fits(self.playout_format, frame)
        samples = array.array("h", [0] * core.FRAME_SAMPLES)
        if self.stream and self.is_open:
            self.stream.play(samples)
        if self.options[core.HOLD_RECEIVE]:
            for index in range(len(samples)):
                samples[index] = 0
        self.tone.add(samples)
        self.playout_energy = level.energy(samples)
        level.scale(samples, self.options[core.VOLUME])
        struct.pack_into(self.playout_format, frame, 0, *self.up.frame(samples))

    def counts(self):
        """In the order of core.COUNTERS."""
        stream = self.stream
        if stream is None:
            return (0,) * (len(core.COUNTERS) - 2) + (self.capture_energy, self.playout_energy)
        source = stream.source
        expected = source.expected()
        return (
            stream.ssrc,
            stream.timestamp,
            stream.sent_at,
            stream.sent,
            stream.sent_octets,
            1 if source.known else 0,
            source.ssrc,
            source.cycles + source.max_sequence,
            expected,
            source.received,
            stream.past_expected + expected,
            stream.past_received + source.received,
            source.jitter,
            stream.duplicate,
            stream.late,
            stream.overflow,
            stream.invalid,
            stream.concealed,
            stream.jitter.slipped,
            stream.jitter.resynced,
            self.capture_energy,
            self.playout_energy,
        )


def _fits(form, buffer):
    octets, wanted = len(bytes(buffer)), struct.calcsize(form)
    if octets != wanted:
        raise ValueError("a frame of %d octets, not %d" % (octets, wanted))


def _samples(form, buffer):
    _fits(form, buffer)
    return struct.unpack_from(form, buffer)


# -- the functions of a core -----------------------------------------------------------------------------


def new() -> Voice:
    return Voice()


def start(voice, rate, capture_bits):
    voice.start(rate, capture_bits)


def open(voice, parameters):
    voice.stream = Stream(parameters)
    voice.is_open = True


def update(voice, parameters):
    if voice.stream:
        voice.stream.update(parameters)


def close(voice):
    voice.is_open = False


def transmit(voice, frame, packet, now):
    return voice.transmit(frame, packet, now & _MASK)


def receive(voice, packet, length, now):
    if not 0 <= length <= len(packet):
        raise ValueError("length %d of a buffer of %d" % (length, len(packet)))
    return voice.stream.receive(packet, length, now & _MASK) if voice.is_open else 1


def playout(voice, frame):
    voice.playout(frame)


def set(voice, option, value):
    limit = {core.VOLUME: level.UNITY, core.CAPTURE_GAIN: core.CAPTURE_GAIN_MAX}.get(option, value)
    voice.options[option] = min(value, limit)


def counters(voice, values):
    counts = voice.counts()
    for index in range(len(counts)):
        values[index] = counts[index] & _MASK


def play_tone(voice, script):
    if not voice.tone.load(script):
        raise ValueError("no tone script")


def send_digit(voice, event, ms):
    return 0 if voice.is_open and voice.stream.digits_out.put(event, ms) else 1


def mix(frame, other):
    into, samples = memoryview(frame), array.array("h", bytes(other))
    wide = len(into) == 2 * len(other)
    if not wide and len(into) != len(other):
        raise ValueError("frames of %d and %d octets" % (len(into), len(other)))
    mixed = array.array("i" if wide else "h", bytes(into))
    shift = 16 if wide else 0
    for index, sample in enumerate(samples):
        total = min(max((mixed[index] >> shift) + sample, -32768), 32767)
        mixed[index] = total << shift | (mixed[index] & 0xFFFF if wide else 0)
    into[:] = bytes(mixed)


def next_digit(voice):
    return voice.stream.digits_in.next() if voice.stream else -1
