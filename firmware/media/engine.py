"""The voice engine of one call: microphone frames in, RTP out; RTP in, earpiece frames out.

The engine owns no socket and no clock and knows no SIP: buffers and `now` (a `compat.ticks_ms` tick) are
arguments. There is one `transmit` and one `playout` per 20 ms, and one `receive` per datagram; with the
native core none of them allocates. All other calls are rare.

The work is done by a *core*: the native module `voice_core` (a natmod or a user C module on a chip, a shared
library on CPython) or `media.reference`, its twin in Python with the same output, sample for sample. From the
first stream that may be wideband, the native module `wide_core` replaces it: the same core with G.722. A
phone's image has no twin of `wide_core`.
"""

import array

from media import call_progress, core, level, rtcp

# The core names codecs by their static payload types (RFC 3551 §6, table 4).
CODECS = {"PCMU": 0, "PCMA": 8, "G722": 9}

# RFC 4733 §3.2, table 3.
DIGITS = "0123456789*#ABCD"

# Counters of the core that `stats` passes on unchanged.
STATS = ("sent", "received", "late", "duplicate", "overflow", "invalid", "concealed", "slipped", "resynced")


class Engine:
    """One stream between a codec's frames and a peer's packets.

    `native`: True requires the native core (RuntimeError if it is missing), False takes the reference, None
    takes the native core if there is one. `.native` says whether the core is native, `.native_error` why it
    is not, `.wide` whether it has G.722 already. `country` names a row of `call_progress.COUNTRIES`.
    """

    def __init__(self, native=None, country: str = "etsi"):
        chosen, self.native_error = (None, "not asked for") if native is False else core.find_native()
        if native and chosen is None:
            raise RuntimeError("no native voice core: %s" % self.native_error)
        self.native = chosen is not None
        self.wide = False
        self.country = country
        # Wire rates in Hz that this core resamples fast enough.
        self.rates = (48000, 16000, 8000) if self.native else (8000,)
        self._core = chosen or _reference()
        self._voice = self._core.new()
        self._packet = bytearray(core.VOICE_PACKET)
        # `transmit` returns one of these, made once: a slice per packet would allocate in every frame.
        self._packets = {}
        for octets in (core.VOICE_PACKET, core.EVENT_PACKET, core.NOISE_PACKET):
            self._packets[octets] = memoryview(self._packet)[:octets]
        self._counters = array.array("I", [0] * len(core.COUNTERS))
        self._rtcp = None
        self.rate = 0
        self.capture_bits = 0
        self._volume = 100
        self._microphone = 0
        self.wire(8000, 16)

    # -- set-up ------------------------------------------------------------------------------------------

    def wire(self, rate: int, capture_bits: int = 16) -> None:
        """Set the codec's sample rate (Hz) and the captured sample's width (16, or 32 left-justified).

        Ends an open stream. Needed before `playout` of tones without a stream; `open` can set both too.
        ValueError for a rate that is not in `rates`.
        """
        if rate not in self.rates:
            raise ValueError("rate %r: not one of %r" % (rate, self.rates))
        if capture_bits not in (16, 32):
            raise ValueError("capture_bits %r: not 16 or 32" % (capture_bits,))
        self.rate = rate
        self.capture_bits = capture_bits
        self._core.start(self._voice, rate, capture_bits)
        self._rtcp = None
        self.volume(self._volume)
        self.microphone(self._microphone)

    @property
    def frame_samples(self) -> int:
        """Samples in one 20 ms frame at the wire rate."""
        return self.rate * core.FRAME_MS // 1000

    def open(
        self,
        codec: str,
        payload_type: int,
        receive_payload_type=None,
        event_payload_type=None,
        ssrc: int = 0,
        sequence: int = 0,
        timestamp: int = 0,
        rate=None,
        capture_bits=None,
        depth_ms: int = 20,
        ceiling_ms: int = 200,
        cname: str = "",
        wide: bool = False,
    ) -> None:
        """Start a stream of `codec` ("PCMU", "PCMA" or "G722"); `wide`: G.722 may arrive.

        Payload types are 0–127; the receive type defaults to the sent one; without an event type digits are
        sent as tones. `ssrc`, `sequence` and `timestamp` are the random first values of RFC 3550 §5.1.
        The jitter buffer is as deep as the network needs, from `depth_ms` to `ceiling_ms`, both 20–240.
        ValueError for values out of range, and for G.722 on a wire of 8 kHz; RuntimeError without a core for
        G.722. G.722's timestamps count 8000 a second as well (RFC 3551 §4.5.2).
        """
        rate = rate or self.rate
        capture_bits = capture_bits or self.capture_bits
        if (rate, capture_bits) != (self.rate, self.capture_bits):
            self.wire(rate, capture_bits)
        if not 20 <= depth_ms <= ceiling_ms <= 240:
            raise ValueError("depth %r to %r ms: not in 20-240" % (depth_ms, ceiling_ms))
        types = _payload_types(codec, payload_type, receive_payload_type, event_payload_type)
        self._widen(wide or codec == "G722")
        first = [ssrc & 0xFFFFFFFF, sequence & 0xFFFF, timestamp & 0xFFFFFFFF]
        self._core.open(self._voice, array.array("I", types + first + [depth_ms, ceiling_ms]))
        self._rtcp = rtcp.Reporter(ssrc & 0xFFFFFFFF, cname)

    def update(
        self, codec: str, payload_type: int, receive_payload_type=None, event_payload_type=None, wide=False
    ):
        """Change codec or payload types of an open stream (a re-INVITE); SSRC and counters continue."""
        types = _payload_types(codec, payload_type, receive_payload_type, event_payload_type)
        self._widen(wide or codec == "G722")
        self._core.update(self._voice, array.array("I", types))

    def _widen(self, wanted):
        """Replace the core by the one with G.722, which takes over the state: its own begins alike."""
        if self.wide or not wanted:
            return
        chosen, error = core.find_native("wide_core") if self.native else (None, "not native")
        if chosen is None:
            raise RuntimeError("no wideband core: %s" % error)
        voice = chosen.new()
        voice[: len(self._voice)] = self._voice
        self._core, self._voice, self.wide = chosen, voice, True

    def close(self) -> None:
        """End the stream: nothing more is sent or played, the next `rtcp` gives a BYE, `stats` are kept."""
        self._core.close(self._voice)
        if self._rtcp:
            self._rtcp.close()

    # -- every 20 ms -------------------------------------------------------------------------------------

    def transmit(self, frame, now: int):
        """Take one captured 20 ms frame; return the packet to send (a memoryview, valid until the next).

        None when there is nothing to send: no stream, or held. `frame` is any buffer of `frame_samples`
        signed samples of `capture_bits`, native byte order, aligned to 4.
        """
        octets = self._core.transmit(self._voice, frame, self._packet, now)
        return self._packets[octets] if octets else None

    def receive(self, packet, length: int, now: int) -> bool:
        """Take a packet of `length` octets from RTP's port; False (and counted) if not of the stream."""
        return self._core.receive(self._voice, packet, length, now) == 0

    def playout(self, frame) -> None:
        """Fill one 20 ms frame with the peer's voice and the tone, at the volume.

        `frame` is any writable buffer of `frame_samples` signed 16-bit samples, native byte order,
        aligned to 4.
        """
        self._core.playout(self._voice, frame)

    def twin(self):
        """A second Engine of the same kind on the same wire: the other stream of a conference."""
        twin = Engine(self.native, self.country)
        twin.wire(self.rate, self.capture_bits)
        twin.volume(self._volume)
        twin.microphone(self._microphone)
        return twin

    def mix(self, frame, other) -> None:
        """Add the played frame `other` to `frame`, a captured one or one to be played, saturating."""
        self._core.mix(frame, other)

    def adjust(self, frame, bits: int, steps: int, percent: int) -> None:
        """Amplify samples by `steps` of 6 dB, saturating; attenuate 16-bit samples to `percent`."""
        self._core.adjust(frame, bits, steps, level.gain(percent))

    @property
    def levels_set(self) -> "tuple[int, int]":
        """(microphone gain in steps of 6 dB, volume in percent), as set."""
        return self._microphone, self._volume

    # -- RTCP --------------------------------------------------------------------------------------------

    def rtcp(self, now: int):
        """The compound report (RFC 3550 §6) that is due at `now`, as a memoryview; None when none is due."""
        if self._rtcp is None:
            return None
        if not self._rtcp.due(now):
            return None
        return self._rtcp.report(self._read_counters(), now)

    def receive_rtcp(self, packet, length: int, now: int) -> bool:
        """Take `length` octets from RTCP's port; False (and counted) when they are no valid compound."""
        if self._rtcp is None:
            return False
        return self._rtcp.receive(packet, length, self._read_counters(), now)

    # -- controls ----------------------------------------------------------------------------------------

    def mute(self, on: bool) -> None:
        """Send silence instead of the microphone; the stream continues."""
        self._core.set(self._voice, core.MUTE, 1 if on else 0)

    def hold(self, send: bool, receive: bool) -> None:
        """Hold a direction: `send` stops our packets, `receive` stops playing the peer's.

        False lets that direction flow: `hold(False, False)` is sendrecv, `hold(True, True)` inactive.
        """
        self._core.set(self._voice, core.HOLD_SEND, 1 if send else 0)
        self._core.set(self._voice, core.HOLD_RECEIVE, 1 if receive else 0)

    def send_pauses(self, on: bool) -> None:
        """True: send the microphone always. False: in pauses send only the noise level (RFC 3389)."""
        self._core.set(self._voice, core.VAD, 0 if on else 1)

    def volume(self, percent: int) -> None:
        """Earpiece level, 0 (silent) to 100 (as received)."""
        self._volume = percent
        self._core.set(self._voice, core.VOLUME, level.gain(percent))

    def microphone(self, steps: int) -> None:
        """Capture gain in steps of 6 dB: 0 to 6, saturating."""
        self._microphone = min(max(steps, 0), 6)
        self._core.set(self._voice, core.CAPTURE_GAIN, self._microphone)

    def send_digit(self, digit: str, ms: int = 160) -> bool:
        """Queue a digit (0-9 * # A-D), as RFC 4733 events or as tones; False when the queue is full.

        ValueError for another character. `ms` is limited to 40–5000.
        """
        event = DIGITS.find(digit.upper()) if len(digit) == 1 else -1
        if event < 0:
            raise ValueError("no such digit: %r" % digit)
        return self._core.send_digit(self._voice, event, min(max(ms, 40), 5000)) == 0

    def digits(self) -> str:
        """The digits that the peer has sent since the last call of this method."""
        received = ""
        while True:
            event = self._core.next_digit(self._voice)
            if event < 0:
                return received
            received += DIGITS[event]

    def tone(self, name, country=None) -> None:
        """Play a tone of `call_progress.NAMES` into the earpiece until the next call; None stops it.

        Needs no open stream. KeyError for an unknown name or country.
        """
        script = call_progress.script(country or self.country, name) if name else b""
        self._core.play_tone(self._voice, script)

    def key_tone(self, digit: str, ms: int = 100) -> None:
        """Play a key's DTMF pair into the earpiece, for the person who presses it."""
        self._core.play_tone(self._voice, call_progress.key_script(digit, ms))

    # -- statistics --------------------------------------------------------------------------------------

    def stats(self) -> dict:
        """Counters since `open`, by name; times in ms, None if unknown. Kept after `close`.

        sent received lost late duplicate overflow invalid concealed slipped resynced jitter_ms
        round_trip_ms remote_lost remote_jitter_ms
        """
        counters = self._read_counters()
        named = {}
        for name in STATS:
            named[name] = counters[core.COUNTERS.index(name)]
        expected = counters[core.COUNTERS.index("expected")]
        named["lost"] = max(expected - (named["received"] - named["duplicate"]), 0)
        # RFC 3550 §A.8 keeps jitter in 1/16 of a timestamp unit; 8 units are 1 ms.
        named["jitter_ms"] = counters[core.COUNTERS.index("jitter")] // 128
        for name in ("round_trip_ms", "remote_lost", "remote_jitter_ms"):
            named[name] = getattr(self._rtcp, name) if self._rtcp else None
        return named

    def levels(self) -> "tuple[int, int]":
        """(microphone, earpiece): RMS of the last frames, 0–32767."""
        counters = self._read_counters()
        index = core.COUNTERS.index("capture_energy")
        return level.rms(counters[index]), level.rms(counters[index + 1])

    def _read_counters(self):
        self._core.counters(self._voice, self._counters)
        return self._counters


def _reference():
    """The Python core, loaded only where it is needed."""
    from media import reference

    return reference


def _payload_types(codec, payload_type, receive_payload_type, event_payload_type) -> list:
    """[law, sent, received, events]; the core knows "no events" as 255. ValueError when out of range."""
    if codec not in CODECS:
        raise ValueError("codec %r: not one of PCMU, PCMA, G722" % (codec,))
    if receive_payload_type is None:
        receive_payload_type = payload_type
    if event_payload_type is None:
        event_payload_type = core.NO_EVENTS
    for number in (payload_type, receive_payload_type):
        if not 0 <= number <= 127:
            raise ValueError("payload type %r: not 0-127" % (number,))
    if not 0 <= event_payload_type <= 127 and event_payload_type != core.NO_EVENTS:
        raise ValueError("event payload type %r: not 0-127" % (event_payload_type,))
    return [CODECS[codec], payload_type, receive_payload_type, event_payload_type]
