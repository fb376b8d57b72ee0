"""Instrument: the handset, the speaker, the ringer and the tones of the phone."""

from compat import const

_PATIENCE_MS = const(30_000)  # how long a dial tone waits for the first digit


class Instrument:
    """What the person holds and hears. The Instrument keeps no calls: `refresh` gets them as arguments.

    handset    whether the handset is lifted
    speaker    whether the sound is on the speaker
    forgotten  whether the handset was left off the hook: nobody dialled for 30 s, and the sound is off
    on_forgotten  function (now), called when `forgotten` becomes true or the speaker is turned off likewise

    `voice` is a phone.sound.Sound, `ringing` a phone.ringing.Ringing, `timers` a sip.timers.Timers.
    """

    def __init__(self, voice, ringing, timers):
        self.handset = False
        self.speaker = False
        self.forgotten = False
        self.on_forgotten = None
        self._voice = voice
        self._ringing = ringing
        self._timers = timers
        self._composing = None  # True: a number is being entered; False: none of its digits yet
        self._patience = None

    @property
    def muted(self) -> bool:
        return self._voice.muted

    @property
    def volume(self) -> int:
        return self._voice.volume

    @property
    def listening(self) -> bool:
        """Whether the person wants to hear: the handset is lifted or the speaker on."""
        return self.handset or self.speaker

    @property
    def output(self) -> str:
        """Where the sound belongs."""
        return "handset" if self.handset and not self.speaker else "speaker"

    # Actions of the person; call `refresh` after them

    def hook(self, lifted: bool) -> None:
        """The handset was lifted or put down."""
        self.handset = lifted
        self.forgotten = False
        self.speaker = self.speaker and not lifted

    def use_speaker(self, on: bool) -> None:
        """Turn the speaker on or off."""
        self.speaker = on

    def wake(self) -> None:
        """A call rings: the handset no longer counts as forgotten."""
        self.forgotten = False

    def compose(self, composing: "bool | None") -> None:
        """A number is being entered (True), is about to be (False), or is not asked for (None)."""
        self._composing = composing
        self.forgotten = False

    def toggle_mute(self) -> None:
        self._voice.mute(not self._voice.muted)

    def change_volume(self, percent: int) -> "tuple[str, int]":
        """Change the volume of the earpiece while it is on, else the ringer's: its name and new volume."""
        if self._voice.running:
            self._voice.set_volume(self._voice.volume + percent)
            return "Volume", self._voice.volume
        self._ringing.set_volume(self._ringing.volume + percent)
        return "Ringer", self._ringing.volume

    @property
    def sounds(self) -> bool:
        """Whether microphone and earpiece are on."""
        return self._voice.running

    # Sound and light

    def refresh(self, now: int, *, front, heard, waiting, missed: int) -> None:
        """Update sound and light to the state of the calls.

        `front` is the call on the screen, `heard` the one in the ear, `waiting` one that waits to be
        answered; each may be None. `missed` counts the missed calls that nobody has looked at.
        """
        # Whether a person who listens is to hear the dial tone.
        awaits = heard is None and (front is None if self._composing is None else not self._composing)
        self._watch_dial_tone(awaits, now)
        rings = waiting is not None and heard is None
        if self.listening and not rings and not self.forgotten:
            self._voice.start(self.output)
        elif self._voice.running:
            self._voice.stop()
        if front is not None and front.state == "ended":
            heard = front
        self._ringing.update(heard, waiting, awaits and self._voice.running, missed, now)

    def show_messages(self, count: int) -> None:
        """`count` voice messages and texts are unread: the lamp shows them after the next `refresh`."""
        self._ringing.messages = count

    def remind(self, now: int) -> None:
        """Remind the person of a held call: sound until the next `refresh`."""
        self._ringing.remind(self._voice.running, now)

    # Time

    def on_timer(self, name: str, now: int) -> None:
        """From Timers: nobody has dialled."""
        self._patience = None
        self.speaker = False
        self.forgotten = self.handset
        if self.on_forgotten is not None:
            self.on_forgotten(now)

    def _watch_dial_tone(self, awaits, now):
        if not self.listening or self.forgotten or not awaits:
            self._timers.stop(self._patience)
            self._patience = None
        elif self._patience is None:
            self._patience = self._timers.start(_PATIENCE_MS, self, "patience", now)
