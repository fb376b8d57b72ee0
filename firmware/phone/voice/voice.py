"""The voice path: microphone and earpiece on one side, the call's port on the other, the engine between.

`frame` is the body of the voice loop. Only the codec's clock paces it: one frame is played for each captured.
Buffers are made when sound begins; `frame` allocates nothing.
"""

from binascii import b2a_base64

from compat import const
from phone.voice.pace import Pace

_MAX_PACKET = const(1500)  # the MTU of Ethernet
_FRAME_MS = const(20)
_MAX_PER_FRAME = const(10)  # packets read from the port per frame: a flood must not stop the sound
_MAX_STALE = const(500)
_QUIET = const(100)  # RMS of a frame, -50 dB: the pauses of speech are below


class Voice:
    """The voice path of all calls: the call that `open` was last called for is heard.

    codec      a hal.contract Codec
    engine     a media.engine.Engine
    random     random(n) returns n octets: SSRC, first sequence number and timestamp (RFC 3550 §5.1)
    jitter_ms  (least, greatest) depth of the jitter buffer
    volume     loudness of the earpiece, percent; gain: of the microphone
    cname      our CNAME in RTCP; "": a random one for each call (RFC 7022 §4.2)
    vad        whether pauses are sent as comfort noise (RFC 3389), if the peer accepts that
    echo       the output whose echo is cancelled: "speaker", "all", or "off"
    fastest    highest sample rate of the codec, Hz; None: as high as codec and engine allow
    """

    def __init__(
        self,
        codec,
        engine,
        random,
        *,
        jitter_ms=(20, 200),
        volume=60,
        gain=60,
        cname="",
        fastest=None,
        vad=False,
        echo="off",
    ):
        self.codec = codec
        self.engine = engine
        self.volume = volume
        self.muted = False
        self._random = random
        self._jitter_ms = jitter_ms
        self._cname = cname
        self._vad = vad
        self._fastest = fastest
        self._gain = gain
        self._steps = 0  # steps of 6 dB of that gain that the engine applies
        self._echo_at = echo
        self._echo = None
        self._port = None
        self._mixer = None
        self._pace = Pace()
        self._sends = False
        self._packet = self._captured = self._playout = b""
        self._make_buffers(self._wire_rate())

    @property
    def running(self) -> bool:
        """Whether microphone and earpiece are on."""
        return self.codec.running

    @property
    def port(self):
        """The port of the stream; None when there is none."""
        return self._port

    @property
    def idle(self) -> bool:
        """Whether nobody listens and no stream is open."""
        return self._port is None and not self.codec.running

    @property
    def quiet(self) -> bool:
        """Whether the earpiece is off or almost silent."""
        return not self.codec.running or self.engine.levels()[1] < _QUIET

    # Sound on and off

    def start(self, output: str) -> None:
        """Turn microphone and earpiece on, or move the sound to another output: "handset", "speaker" …"""
        codec = self.codec
        codec.route(output)
        if not codec.running:
            self._start_codec()
        if self._echo_at not in ("all", codec.output):
            self._echo = None
        elif self._echo is None:
            from phone.voice.echo import echo_of

            self._echo = echo_of(codec, self._steps)

    def _start_codec(self):
        codec = self.codec
        rate = self._wire_rate()
        engine = self.engine
        if (rate, codec.capture_bits) != (engine.rate, engine.capture_bits):
            engine.wire(rate, codec.capture_bits)
        codec.start(rate)
        self._make_buffers(rate)
        self.set_volume(self.volume)
        if not codec.gain(self._gain):
            # The codec has no gain: the engine amplifies by 6 dB for each 10 above 60; it never attenuates.
            self._steps = max(self._gain - 60, 0) // 10
            engine.microphone(self._steps)

    def _make_buffers(self, rate):
        """Make one buffer for a packet, a captured frame and one to play: no two are needed at a time."""
        samples = rate * _FRAME_MS // 1000
        captured = samples * self.codec.capture_bits // 8
        if len(self._captured) != captured:
            self._packet = self._captured = self._playout = b""
            self._packet = bytearray(max(_MAX_PACKET, captured))
            self._captured = memoryview(self._packet)[:captured]
            self._playout = memoryview(self._packet)[: samples * 2]

    def stop(self) -> None:
        """Turn microphone and earpiece off."""
        self.codec.stop()
        self._echo = None

    def set_volume(self, percent: int) -> None:
        """Loudness of the earpiece, 0 to 100."""
        self.volume = min(max(percent, 0), 100)
        volume = 100 if self.codec.volume(self.volume) else self.volume
        if self._mixer is None:
            self.engine.volume(volume)
        else:
            self._mixer.volume = volume

    def mute(self, on: bool) -> None:
        """Send silence, or the microphone again."""
        self.muted = on
        self.engine.mute(on and self._mixer is None)

    def tone(self, name) -> None:
        """Play a call-progress tone until the next call; None stops it."""
        if self._mixer is None:  # in a conference the other parties would hear the tone
            self.engine.tone(name)

    # A call's media

    def open(self, port, media, held: bool = False) -> None:
        """Open, or change, the stream through `port` as `media` (an offer_answer.Media) says.

        `held`: we hold the call, so nothing is sent or heard. Close another call's stream before.
        """
        is_new = self._port is not port
        if is_new:
            self.mute(False)
        self._port = port
        self._sends = self._agree(self.engine, port, media, is_new, held)

    def _agree(self, engine, port, media, is_new, held):
        """Set `engine` and `port` as `media` says; whether anything is sent."""
        wide = "G722" in [each[0] for each in media.formats]
        if is_new:
            self._drain(port)
            engine.open(
                media.codec,
                media.payload_type,
                media.receive_payload_type,
                media.event_payload_type,
                ssrc=int.from_bytes(self._random(4), "big"),
                # Below 2^15: a peer that misses the first packets must not miss a wrap (RFC 3711 §3.3.1).
                sequence=int.from_bytes(self._random(2), "big") & 0x7FFF,
                timestamp=int.from_bytes(self._random(4), "big"),
                rate=self._wire_rate() if engine is self.engine else self.engine.rate,
                capture_bits=self.codec.capture_bits,
                depth_ms=self._jitter_ms[0],
                ceiling_ms=self._jitter_ms[1],
                cname=self._cname or b2a_base64(self._random(12)).decode().strip(),
                wide=wide,
            )
        else:
            engine.update(
                media.codec, media.payload_type, media.receive_payload_type, media.event_payload_type, wide
            )
        engine.send_pauses(not (self._vad and media.comfort_noise))
        hears = media.direction in ("sendrecv", "recvonly") and not held
        types = tuple(each[2] for each in media.formats)
        types += (media.receive_event_payload_type or media.event_payload_type,)
        port.arrivals = None
        if len(types) > 2 or media.receive_event_payload_type != media.event_payload_type:
            from phone.voice.arrivals import arrivals_of

            port.arrivals = arrivals_of(media)
        # The packets to expect: from these the port learns the address of a peer behind a NAT.
        port.payload_types = types if hears and not media.held else None
        reachable = port.connect(media.remote, media.remote_rtcp)
        sends = reachable and media.direction in ("sendrecv", "sendonly") and not held
        engine.hold(not sends, not hears)
        return sends

    # A second stream, for a conference

    def join(self, port, media) -> None:
        """Open, or change, a second stream: person, first and second peer hear each other.

        Raises MemoryError.
        """
        mixer = self._mixer
        is_new = mixer is None
        if is_new:
            from phone.voice.mixer import Mixer

            mixer = Mixer(self, port, len(self._captured), len(self._playout))
            self.engine.tone(None)
            self.engine.mute(False)  # the mixer mutes the microphone
        self._agree(mixer.engine, port, media, is_new, False)
        self._mixer = mixer

    def part(self, now: int) -> "dict | None":
        """End the second stream; returns its statistics, None when there was none."""
        mixer, self._mixer = self._mixer, None
        if mixer is None:
            return None
        mixer.end()
        self.mute(self.muted)
        return _end(mixer.engine, mixer.port, now)

    def _drain(self, port):
        """Discard the packets that came before the stream was opened."""
        for _ in range(_MAX_STALE):
            if not port.receive_into(self._packet):
                return

    def close(self, now: int) -> "dict | None":
        """End the stream; returns its statistics, None when there was none."""
        port = self._port
        if port is None:
            return None
        self._port = None
        self.mute(False)
        return _end(self.engine, port, now)

    def send_digit(self, digit: str) -> bool:
        """Send a digit to the other side and let the person hear it; False when nothing can be sent."""
        if self._port is None or not self._sends or not self.engine.send_digit(digit):
            return False
        if self._mixer is None:
            self.engine.key_tone(digit)
        return True

    def digits(self) -> str:
        """The digits that the other side sent since the last call of this method."""
        return self.engine.digits() if self._port is not None else ""

    def _wire_rate(self):
        codec = self.codec
        if codec.running:
            return codec.rate
        if self._port is not None:
            return self.engine.rate  # another rate would end the stream
        rates = [rate for rate in codec.rates if rate in self.engine.rates]
        for rate in rates:
            if self._fastest is None or rate <= self._fastest:
                return rate
        return min(rates)

    # Every 20 ms

    def wait(self, now: int) -> int:
        """A frame is ready at `now`: the ms to wait before `frame` is called."""
        return self._pace.wait(now) if self._port is not None else 0

    def frame(self, now: int) -> None:
        """Process one frame each way. While another captured frame waits, the codec stays `ready`."""
        codec, engine, port = self.codec, self.engine, self._port
        if not codec.read_into(self._captured):
            return
        if self._echo is not None:
            self._echo.heard(self._captured)
        if port is None:
            engine.playout(self._playout)
            self._play()
            return
        if self._mixer is not None:
            self._mixer.frame(self._captured, self._playout, self._packet, now)
            self._play()
            self._exchange_rtcp(self._mixer.engine, self._mixer.port, now)
        else:
            packet = engine.transmit(self._captured, now)
            if packet is not None:
                port.send(packet)
            # Packets are read into the buffer of the captured frame.
            self._take_packets(port, now)
            engine.playout(self._playout)
            self._play()
        self._exchange_rtcp(engine, port, now)

    def _play(self):
        self.codec.write(self._playout)
        if self._echo is not None:
            self._echo.played(self._playout)

    def _take_packets(self, port, now):
        packet = self._packet
        for _ in range(_MAX_PER_FRAME):
            length = port.receive_into(packet)
            if not length:
                return
            if port.arrivals is not None:
                port.arrivals.adapt(packet, length)
            self.engine.receive(packet, length, now)

    def _exchange_rtcp(self, engine, port, now):
        length = port.receive_rtcp_into(self._packet)
        if length:
            engine.receive_rtcp(self._packet, length, now)
        report = engine.rtcp(now)
        if report is not None:
            port.send_rtcp(report)


def _end(engine, port, now):
    """End a stream, with an RTCP BYE to the peer; returns the statistics."""
    engine.close()
    goodbye = engine.rtcp(now)
    if goodbye is not None:
        port.send_rtcp(goodbye)
    return engine.stats()
