"""Sound: the voice path, there while somebody listens and let go of when nobody does.

Its buffers and its modules take more than 20 KB, which an idle phone of 120 KB has better use for.
"""

import compat


class Sound:
    """A phone.voice.voice.Voice that comes and goes: `make()` returns one. What is asked of it, it is.

    volume   loudness of the earpiece, percent: outlives the Voice
    """

    _voice = None

    def __init__(self, make, volume: int = 60):
        self._make = make
        self._volume = volume
        self._tone = None

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._made(), name)

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

    def prepare(self) -> None:
        """Somebody will listen soon: take what that needs while there is room in one piece."""
        self._made()

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

    def frame(self, now: int) -> None:
        if self._voice is not None:
            self._voice.frame(now)

    def _made(self):
        if self._voice is None:
            # Large pieces of heap are wanted: what is garbage by now shall not lie between them.
            compat.collect()
            voice = self._make()
            voice.set_volume(self._volume)
            if self._tone is not None:
                voice.tone(self._tone)
            self._voice = voice
        return self._voice

    def _let_go(self):
        voice = self._voice
        if voice.idle:
            self._volume = voice.volume
            self._voice = None
            compat.forget_package("phone.voice")
            compat.forget_package("media")
