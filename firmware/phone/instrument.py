"""Instrument: the handset, the speaker, the bell and the tones of the phone, whatever the calls are."""

from compat import const
from sip.timers import Timers

_PATIENCE_MS = const(30_000)  # how long a dial tone waits for the first digit
_REMINDER_MS = const(1200)  # how long the bell reminds of a held call


class Instrument:
    """What CallControl knows of sound and hook; that says what goes on: `call`, `calls`, `heard`, `waiting`.

    handset    whether the handset is lifted
    speaker    whether the sound is on the speaker
    forgotten  whether the handset lies beside the phone: nobody has dialled for long, and the sound is off
    muted, volume
    """

    def __init__(self, voice, ringing, history, reminder_s):
        self.history = history
        self.calls = []
        self.call = self.heard = self.waiting  # nobody yet
        self.handset = False
        self.speaker = False
        self.forgotten = False
        self.listeners = []
        self._voice = voice
        self._ringing = ringing
        self._composing = None  # True: a number is being keyed in; False: none of its digits yet
        self._timers = Timers()
        self._patience = None
        self._reminder = None
        self._reminder_ms = reminder_s * 1000

    news = ""  # what waits besides missed calls, in words

    def show_messages(self, count: int, news: str, now: int) -> None:
        """So many voice messages and texts wait: the lamp tells, and `news` in words."""
        self.news = news
        self._ringing.messages = count
        self._refresh(now)

    # What is known

    @property
    def waiting(self):
        """The call that waits to be answered, as the Switchboard knows."""

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

    # What the person wants

    def compose(self, composing: "bool | None", now: int) -> None:
        """A number is being keyed in; or it is about to be (False), or not any more (None): the dial tone
        goes by it.
        """
        self._composing = composing
        self.forgotten = False
        self._refresh(now)

    def see_history(self, now: int) -> None:
        """The person looks at the list of calls: none of it is news any more."""
        self.history.seen()
        self._refresh(now)
        self.tell("history", self.history)

    def toggle_mute(self, now: int) -> None:
        """The mute key; without a call that talks it does nothing."""
        if self.heard is not None and self.heard.talking:
            self._voice.mute(not self._voice.muted)
            self.tell("sound", self)

    def change_volume(self, percent: int, now: int) -> "tuple[str, int]":
        """Make what sounds now louder or softer, the earpiece or the ringer: its name and new volume."""
        if self._voice.running:
            self._voice.set_volume(self._voice.volume + percent)
            changed = "Volume", self._voice.volume
        else:
            self._ringing.set_volume(self._ringing.volume + percent)
            changed = "Ringer", self._ringing.volume
        self.tell("sound", self)
        return changed

    def digit(self, digit: str, now: int) -> bool:
        """Send a digit into the call; whether it could be sent."""
        call = self.heard
        # Some machines ask for digits before they answer.
        return call is not None and (call.talking or call.state == "early") and self._voice.send_digit(digit)

    # Time

    def deadline(self) -> "int | None":
        return self._timers.deadline()

    def handle_timer(self, now: int) -> None:
        self._timers.run(now)

    def on_timer(self, name: str, now: int) -> None:
        """From Timers."""
        getattr(self, "_on_" + name)(now)

    def _on_patience(self, now):
        self._patience = None
        self.speaker = False
        self.forgotten = self.handset
        self.changed(now)

    def _on_reminder(self, now):
        self._reminder = None
        if self.waiting is None and self.heard is None:
            self.remind(now)
        self._watch_held(now)

    def _on_reminded(self, now):
        self._refresh(now)

    # Inside

    def remind(self, now: int) -> None:
        """Let the person hear that a call waits for them to come back."""
        self._ringing.remind(self._voice.running, now)
        self._timers.start(_REMINDER_MS, self, "reminded", now)

    def _output(self):
        return "handset" if self.handset and not self.speaker else "speaker"

    def changed(self, now, call=None):
        """Something has: bring all in step with it, and tell of `call`, or of the one in front."""
        self._refresh(now)
        call = call or self.call
        if call is not None:
            self.tell("call", call)
        self.tell("sound", self)

    def _refresh(self, now):
        """Bring sound and light in step with the calls."""
        self._watch_dial_tone(now)
        self._watch_held(now)
        waiting = self.waiting
        rings = waiting is not None and self.heard is None
        if self.listening and not rings and not self.forgotten:
            self._voice.start(self._output())
        elif self._voice.running:
            self._voice.stop()
        wants_dial_tone = self._voice.running and self._awaits_digits()
        heard = self.call if self.call is not None and self.call.state == "ended" else self.heard
        self._ringing.update(heard, waiting, wants_dial_tone, self.history.unseen, now)

    def _awaits_digits(self):
        """Whether it is time for a dial tone, were anybody listening."""
        if self.heard is not None:
            return False
        return self.call is None if self._composing is None else not self._composing

    def _watch_dial_tone(self, now):
        if not self.listening or self.forgotten or not self._awaits_digits():
            self._timers.stop(self._patience)
            self._patience = None
        elif self._patience is None:
            self._patience = self._timers.start(_PATIENCE_MS, self, "patience", now)

    def _watch_held(self, now):
        """A held call that nobody talks over must not be forgotten."""
        waits = self.heard is None and any(call.state == "held" for call in self.calls)
        if not waits or not self._reminder_ms:
            self._timers.stop(self._reminder)
            self._reminder = None
        elif self._reminder is None:
            self._reminder = self._timers.start(self._reminder_ms, self, "reminder", now)

    def tell(self, kind, thing):
        for listener in list(self.listeners):
            listener(kind, thing)
