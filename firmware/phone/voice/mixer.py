"""Mixer: the second stream of a conference of three; loaded with the first, and let go of when it ends.

What one of the others says the other hears 20 ms later: it is mixed into the next captured frame. Buffers are
made once; in `frame` nothing is allocated.
"""

from compat import const

_MAX_PER_FRAME = const(10)


class Mixer:
    """Beside `voice` (phone.voice.voice.Voice) with its own stream: one more, on an engine of its own.

    port   the second stream's net.media.port.MediaPort
    volume  of what the person hears, percent
    """

    def __init__(self, voice, port, captured: int, played: int):
        self.voice = voice
        self.engine = voice.engine.twin()
        self.port = port
        self._silence = bytes(captured)
        self._second = bytearray(captured)
        self._heard = (bytearray(played), bytearray(played))
        # The three are mixed as they speak: the microphone amplified, nobody turned down yet.
        self._gain, self.volume = voice.engine.levels_set
        for engine in (voice.engine, self.engine):
            engine.microphone(0)
            engine.volume(100)

    def end(self) -> None:
        """Give the voice's engine back as it was."""
        self.voice.engine.microphone(self._gain)
        self.voice.engine.volume(self.volume)

    def frame(self, captured, playout, packet, now: int) -> None:
        """One frame each way for both streams; `packet` may share its octets with the other two."""
        voice, engine, second = self.voice, self.engine, self._second
        one, other = self._heard
        if voice.muted:
            captured[:] = self._silence  # the others still hear each other
        if self._gain:
            engine.adjust(captured, engine.capture_bits, self._gain, 100)
        second[:] = captured
        engine.mix(captured, other)
        engine.mix(second, one)
        coded = voice.engine.transmit(captured, now)
        if coded is not None:
            voice.port.send(coded)
        coded = engine.transmit(second, now)
        if coded is not None:
            self.port.send(coded)
        # From here on the captured frame is written over.
        _take(voice.port, voice.engine, packet, now)
        _take(self.port, engine, packet, now)
        voice.engine.playout(one)
        engine.playout(other)
        playout[:] = one
        engine.mix(playout, other)
        engine.adjust(playout, 16, 0, self.volume)


def _take(port, engine, packet, now):
    for _ in range(_MAX_PER_FRAME):
        length = port.receive_into(packet)
        if not length:
            return
        if port.arrivals is not None:
            port.arrivals.adapt(packet, length)
        engine.receive(packet, length, now)
