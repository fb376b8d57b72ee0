"""Transferring: the target of a transfer or of forwarding a call; loaded when first needed."""

from ui.screens.call.dialling import Dialling


class Transferring(Dialling):
    """`ok`, `#` and "Xfer" transfer the call to the number at once, "Call" calls the number first. Without a
    number `ok` connects the other side with the call that up and down choose.
    """

    calls = False

    def __init__(self, shell):
        super().__init__(shell)
        self._from = self.control.call
        self._others = [each for each in self.control.live if each is not self._from and each.talking]
        self._at = 0
        self._label()

    def _label(self):
        transfer = "Xfer" if self.text or self._others else ""
        ask = "Call" if self.text else ""
        self.softkeys = ((transfer, "dial"), ("Del", "delete"), (ask, "ask"), ("Cancel", "quit"))

    def draw(self, canvas, now):
        canvas.header("Transfer", self._from.name[: canvas.columns - 9])
        if self.text:
            if len(self.text) > canvas.columns // 2:
                canvas.text(2, self.text[-canvas.columns :], True)
            else:
                canvas.big(2, self.text)
            canvas.text(5, "Call: ask there first", True)
        else:
            canvas.text(3, "Enter number", True)
            if self._others:
                text = "or transfer to " + self._others[self._at].name
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
        shell, control = self.shell, self.control
        if self.text:
            done = shell.attempt(now, control.transfer, self.text, now, self._from)
        else:
            others = self._others
            done = others and shell.attempt(now, control.connect, self._from, others[self._at], now)
        if done:
            self._leave(now)

    def ask(self, now):
        """Call the number first, for an attended transfer."""
        if not self.text:
            return
        self.shell.attempt(now, self.control.dial, self.text, now, self._from.line, (), self._from)

    def quit(self, now):
        self._leave(now)
        self.control.resume(now, self._from)

    def _leave(self, now):
        self.control.compose(None, now)
        self.shell.open(None, now)


class Forwarding(Dialling):
    """Enters the target to which a ringing call is forwarded."""

    calls = False
    softkeys = (("Fwd", "dial"), ("Del", "delete"), ("", ""), ("Cancel", "quit"))

    def draw(self, canvas, now):
        super().draw(canvas, now)
        canvas.header("Forward to", self.control.call.name[: canvas.columns - 11])

    def dial(self, now):
        if self.text:
            self.shell.attempt(now, self.control.forward, self.text, now)
