"""Update: the installed version, the version on the server, and the progress of an update."""

from ui.screens.screen import Screen

# State -> (text, label of the first softkey, wish of Updates.ask).
_SHOWN = {
    "idle": ("", "Check", "check"),
    "checking": ("Checking...", "", ""),
    "available": ("", "Install", "install"),
    "older": ("", "Install older", "install older"),
    "downloading": ("Downloading", "", ""),
    "paused": ("Waiting for call end", "", ""),
    "restarting": ("Restarting", "", ""),
    "failed": ("Update failed:", "Check", "check"),
}


class Update(Screen):
    """Shows `shell.updates()`, an object with the interface of services.update.updates.Updates."""

    def __init__(self, shell):
        super().__init__(shell)
        self._updates = shell.updates()

    def _label(self):
        label = _SHOWN[self._updates.state][1]
        self.softkeys = ((label, "ask" if label else ""), ("", ""), ("", ""), ("Back", "go_back"))

    def draw(self, canvas, now):
        self._label()
        updates = self._updates
        canvas.header("Update", updates.version)
        canvas.text(2, _SHOWN[updates.state][0])
        moves = canvas.scroll(3, updates.message, self.shell.steps(self._since, now))
        if updates.state in ("downloading", "paused"):
            canvas.bar(3, "", 100 * updates.done // max(updates.size, 1))
        return self.shell.step_ms if moves or updates.state not in ("idle", "failed") else 1000

    def ask(self, now):
        self._updates.ask(_SHOWN[self._updates.state][2])
        self._since = now

    def key(self, key, kind, now):
        self._label()
        if kind == "press" and key == "back":
            self.go_back(now)
        elif kind == "press" and key == "ok" and self.softkeys[0][0]:
            self.ask(now)
        else:
            super().key(key, kind, now)
