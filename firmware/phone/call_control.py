"""Call control: what the person wants of the calls.

    control.dial("202", now)        control.hold(now)       control.transfer("203", now)
    control.answer(now)             control.resume(now)     control.hang_up(now)

What few calls need is loaded with the first of them: transfers, conference.
"""

from phone.dialplan import DialError
from phone.switchboard import BUSY, Switchboard
from sip.events import LocalError
from sip.syntax.headers import NameAddr


class CallControl(Switchboard):
    """All calls and lines of the phone, for a person with keys: see Switchboard for what is known of them."""

    @property
    def default_line(self):
        """The first line that a call may be tried on, else the first; None without lines."""
        for line in self.lines:
            if line.usable:
                return line
        return self.lines[0] if self.lines else None

    # What the person wants: calls begin

    def dial(self, text: str, now: int, line=None, extra=(), about=None):
        """Call `text`; on the speaker if the handset is down. Raises DialError with words for the person.

        Who was heard is held, unless it had not answered: such a call is given up. `extra` is further headers
        of the INVITE, [(name, value)]; `about` the call that this one is made to talk about.
        """
        from phone.calls.call import Call

        line = line or self.default_line
        if line is None:
            raise DialError("No account set up")
        if not self.has_room:
            raise DialError("Too many calls")
        if not self.user_agent.endpoint.local:
            raise DialError("No network")
        target = self.number_of(text, line)
        port = self.open_port()
        try:
            session = self.user_agent.invite(line.account, target, self.capabilities(port), now, extra=extra)
        except LocalError:
            port.close()
            raise DialError("A call is ending, try again")
        self.forget_ended()
        call = Call(line, session, "out", NameAddr(target), port)
        call.about = about
        self._composing = None
        self.forgotten = False
        self.speaker = self.speaker or not self.handset
        self.calls.append(call)
        self.hear(call, now)
        self.changed(now)
        return call

    def redial(self, now: int):
        """Call the number that was called last; None when there is none. Raises DialError."""
        number = self.history.last_placed()
        return self.dial(number, now) if number else None

    def answer(self, now: int, call=None) -> None:
        """Take `call`, or the one in front, or the one that waits; who was heard is held.

        The sound is on the handset if that is lifted, else on the speaker.
        """
        call = call or (self.call if self.ringing else self.waiting)
        if call is None or not call.waits:
            return
        self.forget_ended()
        if not self.accept(call, now):
            self.changed(now, call)
            return
        self.speaker = self.speaker and self.heard is not None or not self.handset
        self.hear(call, now)
        self.begin(call, now)
        self.changed(now)

    def reject(self, now: int, call=None) -> None:
        """Refuse `call`, or the one in front."""
        call = call or self.call
        if call is not None and call.waits:
            self.refuse(call.session, BUSY, now)

    def ignore(self, now: int) -> None:
        """Hear nothing more of the call in front that rings; the caller notices nothing."""
        if self.ringing:
            call = self.call
            call.ignored = True
            self.choose(now)
            self.changed(now, call)

    def forward(self, text: str, now: int, call=None) -> None:
        """Send the caller in front on to `text`. Raises DialError."""
        call = call or self.call
        if call is not None and call.waits:
            call.session.redirect(self.number_of(text, call.line), now)

    # … are held, changed over and joined

    def show(self, call) -> None:
        """Bring `call` to the front; who is heard stays."""
        self.call = call

    def resume(self, now: int, call=None) -> None:
        """Talk again to `call`, or to the one in front; who was heard is held."""
        call = call or self.call
        if call is None or not call.step("resume"):
            return
        call.note = ""
        self.speaker = self.speaker or not self.handset
        self.hear(call, now)
        self.ask(call.session.resume, now)
        media = call.session.media
        if media is not None and media.held:
            call.step("remote hold")
        self._begin_ticks(now)
        self.changed(now, call)

    def swap(self, now: int) -> None:
        """Talk to the held call in front, or to the one that was held longest; hold who was heard."""
        call = self.call
        if call is None or call.state != "held":
            held = [each for each in self.calls if each.state == "held" and not each.moving]
            call = held[0] if held else None
        if call is not None:
            self.resume(now, call)

    def toggle_hold(self, now: int) -> None:
        """The hold key: hold the call in front, or talk to it again."""
        call = self.call
        if call is not None and call.state == "held":
            self.resume(now)
        else:
            self.hold_all(now)

    def hold_all(self, now: int) -> None:
        """Hold whoever is in the ear: one call, or those of a conference."""
        for call in list(self.conference) or [self.heard]:
            if call is not None:
                self.hold(now, call)

    def transfer(self, text: str, now: int, call=None) -> None:
        """Send the other side of `call`, or of the one in front, to `text` unseen. Raises DialError."""
        from phone.calls import transfers

        call = call or self.call
        if call is not None:
            transfers.blind(self, call, self.number_of(text, call.line), now)

    def connect(self, call, other, now: int) -> None:
        """Connect the other sides of two calls with each other, and leave. Raises DialError."""
        from phone.calls import transfers

        transfers.attended(self, call, other, now)

    def join(self, now: int) -> None:
        """Make a conference of the call that is heard and the others. Raises DialError."""
        from phone.calls import conference

        conference.join(self, now)

    def split(self, now: int) -> None:
        """End the conference: its first call goes on, the others are held."""
        if self.conference:
            from phone.calls import conference

            conference.split(self, now)

    # … and end

    def hang_up(self, now: int, call=None) -> None:
        """End or refuse `call` or the one in front; take an ended one off the screen."""
        call = call or self.call
        if call is None or not call.live:
            self.forget_ended()
            self.speaker = self.speaker and self.heard is not None
            self.choose(now)
            self.changed(now)
        elif call.waits:
            self.reject(now, call)
        else:
            for each in list(self.conference) if call in self.conference else [call]:
                self.ask(each.session.end, now)

    def hook(self, state: str, now: int) -> None:
        """The handset was lifted ("off") or put down ("on")."""
        self.handset = state == "off"
        self.forgotten = False
        if self.handset:
            self.speaker = False
            if self.waiting is not None and self.heard is None:
                return self.answer(now, self.waiting)
            self.forget_ended()
        elif not self.speaker:
            if self.heard is not None:
                self.hang_up(now, self.heard)
            self.forget_ended()
        self._composing = None
        self.choose(now)
        self.changed(now)

    def toggle_speaker(self, now: int) -> None:
        """The speaker key: answer, or move the sound, or end a call that only the speaker carries."""
        if self.waiting is not None and self.heard is None:
            return self.answer(now, self.waiting)
        self.forget_ended()
        self.forgotten = False
        self.speaker = not self.speaker
        if not self.listening and self.heard is not None:
            self.hang_up(now, self.heard)
        self._composing = None
        self.choose(now)
        self.changed(now)

    def press_line(self, line, now: int) -> bool:
        """A line key: answer what waits there, talk again to what is held there; False for a line without."""
        here = [call for call in self.calls if call.line is line and call.live]
        for call in here:
            if call.waits:
                self.answer(now, call)
                return True
        for call in reversed(here):
            if call.state == "held":
                self.resume(now, call)
                return True
        return bool(here)
