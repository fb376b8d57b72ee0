"""Mixer: the second stream of a three-party conference; loaded with the first conference.

The remote parties hear each other 20 ms late: one's voice is mixed into the next frame sent to the other.
Buffers are made once; `frame` allocates nothing.
"""

from compat import const

_MAX_PER_FRAME = const(10)


class Mixer:
    """A second stream, with its own engine, beside the stream of `voice` (phone.voice.voice.Voice).

    port    the second stream's net.media.port.MediaPort
    volume  loudness of the earpiece, percent
    """

    def __init__(self, voice, port, captured: int, played: int):
        self.voice = voice
        self.engine = voice.engine.twin()
        self.port = port
        self._silence = bytes(captured)
        self._second = bytearray(captured)
        self._heard = (bytearray(played), bytearray(played))
        # Voices are mixed before the volume is applied: the engines amplify and attenuate nothing meanwhile.
        self._gain, self.volume = voice.engine.levels_set
        for engine in (voice.engine, self.engine):
            engine.microphone(0)
            engine.volume(100)

    def end(self) -> None:
        """Restore the levels of the voice's engine."""
        self.voice.engine.microphone(self._gain)
        self.voice.engine.volume(self.volume)

    def frame(self, captured, playout, packet, now: int) -> None:
        """One frame each way for both streams; `packet` may share its buffer with the other two."""
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
        # Packets are read into the buffer of the captured frame.
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
