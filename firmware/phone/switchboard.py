"""Switchboard: the calls of the phone, which of them is in the ear, and the media path of that call.

Nothing here waits or reads a clock: `now` is a tick, and `timers` calls `on_timer`. Transfers, forwarding and
conference are loaded with the first call that needs them.
"""

import compat
from compat import const
from phone.dialplan import DialError
from phone.history import Entry
from sip.events import LocalError, RegistrationChanged

_TICK_MS = const(1000)
_SILENT_FRAMES = const(500)  # of 20 ms: 10 s
_REMINDER_MS = const(1200)  # how long the ringer reminds of a held call
# Heap that one more call may take, with its screens and its end.
_CALL_OCTETS = const(48_000)
# Heap that a wideband stream may take: its state instead of the narrowband one's, its code, and a reserve.
_WIDE_OCTETS = const(40_000)
# Sessions beyond the person's calls: those that are ending, or that a transfer adds.
SPARE_SESSIONS = const(4)


class Switchboard:
    """All calls and lines of the phone; one call at a time is in the ear.

    lines      [Line], in the order of their keys
    calls      all calls, oldest first, and for some seconds the one that has just ended
    call       the call in front: what the screen shows and the keys mean; None when there is none
    heard      the call in the ear; None when there is none, or when all are held
    conference the calls that all hear each other; empty when there is no conference
    listeners  functions (kind, object), called whenever something changed: ("line", Line), ("call", Call),
               ("sound", Instrument) for mute, volume, speaker and hook, ("history", History),
               ("notice", words for the person)

    `instrument` (phone.instrument.Instrument) is kept in step with the calls; `timers` (sip.timers.Timers)
    and `voice` are those of the Instrument. `ports` makes a call's media ports (net.media_ports.MediaPorts),
    `local_time` returns the local time as a tuple or None, `codecs` are the codecs to offer, best first,
    `preferences` has the attributes of phone.preferences.Preferences.
    """

    def __init__(
        self,
        *,
        instrument,
        timers,
        voice,
        user_agent,
        lines,
        history,
        dialplan,
        ports,
        codecs,
        local_time,
        preferences,
    ):
        self.preferences = preferences
        self.instrument = instrument
        instrument.on_forgotten = self.changed
        self.user_agent = user_agent
        self.lines = lines
        self.history = history
        self.calls = []
        self.call = None
        self.heard = None
        self.conference = []
        self.listeners = []
        self.timers = timers
        self._voice = voice
        self._dialplan = dialplan
        self._ports = ports
        self._codecs = codecs
        self._local_time = local_time
        self._linger = None
        self._tick = None
        self._reminder = None
        self._speaks = None  # the call that the voice path belongs to

    # State

    @property
    def live(self) -> list:
        """The calls that have not ended."""
        return [call for call in self.calls if call.live]

    @property
    def has_room(self) -> bool:
        """Whether there is room for one more call: the preferences allow it, and memory is left."""
        live = len(self.live)
        if not live or live >= self.preferences.most_calls:
            return live < self.preferences.most_calls
        return self.has_heap(_CALL_OCTETS)

    def has_heap(self, octets: int) -> bool:
        """Whether `octets` of heap are free. A call that runs out of memory would end the other calls too."""
        compat.collect()
        free = compat.free_heap()
        return free is None or free >= octets

    @property
    def listed(self) -> list:
        """The live calls to choose from: all but those that another call is replacing."""
        live = self.live
        left = [call.instead for call in live]
        return [call for call in live if call not in left or call is self.call]

    @property
    def waiting(self):
        """The unanswered incoming call that has rung longest and was not ignored; or None."""
        for call in self.calls:
            if call.waits and not call.ignored:
                return call
        return None

    @property
    def busy(self) -> bool:
        """Whether there is a live call."""
        return bool(self.live)

    # From the network

    def address_changed(self, now: int) -> None:
        """The phone has another address: move every call to it by a re-INVITE (RFC 3261 §14.1).

        Call this once `endpoint.local` and the ports' `host` are the new ones, and the sockets are open.
        """
        for call in self.live:
            if call.port is not None:
                call.port.move(self._ports.host)
                self.open_voice(call, now, False)
                call.session.readdress(self._ports.host, now)

    def on_event(self, event, now: int) -> None:
        """Take one event of the endpoint."""
        if isinstance(event, RegistrationChanged):
            for line in self.lines:
                if line.registration is event.registration and line.update():
                    self.tell("line", line)
        elif event.topic in (None, "call"):
            from phone.calls import events

            events.take(self, event, now)

    # Time

    def on_timer(self, name: str, now: int) -> None:
        """From Timers."""
        getattr(self, "_on_" + name)(now)

    def _on_linger(self, now):
        self._linger = None
        self.forget_ended()
        self.choose(now)
        if self.heard is None:
            self.instrument.use_speaker(False)
        self.changed(now)

    def _on_tick(self, now):
        self._tick = None
        call = self.heard
        if call is not None and call.talking:
            self.begin_ticks(now)
            if call.unheard or call.port is not None and call.port.silence >= _SILENT_FRAMES:
                from phone.calls import silence

                silence.watch(self, call, now)
            digits = self._voice.digits()
            if digits:
                call.add_digits(digits)
                self.tell("call", call)

    def _on_reminder(self, now):
        self._reminder = None
        if self.waiting is None and self.heard is None:
            self.remind(now)
        self._watch_held(now)

    def _on_reminded(self, now):
        self.refresh(now)

    def _watch_held(self, now):
        """Remind the person of a held call while no other call is heard."""
        waits = self.heard is None and any(call.state == "held" for call in self.calls)
        seconds = self.preferences.hold_reminder_s
        if not waits or not seconds:
            self.timers.stop(self._reminder)
            self._reminder = None
        elif self._reminder is None:
            self._reminder = self.timers.start(seconds * 1000, self, "reminder", now)

    def send_digit(self, digit: str, now: int) -> bool:
        """Send a digit into the call that is heard; whether it could be sent."""
        call = self.heard
        if call is None or call.state == "held":
            return False
        media, way = call.session.media, self.preferences.dtmf
        if call.talking and way != "rtp" and media is not None:
            if way == "info" or media.event_payload_type is None and call.session.peer_allows("INFO"):
                from phone.calls import digits

                return digits.by_info(self, call, digit, now)
        return self._voice.send_digit(digit)  # some systems ask for digits before they answer

    def begin_ticks(self, now: int) -> None:
        """Count the seconds of the call that is heard."""
        self.timers.stop(self._tick)
        self._tick = self.timers.start(_TICK_MS, self, "tick", now)

    # For the person, transfers, forwarding and conference

    def tell(self, kind: str, thing) -> None:
        """Tell the listeners that `thing` has changed."""
        for listener in list(self.listeners):
            listener(kind, thing)

    def changed(self, now: int, call=None) -> None:
        """Update sound and light, and tell the listeners of `call`, or of the call in front."""
        self.refresh(now)
        call = call or self.call
        if call is not None:
            self.tell("call", call)
        self.tell("sound", self.instrument)

    def refresh(self, now: int) -> None:
        """Update sound and light to the state of the calls."""
        self._watch_held(now)
        self.instrument.refresh(
            now, front=self.call, heard=self.heard, waiting=self.waiting, missed=self.history.unseen
        )

    def remind(self, now: int) -> None:
        """Remind the person, by a sound, of a call on hold."""
        self.instrument.remind(now)
        self.timers.start(_REMINDER_MS, self, "reminded", now)

    def call_of(self, session):
        """The live call of this session, or None."""
        for call in self.calls:
            if call.session is session and call.live:
                return call
        return None

    def hear(self, call, now: int) -> None:
        """Put `call` in the ear and in front. The call in the ear before is held, or ended if unanswered."""
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

    def place(self, call, now: int) -> None:
        """Begin an outgoing `call`: it is in the ear, on the speaker if the handset is down."""
        instrument = self.instrument
        self.forget_ended()
        instrument.compose(None)
        instrument.use_speaker(instrument.speaker or not instrument.handset)
        self.calls.append(call)
        self.hear(call, now)
        self.changed(now)

    def answer(self, call, now: int) -> None:
        """Answer `call`; the call in the ear is held. The sound is on the speaker if the handset is down."""
        instrument = self.instrument
        self.forget_ended()
        if not self.accept(call, now):
            self.changed(now, call)
            return
        instrument.use_speaker(instrument.speaker and self.heard is not None or not instrument.handset)
        self.hear(call, now)
        self.begin(call, now)
        self.changed(now)

    def hold(self, now: int, call=None) -> None:
        """Hold `call`, or the call in front; only an active or remotely held call can be held."""
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

    def resume(self, now: int, call) -> None:
        """Resume the held `call`; the call in the ear is held."""
        if not call.step("resume"):
            return
        call.note = ""
        self.instrument.use_speaker(self.instrument.speaker or not self.instrument.handset)
        self.hear(call, now)
        self.ask(call.session.resume, now)
        media = call.session.media
        if media is not None and media.held:
            call.step("remote hold")
        self.begin_ticks(now)
        self.changed(now, call)

    def begin(self, call, now: int) -> bool:
        """`call` was answered: start its time; False if it was answered before."""
        if not call.step("answered"):
            return False
        call.answer(now)
        self.begin_ticks(now)
        return True

    def accept(self, call, now: int) -> bool:
        """Answer the session of `call`. False: this failed, and an Ended event has come or will come."""
        try:
            if call.port is None:
                call.port = self.open_port()
        except DialError:
            self.refuse(call.session, 500, now)
            return False
        try:
            call.session.accept(self.capabilities(call.port, call.session.encryption), now)
        except LocalError:
            return False  # the caller gave up just now; Ended will come
        return call.session.state != "ended"

    def ask(self, request, now: int) -> bool:
        """Call a method of a session, such as `call.session.end`; whether the session's state allows it."""
        try:
            request(now)
        except LocalError:
            return False  # the other side was faster; an event will come
        return True

    def refuse(self, session, status: int, now: int) -> None:
        """Refuse the `session` with a SIP status."""
        try:
            session.reject(status, now)
        except LocalError:
            pass  # the caller was faster and gave up

    def open_port(self):
        """A media port for one more call. Raises DialError."""
        try:
            return self._ports.open()
        except OSError:
            raise DialError("No free voice port")

    def number_of(self, text: str, line):
        """The Uri of a number that was entered or set. Raises DialError."""
        return self._dialplan.target(text, line.account)

    def later(self, ms: int, owner, now: int) -> None:
        """Call `owner.on_timer("later", now)` in `ms`."""
        self.timers.start(ms, owner, "later", now)

    def capabilities(self, port, encryption=None):
        """The Capabilities that we offer for a call with this media port.

        `encryption` is the result of UserAgent.encryption_of for the call.
        """
        from sip.call.offer_answer import Capabilities

        host, number = port.public or (self._ports.host, port.port)
        if encryption is not None:
            from sip.call.encryption import with_keys

            encryption = with_keys(encryption, self.user_agent.endpoint.random)
        codecs = self._codecs
        if len(codecs) > 1 and "G722" in codecs and not self.has_heap(_WIDE_OCTETS):
            codecs = [name for name in codecs if name != "G722"]
        more = {"rtcp": port.public_rtcp, "inner": port.port, "encryption": encryption, "noise": True}
        return Capabilities(host, number, codecs=codecs, **more)

    def note(self, call, kind: str) -> None:
        """Write `call` into the history."""
        at = self._local_time()
        seconds = call.seconds(0)
        self.history.add(Entry(kind, call.name, call.number, at[:5] if at else None, seconds))
        self.tell("history", self.history)

    def choose(self, now: int) -> None:
        """Keep the call in front. If there is none, take the heard, else a waiting, held or ringing call."""
        if self.call is not None and self.call in self.calls and not self.call.ignored:
            return
        self.call = self.heard or self.waiting
        for state in ("held", "ringing"):
            for call in reversed(self.live):
                if self.call is None and call.state == state:
                    self.call = call

    def linger(self, ms: int, now: int) -> None:
        """Leave the ended call on the screen for `ms`."""
        self.timers.stop(self._linger)
        self._linger = self.timers.start(ms, self, "linger", now)

    def forget_ended(self) -> None:
        """Remove the ended call from the list and the screen."""
        self.timers.stop(self._linger)
        self._linger = None
        self.calls = self.live
        if self.call is not None and not self.call.live:
            self.call = None

    def open_voice(self, call, now, takes):
        """Set up the voice path as the SDP answer of `call` says; `takes`: `call` is to be heard."""
        from sip.call.offer_answer import is_name

        media = call.session.media
        if media is None or call.port is None or not (takes or self._speaks is call):
            return
        if is_name(media.remote[0]):
            from phone.calls import named_media

            named_media.resolve(self, call, now)
            return
        call.port.signalling = call.session.source and call.session.source[0]
        if media.crypto is not None or call.port.protection is not None:
            from phone.calls import encryption

            encryption.apply(call.port, media.crypto)
        if call in self.conference and call is not self.heard:
            self._voice.join(call.port, media)
            return
        if self._speaks is not None and self._speaks is not call:
            self._release_voice(now)
        if takes and not self._voice.running:
            self._voice.start(self.instrument.output)
            if not self._voice.running:
                call.trouble = "Not enough memory"
                self.ask(call.session.end, now)
                return
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

    def release(self, call, now: int) -> None:
        """`call` has ended: close its stream and its port."""
        if self._speaks is call:
            self._release_voice(now)
        if call.port is not None:
            call.port.close()
            call.port = None
