"""Texts: the list of short messages; each can be read, answered and removed."""

from ui.screens.list_screen import ListScreen
from ui.screens.screen import Screen, date, wrapped

_MARKS = {"new": "*", "read": " ", "sending": "~", "sent": ">", "failed": "!"}
_STATES = {"sending": "sending", "sent": "sent", "failed": "not delivered"}


class Texts(ListScreen):
    softkeys = (("Read", "read"), ("New", "write"), ("", ""), ("Back", "go_back"))
    title = "Texts"
    empty = ("No texts yet",)

    def __init__(self, shell):
        super().__init__(shell)
        self._part = shell.features().part("texts")

    def entries(self):
        return self._part.entries

    def row(self, entry, chosen):
        return _MARKS[entry.state] + entry.name + ": " + entry.text

    def read(self, now):
        entry = self.chosen()
        if entry is not None:
            self.shell.show(Reading(self.shell, entry), now)

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
            when = date(entry.at) + " " + self.shell.clock_text(entry.at)
        canvas.header(entry.name, when)
        rows = wrapped(entry.text, canvas.columns)
        if entry.state in _STATES:
            rows.append("(" + _STATES[entry.state] + ")")
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
        self.shell.attempt(now, self.control.dial, self._entry.number, now)

    def remove(self, now):
        self._part.remove(self._entry, now)
        self.back_to_list(now)

    def back_to_list(self, now):
        self.shell.open("texts", now)
