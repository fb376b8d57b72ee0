"""ListScreen: entries one below the other, one of which is chosen; loaded with the first list."""

from ui.keymap import DIGITS
from ui.screens.screen import Screen


class ListScreen(Screen):
    """Up and down choose; ok is the first softkey. A subclass sets:

    title    the header
    empty    the rows shown if there are no entries
    below    how many rows `details` needs under the entries
    dialled  whether a digit begins to dial a number
    """

    title = ""
    empty: tuple = ()
    below = 0
    dialled = False

    def __init__(self, shell):
        super().__init__(shell)
        self._at = 0

    def entries(self) -> list:
        """The entries to choose from."""
        return []

    def row(self, entry, chosen: bool) -> str:
        """The text of one entry, with a mark in the first column."""
        return (">" if chosen else " ") + entry.name

    def details(self, canvas, entry) -> None:
        """More about the chosen entry, in the rows above the softkeys."""

    def draw(self, canvas, now):
        entries = self.entries()
        self._at = max(min(self._at, len(entries) - 1), 0)
        canvas.header(self.title, "%d/%d" % (self._at + 1, len(entries)) if entries else "")
        if not entries:
            for row, text in enumerate(self.empty):
                canvas.text(3 + row, text, True)
            return None
        rows = canvas.rows - 4 - self.below
        first = min(max(self._at - 1, 0), max(len(entries) - rows, 0))
        moves = False
        for row, entry in enumerate(entries[first : first + rows]):
            if first + row == self._at:
                text = self.row(entry, True)
                moves = canvas.scroll(2 + row, text, self.shell.steps(self._since, now))
            else:
                canvas.text(2 + row, self.row(entry, False))
        self.details(canvas, entries[self._at])
        return self.shell.step_ms if moves else None

    def key(self, key, kind, now):
        if kind == "release":
            return
        if key in ("up", "down"):
            step = 1 if key == "down" else -1
            self._at = max(min(self._at + step, len(self.entries()) - 1), 0)
            self._since = now
        elif kind == "press" and key == "ok":
            getattr(self, self.softkeys[0][1])(now)
        elif kind == "press" and key == "back":
            self.go_back(now)
        elif kind == "press" and self.dialled and key in DIGITS:
            self.shell.begin_dialling(key, now)
        else:
            super().key(key, kind, now)

    def chosen(self):
        """The chosen entry; None when there are none."""
        entries = self.entries()
        return entries[min(self._at, len(entries) - 1)] if entries else None
