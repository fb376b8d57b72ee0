"""Call control: the actions that a person can take on the calls and the phone.

    control.dial("202", now)        control.hold(now)       control.transfer("203", now)
    control.answer(now)             control.resume(now)     control.hang_up(now)

Transfers and conferences are loaded with the first of them.
"""

from phone.dialplan import DialError
from phone.words import BUSY
from sip.events import LocalError
from sip.syntax.headers import NameAddr


class CallControl:
    """The façade for keys, screens and the web interface; `switchboard` has the calls.

    instrument  handset, speaker, mute and volume: phone.instrument.Instrument
    news        the unread voice messages and texts, in words
    call calls heard conference lines history listeners preferences user_agent live listed waiting busy
                those of phone.switchboard.Switchboard
    """

    def __init__(self, switchboard):
        self.instrument = switchboard.instrument
        self.lines = switchboard.lines
        self.history = switchboard.history
        self.listeners = switchboard.listeners
        self.preferences = switchboard.preferences
        self.user_agent = switchboard.user_agent
        self.news = ""
        self._switchboard = switchboard

    # State

    @property
    def call(self):
        return self._switchboard.call

    @property
    def calls(self) -> list:
        return self._switchboard.calls

    @property
    def heard(self):
        return self._switchboard.heard

    @property
    def conference(self) -> list:
        return self._switchboard.conference

    @property
    def live(self) -> list:
        return self._switchboard.live

    @property
    def listed(self) -> list:
        return self._switchboard.listed

    @property
    def waiting(self):
        return self._switchboard.waiting

    @property
    def busy(self) -> bool:
        return self._switchboard.busy

    @property
    def ringing(self) -> bool:
        """Whether the call in front waits to be answered."""
        return self.call is not None and self.call.waits

    @property
    def default_line(self):
        """The first usable line, else the first line; None without lines."""
        for line in self.lines:
            if line.usable:
                return line
        return self.lines[0] if self.lines else None

    # For the main loop

    def start(self, now: int) -> None:
        """The phone is on: show the calls missed before the restart."""
        self._switchboard.refresh(now)

    def on_event(self, event, now: int) -> None:
        """Take one event of the endpoint."""
        self._switchboard.on_event(event, now)

    def address_changed(self, now: int) -> None:
        """The phone is at another address: see Switchboard."""
        self._switchboard.address_changed(now)

    def deadline(self) -> "int | None":
        return self._switchboard.timers.deadline()

    def handle_timer(self, now: int) -> None:
        self._switchboard.timers.run(now)

    def show_messages(self, count: int, news: str, now: int) -> None:
        """`count` voice messages and texts are unread: the lamp shows it, and `news` says it in words."""
        self.news = news
        self.instrument.show_messages(count)
        self._switchboard.refresh(now)

    # For the person: the phone

    def compose(self, composing: "bool | None", now: int) -> None:
        """A number is being entered (True), is about to be (False), or is no longer (None).

        The dial tone plays while a number is about to be entered.
        """
        self.instrument.compose(composing)
        self._switchboard.refresh(now)

    def see_history(self, now: int) -> None:
        """The person looks at the list of calls: the missed calls are seen."""
        self.history.seen()
        self._switchboard.refresh(now)
        self._switchboard.tell("history", self.history)

    def toggle_mute(self, now: int) -> None:
        """The mute key; it does nothing without a call that was answered."""
        if self.heard is not None and self.heard.talking:
            self.instrument.toggle_mute()
            self._switchboard.tell("sound", self.instrument)

    def change_volume(self, percent: int, now: int) -> "tuple[str, int]":
        """Make the earpiece or the ringer louder or softer: see Instrument."""
        changed = self.instrument.change_volume(percent)
        self._switchboard.tell("sound", self.instrument)
        return changed

    def digit(self, digit: str, now: int) -> bool:
        """Send a digit into the call; whether it could be sent."""
        return self._switchboard.send_digit(digit, now)

    # … and the calls: they begin

    def dial(self, text: str, now: int, line=None, extra=(), about=None):
        """Call `text`; on the speaker if the handset is down. Raises DialError with words for the person.

        The call in the ear is held, or ended if it was not answered. `extra` are further headers of the
        INVITE, [(name, value)]; `about` is the call that the person means to transfer to the new one.
        """
        from phone.calls.call import Call

        line = line or self.default_line
        board = self._switchboard
        if line is None:
            raise DialError("No account set up")
        if not board.has_room:
            raise DialError("Too many calls")
        if not self.user_agent.endpoint.local:
            raise DialError("No network")
        target = board.number_of(text, line)
        encryption = self.user_agent.encryption_of(line.account, target)
        if encryption is not None and not encryption.keys:
            raise DialError("Encryption needs TLS")
        port = board.open_port()
        offered = board.capabilities(port, encryption)
        try:
            session = self.user_agent.invite(line.account, target, offered, now, extra=extra)
        except LocalError:
            port.close()
            raise DialError("A call is ending, try again")
        call = Call(line, session, "out", NameAddr(target), port)
        call.about = about
        board.place(call, now)
        return call

    def redial(self, now: int):
        """Call the number dialled last; returns the Call, None without a number. Raises DialError."""
        number = self.history.last_placed()
        return self.dial(number, now) if number else None

    def answer(self, now: int, call=None) -> None:
        """Answer `call`, or the call in front, or the waiting one; the call in the ear is held."""
        call = call or (self.call if self.ringing else self.waiting)
        if call is not None and call.waits:
            self._switchboard.answer(call, now)

    def reject(self, now: int, call=None) -> None:
        """Refuse `call`, or the one in front."""
        call = call or self.call
        if call is not None and call.waits:
            self._switchboard.refuse(call.session, BUSY, now)

    def ignore(self, now: int) -> None:
        """Silence the call in front that rings; the caller notices nothing."""
        if self.ringing:
            call = self.call
            call.ignored = True
            self._switchboard.choose(now)
            self._switchboard.changed(now, call)

    def forward(self, text: str, now: int, call=None) -> None:
        """Forward `call`, or the one in front, to `text`. Raises DialError."""
        call = call or self.call
        if call is not None and call.waits:
            call.session.redirect(self._switchboard.number_of(text, call.line), now)

    # … are held, swapped, transferred and joined

    def show(self, call) -> None:
        """Bring `call` to the front; the call in the ear stays."""
        self._switchboard.call = call

    def hold(self, now: int, call=None) -> None:
        """Hold `call`, or the one in front, if it is active."""
        call = call or self.call
        if call is not None:
            self._switchboard.hold(now, call)

    def resume(self, now: int, call=None) -> None:
        """Resume `call`, or the one in front; the call in the ear is held."""
        call = call or self.call
        if call is not None:
            self._switchboard.resume(now, call)

    def swap(self, now: int) -> None:
        """Resume the held call in front, or the one held longest; the call in the ear is held."""
        call = self.call
        if call is None or call.state != "held":
            held = [each for each in self.calls if each.state == "held" and not each.moving]
            call = held[0] if held else None
        if call is not None:
            self.resume(now, call)

    def toggle_hold(self, now: int) -> None:
        """The hold key: hold the call in the ear, or resume the held one in front."""
        call = self.call
        if call is not None and call.state == "held":
            self.resume(now)
        else:
            self.hold_all(now)

    def hold_all(self, now: int) -> None:
        """Hold the call in the ear, or all calls of the conference."""
        for call in list(self.conference) or [self.heard]:
            if call is not None:
                self.hold(now, call)

    def transfer(self, text: str, now: int, call=None) -> None:
        """Blind transfer of `call`, or of the one in front, to `text`. Raises DialError."""
        from phone.calls import transfers

        call = call or self.call
        if call is not None:
            transfers.blind(self._switchboard, call, self._switchboard.number_of(text, call.line), now)

    def connect(self, call, other, now: int) -> None:
        """Attended transfer: connect the other sides of two calls with each other. Raises DialError."""
        from phone.calls import transfers

        transfers.attended(self._switchboard, call, other, now)

    def join(self, now: int) -> None:
        """Make a conference of the call in the ear and a held one. Raises DialError."""
        from phone.calls import conference

        conference.join(self._switchboard, now)

    def split(self, now: int) -> None:
        """End the conference: its first call continues, the other is held."""
        if self.conference:
            from phone.calls import conference

            conference.split(self._switchboard, now)

    # … and end

    def hang_up(self, now: int, call=None) -> None:
        """End or refuse `call`, or the call in front; remove an ended call from the screen."""
        call = call or self.call
        board = self._switchboard
        if call is None or not call.live:
            board.forget_ended()
            self.instrument.use_speaker(self.instrument.speaker and self.heard is not None)
            board.choose(now)
            board.changed(now)
        elif call.waits:
            self.reject(now, call)
        else:
            for each in list(self.conference) if call in self.conference else [call]:
                board.ask(each.session.end, now)

    def hook(self, state: str, now: int) -> None:
        """The handset was lifted ("off") or put down ("on")."""
        instrument, board = self.instrument, self._switchboard
        instrument.hook(state == "off")
        if instrument.handset:
            if self.waiting is not None and self.heard is None:
                return self.answer(now, self.waiting)
            board.forget_ended()
        elif not instrument.speaker:
            if self.heard is not None:
                self.hang_up(now, self.heard)
            board.forget_ended()
        instrument.compose(None)
        board.choose(now)
        return board.changed(now)

    def toggle_speaker(self, now: int) -> None:
        """The speaker key: answer, or move the sound, or end a call that only the speaker carries."""
        if self.waiting is not None and self.heard is None:
            return self.answer(now, self.waiting)
        instrument = self.instrument
        self._switchboard.forget_ended()
        instrument.use_speaker(not instrument.speaker)
        if not instrument.listening and self.heard is not None:
            self.hang_up(now, self.heard)
        instrument.compose(None)
        self._switchboard.choose(now)
        return self._switchboard.changed(now)

    def press_line(self, line, now: int) -> bool:
        """A line key: answer the waiting call of the line, or resume its held call; False without calls."""
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
