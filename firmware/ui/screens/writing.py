"""Writing: enters a text by multi-tap on the digit keys, or takes a template."""

from compat import const, ticks_add, ticks_diff
from phone.features.texts import MAX_LENGTH
from ui.keymap import DIGITS
from ui.screens.screen import Screen, wrapped

_LETTERS = {
    "0": " 0",
    "1": ".,?!1'-:@/",
    "2": "abc2äàå",
    "3": "def3éè",
    "4": "ghi4",
    "5": "jkl5",
    "6": "mno6öø",
    "7": "pqrs7ß",
    "8": "tuv8ü",
    "9": "wxyz9",
    "*": "*+#",
}
_TEMPLATES = ("Yes", "No", "I'll call you back", "On my way", "Please call me")
_PAUSE_MS = const(1200)  # after this pause the same key begins a new letter


class Writing(Screen):
    """`#` switches between upper and lower case; up and down choose a template while there is no text.

    Without `number` the recipient is entered first.
    """

    def __init__(self, shell, name: str = "", number: str = "", line=None):
        super().__init__(shell)
        self._name = name or number
        self._number = number
        self._line = line
        self._text = ""
        self._capital = True
        self._template = -1
        self._key = None
        self._presses = 0
        self._until = None
        self._asks = not number

    def draw(self, canvas, now):
        first = "Next" if self._asks else "Send"
        self.softkeys = ((first, "send"), ("Del", "delete"), ("", ""), ("Cancel", "quit"))
        if self._asks:
            canvas.header("Text to")
            canvas.text(3, self._number or "Enter number", True)
            return
        canvas.header("To " + self._name, "ABC" if self._capital else "abc")
        rows = wrapped(self._text + "_", canvas.columns)
        room = canvas.rows - 4
        for at, text in enumerate(rows[-room:]):
            canvas.text(2 + at, text)
        if not self._text:
            canvas.text(canvas.rows - 3, "down: templates", True)
        return

    def key(self, key, kind, now):
        if kind == "long" and key in DIGITS and not self._asks and self._key == key and self._text:
            # A long press enters the digit itself.
            self._text = self._text[:-1] + key
            self._key = None
        elif kind != "press":
            return
        elif key == "ok":
            self.send(now)
        elif key == "back":
            self.delete(now)
        elif self._asks and key in DIGITS:
            self._number = (self._number + key)[:64]
        elif key == "#":
            self._capital = not self._capital
            self._key = None
        elif key in DIGITS:
            self._letter(key, now)
        elif key in ("up", "down") and (not self._text or self._template >= 0):
            self._template = (self._template + (1 if key == "down" else -1)) % len(_TEMPLATES)
            self._text = _TEMPLATES[self._template]
        else:
            super().key(key, kind, now)

    def _letter(self, key, now):
        letters = _LETTERS[key]
        self._template = -1
        again = key == self._key and self._until is not None and ticks_diff(self._until, now) > 0
        self._presses = self._presses + 1 if again else 0
        self._key = key
        self._until = ticks_add(now, _PAUSE_MS)
        letter = letters[self._presses % len(letters)]
        before = self._text[:-1] if again else self._text
        capital = self._capital and letter != "ß"
        text = before + (letter.upper() if capital and not again or again and self._was_capital else letter)
        if len(text.encode()) > MAX_LENGTH:
            return
        if not again:
            self._was_capital = capital
            if letter not in " .":
                self._capital = False
        self._text = text

    _was_capital = False

    def send(self, now):
        if self._asks:
            self._asks = not self._number
            self._name = self._number
            return
        if not self._text:
            return
        texts = self.shell.features().part("texts")
        if not self.shell.attempt(now, texts.send, self._number, self._text, now, self._line):
            return
        self.shell.notice("Sending", now)
        self.shell.open("texts", now)

    def delete(self, now):
        """Delete the last character; close the screen if there is none."""
        self._key = None
        if self._asks and self._number:
            self._number = self._number[:-1]
        elif self._text:
            self._text = "" if self._template >= 0 else self._text[:-1]
            self._template = -1
        else:
            self.quit(now)

    def quit(self, now):
        self.shell.open("texts", now)
