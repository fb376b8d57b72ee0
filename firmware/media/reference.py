"""The voice core in Python: the functions of `native/core/voice.c` with the same output, sample for sample.

The C core is tested against this twin, which also runs if there is no native core. A buffer of the wrong
length is a ValueError, as in C.
"""

import array
import struct

from media import core, dtmf, g711, jitter, level, pitch, plc, resample, rtp, stretch, vad
from media.mixing import adjust, mix  # noqa: F401
from media.tone import Player

_COMFORT_NOISE = 13  # RFC 3389 §4: the static payload type, which may arrive without negotiation
_LEVELS = (32768, 29205, 26029, 23198, 20675, 18427)  # 0 to -5 dBov, Q15; each further 6 dB are a shift
_EVENT_TAIL = 480  # samples after an event in which its sender may still repeat the end instead of voice
_MASK = 0xFFFFFFFF


class Stream:
    """One RTP stream in both directions; `voice.h` lists the `parameters`."""

    static = (_COMFORT_NOISE, g711.LAW_MU, g711.LAW_A)

    def __init__(self, parameters):
        _, _, _, _, self.ssrc, self.sequence, self.timestamp, depth_ms, ceiling_ms = parameters
        if not 0 < depth_ms <= ceiling_ms <= jitter.RING // 2 // 8:
            raise ValueError("depth %d to %d ms" % (depth_ms, ceiling_ms))
        self.source = rtp.Source()
        self.jitter = jitter.Buffer(depth_ms * 8, ceiling_ms * 8)
        self.plc = plc.Concealer()
        self.lines = (self.plc,)  # with G.722 the upper band's line too, see wide.py
        self.stretch = stretch.Stretch()
        self.vad = vad.Detector()
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
        self.gap = 0  # frames concealed since the last that arrived
        self.quiet = False  # the peer pauses
        self.quiet_from = 0  # the timestamp at which the pause began
        self.noise = 0  # and the amplitude of the peer's background noise
        self.gaps = 0  # the jitter buffer's gaps so far,
        self.skipped = 0  # and the source's skipped packets at the last loss
        self.missed = False  # a part of the current frame is missing
        self.came = False  # a part of the current frame has arrived
        self.talking = False
        self.playing = False  # something was played since the time line was anchored
        self.received_law = parameters[0]
        self.update(parameters)

    def update(self, parameters):
        if self.received_law != parameters[0]:
            self.jitter.reset()  # the stored packets are of the other law
        self.law = self.received_law = parameters[0]
        self.payload_type = parameters[1]
        self.receive_payload_type = parameters[2]
        self.event_payload_type = parameters[3]
        self.expansion = g711.expansion(self.law)

    # -- sending -----------------------------------------------------------------------------------------

    def transmit(self, frame, silent, held, pauses, octets, now):
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
            self.silence(frame)
        if pauses and not self.digit_tone.playing:
            kind = self.vad.hear(frame)
            if kind != vad.SPEECH:
                length = self._send_noise(octets, timestamp) if kind == vad.NOISE else 0
                self.talking = False  # the next packet is the first of a talkspurt
                return length
        self.digit_tone.add(frame)
        self._compress(octets, frame)
        marker = 0 if self.talking else 1  # RFC 3551 §4.1: the first after a silence
        return self._send(octets, self.payload_type, marker, timestamp, len(frame))

    def silence(self, frame):
        for index in range(len(frame)):
            frame[index] = 0

    def _compress(self, octets, frame):
        g711.compress(octets, rtp.HEADER, frame, self.law)

    def _send_noise(self, octets, timestamp):
        """Send the background level in a packet of its own (RFC 3389 §4)."""
        octets[rtp.HEADER] = self.vad.level()
        return self._send(octets, _COMFORT_NOISE, 0, timestamp, 1)

    def _send(self, octets, payload_type, marker, timestamp, length):
        rtp.write(octets, rtp.Packet(payload_type, marker, self.sequence, timestamp, self.ssrc))
        self.sequence = (self.sequence + 1) & 0xFFFF
        self.talking = True
        self.sent = (self.sent + 1) & _MASK
        self.sent_octets = (self.sent_octets + length) & _MASK
        return rtp.HEADER + length

    # -- receiving ---------------------------------------------------------------------------------------

    def leave_source(self):
        """Expect a new source: packets that the peer did not send while on hold are not lost."""
        self.past_expected = (self.past_expected + self.source.expected()) & _MASK
        self.past_received = (self.past_received + self.source.received) & _MASK
        self.source.received = 0
        self.source.known = False

    def receive(self, octets, length, now):
        packet = rtp.parse(octets, length)
        known = (self.receive_payload_type, self.event_payload_type) + self.static
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
            self.quiet = False
            self._begin()
        if packet.payload_type == self.event_payload_type:
            if not self.digits_in.receive(octets, packet.offset, packet.length, packet.timestamp):
                self.invalid += 1
                return 1
            self.jitter.cover(packet.timestamp, self.digits_in.duration + _EVENT_TAIL)
        elif packet.payload_type != _COMFORT_NOISE:
            self._expect_law(packet.payload_type)
            self._take_voice(packet, octets, now)
        elif packet.length:
            # §3: the level of the background; an optional spectrum after it is ignored.
            loud = octets[packet.offset] & 0x7F
            self.noise = min(_LEVELS[loud % 6] * 5 // 2 >> loud // 6, 32767)
            self.quiet_from = packet.timestamp
            self.quiet = True
        return 0

    def _begin(self):
        self.jitter.reset()

    def _expect_law(self, payload_type):
        """Switch the law: a peer may send either one at any time if both were offered (RFC 3264 §7)."""
        law = self.law if payload_type == self.receive_payload_type else payload_type
        if law != self.received_law:
            self._switch(law)
            self.received_law = law
            self.expansion = g711.expansion(law)

    def _switch(self, law):
        g711.switched(self.jitter.octets, self.received_law, law)

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
        line = self.plc
        if not self.jitter.anchored:
            self.playing = False
            self.gap = 0
            if line.pending < core.FRAME_SAMPLES:
                self._pause(core.FRAME_SAMPLES - line.pending)
            self._output(frame)
            return
        self.came = self.missed = False
        self._fill(core.FRAME_SAMPLES)
        self._watch_losses()
        if self.playing:
            self._adjust()
        self._output(frame)
        self.gap += 1 if self.missed else 0
        self.jitter.played(not self.came and line.pending == 0)

    def _output(self, frame):
        self.plc.output(frame)

    def _decode(self, place, cells):
        """Decode `cells` filled cells to `place`."""
        for _ in range(cells):
            at = self.jitter.cell()
            for index in range(jitter.CELL):
                self.plc.samples[place + index] = self.expansion[self.jitter.octets[at + index]]
            place += jitter.CELL

    def _take_cells(self, cells):
        if self.quiet and rtp.ahead(self.jitter.play, self.quiet_from) > 0:
            self.quiet = False
        self._decode(self.plc.place, cells)
        for line in self.lines:
            line.take(cells * jitter.CELL)
        self.concealed += self.gap
        self.gap = 0
        self.playing = True
        self.came = True

    def _skip(self, cells):
        for _ in range(cells):
            self.jitter.cell()
            self.missed = self.missed or not self.jitter.covered

    def _be_quiet(self, cells):
        """Play `cells` of a pause, in which no packets are expected: background noise or silence."""
        for _ in range(cells):
            self.jitter.cell()
        self._pause(cells * jitter.CELL)

    def _pause(self, samples):
        for line in self.lines:
            if self.quiet and line is self.plc:
                line.noise(samples, self.noise)
            else:
                line.rest(samples)

    def _conceal(self, cells):
        for line in self.lines:
            line.conceal(cells * jitter.CELL, self.plc)

    def _bridge(self, gap, beyond):
        """Join `gap` concealed cells to the `beyond` cells after them."""
        place = self.plc.place
        self._decode(place, beyond)
        known = beyond * jitter.CELL >= pitch.SHORT_WINDOW + pitch.MAX
        lag = pitch.find_ahead(self.plc.samples, place) if known else 0
        for line in self.lines:
            line.bridge(gap * jitter.CELL, beyond * jitter.CELL, lag)

    def _make_up(self, wanted):
        """Conceal at most `wanted` cells; the whole gap if it is short and the cells after it are known."""
        gap = self.jitter.gap(jitter.CELLS)
        if self.quiet and rtp.ahead(self.jitter.play, self.quiet_from) >= 0:
            self._be_quiet(min(gap, wanted))
            return
        beyond = self.jitter.run(gap, plc.BEYOND // jitter.CELL)
        lost = self.source.skipped != self.skipped
        near = plc.GAP // jitter.CELL
        if lost and gap <= near and beyond:
            self._skip(gap)
            self._conceal(gap)
            self._bridge(gap, beyond)
            self.concealed += self.gap + self.missed
            self.gap = 0
            self.missed = False
            self.came = True
            return
        wanted = min(wanted, gap - near if gap > near else gap)
        self._skip(wanted)
        self._conceal(wanted)

    def _fill(self, samples):
        """Ensure that `samples` are pending."""
        line = self.plc
        while line.pending < samples:
            wanted = (samples - line.pending + jitter.CELL - 1) // jitter.CELL
            run = self.jitter.run(0, wanted)
            if run:
                self._take_cells(run)
            elif self.playing:
                self._make_up(wanted)
            else:
                self._be_quiet(1)

    def _adjust(self):
        """Move the time line towards the wanted depth, if this frame is a good place for that."""
        line = self.plc
        surplus = self.jitter.surplus() + line.pending
        self.stretch.hear(line)
        if line.missing or line.pending > stretch.AHEAD or not self.stretch.wants(surplus):
            return
        if surplus > 0:
            more = (stretch.AHEAD - line.pending + jitter.CELL - 1) // jitter.CELL
            if self.jitter.run(0, more) < more:
                return
            self._take_cells(more)
        lag = self.stretch.choose(line, surplus)
        if lag:
            for line in self.lines:
                stretch.by(line, surplus, lag)

    def _watch_losses(self):
        """Count a playout gap as a loss if sequence numbers are missing; else the peer pauses."""
        gaps, skipped = self.jitter.gaps, self.source.skipped
        if gaps != self.gaps and skipped != self.skipped:
            self.jitter.delay.lost()
            self.skipped = skipped
        self.gaps = gaps


class Voice:
    """One wire and, while it is open, one stream."""

    stream_class = Stream

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
        self.options = [0, 0, 0, level.UNITY, 0, 0]
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
        held, pauses = options[core.HOLD_SEND], options[core.VAD]
        return self.stream.transmit(samples, options[core.MUTE], held, pauses, octets, now)

    def playout(self, frame):
        _fits(self.playout_format, frame)
        samples = array.array("h", [0] * core.FRAME_SAMPLES)
        if self.stream and self.is_open:
            self.stream.play(samples)
        if self.stream and (self.options[core.HOLD_RECEIVE] or not self.is_open):
            self.stream.silence(samples)
        self.tone.add(samples)
        self.playout_energy = level.energy(samples)
        self._scale(samples)
        struct.pack_into(self.playout_format, frame, 0, *self.up.frame(samples))

    def _scale(self, samples):
        level.scale(samples, self.options[core.VOLUME])

    def counts(self):
        """The counters in the order of core.COUNTERS."""
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
            stream.stretch.changes,
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
    voice.stream = voice.stream_class(parameters)
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
    if option == core.HOLD_RECEIVE and voice.options[option] and not value and voice.stream is not None:
        voice.stream.leave_source()
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


def next_digit(voice):
    return voice.stream.digits_in.next() if voice.stream else -1
