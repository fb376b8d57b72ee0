"""Canvas: a display as rows of cells. A screen sets each row's text; only changed rows are drawn.

Row 0 is the header, with a line under it if row 1 is empty. The last row shows the functions of the keys
below the display, as tabs that are a pixel higher if the row above is empty.
"""

from compat import const
from ui import font

_SLOTS = const(4)
_BLANK = ("text", "")
_UNKNOWN = ("", "")


class Canvas:
    """`columns` × `rows` cells, centred on a hal.contract Display; big text takes 2 × 2 cells per character.

    Between `begin` and `end` a screen fills rows from the top, 0, or from the bottom, -1.
    """

    def __init__(self, display):
        self._display = display
        self.columns = display.width // font.WIDTH
        self.rows = display.height // font.HEIGHT
        self._left = (display.width - self.columns * font.WIDTH) // 2
        self._drawn = [_UNKNOWN] * self.rows
        self.unsent = False
        self._wanted = [_BLANK] * self.rows
        self._rule = ("text", font.icon("rule") * self.columns)
        self._tabs = None, _BLANK, _BLANK  # the last labels, their row and the row above it

    def begin(self) -> None:
        """Start from an empty screen."""
        for row in range(self.rows):
            self._wanted[row] = _BLANK

    def header(self, left: str, right: str = "") -> None:
        """Row 0: text at both ends; if there is no room for both, `left` is cut."""
        left, right = font.printable(left), font.printable(right)
        room = self.columns - len(right) - (1 if right else 0)
        self._wanted[0] = ("text", _padded(left[:room], self.columns - len(right)) + right)
        self._wanted[1] = self._rule

    def text(self, row: int, text: str, centred: bool = False) -> None:
        """One row of text, cut at the edge."""
        text = font.printable(text)[: self.columns]
        if centred:
            text = " " * ((self.columns - len(text)) // 2) + text
        self._wanted[row % self.rows] = ("text", text)

    def scroll(self, row: int, text: str, step: int, centred: bool = False) -> bool:
        """As `text`; a text that does not fit moves by one cell per step. Returns whether it moves."""
        text = font.printable(text)
        over = len(text) - self.columns
        if over <= 0:
            self.text(row, text, centred)
            return False
        # It rests at both ends, so that both can be read.
        rest = 4
        at = step % (2 * (over + rest))
        at = at - rest if at <= over + rest else 2 * over + 2 * rest - at
        at = min(max(at, 0), over)
        self.text(row, text[at : at + self.columns])
        return True

    def big(self, row: int, text: str) -> None:
        """Text at twice the size in `row` and the next, centred; of a text too long the end is shown."""
        text = font.printable(text)
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
        """The last row: labels of the four keys below it; "" for an unused key."""
        if self._tabs[0] != labels:
            text = self._tabs_of(labels)
            self._tabs = labels, ("keys", text), ("text", _lips(text))
        _, keys, lips = self._tabs
        if keys[1]:
            self._wanted[self.rows - 1] = keys
            if self._wanted[self.rows - 2] == _BLANK:
                self._wanted[self.rows - 2] = lips

    def _tabs_of(self, labels):
        """The text of the last row.

        Labels that would touch move apart; without room for all of them, those on the left are cut.
        """
        tabs = []  # [column, label]
        free = 0
        for slot in range(min(len(labels), _SLOTS)):
            label = labels[slot]
            if label:
                at = slot * (self.columns // _SLOTS)
                if slot == _SLOTS - 1:
                    at = self.columns - len(label)
                elif at < free:
                    at = min(free, at + 2)
                tabs.append((at, label))
                free = at + len(label) + 1
        text, end = "", self.columns  # `text` is the row from `end` on
        for at, label in reversed(tabs):
            # One free cell between two tabs, unless that would move a tab away from its key.
            if at + len(label) >= end and end < self.columns:
                moved = end - 1 - len(label)
                at = moved if moved > at - self.columns // _SLOTS else at
            text = _padded(label, end - at) + text
            end = at
        return " " * end + text if text else ""

    def end(self, part: bool = False) -> None:
        """Draw the changes and show them, or a `part`: then call `send` while `unsent` is true."""
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
            self.send(part)

    def send(self, part: bool) -> None:
        """Send the drawn changes, or a `part` of them, to the display."""
        self.unsent = bool(self._display.show(True) if part else self._display.show())

    def _draw(self, row, wanted):
        kind, text = wanted
        y = row * font.HEIGHT
        if kind == "under":
            return
        if kind == "text" == self._drawn[row][0]:
            self._draw_changes(self._drawn[row][1], text, y)
            return
        height = 2 * font.HEIGHT if kind == "big" else font.HEIGHT
        self._display.fill_rect(0, y, self._display.width, height, 0)
        if kind == "big":
            x = self._left + (self.columns - 2 * len(text)) // 2 * font.WIDTH
            for character in text:
                font.draw_double(self._display, character, x, y)
                x += 2 * font.WIDTH
            return
        x = self._left
        edge = False
        for character in text:
            if character != " ":
                font.draw(self._display, character, x, y, kind == "keys")
            elif edge:
                font.draw(self._display, font.icon("edge"), x, y)
            edge = kind == "keys" and character != " "
            x += font.WIDTH
        if edge:
            self._display.vline(x, y, font.HEIGHT, 1)

    def _draw_changes(self, before, text, y):
        """Draw the cells in which `text` differs from `before`: a clock changes one or two cells."""
        x = self._left
        for at in range(max(len(before), len(text))):
            character = text[at] if at < len(text) else " "
            if at >= len(before) or character != before[at]:
                font.draw(self._display, character, x, y)
            x += font.WIDTH


def _lips(text):
    """The line of pixels above the tabs of the last row `text`, without the corners."""
    lips = ""
    before = " "
    for character in text:
        name = "lip" if before != " " else "corner"
        lips += " " if character == " " else font.icon(name)
        before = character
    return lips


def _padded(text, width):
    return text[:width] + " " * (width - len(text))
