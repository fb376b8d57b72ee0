"""Phone book: names and numbers to choose from and call. They are edited in the web interface."""

from phone import collation
from ui.screens.list_screen import ListScreen


class PhoneBook(ListScreen):
    softkeys = (("Call", "dial"), ("", ""), ("", ""), ("Back", "go_back"))
    title = "Phone book"
    empty = ("No entries yet: see", "the web interface")

    def __init__(self, shell):
        super().__init__(shell)
        self._typed = ""  # digits, for the letters on their keys
        self._entries = self._all = shell.phonebook.entries if shell.phonebook else []

    def entries(self):
        return self._entries

    def row(self, entry, chosen):
        return (">" if chosen else " ") + entry[0]

    def key(self, key, kind, now):
        if kind == "press" and self._all and key in "0123456789":
            self._search(self._typed + key, now)
        elif kind == "press" and self._typed and key in ("*", "back"):
            self._search(self._typed[:-1], now)
        else:
            super().key(key, kind, now)

    def _search(self, typed, now):
        """Show the names with a word that begins with letters on the keys `typed`."""
        found = [entry for entry in self._all if collation.begins(entry[0], typed)]
        if not found:
            self.shell.notice("No such name", now)
            return
        self._typed, self._entries = typed, found
        self.title = "Search " + typed if typed else PhoneBook.title
        self._at = 0
        self._since = now

    def details(self, canvas, entry):
        canvas.text(canvas.rows - 2, entry[1])

    def dial(self, now):
        entry = self.chosen()
        if entry is not None:
            self.shell.attempt(now, self.control.dial, entry[1], now)
