"""Transferring: to whom a call goes; loaded with the first."""

from phone.dialplan import DialError
from ui.screens.call.dialling import Dialling


class Transferring(Dialling):
    """`ok`, `#` and "Send" send the other side to the number, "Call" asks there first; without a number `ok`
    connects the other side with the call that up and down choose.
    """

    calls = False

    def __init__(self, shell):
        super().__init__(shell)
        self._from = self.control.call
        self._others = [each for each in self.control.live if each is not self._from and each.talking]
        self._at = 0
        self._label()

    def _label(self):
        send = "Send" if self.text or self._others else ""
        ask = "Call" if self.text else ""
        self.softkeys = ((send, "dial"), ("Del", "delete"), (ask, "ask"), ("Quit", "quit"))

    def draw(self, canvas, now):
        canvas.header("Transfer", self._from.name)
        if self.text:
            if len(self.text) > canvas.columns // 2:
                canvas.text(2, self.text[-canvas.columns :], True)
            else:
                canvas.big(2, self.text)
            canvas.text(5, "Call asks there first", True)
        else:
            canvas.text(3, "Key in a number", True)
            if self._others:
                text = "or send to " + self._others[self._at].name
                if canvas.scroll(4, text, self.shell.steps(self._since, now), True):
                    return self.shell.step_ms
        return None

    def key(self, key, kind, now):
        if kind == "press" and key in ("up", "down") and self._others and not self.text:
            self._at = (self._at + (1 if key == "down" else -1)) % len(self._others)
        else:
            super().key(key, kind, now)
        self._label()

    def dial(self, now):
        control = self.control
        try:
            if self.text:
                control.transfer(self.text, now, self._from)
            elif self._others:
                control.connect(self._from, self._others[self._at], now)
            else:
                return
        except DialError as error:
            self.shell.notice(str(error), now)
            return
        self._leave(now)

    def ask(self, now):
        """Call the number first, to ask there."""
        if not self.text:
            return
        try:
            self.control.dial(self.text, now, self._from.line, about=self._from)
        except DialError as error:
            self.shell.notice(str(error), now)

    def quit(self, now):
        self._leave(now)
        self.control.resume(now, self._from)

    def _leave(self, now):
        self.control.compose(None, now)
        self.shell.open(None, now)


class Forwarding(Dialling):
    """Where a call goes that rings: the caller is sent on."""

    calls = False
    softkeys = (("Send", "dial"), ("Del", "delete"), ("", ""), ("Quit", "quit"))

    def draw(self, canvas, now):
        super().draw(canvas, now)
        canvas.header("Send on", self.control.call.name)

    def dial(self, now):
        if self.text:
            try:
                self.control.forward(self.text, now)
            except DialError as error:
                self.shell.notice(str(error), now)
