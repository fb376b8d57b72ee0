"""Phone book: names to pick and call. They are written on the phone's page."""

from phone.dialplan import DialError
from ui.keymap import DIGITS
from ui.screens.screen import Screen


class PhoneBook(Screen):
    softkeys = (("Call", "dial"), ("", ""), ("", ""), ("Back", "go_back"))

    def __init__(self, shell):
        super().__init__(shell)
        self._entries = shell.phonebook.entries if shell.phonebook else []
        self._at = 0

    def draw(self, canvas, now):
        entries = self._entries
        canvas.header("Phone book", "%d/%d" % (self._at + 1, len(entries)) if entries else "")
        if not entries:
            canvas.text(3, "Nobody is in it yet:", True)
            canvas.text(4, "see the phone's page", True)
            return None
        rows = canvas.rows - 4
        first = min(max(self._at - 1, 0), max(len(entries) - rows, 0))
        moves = False
        for row, (name, _) in enumerate(entries[first : first + rows]):
            if first + row == self._at:
                moves = canvas.scroll(2 + row, ">" + name, self.shell.steps(self._since, now))
            else:
                canvas.text(2 + row, " " + name)
        canvas.text(canvas.rows - 2, entries[self._at][1])
        return self.shell.step_ms if moves else None

    def key(self, key, kind, now):
        if kind == "release":
            return
        if key in ("up", "down"):
            step = 1 if key == "down" else -1
            self._at = min(max(self._at + step, 0), max(len(self._entries) - 1, 0))
            self._since = now
        elif kind == "press" and key == "ok":
            self.dial(now)
        elif kind == "press" and key == "back":
            self.go_back(now)
        elif kind == "press" and key in DIGITS:
            self.shell.begin_dialling(key, now)
        else:
            super().key(key, kind, now)

    def dial(self, now):
        if not self._entries:
            return
        try:
            self.control.dial(self._entries[self._at][1], now)
        except DialError as error:
            self.shell.notice(str(error), now)
