"""Contacts: shows which are free, ringing or busy; calls them, picks up their calls, or sends a text."""

from phone.features.contacts import WORDS
from ui.screens.list_screen import ListScreen


class Contacts(ListScreen):
    softkeys = (("Call", "call"), ("Text", "write"), ("", ""), ("Back", "go_back"))
    title = "Contacts"
    empty = ("No contacts set up",)

    def __init__(self, shell):
        super().__init__(shell)
        self._part = shell.features().part("contacts")

    def entries(self):
        return self._part.entries

    def row(self, entry, chosen):
        words = WORDS[entry.state]
        if entry.note:
            words += " " + entry.note
        return (">" if chosen else " ") + entry.name + (": " + words if words else "")

    def call(self, now):
        contact = self.chosen()
        if contact is not None:
            self.shell.attempt(now, self._part.call, contact, now)

    def write(self, now):
        contact = self.chosen()
        if contact is not None:
            from ui.screens.writing import Writing

            self.shell.show(Writing(self.shell, contact.name, contact.address, contact.line), now)
