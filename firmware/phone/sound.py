"""Sound: builds the voice path when somebody listens, and lets go of it when nobody does.

The buffers and modules of the voice path take more than 20 KB; an idle phone uses that heap otherwise.
"""

import compat


class Sound:
    """A phone.voice.voice.Voice that exists only while it is needed; `make()` returns one. Same methods.

    Only `prepare`, `start`, `open` and `join` build the voice path. While there is none, the other methods
    behave as those of a silent one.

    volume       loudness of the earpiece, percent; kept while there is no Voice
    on_failure   None, or called with "sound" and the error when there is not enough memory for sound
    """

    on_failure = None

    def __init__(self, make, volume: int = 60):
        self._make = make
        self._voice = None
        self._volume = volume
        self._tone = None

    @property
    def running(self) -> bool:
        return self._voice is not None and self._voice.running

    @property
    def muted(self) -> bool:
        return self._voice is not None and self._voice.muted

    @property
    def port(self):
        """The port of the stream; None when there is none."""
        return None if self._voice is None else self._voice.port

    @property
    def volume(self) -> int:
        return self._volume if self._voice is None else self._voice.volume

    @property
    def quiet(self) -> bool:
        """Whether the earpiece is silent at the moment, so that nobody would hear a short pause."""
        return self._voice is None or self._voice.quiet

    def prepare(self) -> None:
        """Build the voice path before it is needed, while the heap has large free blocks."""
        self._made()

    def start(self, output: str) -> None:
        """As Voice.start; without enough memory `running` stays False, and `on_failure` gets the error."""
        try:
            self._start(output)
        except (OSError, MemoryError) as error:  # OSError: the codec's buffers lie outside the heap
            self._let_go()
            if self.on_failure is not None:
                self.on_failure("sound", error)

    def _start(self, output):
        try:
            self._made().start(output)
        except (OSError, MemoryError):
            compat.collect()  # finalisers also close streams that were left open
            self._made().start(output)

    def open(self, port, media, held: bool = False) -> None:
        self._made().open(port, media, held)

    def join(self, port, media) -> None:
        self._made().join(port, media)

    def part(self, now: int) -> "dict | None":
        return None if self._voice is None else self._voice.part(now)

    def mute(self, on: bool) -> None:
        if self._voice is not None:
            self._voice.mute(on)

    def send_digit(self, digit: str) -> bool:
        return self._voice is not None and self._voice.send_digit(digit)

    def digits(self) -> str:
        return "" if self._voice is None else self._voice.digits()

    def stop(self) -> None:
        if self._voice is not None:
            self._voice.stop()
            self._let_go()

    def close(self, now: int) -> "dict | None":
        if self._voice is None:
            return None
        stats = self._voice.close(now)
        self._let_go()
        return stats

    def set_volume(self, percent: int) -> None:
        self._volume = min(max(percent, 0), 100)
        if self._voice is not None:
            self._voice.set_volume(percent)

    def tone(self, name) -> None:
        self._tone = name
        if self._voice is not None:
            self._voice.tone(name)

    def wait(self, now: int) -> int:
        """The ms for which a frame that is ready at `now` is to wait for its time."""
        return 0 if self._voice is None else self._voice.wait(now)

    def frame(self, now: int) -> None:
        if self._voice is not None:
            self._voice.frame(now)

    def _made(self):
        if self._voice is None:
            # The buffers need large free blocks: garbage must not lie between them.
            compat.collect()
            voice = self._make()
            voice.set_volume(self._volume)
            if self._tone is not None:
                voice.tone(self._tone)
            self._voice = voice
        return self._voice

    def _let_go(self):
        voice = self._voice
        if voice is not None and voice.idle:
            self._volume = voice.volume
            self._voice = None
            compat.forget_package("phone.voice")
            compat.forget_package("media")
