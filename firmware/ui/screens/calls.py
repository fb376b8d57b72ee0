"""Calls: the list of recent calls, from which they can be called back."""

from ui import font
from ui.screens.list_screen import ListScreen
from ui.screens.screen import clock, date

# Incoming calls that were answered elsewhere or forwarded.
_ICONS = {"elsewhere": "received", "forwarded": "received"}


class Calls(ListScreen):
    softkeys = (("Call", "dial"), ("", ""), ("", ""), ("Back", "go_back"))
    title = "Calls"
    empty = ("No calls yet",)
    below = 1
    dialled = True

    def __init__(self, shell):
        super().__init__(shell)
        self.control.see_history(shell.now)

    def entries(self):
        return self.control.history.entries

    def row(self, entry, chosen):
        icon = font.icon(_ICONS.get(entry.kind, entry.kind))
        return (">" if chosen else " ") + icon + " " + entry.name

    def details(self, canvas, entry):
        canvas.text(canvas.rows - 3, entry.number if entry.number != entry.name else "")
        length = clock(entry.seconds) if entry.seconds else entry.kind
        when = ""
        if entry.at is not None:
            when = date(entry.at) + " " + self.shell.clock_text(entry.at)
            if len(when) + 1 + len(length) > canvas.columns:
                when = date(entry.at)
        canvas.text(canvas.rows - 2, when + " " * max(canvas.columns - len(when) - len(length), 1) + length)

    def dial(self, now):
        entry = self.chosen()
        if entry is not None:
            self.shell.attempt(now, self.control.dial, entry.number, now)
