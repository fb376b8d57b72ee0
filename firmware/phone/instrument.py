"""Instrument: the handset, the speaker, the ringer and the tones of the phone, whatever the calls are."""

from compat import const

_PATIENCE_MS = const(30_000)  # how long a dial tone waits for the first digit


class Instrument:
    """What the person holds and hears. `refresh` tells the Instrument about the calls; it keeps none of them.

    handset    whether the handset is lifted
    speaker    whether the sound is on the speaker
    forgotten  whether the handset lies beside the phone: nobody has dialled for long, and the sound is off
    on_forgotten  function (now), called when the sound went off so

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

    # What the person does; `refresh` is to follow

    def hook(self, lifted: bool) -> None:
        """The handset was lifted or put down."""
        self.handset = lifted
        self.forgotten = False
        self.speaker = self.speaker and not lifted

    def use_speaker(self, on: bool) -> None:
        """Turn the speaker on or off."""
        self.speaker = on

    def wake(self) -> None:
        """Somebody is at the phone, or is called to it."""
        self.forgotten = False

    def compose(self, composing: "bool | None") -> None:
        """A number is being entered; or is about to be (False); or no number is asked for (None)."""
        self._composing = composing
        self.forgotten = False

    def toggle_mute(self) -> None:
        self._voice.mute(not self._voice.muted)

    def change_volume(self, percent: int) -> "tuple[str, int]":
        """Make what sounds now louder or softer, the earpiece or the ringer: its name and new volume."""
        if self._voice.running:
            self._voice.set_volume(self._voice.volume + percent)
            return "Volume", self._voice.volume
        self._ringing.set_volume(self._ringing.volume + percent)
        return "Ringer", self._ringing.volume

    @property
    def sounds(self) -> bool:
        """Whether microphone and earpiece are on."""
        return self._voice.running

    # What is to be heard and seen

    def refresh(self, now: int, *, front, heard, waiting, missed: int) -> None:
        """Bring sound and light in step with the calls.

        `front` is the call on the screen, `heard` the one in the ear, `waiting` one that waits to be
        answered, each maybe None; `missed` counts the missed calls that nobody has looked at.
        """
        # Whether it is time for a dial tone, were anybody listening.
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
        """So many voice messages and texts wait: the lamp shows them after the next `refresh`."""
        self._ringing.messages = count

    def remind(self, now: int) -> None:
        """Sound until the next `refresh`: a call waits for the person to come back."""
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
