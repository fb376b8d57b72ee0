"""Switchboard: the calls there are, who of them is in the ear, and what the network does to them.

Nothing here waits or reads a clock: `now` is a tick, `deadline` tells when `handle_timer` is next due. What
few calls need is loaded with the first of them: transfers, forwarding, conference.
"""

import compat
from compat import const
from phone.dialplan import DialError
from phone.history import Entry
from phone.instrument import Instrument
from phone.preferences import Preferences
from sip.events import (
    Ended,
    Established,
    IdentityChanged,
    IncomingCall,
    LocalError,
    MediaChanged,
    Progress,
    RegistrationChanged,
    TransferProgress,
    TransferRequested,
)

_LINGER_MS = const(4000)  # how long an ended call stays on the screen
_TONE_MS = const(30_000)  # … while a handset that was not put down plays why
_TICK_MS = const(1000)
BUSY = 486  # the SIP status of a phone that is in use
_MAX_DIGITS = const(32)
# What a further call may take of the heap, with its screens and its end.
_CALL_OCTETS = const(48_000)
# Sessions that are ending, or that a transfer brings, besides the calls that the person has.
_SPARE_SESSIONS = const(4)


class Switchboard(Instrument):
    """All calls and lines of the phone; one call at a time is in the ear.

    lines      [Line], in the order of their keys
    calls      all calls, oldest first, and for some seconds the one that has just ended
    call       the call in front: what the screen shows and the keys mean; None when there is none
    heard      the call in the ear; None when there is none, or when all are held
    conference the calls that all hear each other; empty when there is no conference
    listeners  functions (kind, object), called whenever something changed: ("line", Line), ("call", Call),
               ("sound", self) for mute, volume, speaker and hook, ("history", History),
               ("notice", words for the person)

    `ports` makes a call's media ports (net.media_ports.MediaPorts), `local_time` returns the local time as a
    tuple or None, `codecs` are what is offered, best first, `preferences` see phone.preferences.
    """

    def __init__(
        self,
        user_agent,
        lines,
        voice,
        ringing,
        history,
        dialplan,
        ports,
        codecs,
        local_time,
        preferences=None,
    ):
        self.preferences = preferences or Preferences()
        super().__init__(voice, ringing, history, self.preferences.hold_reminder_s)
        self.user_agent = user_agent
        user_agent.max_sessions = self.preferences.most_calls + _SPARE_SESSIONS
        self.lines = lines
        self.conference = []
        self._dialplan = dialplan
        self._ports = ports
        self._codecs = codecs
        self._local_time = local_time
        self._linger = None
        self._tick = None
        self._speaks = None  # the call that the voice path belongs to

    def start(self, now: int) -> None:
        """The phone is on: show what was missed before."""
        self._refresh(now)

    # What is known

    @property
    def live(self) -> list:
        """The calls that are not over."""
        return [call for call in self.calls if call.live]

    @property
    def has_room(self) -> bool:
        """Whether one more call can be had: the person wants so many, and there is memory for it."""
        live = len(self.live)
        if not live or live >= self.preferences.most_calls:
            return live < self.preferences.most_calls
        return self.has_heap(_CALL_OCTETS)

    def has_heap(self, octets: int) -> bool:
        """Whether so much heap is free: what is begun without it takes the other calls along."""
        compat.collect()
        free = compat.free_heap()
        return free is None or free >= octets

    @property
    def listed(self) -> list:
        """The live calls but for those whose place another one is taking: what there is to choose from."""
        live = self.live
        left = [call.instead for call in live]
        return [call for call in live if call not in left or call is self.call]

    @property
    def waiting(self):
        """The call that waits longest to be answered and was not ignored; or None."""
        for call in self.calls:
            if call.waits and not call.ignored:
                return call
        return None

    @property
    def busy(self) -> bool:
        """Whether a call is under way: rings, is dialled, talks or is held."""
        return bool(self.live)

    @property
    def ringing(self) -> bool:
        """Whether the call in front waits to be answered."""
        return self.call is not None and self.call.waits

    # What the network did

    def address_changed(self, now: int) -> None:
        """The phone is at another address: bring every call there (RFC 3261 §14.1); they go on.

        To be called once `endpoint.local` and the ports' `host` are the new ones, and the sockets open.
        """
        for call in self.live:
            if call.port is not None:
                call.port.move(self._ports.host)
                self.open_voice(call, now, False)
                call.session.readdress(self._ports.host, now)

    def on_event(self, event, now: int) -> None:
        """Take one event of the endpoint."""
        handler = _HANDLERS.get(type(event))
        if handler is not None:
            getattr(self, handler)(event, now)

    def _on_registration(self, event, now):
        for line in self.lines:
            if line.registration is event.registration and line.update():
                self.tell("line", line)

    def _on_incoming(self, event, now):
        from phone.calls.call import Call

        session = event.session
        line = next(line for line in self.lines if line.account is session.account)
        call = Call(line, session, "in", session.identity)
        if session.replaces is not None:
            from phone.calls import transfers

            return transfers.take_place(self, call, now)
        chosen = self.preferences
        room = self.has_room and (chosen.call_waiting or not self.live)
        if session.diverted_from or session.referred_by or chosen.forward_always or not room:
            from phone.calls import forwarding

            call.via = forwarding.via(session, line.account.aor.host)
            if forwarding.send_on(self, call, room, now):
                return None
        if session.state != "incoming" or not room:
            # Given up again before we looked, or nobody is free to take it.
            self.refuse(session, BUSY, now)
            self.note(call, "missed")
            self.changed(now)
            return None
        self.calls.append(call)
        if self.heard is None or self.call is None:
            self.forget_ended()
            self._composing = None
        self.forgotten = False
        self.call = call
        session.ring(now)
        if chosen.forward_no_answer:
            from phone.calls import forwarding

            self.later(chosen.no_answer_s * 1000, forwarding.Patience(self, call), now)
        self.changed(now)
        return None

    def _on_progress(self, event, now):
        call = self.call_of(event.session)
        if call is not None and event.status in (180, 181, 182) and call.step("rings"):
            self.changed(now, call)

    def _on_media(self, event, now):
        call = self.call_of(event.session)
        if call is None or call.port is None:
            return
        refused = call.state == "active" and event.session.holding
        if refused and call.step("hold"):
            self.tell("notice", "Could not resume")
            if self.heard is call:
                self.heard = None
        if event.session.state in ("calling", "early"):
            changed = call.step("early media")
        else:
            changed = call.step("remote hold" if event.media.held else "remote resume") or refused
        self.open_voice(call, now, call is self.heard or call in self.conference)
        if changed:
            self.changed(now, call)

    def _on_established(self, event, now):
        call = self.call_of(event.session)
        if call is None:
            return
        if call.state == "held":
            self.ask(call.session.hold, now)  # the person was quicker than the peer's ACK
        if not self.begin(call, now):
            return
        if call.instead is not None:
            from phone.calls import transfers

            transfers.on_success(self, call, now)
        self.changed(now, call)
        if event.session.media is not None and event.session.media.held and call.step("remote hold"):
            self.changed(now, call)
        if self.heard is not call:
            self.hold(now, call)  # somebody else is in the ear by now

    def _on_identity(self, event, now):
        call = self.call_of(event.session)
        if call is not None:
            call.identify(event.session.identity)
            self.changed(now, call)

    def _on_transfer_progress(self, event, now):
        from phone.calls import transfers

        transfers.on_progress(self, event, now)

    def _on_transfer_requested(self, event, now):
        from phone.calls import transfers

        transfers.on_requested(self, event, now)

    def _on_ended(self, event, now):
        call = self.call_of(event.session)
        if call is None:
            return
        was_heard = call is self.heard
        call.end(event.status, event.remote, now)
        if call.answered or not call.quiet:
            self._note_end(call, event)
        if call in self.conference:
            from phone.calls import conference

            conference.leave(self, call, now)
        self._release(call, now)
        if self.heard is call:
            self.heard = None
        if call.instead is not None:
            from phone.calls import transfers

            transfers.on_failure(self, call, now)
        self._take_off(call, event.remote, was_heard, now)

    def _note_end(self, call, event):
        if call.direction == "out":
            self.note(call, "placed")
        elif call.answered or not event.remote:
            self.note(call, "forwarded" if call.session.forwarded_to is not None else "received")
        elif event.cause is not None and event.cause.elsewhere:
            call.reason = "Answered elsewhere"
            self.note(call, "elsewhere")
        else:
            self.note(call, "missed")

    def _take_off(self, call, remote, was_heard, now):
        """`call` is over: let the person see why, unless something else is more important."""
        others = self.live
        told = remote and not call.quiet
        if self.call is not call or call.quiet or others and not (remote and was_heard) or self.waiting:
            self.calls.remove(call)
            if self.call is call:
                self.call = None
            if told:
                self.tell("notice", "%s: %s" % (call.name, call.reason))
            if not others and not (remote and self.handset):
                self.speaker = False
            self.choose(now)
            self.changed(now, call)
            return
        patient = remote and self.handset and not others
        self._timers.stop(self._linger)
        self._linger = self._timers.start(_TONE_MS if patient else _LINGER_MS, self, "linger", now)
        if not remote and not others:
            # Who hangs up is done with the sound; who is left hears a tone until the handset is down.
            self.speaker = False
        self.changed(now)

    # Time

    def _on_linger(self, now):
        self._linger = None
        self.forget_ended()
        self.choose(now)
        if self.heard is None:
            self.speaker = False
        self.changed(now)

    def _on_tick(self, now):
        self._tick = None
        call = self.heard
        if call is not None and call.talking:
            self._begin_ticks(now)
            digits = self._voice.digits()
            if digits:
                call.digits = (call.digits + digits)[-_MAX_DIGITS:]
                self.tell("call", call)

    def _begin_ticks(self, now):
        self._timers.stop(self._tick)
        self._tick = self._timers.start(_TICK_MS, self, "tick", now)

    # For holding, transfers, forwarding and conference

    def call_of(self, session):
        """The call that is not over whose session this is."""
        for call in self.calls:
            if call.session is session and call.live:
                return call
        return None

    def hear(self, call, now: int) -> None:
        """Put `call` in the ear and in front. Who was there is held, or given up if not answered."""
        before = self.heard
        if before is not None and before is not call:
            self.heard = None
            for each in list(self.conference) or [before]:
                if each.talking:
                    self.hold(now, each)
                elif each.live:
                    self.ask(each.session.end, now)
        self.heard = self.call = call
        self.open_voice(call, now, True)

    def hold(self, now: int, call=None) -> None:
        """Hold `call`, or the one in front; nothing for one that does not talk or is held."""
        call = call or self.call
        if call is None or not call.step("hold"):
            return
        if call in self.conference:
            from phone.calls import conference

            conference.leave(self, call, now)
        if self.heard is call:
            self.heard = None
        self.ask(call.session.hold, now)
        self.open_voice(call, now, False)
        self.changed(now, call)

    def begin(self, call, now: int) -> bool:
        """`call` was answered; whether that is new."""
        if not call.step("answered"):
            return False
        call.answer(now)
        self._begin_ticks(now)
        return True

    def accept(self, call, now: int) -> bool:
        """Answer the session of `call`; False when that failed, and its end is told or on its way."""
        try:
            call.port = self.open_port()
        except DialError:
            self.refuse(call.session, 500, now)
            return False
        try:
            call.session.accept(self.capabilities(call.port), now)
        except LocalError:
            return False  # the caller gave up just now, the event is on its way
        return call.session.state != "ended"

    def ask(self, what, now: int) -> bool:
        """Ask a session for something, such as `call.session.end`; whether its state lets it."""
        try:
            what(now)
        except LocalError:
            return False  # the other side was quicker, its event is on its way
        return True

    def refuse(self, session, status: int, now: int) -> None:
        """Refuse the `session` with a SIP status."""
        try:
            session.reject(status, now)
        except LocalError:
            pass  # the caller was quicker and gave up

    def open_port(self):
        """A media port for one more call. Raises DialError."""
        try:
            return self._ports.open()
        except OSError:
            raise DialError("No port for voice")

    def number_of(self, text: str, line):
        """The Uri of what the person keyed in, or set. Raises DialError."""
        return self._dialplan.target(text, line.account)

    def later(self, ms: int, owner, now: int) -> None:
        """Call `owner.on_timer("later", now)` in `ms`."""
        self._timers.start(ms, owner, "later", now)

    def capabilities(self, port):
        """What we offer for a call with this media port."""
        from sip.call.offer_answer import Capabilities

        host, number = port.public or (self._ports.host, port.port)
        return Capabilities(host, number, self._codecs, rtcp=port.public_rtcp, inner=port.port)

    def note(self, call, kind: str) -> None:
        """Write `call` into the history."""
        at = self._local_time()
        seconds = call.seconds(0)
        self.history.add(Entry(kind, call.name, call.number, at[:5] if at else None, seconds))
        self.tell("history", self.history)

    # Inside

    def choose(self, now):
        """See that a call is in front that the person has to do with most, if there is any."""
        if self.call is not None and self.call in self.calls and not self.call.ignored:
            return
        self.call = self.heard or self.waiting
        for state in ("held", "ringing"):
            for call in reversed(self.live):
                if self.call is None and call.state == state:
                    self.call = call

    def forget_ended(self) -> None:
        """Take the call that is over off the screen."""
        self._timers.stop(self._linger)
        self._linger = None
        self.calls = self.live
        if self.call is not None and not self.call.live:
            self.call = None

    def open_voice(self, call, now, takes):
        """Bring the voice path in step with what was agreed for `call`; `takes`: it is to be heard."""
        media = call.session.media
        if media is None or call.port is None or not (takes or self._speaks is call):
            return
        if call in self.conference and call is not self.heard:
            self._voice.join(call.port, media)
            return
        if self._speaks is not None and self._speaks is not call:
            self._release_voice(now)
        if takes and not self._voice.running:
            self._voice.start(self._output())
        self._voice.open(call.port, media, call.state == "held" or self.heard is not call)
        self._speaks = call

    def unmix(self, now: int) -> None:
        """End the streams of both calls of a conference."""
        for call in self.conference:
            if call is not self._speaks:
                call.add_stats(self._voice.part(now))
        self._release_voice(now)

    def _release_voice(self, now):
        if self._speaks is not None:
            self._speaks.add_stats(self._voice.close(now))
            self._speaks = None

    def _release(self, call, now):
        """`call` is over: give back what it had."""
        if self._speaks is call:
            self._release_voice(now)
        if call.port is not None:
            call.port.close()
            call.port = None


_HANDLERS = {
    RegistrationChanged: "_on_registration",
    IncomingCall: "_on_incoming",
    Progress: "_on_progress",
    MediaChanged: "_on_media",
    Established: "_on_established",
    IdentityChanged: "_on_identity",
    Ended: "_on_ended",
    TransferProgress: "_on_transfer_progress",
    TransferRequested: "_on_transfer_requested",
}
