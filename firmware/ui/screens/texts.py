"""Texts: the short messages, one list; each to be read, answered and removed."""

from ui.screens.screen import Screen, wrapped

_MARKS = {"new": "*", "read": " ", "sending": "~", "sent": ">", "failed": "!"}
_SAID = {"sending": "sending", "sent": "sent", "failed": "not delivered"}


class Texts(Screen):
    softkeys = (("Read", "read"), ("New", "write"), ("", ""), ("Back", "go_back"))

    def __init__(self, shell):
        super().__init__(shell)
        self._at = 0
        self._part = shell.features().part("texts")

    def draw(self, canvas, now):
        entries = self._part.entries
        self._at = min(self._at, max(len(entries) - 1, 0))
        canvas.header("Texts", "%d/%d" % (self._at + 1, len(entries)) if entries else "")
        if not entries:
            canvas.text(3, "No texts yet", True)
            return None
        rows = canvas.rows - 4
        first = min(max(self._at - 1, 0), max(len(entries) - rows, 0))
        moves = False
        for row, entry in enumerate(entries[first : first + rows]):
            text = _MARKS[entry.state] + entry.name + ": " + entry.text
            if first + row == self._at:
                moves = canvas.scroll(2 + row, text, self.shell.steps(self._since, now))
            else:
                canvas.text(2 + row, text)
        return self.shell.step_ms if moves else None

    def key(self, key, kind, now):
        if kind == "release":
            return
        if key == "up":
            self._at = max(self._at - 1, 0)
        elif key == "down":
            self._at += 1
        elif kind == "press" and key == "ok":
            self.read(now)
        elif kind == "press" and key == "back":
            self.go_back(now)
        else:
            super().key(key, kind, now)
        self._since = now

    def read(self, now):
        entries = self._part.entries
        if entries:
            self.shell.show(Reading(self.shell, entries[min(self._at, len(entries) - 1)]), now)

    def write(self, now):
        from ui.screens.writing import Writing

        self.shell.show(Writing(self.shell), now)


class Reading(Screen):
    """One text, as many rows as it takes."""

    softkeys = (("Reply", "reply"), ("Call", "call"), ("Del", "remove"), ("Back", "back_to_list"))

    def __init__(self, shell, entry):
        super().__init__(shell)
        self._entry = entry
        self._first = 0
        self._part = shell.features().part("texts")
        self._part.see(entry, shell.now)

    def draw(self, canvas, now):
        entry = self._entry
        when = ""
        if entry.at is not None:
            when = "%d.%d. %s" % (entry.at[2], entry.at[1], self.shell.clock_text(entry.at))
        canvas.header(entry.name, when)
        rows = wrapped(entry.text, canvas.columns)
        if entry.state in _SAID:
            rows.append("(" + _SAID[entry.state] + ")")
        room = canvas.rows - 3
        self._first = min(self._first, max(len(rows) - room, 0))
        for at, text in enumerate(rows[self._first : self._first + room]):
            canvas.text(2 + at, text)

    def key(self, key, kind, now):
        if kind == "release":
            return
        if key == "up":
            self._first = max(self._first - 1, 0)
        elif key == "down":
            self._first += 1
        elif kind == "press" and key == "ok":
            self.reply(now)
        elif kind == "press" and key == "back":
            self.back_to_list(now)
        else:
            super().key(key, kind, now)

    def reply(self, now):
        from ui.screens.writing import Writing

        if self._entry.number:
            self.shell.show(Writing(self.shell, self._entry.name, self._entry.number), now)

    def call(self, now):
        from phone.dialplan import DialError

        try:
            self.control.dial(self._entry.number, now)
        except DialError as error:
            self.shell.notice(str(error), now)

    def remove(self, now):
        self._part.remove(self._entry, now)
        self.back_to_list(now)

    def back_to_list(self, now):
        self.shell.open("texts", now)
