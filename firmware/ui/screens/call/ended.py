"""Ended: why a call ended, for some seconds."""

from ui.keymap import DIGITS
from ui.screens.screen import Screen, clock


class Ended(Screen):
    def __init__(self, shell):
        super().__init__(shell)
        again = "Again" if shell.control.call.number else ""
        self.softkeys = ((again, "again"), ("", ""), ("", ""), ("OK", "hang_up"))

    def draw(self, canvas, now):
        call = self.control.call
        canvas.header(call.reason, clock(call.seconds(now)) if call.answered else "")
        return self._who(canvas, call, now)

    def key(self, key, kind, now):
        if kind == "press" and key in DIGITS:
            self.shell.begin_dialling(key, now)
        elif kind == "press" and key in ("ok", "back"):
            self.hang_up(now)
        else:
            super().key(key, kind, now)

    def again(self, now):
        """Call the other side again (or back, after a call from there)."""
        self.shell.attempt(now, self.control.dial, self.control.call.number, now)
