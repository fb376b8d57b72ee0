"""Call control: the person's wishes go in, and what the network did; calls, sound and light come out.

Nothing here waits or reads a clock: `now` is a tick, `deadline` tells when `handle_timer` is next due.
"""

from compat import const
from phone.call import Call
from phone.dialplan import DialError
from phone.history import Entry
from sip.events import (
    Ended,
    Established,
    IncomingCall,
    LocalError,
    MediaChanged,
    Progress,
    RegistrationChanged,
    TransferRequested,
)
from sip.headers import NameAddr
from sip.offer_answer import Capabilities
from sip.timers import Timers

_LINGER_MS = const(4000)  # how long an ended call stays on the screen
_TONE_MS = const(30_000)  # … while a handset that was not put down plays why
_PATIENCE_MS = const(30_000)  # how long a dial tone waits for the first digit
_TICK_MS = const(1000)
_BUSY = const(486)
_MOST_DIGITS = const(32)


class CallControl:
    """All calls and lines of the phone.

    lines      [Line], in the order of their keys
    call       the call in front, an ended one for some seconds; None when there is none
    calls      all of them
    handset    whether the handset is lifted
    speaker    whether the sound is on the speaker
    forgotten  whether the handset lies beside the phone: nobody has dialled for long, and the sound is off
    muted, volume
    listeners  functions (kind, object), called whenever something changed: ("line", Line), ("call", Call),
               ("sound", self) for mute, volume, speaker and hook, ("history", History)

    `ports` makes a call's media ports (net.media.MediaPorts), `local_time` returns the local time as a tuple
    or None, `codecs` are what is offered, best first.
    """

    def __init__(self, user_agent, lines, voice, ringing, history, dialplan, ports, codecs, local_time):
        self.user_agent = user_agent
        self.lines = lines
        self.history = history
        self.call = None
        self.handset = False
        self.speaker = False
        self.forgotten = False
        self.listeners = []
        self._voice = voice
        self._ringing = ringing
        self._dialplan = dialplan
        self._ports = ports
        self._codecs = codecs
        self._local_time = local_time
        self._composing = False
        self._timers = Timers()
        self._linger = None
        self._tick = None
        self._patience = None

    def start(self, now: int) -> None:
        """The phone is on: show what was missed before."""
        self._refresh(now)

    news = ""  # what waits besides missed calls, in words

    def show_messages(self, count: int, news: str, now: int) -> None:
        """So many voice messages and texts wait: the lamp tells, and `news` in words."""
        self.news = news
        self._ringing.messages = count
        self._refresh(now)

    # What is known

    @property
    def muted(self) -> bool:
        return self._voice.muted

    @property
    def volume(self) -> int:
        return self._voice.volume

    @property
    def listening(self) -> bool:
        """Whether the person wants to hear: the handset is lifted or the speaker on."""
        return self.handset or self.speaker

    @property
    def calls(self) -> list:
        return [] if self.call is None else [self.call]

    @property
    def default_line(self):
        """The first line that a call may be tried on, else the first; None without lines."""
        for line in self.lines:
            if line.usable:
                return line
        return self.lines[0] if self.lines else None

    @property
    def busy(self) -> bool:
        """Whether a call is under way: rings, is dialled, or talks."""
        return self.call is not None and self.call.state != "ended"

    @property
    def ringing(self) -> bool:
        """Whether a call waits to be answered."""
        return self.busy and self.call.direction == "in" and self.call.state == "ringing"

    # What the person wants

    def dial(self, text: str, now: int, line=None) -> Call:
        """Call `text`; on the speaker if the handset is down. Raises DialError with words for the person."""
        line = line or self.default_line
        if line is None:
            raise DialError("No account set up")
        if self.busy:
            raise DialError("A call is under way")
        if not self.user_agent.endpoint.local:
            raise DialError("No network")
        target = self._dialplan.target(text, line.account)
        port = self._open_port()
        try:
            session = self.user_agent.invite(line.account, target, self._capabilities(port), now)
        except LocalError:
            port.close()
            raise DialError("A call is ending, try again")
        self._forget_ended()
        self._composing = self.forgotten = False
        self.speaker = self.speaker or not self.handset
        self.call = Call(line, session, "out", NameAddr(target), port)
        self._changed(now)
        return self.call

    def redial(self, now: int) -> "Call | None":
        """Call the number that was called last; None when there is none. Raises DialError."""
        number = self.history.last_placed()
        return self.dial(number, now) if number else None

    def compose(self, composing: bool, now: int) -> None:
        """The person has begun to key in a number, or has given it up: the dial tone goes by it."""
        self._composing = composing
        self.forgotten = False
        self._refresh(now)

    def see_history(self, now: int) -> None:
        """The person looks at the list of calls: none of it is news any more."""
        self.history.seen()
        self._refresh(now)
        self._tell("history", self.history)

    def answer(self, now: int) -> None:
        """Take the ringing call: on the handset if it is lifted, else on the speaker."""
        call = self.call
        if not self.ringing:
            return
        try:
            call.port = self._open_port()
        except DialError:
            self._reject(call.session, 500, now)
            return
        self.speaker = not self.handset
        try:
            call.session.accept(self._capabilities(call.port), now)
        except LocalError:
            return  # the caller gave up just now, the event is on its way
        if call.session.state not in ("incoming", "ringing", "ended"):
            call.answer(now)
            call.step("answered")
            self._begin_ticks(now)
        self._changed(now)

    def reject(self, now: int) -> None:
        """Refuse the ringing call."""
        if self.ringing:
            self._reject(self.call.session, _BUSY, now)

    def hang_up(self, now: int) -> None:
        """End or refuse the call in front; take an ended one off the screen."""
        if self.ringing:
            self.reject(now)
        elif self.busy:
            try:
                self.call.session.end(now)
            except LocalError:
                pass  # the other side was quicker, its event is on its way
        else:
            self._forget_ended()
            self.speaker = False
            self._changed(now)

    def hook(self, state: str, now: int) -> None:
        """The handset was lifted ("off") or put down ("on")."""
        self.handset = state == "off"
        self.forgotten = False
        if self.handset:
            self.speaker = False
            if self.ringing:
                return self.answer(now)
            self._forget_ended()
        elif not self.speaker:
            if self.busy and not self.ringing:
                self.hang_up(now)
            self._forget_ended()
        self._composing = False
        self._changed(now)

    def toggle_speaker(self, now: int) -> None:
        """The speaker key: answer, or move the sound, or end a call that only the speaker carries."""
        if self.ringing:
            return self.answer(now)
        self._forget_ended()
        self.forgotten = False
        self.speaker = not self.speaker
        if not self.speaker and not self.handset and self.busy:
            self.hang_up(now)
        self._composing = False
        self._changed(now)

    def toggle_mute(self, now: int) -> None:
        """The mute key; without a call that talks it does nothing."""
        if self.call is not None and self.call.talking:
            self._voice.mute(not self._voice.muted)
            self._tell("sound", self)

    def change_volume(self, percent: int, now: int) -> "tuple[str, int]":
        """Make what sounds now louder or softer, the earpiece or the ringer: its name and new volume."""
        if self._voice.running:
            self._voice.set_volume(self._voice.volume + percent)
            changed = "Volume", self._voice.volume
        else:
            self._ringing.set_volume(self._ringing.volume + percent)
            changed = "Ringer", self._ringing.volume
        self._tell("sound", self)
        return changed

    def digit(self, digit: str, now: int) -> bool:
        """Send a digit into the call; whether it could be sent."""
        call = self.call
        # Some machines ask for digits before they answer.
        return call is not None and (call.talking or call.state == "early") and self._voice.send_digit(digit)

    # What the network did

    def address_changed(self, now: int) -> None:
        """The phone is at another address: bring every call there (RFC 3261 §14.1); they go on.

        To be called once `endpoint.local` and the ports' `host` are the new ones, and the sockets open.
        """
        for call in self.calls:
            if call.port is None or call.state == "ended":
                continue
            call.port.move(self._ports.host)
            if call.session.media is not None:
                self._voice.open(call.port, call.session.media)
            call.session.readdress(self._ports.host, now)

    def on_event(self, event, now: int) -> None:
        """Take one event of the endpoint."""
        handler = _HANDLERS.get(type(event))
        if handler is not None:
            getattr(self, handler)(event, now)

    def _on_transfer_requested(self, event, now):
        # There is room for one call at a time: the peer is told at once, and keeps it.
        event.referral.reject(now)

    def _on_registration(self, event, now):
        for line in self.lines:
            if line.registration is event.registration and line.update():
                self._tell("line", line)

    def _on_incoming(self, event, now):
        session = event.session
        line = next(line for line in self.lines if line.account is session.account)
        call = Call(line, session, "in", session.remote)
        if session.state != "incoming" or self.busy:
            # Given up again before we looked, or nobody is free to take it.
            self._reject(session, _BUSY, now)
            self._note(call, "missed")
            self._changed(now)
            return
        self._forget_ended()
        self._composing = self.forgotten = False
        self.call = call
        session.ring(now)
        self._changed(now)

    def _on_progress(self, event, now):
        call = self._call_of(event)
        if call is not None and event.status in (180, 181, 182) and call.step("rings"):
            self._changed(now)

    def _on_media(self, event, now):
        call = self._call_of(event)
        if call is None or call.port is None:
            return
        if not self._voice.running:
            self._voice.start(self._output())
        self._voice.open(call.port, event.media)
        if event.session.state in ("calling", "early"):
            changed = call.step("early media")
        else:
            changed = call.step("remote hold" if event.media.held else "remote resume")
        if changed:
            self._changed(now)

    def _on_established(self, event, now):
        call = self._call_of(event)
        if call is None or not call.step("answered"):
            return
        call.answer(now)
        self._begin_ticks(now)
        self._changed(now)
        if event.session.media is not None and event.session.media.held and call.step("remote hold"):
            self._changed(now)

    def _on_ended(self, event, now):
        call = self._call_of(event)
        if call is None:
            return
        call.end(event.status, event.remote, now)
        if call.direction == "out":
            self._note(call, "placed")
        else:
            self._note(call, "missed" if event.remote and not call.answered else "received")
        if call.port is not None:
            call.stats = self._voice.close(now)
            call.port.close()
        self._timers.stop(self._tick)
        self._tick = None
        hears_why = event.remote and self.handset
        self._linger = self._timers.start(_TONE_MS if hears_why else _LINGER_MS, self, "linger", now)
        if not event.remote:
            # Who hangs up is done with the sound; who is left hears a tone until the handset is down.
            self.speaker = False
        self._changed(now)

    def _note(self, call, kind):
        at = self._local_time()
        seconds = call.seconds(0)
        self.history.add(Entry(kind, call.name, call.number, at[:5] if at else None, seconds))
        self._tell("history", self.history)

    # Time

    def deadline(self) -> "int | None":
        return self._timers.deadline()

    def handle_timer(self, now: int) -> None:
        self._timers.run(now)

    def on_timer(self, name: str, now: int) -> None:
        """From Timers."""
        if name == "linger":
            self._linger = None
            self.call = None
            self.speaker = False
            self._changed(now)
        elif name == "patience":
            self._patience = None
            self.speaker = False
            self.forgotten = self.handset
            self._changed(now)
        else:
            self._begin_ticks(now)
            self._collect_digits()

    def _begin_ticks(self, now):
        self._timers.stop(self._tick)
        self._tick = self._timers.start(_TICK_MS, self, "tick", now)

    def _collect_digits(self):
        digits = self._voice.digits()
        if digits and self.call is not None:
            self.call.digits = (self.call.digits + digits)[-_MOST_DIGITS:]
            self._tell("call", self.call)

    # Inside

    def _call_of(self, event):
        call = self.call
        return call if call is not None and call.session is event.session and call.state != "ended" else None

    def _reject(self, session, status, now):
        try:
            session.reject(status, now)
        except LocalError:
            pass  # the caller was quicker and gave up

    def _open_port(self):
        try:
            return self._ports.open()
        except OSError:
            raise DialError("No port for voice")

    def _capabilities(self, port):
        return Capabilities(self._ports.host, port.port, self._codecs)

    def _forget_ended(self):
        if self.call is not None and self.call.state == "ended":
            self._timers.stop(self._linger)
            self._linger = None
            self.call = None

    def _output(self):
        return "handset" if self.handset and not self.speaker else "speaker"

    def _changed(self, now):
        self._refresh(now)
        if self.call is not None:
            self._tell("call", self.call)
        self._tell("sound", self)

    def _refresh(self, now):
        """Bring sound and light in step with the calls."""
        self._watch_dial_tone(now)
        if self.listening and not self.ringing and not self.forgotten:
            self._voice.start(self._output())
        elif self._voice.running:
            self._voice.stop()
        listening = self._voice.running and not self._composing
        self._ringing.update(self.call, listening, self.history.unseen, now)

    def _watch_dial_tone(self, now):
        if not self.listening or self.forgotten or self._composing or self.call is not None:
            self._timers.stop(self._patience)
            self._patience = None
        elif self._patience is None:
            self._patience = self._timers.start(_PATIENCE_MS, self, "patience", now)

    def _tell(self, kind, thing):
        for listener in list(self.listeners):
            listener(kind, thing)


_HANDLERS = {
    RegistrationChanged: "_on_registration",
    IncomingCall: "_on_incoming",
    Progress: "_on_progress",
    MediaChanged: "_on_media",
    Established: "_on_established",
    Ended: "_on_ended",
    TransferRequested: "_on_transfer_requested",
}
