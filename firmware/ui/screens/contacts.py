"""Contacts: who is there and what they do; a call to them, the pick-up of a call that rings there, a text."""

from phone.dialplan import DialError
from phone.features.contacts import WORDS
from ui.screens.screen import Screen


class Contacts(Screen):
    softkeys = (("Call", "call"), ("Text", "write"), ("", ""), ("Back", "go_back"))

    def __init__(self, shell):
        super().__init__(shell)
        self._at = 0
        self._part = shell.features().part("contacts")

    def draw(self, canvas, now):
        entries = self._part.entries
        canvas.header("Contacts", "%d/%d" % (self._at + 1, len(entries)) if entries else "")
        if not entries:
            canvas.text(3, "No contacts set up", True)
            return None
        rows = canvas.rows - 4
        first = min(max(self._at - 1, 0), max(len(entries) - rows, 0))
        moves = False
        for row, entry in enumerate(entries[first : first + rows]):
            words = WORDS[entry.state]
            if entry.note:
                words += " " + entry.note
            text = entry.name + (": " + words if words else "")
            if first + row == self._at:
                moves = canvas.scroll(2 + row, ">" + text, self.shell.steps(self._since, now))
            else:
                canvas.text(2 + row, " " + text)
        return self.shell.step_ms if moves else None

    def key(self, key, kind, now):
        last = max(len(self._part.entries) - 1, 0)
        if kind == "release":
            return
        if key in ("up", "down"):
            self._at = max(self._at - 1, 0) if key == "up" else min(self._at + 1, last)
            self._since = now
        elif kind == "press" and key == "ok":
            self.call(now)
        elif kind == "press" and key == "back":
            self.go_back(now)
        else:
            super().key(key, kind, now)

    def call(self, now):
        entries = self._part.entries
        if not entries:
            return
        try:
            self._part.call(entries[self._at], now)
        except DialError as error:
            self.shell.notice(str(error), now)

    def write(self, now):
        entries = self._part.entries
        if entries:
            from ui.screens.writing import Writing

            contact = entries[self._at]
            self.shell.show(Writing(self.shell, contact.name, contact.address, contact.line), now)
