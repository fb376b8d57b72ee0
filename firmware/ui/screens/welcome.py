"""Welcome: how to set up a phone that is not set up yet, instead of the idle screen."""

from ui.screens.idle import Idle


class Welcome(Idle):
    """Shows the rows that `shell.welcome()` returns; the keys are those of the idle screen."""

    softkeys = (("", ""), ("", ""), ("", ""), ("Status", "status"))

    def draw(self, canvas, now):
        title, rows = self.shell.welcome()
        canvas.header(title)
        step = self.shell.steps(self._since, now)
        moves = False
        for row, text in enumerate(rows[: canvas.rows - 3]):
            moves = canvas.scroll(2 + row, text, step) or moves
        return self.shell.step_ms if moves else 1000
