"""Idle: the time, the lines, missed calls and new messages."""

from compat import lookup
from ui import font
from ui.keymap import DIGITS
from ui.screens.screen import Screen, date, soonest

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_ICONS = (("registered", "registered"), ("failed", "failed"), ("off", "registered"))


class Idle(Screen):
    def draw(self, canvas, now):
        texts, contacts, facts = "", "", "Status"
        if self.shell.features is not None:
            texts, contacts, facts = "Texts", "Cont", "Stat"  # four that fit beside each other
        self.softkeys = (("Calls", "calls"), (texts, "texts"), (contacts, "contacts"), (facts, "status"))
        lines = self.control.lines
        first = lines[0] if lines else None
        time = self.shell.local_time()
        today = "Bakelite"
        wait = None
        if time is not None:
            canvas.big(2, self.shell.clock_text(time))
            today = _DAYS[time[6]] + " " + date(time)
            wait = (60 - time[5]) * 1000
        canvas.header(today, self.shell.network_icons() or (first.label if first else ""))
        if first is None:
            canvas.text(5, "No account set up", True)
        missed = self.control.history.unseen
        news = self.control.news
        # If there is room, an empty row separates the line from the time and from the tabs.
        top = 5 if len(lines) == 1 and not missed and not news else 4
        for row, line in enumerate(_most_urgent(lines)):
            if row == 0 or not (missed and news):
                wait = soonest(wait, self._line(canvas, top + row, line, now))
        below = top + min(len(lines), 1 if missed and news else 2)
        if news:
            moves = canvas.scroll(below, "* " + news, self.shell.steps(self._since, now))
            wait = soonest(wait, self.shell.step_ms if moves else None)
            below += 1
        if missed:
            words = "missed call" if missed == 1 else "missed calls"
            canvas.text(below, "%s %d %s" % (font.icon("missed"), missed, words))
        return wait

    def _line(self, canvas, row, line, now):
        """One line's state; returns in how many ms the row changes."""
        icon = font.icon("failed" if line.offline else lookup(_ICONS, line.state, "waiting"))
        text = "%s %s %s" % (icon, line.label, line.status_text(now))
        moves = canvas.scroll(row, text, self.shell.steps(self._since, now))
        return soonest(1000 if line.state == "failed" else None, self.shell.step_ms if moves else None)

    def key(self, key, kind, now):
        if kind == "press" and key in DIGITS:
            self.shell.begin_dialling(key, now)
        elif kind == "press" and key in ("down", "ok"):
            self.calls(now)
        elif kind == "press" and key == "up":
            self.shell.open("phonebook", now)
        else:
            super().key(key, kind, now)

    def calls(self, now):
        self.shell.open("calls", now)

    def texts(self, now):
        self.shell.open("texts", now)

    def contacts(self, now):
        self.shell.open("contacts", now)

    def status(self, now):
        self.shell.open("status", now)


def _most_urgent(lines):
    """The two lines that fit on the screen: unusable lines come first."""
    return ([line for line in lines if not line.usable] + [line for line in lines if line.usable])[:2]
