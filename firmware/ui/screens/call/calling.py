"""Calling: an outgoing call that nobody has answered yet."""

from ui import font
from ui.keymap import DIGITS
from ui.screens.screen import Screen

_TITLES = {"dialing": "Calling", "ringing": "Ringing", "early": "Connecting"}


class Calling(Screen):
    softkeys = (("", ""), ("", ""), ("", ""), ("End", "hang_up"))

    def draw(self, canvas, now):
        call = self.control.call
        canvas.header(font.icon("placed") + " " + _TITLES[call.state], call.line.label)
        if call.note:
            canvas.text(5, call.note, True)
        return self._who(canvas, call, now)

    def key(self, key, kind, now):
        if kind == "press" and key == "back":
            self.hang_up(now)
        elif kind == "press" and key in DIGITS:
            self.control.digit(key, now)
        else:
            super().key(key, kind, now)
