"""In call: the other side, the duration, the state of the audio; digits are sent to the other side."""

from compat import ticks_diff
from ui import font
from ui.keymap import DIGITS
from ui.screens.screen import Screen, clock, soonest

_TITLES = {"held": "On hold", "remote_held": "On hold"}
_STATES = {"remote_held": "On hold (remote)"}
_DIGITS_MS = 3000  # how long sent digits are shown

_TALKS = (
    ("Hold", "hold"),
    ("Xfer", "transfer"),
    ("New", "new"),
    ("Mute", "mute"),
    ("Vol-", "softer"),
    ("Vol+", "louder"),
)
_END = ("End", "hang_up")
_HELD = (("Resume", "hold"), ("", ""), ("New", "new"), _END)


class InCall(Screen):
    """Shows three of the functions and End as softkeys; up and down show the other functions."""

    def __init__(self, shell):
        super().__init__(shell)
        self._sent = ""
        self._sent_at = 0
        self._first = 0  # index of the first function shown

    def _labels(self):
        if self.control.call.state == "held":
            return _HELD
        first = self._first
        return _TALKS[first], _TALKS[(first + 1) % 6], _TALKS[(first + 2) % 6], _END

    def draw(self, canvas, now):
        self.softkeys = self._labels()
        call, control = self.control.call, self.control
        canvas.header(self._icons() + " " + _TITLES.get(call.state, "In call"), clock(call.seconds(now)))
        moves = self._who(canvas, call, now)
        if self._sent and ticks_diff(now, self._sent_at) > _DIGITS_MS:
            self._sent = ""
        if self._sent:
            canvas.text(5, "Sent " + self._sent[-canvas.columns + 5 :], True)
        elif call.note:
            note_moves = canvas.scroll(5, call.note, self.shell.steps(self._since, now), True)
            moves = self.shell.step_ms if note_moves else moves
        elif call.state in _STATES:
            canvas.text(5, _STATES[call.state], True)
        elif control.instrument.muted:
            canvas.text(5, "Microphone muted", True)
        elif call.digits:
            canvas.text(5, "Received " + call.digits[-canvas.columns + 9 :], True)
        return soonest(moves, call.ms_to_next_second(now))

    def _icons(self):
        icons = font.icon("speaker" if self.control.instrument.speaker else "handset")
        if self.control.heard is not None:
            icons += font.icon("lock") if all(call.encrypted for call in self._heard()) else ""
            icons += "HD" if all(call.wide for call in self._heard()) else ""
        return icons + font.icon("muted") if self.control.instrument.muted else icons

    def _heard(self):
        """The calls whose voice is played."""
        heard = self.control.heard
        return self.control.conference if heard in self.control.conference else [heard]

    def key(self, key, kind, now):
        if kind == "press" and key in DIGITS:
            self._digit(key, now)
        elif kind == "press" and key == "back":
            self.hang_up(now)
        elif kind != "release" and key in ("up", "down"):
            self._first = (self._first + (1 if key == "down" else -1)) % len(_TALKS)
        else:
            self.softkeys = self._labels()
            super().key(key, kind, now)

    def _digit(self, key, now):
        if self.control.heard is None:
            self.shell.begin_dialling(key, now)
        elif self.control.digit(key, now):
            self._sent += key
            self._sent_at = now

    def hold(self, now):
        self.shell.hold("hold", now)

    def transfer(self, now):
        self.shell.transfer("transfer", now)

    def new(self, now):
        """Start a further call: the active call is put on hold."""
        self.shell.begin_dialling("", now)

    def mute(self, now):
        self.shell.mute("mute", now)

    def softer(self, now):
        self.shell.softer("volume_down", now)

    def louder(self, now):
        self.shell.louder("volume_up", now)
