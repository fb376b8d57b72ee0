"""In call: who, how long, what the sound does; digits are sent to the other side."""

from compat import ticks_diff
from ui import font
from ui.keymap import DIGITS
from ui.screens.screen import Screen, clock, soonest

_STATES = {"held": "On hold", "remote_held": "Held by other side"}
_DIGITS_MS = 3000  # how long keyed digits stay


class InCall(Screen):
    softkeys = (("Mute", "mute"), ("Vol-", "softer"), ("Vol+", "louder"), ("End", "hang_up"))

    def __init__(self, shell):
        super().__init__(shell)
        self._sent = ""
        self._sent_at = 0

    def draw(self, canvas, now):
        call, control = self.control.call, self.control
        icons = font.icon("speaker" if control.speaker else "handset")
        if control.muted:
            icons += font.icon("muted")
        canvas.header(icons + " In call", clock(call.seconds(now)))
        moves = self._who(canvas, call, now)
        if self._sent and ticks_diff(now, self._sent_at) > _DIGITS_MS:
            self._sent = ""
        if self._sent:
            canvas.text(5, "Sent " + self._sent[-canvas.columns + 5 :], True)
        elif call.state in _STATES:
            canvas.text(5, _STATES[call.state], True)
        elif control.muted:
            canvas.text(5, "Microphone off", True)
        elif call.digits:
            canvas.text(5, "Received " + call.digits[-canvas.columns + 9 :], True)
        return soonest(moves, call.ms_to_next_second(now))

    def key(self, key, kind, now):
        if kind == "press" and key in DIGITS:
            if self.control.digit(key, now):
                self._sent += key
                self._sent_at = now
        elif kind == "press" and key == "back":
            self.hang_up(now)
        else:
            super().key(key, kind, now)

    def mute(self, now):
        self.shell.mute("mute", now)

    def softer(self, now):
        self.shell.softer("volume_down", now)

    def louder(self, now):
        self.shell.louder("volume_up", now)
