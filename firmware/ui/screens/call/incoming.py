"""Incoming: a call waits to be answered."""

from ui import font
from ui.screens.screen import Screen


class Incoming(Screen):
    softkeys = (("Answer", "answer"), ("", ""), ("Silence", "silence"), ("Reject", "hang_up"))

    def draw(self, canvas, now):
        call = self.control.call
        canvas.header(font.icon("bell") + " Incoming call", call.line.label)
        heard = self.control.heard
        if call.via:
            canvas.text(5, call.via, True)
        elif heard is not None:
            canvas.text(5, "In call: " + heard.name, True)
        return self._who(canvas, call, now)

    def key(self, key, kind, now):
        if kind == "press" and key == "ok":
            self.answer(now)
        elif kind == "press" and key == "back":
            self.hang_up(now)
        elif kind == "press" and key == "soft2":
            self.silence(now)  # the label stands for two keys
        else:
            super().key(key, kind, now)

    def answer(self, now):
        self.control.answer(now)

    def silence(self, now):
        """Stop the ringing; the call can still be answered."""
        self.control.ignore(now)
