"""Screen: the base of all screens."""

from ui.keymap import SOFTKEYS

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Screen:
    """One screen. `softkeys` lists up to four (label, name of a method(now)); "" labels an unused key."""

    def __init__(self, shell):
        self.shell = shell
        self.control = shell.control
        self._since = shell.now  # the tick at which it was shown, when text begins to scroll

    softkeys: tuple = ()

    def draw(self, canvas, now: int) -> "int | None":
        """Fill the canvas; return in how many ms the screen changes without an event, None: never."""

    def on_time(self, now: int) -> None:
        """Do what is due at `now`, before the screen is drawn."""

    def key(self, key: str, kind: str, now: int) -> None:
        """Handle a key that is not in ui.keymap; `kind` is "press", "long" or "release"."""
        if kind == "press" and key in SOFTKEYS:
            at = SOFTKEYS.index(key)
            if at < len(self.softkeys) and self.softkeys[at][0]:
                getattr(self, self.softkeys[at][1])(now)

    def hang_up(self, now: int) -> None:
        self.control.hang_up(now)

    def go_back(self, now: int) -> None:
        self.shell.open(None, now)

    def _who(self, canvas, call, now):
        """Rows 2 to 4: the other side. Returns in how many ms the text scrolls on, None if it fits."""
        step = self.shell.steps(self._since, now)
        if len(call.name) <= canvas.columns // 2:
            canvas.big(2, call.name)
            moves = False
        else:
            moves = canvas.scroll(2, call.name, step, True)
        if call.number != call.name:
            moves = canvas.scroll(4, call.number, step, True) or moves
        return self.shell.step_ms if moves else None


def clock(seconds: int) -> str:
    """Seconds as m:ss or h:mm:ss."""
    if seconds < 3600:
        return "%d:%02d" % (seconds // 60, seconds % 60)
    return "%d:%02d:%02d" % (seconds // 3600, seconds // 60 % 60, seconds % 60)


def date(time) -> str:
    """Day and month of a local (year, month, day, …): "27 Nov"."""
    return "%d %s" % (time[2], _MONTHS[time[1] - 1])


def soonest(*waits) -> "int | None":
    """The shortest of some waits in ms, each of which may be None."""
    known = [wait for wait in waits if wait is not None]
    return min(known) if known else None


def wrapped(text: str, columns: int) -> list:
    """`text` in rows of at most `columns` characters, broken at spaces if possible."""
    rows = []
    for line in text.replace("\r", "").split("\n"):
        while len(line) > columns:
            end = line.rfind(" ", 0, columns + 1)
            rows.append(line[: end if end > 0 else columns])
            line = line[end + 1 :] if end > 0 else line[columns:]
        rows.append(line)
    return rows
