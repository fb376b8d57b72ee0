"""Status: facts for remote support."""

from ui.screens.screen import Screen


class Status(Screen):
    """Shows the lines, then `shell.status()`: a list of (name, value) texts."""

    def __init__(self, shell):
        super().__init__(shell)
        update = ("Update", "update") if shell.updates else ("", "")
        self.softkeys = (update, ("", ""), ("", ""), ("Back", "go_back"))
        self._first = 0

    def draw(self, canvas, now):
        facts = [(line.label, line.status_text(now)) for line in self.control.lines] + self.shell.status()
        room = canvas.rows - 3
        self._first = min(self._first, max(len(facts) - room, 0))
        canvas.header("Status")
        step = self.shell.steps(self._since, now)
        moves = False
        for row, (name, value) in enumerate(facts[self._first : self._first + room]):
            moves = canvas.scroll(2 + row, name + " " + value, step) or moves
        return self.shell.step_ms if moves else 1000

    def key(self, key, kind, now):
        if kind == "release":
            return
        if key == "up":
            self._first = max(self._first - 1, 0)
        elif key == "down":
            self._first += 1
        elif kind == "press" and key == "back":
            self.go_back(now)
        else:
            super().key(key, kind, now)

    def update(self, now):
        self.shell.open("update", now)
