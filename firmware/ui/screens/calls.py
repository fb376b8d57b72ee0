"""Calls: the last ones, to look at and to call back."""

from phone.dialplan import DialError
from ui import font
from ui.keymap import DIGITS
from ui.screens.screen import Screen, clock

# What came in, and was not for us in the end.
_ICONS = {"elsewhere": "received", "forwarded": "received"}


class Calls(Screen):
    softkeys = (("Call", "dial"), ("", ""), ("", ""), ("Back", "go_back"))

    def __init__(self, shell):
        super().__init__(shell)
        self._at = 0
        self.control.see_history(shell.now)

    def draw(self, canvas, now):
        entries = self.control.history.entries
        canvas.header("Calls", "%d/%d" % (self._at + 1, len(entries)) if entries else "")
        if not entries:
            canvas.text(3, "No calls yet", True)
            return None
        rows = canvas.rows - 5
        first = min(max(self._at - 1, 0), max(len(entries) - rows, 0))
        moves = False
        for row, entry in enumerate(entries[first : first + rows]):
            text = font.icon(_ICONS.get(entry.kind, entry.kind)) + " " + entry.name
            if first + row == self._at:
                moves = canvas.scroll(2 + row, ">" + text, self.shell.steps(self._since, now))
            else:
                canvas.text(2 + row, " " + text)
        self._details(canvas, entries[self._at])
        return self.shell.step_ms if moves else None

    def _details(self, canvas, entry):
        when = ""
        if entry.at is not None:
            when = "%d.%d. %s" % (entry.at[2], entry.at[1], self.shell.clock_text(entry.at))
        canvas.text(canvas.rows - 3, entry.number if entry.number != entry.name else "")
        length = clock(entry.seconds) if entry.seconds else entry.kind
        canvas.text(canvas.rows - 2, when + " " * max(canvas.columns - len(when) - len(length), 1) + length)

    def key(self, key, kind, now):
        entries = self.control.history.entries
        if kind == "release":
            return
        if key == "up":
            self._choose(max(self._at - 1, 0), now)
        elif key == "down":
            self._choose(min(self._at + 1, max(len(entries) - 1, 0)), now)
        elif kind == "press" and key == "ok":
            self.dial(now)
        elif kind == "press" and key == "back":
            self.go_back(now)
        elif kind == "press" and key in DIGITS:
            self.shell.begin_dialling(key, now)
        else:
            super().key(key, kind, now)

    def _choose(self, at, now):
        self._at = at
        self._since = now

    def dial(self, now):
        entries = self.control.history.entries
        if not entries:
            return
        try:
            self.control.dial(entries[self._at].number, now)
        except DialError as error:
            self.shell.notice(str(error), now)
