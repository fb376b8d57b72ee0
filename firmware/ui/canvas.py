"""Canvas: a display as rows of cells. A screen says what each row holds; only changed rows are drawn."""

from compat import const
from ui import font

_SLOTS = const(4)
_BLANK = ("text", "")
_UNKNOWN = ("", "")


class Canvas:
    """`columns` × `rows` cells on a hal.contract Display, centred; big text takes twice the cells each way.

    Between `begin` and `end` a screen fills rows from the top, 0, or from the bottom, -1.
    """

    def __init__(self, display):
        self._display = display
        self.columns = display.width // font.WIDTH
        self.rows = display.height // font.HEIGHT
        self._left = (display.width - self.columns * font.WIDTH) // 2
        self._drawn = [_UNKNOWN] * self.rows
        self._wanted = [_BLANK] * self.rows

    def begin(self) -> None:
        """Start from an empty screen."""
        for row in range(self.rows):
            self._wanted[row] = _BLANK

    def header(self, left: str, right: str = "") -> None:
        """Row 0, inverted: text at both ends; the left one gives way."""
        room = self.columns - len(right) - (1 if right else 0)
        self._wanted[0] = ("inverted", _padded(left[:room], self.columns - len(right)) + right)

    def text(self, row: int, text: str, centred: bool = False) -> None:
        """One row of text, cut at the edge."""
        text = text[: self.columns]
        if centred:
            text = " " * ((self.columns - len(text)) // 2) + text
        self._wanted[row % self.rows] = ("text", text)

    def scroll(self, row: int, text: str, step: int, centred: bool = False) -> bool:
        """As `text`; one that does not fit moves by a cell a step. Returns whether it moves."""
        over = len(text) - self.columns
        if over <= 0:
            self.text(row, text, centred)
            return False
        # It rests at either end, so that both can be read.
        rest = 4
        at = step % (2 * (over + rest))
        at = at - rest if at <= over + rest else 2 * over + 2 * rest - at
        at = min(max(at, 0), over)
        self.text(row, text[at : at + self.columns])
        return True

    def big(self, row: int, text: str) -> None:
        """Text at twice the size in `row` and the next, centred; one that does not fit keeps its end."""
        room = self.columns // 2
        if len(text) > room:
            text = text[-room:]
        self._wanted[row] = ("big", text)
        self._wanted[row + 1] = ("under", "")

    def bar(self, row: int, label: str, percent: int) -> None:
        """A label, a bar of `percent`, and the number."""
        room = self.columns - len(label) - 6
        lit = (percent * room + 50) // 100
        bar = font.icon("full") * lit + font.icon("empty") * (room - lit)
        number = str(percent) + "%"
        self.text(row, label + " " + bar + " " * (5 - len(number)) + number)

    def softkeys(self, labels) -> None:
        """The last row: what the four keys below it do; "" for nothing."""
        width = self.columns // _SLOTS
        text = ""
        for slot in range(_SLOTS):
            label = labels[slot] if slot < len(labels) else ""
            last = slot == _SLOTS - 1
            text = text[: slot * width] if label else text
            if last and label:
                text = _padded(text, self.columns - len(label)) + label
            elif label:
                text = _padded(text, slot * width) + label
        self._wanted[self.rows - 1] = ("keys", _padded(text, self.columns)) if text.strip() else _BLANK

    def end(self) -> None:
        """Draw what is new and show it."""
        changed = False
        for row in range(self.rows):
            wanted = self._wanted[row]
            below = self._wanted[row + 1] if row + 1 < self.rows else None
            if wanted == self._drawn[row] and (wanted[0] != "big" or below == self._drawn[row + 1]):
                continue
            self._draw(row, wanted)
            changed = True
        self._drawn[:] = self._wanted
        if changed:
            self._display.show()

    @property
    def lines(self) -> "list[str]":
        """What is on the screen, as text."""
        return [text.strip() for kind, text in self._drawn if kind != "under"]

    def _draw(self, row, wanted):
        kind, text = wanted
        y = row * font.HEIGHT
        if kind == "under":
            return
        inverted = kind in ("inverted", "keys")
        height = 2 * font.HEIGHT if kind == "big" else font.HEIGHT
        self._display.fill_rect(0, y, self._display.width, height, 1 if inverted else 0)
        if kind == "big":
            x = self._left + (self.columns - 2 * len(text)) // 2 * font.WIDTH
            for character in text:
                font.draw_double(self._display, character, x, y)
                x += 2 * font.WIDTH
            return
        x = self._left
        for character in text:
            if character != " ":
                font.draw(self._display, character, x, y, inverted)
            x += font.WIDTH


def _padded(text, width):
    return text[:width] + " " * (width - len(text))
