"""Dialling: a number is entered."""

from compat import ticks_add, ticks_diff
from ui.keymap import DIGITS
from ui.screens.screen import Screen

_MAX_COUNT = 64


class Dialling(Screen):
    """`text` is the number so far; `#`, ok, "Call", lifting the handset or a pause dials the number."""

    softkeys = (("Call", "dial"), ("Del", "delete"), ("", ""), ("Cancel", "quit"))
    dials = True
    calls = True  # whether to call the number

    def __init__(self, shell, text: str = "", line=None):
        super().__init__(shell)
        self.text = text
        self.line = line
        self._dial_at = None

    def draw(self, canvas, now):
        line = self.line or self.control.default_line
        canvas.header("Dial", line.label if line else "")
        if len(self.text) > canvas.columns // 2:
            canvas.text(2, self.text[-canvas.columns :], True)
        elif self.text:
            canvas.big(2, self.text)
        if self.text:
            hint = "# dials, hold 0 for +"
        else:
            hint = "Replace the handset" if self.control.instrument.forgotten else "Enter number"
        canvas.text(5, hint, True)
        return None if self._dial_at is None else ticks_diff(self._dial_at, now)

    def on_time(self, now):
        if self._dial_at is not None and ticks_diff(self._dial_at, now) <= 0:
            self.dial(now)

    def key(self, key, kind, now):
        over = self.control.call
        if kind == "long":
            self._long(key, now)
        elif kind == "press" and (key == "ok" or key == "#" and self.text):
            self.dial(now)
        elif kind == "press" and key == "back":
            self.delete(now)
        elif kind == "press" and key in DIGITS:
            self._add(key)
        else:
            super().key(key, kind, now)
            return
        if self.control.call is not over:
            return  # it was dialled
        timeout = self.shell.dial_timeout_ms if self.calls else 0
        self._dial_at = ticks_add(now, timeout) if timeout and self.text else None
        self.control.compose(bool(self.text), now)

    def dial(self, now):
        self._dial_at = None
        if not self.text:
            return
        self.shell.attempt(now, self.control.dial, self.text, now, self.line)

    def delete(self, now):
        """Delete the last digit; close the screen if there is none."""
        self.text = self.text[:-1]
        if not self.text and (self.control.call is not None or not self.control.instrument.listening):
            self.quit(now)
        else:
            self.control.compose(bool(self.text), now)

    def quit(self, now):
        self.text = ""
        self._dial_at = None
        idle = self.control.call is None
        self.control.compose(False if idle else None, now)
        if idle:
            self.control.hang_up(now)
        self.shell.open(None, now)

    def _add(self, digit):
        if len(self.text) < _MAX_COUNT:
            self.text += digit

    def _long(self, key, now):
        # The press has already entered the 0.
        if key == "0" and self.text[-1:] == "0":
            self.text = self.text[:-1] + "+"
        elif key == "back":
            self.text = ""
            self.delete(now)
