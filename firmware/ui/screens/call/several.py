"""Several: more than one call, each with its state; loaded with the second."""

from ui import font
from ui.screens.call.in_call import InCall
from ui.screens.screen import clock

# (direction, state) -> word in the row; an active call shows its time.
_WORDS = {
    ("in", "ringing"): "waiting",
    ("out", "dialing"): "dialling",
    ("out", "ringing"): "ringing",
    ("out", "early"): "dialling",
}
_TITLES = {"held": "On hold", "active": "In call", "remote_held": "On hold (remote)"}
_UNANSWERED = (("", ""), ("", ""), ("", ""), ("End", "hang_up"))
_CONSULTS = (("", ""), ("Xfer", "transfer"), ("", ""), ("End", "hang_up"))
_WAITS = (("Answer", "answer"), ("", ""), ("", ""), ("Reject", "hang_up"))
_TALKS = (("Swap", "swap"), ("Xfer", "transfer"), ("Conf", "join"), ("End", "hang_up"))
_HELD = (("Resume", "resume"), ("", ""), ("New", "new"), ("End", "hang_up"))
_JOINED = (("Split", "split"), ("", ""), ("", ""), ("End", "hang_up"))


class Several(InCall):
    """Up and down choose the selected call, to which the keys apply; the active call stays active."""

    def _labels(self):
        control, call = self.control, self.control.call
        if call in control.conference:
            return _JOINED
        if call.waits:
            return _WAITS
        if not call.talking:
            return _UNANSWERED if call.about is None else _CONSULTS
        return _HELD if control.heard is None else _TALKS

    def draw(self, canvas, now):
        control = self.control
        self.softkeys = self._labels()
        call, heard = control.call, control.heard
        title = "Conference" if call in control.conference else _TITLES.get(call.state, "Calls")
        canvas.header(self._icons() + " " + title, clock(heard.seconds(now)) if heard is not None else "")
        room = canvas.rows - 4
        calls = control.listed
        first = max(calls.index(call) - room + 1, 0)
        moves = False
        for row, each in enumerate(calls[first : first + room]):
            mark = ">" if each is call else " "
            state = self._state(each, now)
            width = canvas.columns - len(state) - 1
            canvas.text(2 + row, _padded(mark + each.name, width) + " " + state)
        if call.note:
            moves = canvas.scroll(canvas.rows - 2, call.note, self.shell.steps(self._since, now), True)
        wait = heard.ms_to_next_second(now) if heard is not None else 1000
        return min(wait, self.shell.step_ms) if moves else wait

    def _state(self, call, now):
        if call.moving:
            return "transferring"
        if call.state == "held":
            return "on hold"
        if call.state == "remote_held":
            return "remote hold"
        if call.talking:
            return clock(call.seconds(now))
        return _WORDS.get((call.direction, call.state), "")

    def key(self, key, kind, now):
        if kind != "release" and key in ("up", "down"):
            calls = self.control.listed
            step = 1 if key == "down" else -1
            self.control.show(calls[(calls.index(self.control.call) + step) % len(calls)])
        elif kind == "press" and key == "ok":
            self._take(now)
        else:
            super().key(key, kind, now)

    def _take(self, now):
        call = self.control.call
        if call.waits:
            self.answer(now)
        elif call.state == "held":
            self.resume(now)

    def answer(self, now):
        self.control.answer(now)

    def resume(self, now):
        self.control.resume(now)

    def swap(self, now):
        self.control.swap(now)

    def join(self, now):
        self.shell.conference("conference", now)

    def split(self, now):
        self.shell.conference("conference", now)


def _padded(text, width):
    text = font.printable(text)[:width]
    return text + " " * (width - len(text))
