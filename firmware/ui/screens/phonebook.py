"""Phone book: names and numbers to choose from and call. They are edited in the web interface."""

from ui.screens.list_screen import ListScreen


class PhoneBook(ListScreen):
    softkeys = (("Call", "dial"), ("", ""), ("", ""), ("Back", "go_back"))
    title = "Phone book"
    empty = ("No entries yet: see", "the web interface")
    dialled = True

    def __init__(self, shell):
        super().__init__(shell)
        self._entries = shell.phonebook.entries if shell.phonebook else []

    def entries(self):
        return self._entries

    def row(self, entry, chosen):
        return (">" if chosen else " ") + entry[0]

    def details(self, canvas, entry):
        canvas.text(canvas.rows - 2, entry[1])

    def dial(self, now):
        entry = self.chosen()
        if entry is not None:
            self.shell.attempt(now, self.control.dial, entry[1], now)
