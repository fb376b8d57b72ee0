"""The composition root: it makes a phone out of a board and its settings, and runs the phone.

Only this package imports from all others. The parts that it joins know nothing of sockets, tasks or the time.
`Phone.observers` are notified of every change, for tools that show or record it.
"""

import asyncio

import compat
from app.memory import Memory
from compat import const, ticks_add, ticks_diff
from net.media_ports import MediaPorts
from net.resolver import Resolver
from net.signalling import Signalling
from net.uplink import Uplink
from phone.call_control import CallControl
from phone.dialplan import DialPlan
from phone.history import History
from phone.instrument import Instrument
from phone.phonebook import PhoneBook
from phone.ringing import Ringing
from phone.sound import Sound
from phone.switchboard import SPARE_SESSIONS, Switchboard
from services.clock import parse_date
from services.life import Life
from services.log import Log
from services.settings.section import addresses
from services.supervisor import Supervisor
from sip.agent.user_agent import UserAgent
from sip.endpoint import Endpoint
from sip.events import RegistrationChanged
from sip.timers import Timers
from ui.shell import Shell

VERSION = "0.1.0"  # the only copy: pyproject.toml and the tools read it here
RELEASED = (2026, 11, 27)  # release date of VERSION: the clock takes no earlier date
PRODUCT = "Bakelite/" + VERSION  # in User-Agent and Server

_KEYS_MS = const(10)
# How long `stop` waits for the response to the REGISTER that removes our binding.
_GOODBYE_MS = const(2000)


class Phone:
    """The firmware on `board` (hal.contract.board), set up by `settings` (services.settings.settings).

    observers    called with (kind, thing): ("ready", (host, port)) when SIP is open at that address,
                 ("lost", now) when there has been no network for minutes,
                 ("network", state), ("line", Line) and ("call", Call) when one of them changed,
                 ("provisioning", sip.notices.ProvisioningRequested) when a line's server asks for it
    lines calls  the phone.line.Line and phone.calls.call.Call objects
    signalling   net.signalling.Signalling; ports: net.media_ports.MediaPorts; both take observers of traffic
    log          services.log.Log
    facts        [(name, value)] that services add to the status screen
    version      version of the firmware
    device       the User-Agent for our own servers: product, version, board, MAC (see network.user_agent)
    waits_for_time  whether no line registers yet: no certificate can be verified before the time is known

    Raises SettingsError before anything has started.
    """

    def __init__(self, board, settings):
        from app import from_settings

        self.board = board
        self.settings = settings
        self.clock = from_settings.clock(settings.ui, board, RELEASED)
        self._writes = None  # phone.late_writes.LateWrites while a write is pending; False: nothing is stored
        self.log = Log(settings.log.level, self.clock.now, self._save_later, board.storage)
        self.observers = []
        self.facts = []
        self.version = VERSION
        self.device = from_settings.device(PRODUCT, board, settings.network.user_agent)
        self.provisioning = None  # services.provisioning.Provisioning, where there is one
        self.supervisor = Supervisor(self.log)
        self.phonebook = PhoneBook(board.storage)
        self.lines = from_settings.lines(settings, self.phonebook.name_of)
        codecs = from_settings.codecs(settings.audio, board.codec.rates)
        self._make_sip(from_settings.instance(board.unique_id), codecs)
        self._make_uplink()
        self._make_call_control()
        self._make_shell()
        self._updates = None
        self._features = None
        if from_settings.has_features(settings, board.storage):
            self.features().show_waiting(compat.ticks_ms())
        self._memory = Memory(self.voice)
        board.network.configure(from_settings.network(settings.network, board.network.mac))
        compat.forget("app.from_settings")

    def _make_sip(self, instance, codecs):
        settings = self.settings
        self.endpoint = Endpoint(compat.urandom, {})
        self.endpoint.on_error = lambda error: self.supervisor.failed("sip", error)
        self.user_agent = UserAgent(
            self.endpoint,
            product=PRODUCT,
            max_sessions=settings.calls.most_calls + SPARE_SESSIONS,
            codecs=codecs,
            instance=instance,
            keeps_alive=settings.network.keep_alive,
            strangers=settings.network.strangers,
        )
        self.user_agent.device = self.device
        self.user_agent.click_to_dial = settings.calls.click_to_dial

    def _make_uplink(self):
        settings = self.settings.network
        tls = self.settings.tls
        has_tls = tls.ca is not None or tls.fingerprints is not None
        self.resolver = Resolver(addresses(settings.dns))
        self.signalling = Signalling(
            self.endpoint, self.resolver, self._settle, self.supervisor.failed, self._make_tls
        )
        if self.log.level == "debug":
            from services.sip_trace import Trace

            self.signalling.observers.append(Trace(self.log))
        ports = MediaPorts("0.0.0.0", settings.rtp_port_min, settings.rtp_port_max)
        self._nat = None
        if settings.stun is not None:
            from net.nat import PublicPorts

            self._nat = PublicPorts(ports, addresses(settings.stun)[0], self.resolver)
        self.ports = self._nat or ports
        self.uplink = Uplink(
            network=self.board.network,
            signalling=self.signalling,
            ports=self.ports,
            resolver=None if settings.dns else self.resolver,
            supervisor=self.supervisor,
            log=self.log,
            port=settings.sip_port,
            has_tls=has_tls,
            listens_tls=tls.listen,
        )
        self.uplink.on_network = self._on_network
        self.uplink.on_lost = self._on_lost
        self.uplink.on_open = lambda address: self.tell("ready", address)
        self.uplink.on_way = self._register
        self.waits_for_time = has_tls and self.board.clock.needs_setting and not self.board.clock.is_set

    def _make_call_control(self):
        board, audio, timers = self.board, self.settings.audio, Timers()
        self.voice = Sound(self._make_voice, audio.volume)
        self.voice.on_failure = self.supervisor.failed
        ringing = Ringing(board.ringer, board.lamp("message"), self.voice, audio.tones, audio.ringer_volume)
        switchboard = Switchboard(
            instrument=Instrument(self.voice, ringing, timers),
            timers=timers,
            voice=self.voice,
            user_agent=self.user_agent,
            lines=self.lines,
            history=History(board.storage, self._save_later),
            dialplan=DialPlan(self.settings.dialplan.domain),
            ports=self.ports,
            codecs=self.user_agent.codecs,
            local_time=self.clock.now,
            preferences=self.settings.calls,
        )
        self.call_control = CallControl(switchboard)
        self.call_control.listeners.append(self.tell)

    def _make_shell(self):
        self.shell = Shell(
            display=self.board.display,
            control=self.call_control,
            local_time=self.clock.now,
            network=self.board.network,
            status=self.status,
            phonebook=self.phonebook,
            features=self.features,
            updates=lambda: self.updates,
            clock_24h=self.settings.ui.clock_24h,
            dial_timeout_s=self.settings.dialplan.timeout_s,
            now=compat.ticks_ms(),
            keys=self.board.keypad.keys,
        )

    def features(self):
        """The phone.features.features.Features, loaded with the first call of this method."""
        if self._features is None:
            from phone.features.features import Features

            settings = self.settings
            self._features = Features(
                control=self.call_control,
                storage=self.board.storage,
                dialplan=DialPlan(settings.dialplan.domain),
                local_time=self.clock.now,
                options=settings.lines,
                watched=settings.contacts,
                pickup=settings.dialplan.pickup,
                lamp=self.board.lamp,
                later=self._save_later,
            )
        return self._features

    @property
    def address(self) -> "tuple[str, int] | None":
        """(host, port) at which SIP is open; None while there is no network."""
        return self.signalling.address

    @property
    def calls(self) -> list:
        return self.call_control.calls

    def counters(self) -> dict:
        """Event counters by name, for the status page and for tests: malformed, refused and failed so far."""
        counted = dict(self.endpoint.counters)
        for name in self.supervisor.faults:
            counted["failed_" + name] = self.supervisor.faults[name]
        return counted

    def status(self) -> list:
        """[(name, value)] for the status screen."""
        from app import facts

        return facts.of(self)

    def voice_trouble(self) -> str:
        """Why the voice core in C cannot be used; "" if it can. Does not build the voice path."""
        from media import core

        return core.find_native()[1]

    @property
    def updates(self):
        """The services.update.updates.Updates, made at the first use."""
        if self._updates is None:
            from app import update_wiring

            self._updates = update_wiring.make(self)
        return self._updates

    # ---- life ----

    async def run(self) -> None:
        """Start all tasks and return; they run until `stop`."""
        trouble = self.voice_trouble()
        if trouble:
            self.log.warning("voice: software (slow): %s" % trouble)
        compat.forget("media.core")
        self.board.display.contrast(self.settings.ui.contrast)
        self.board.network.connect(compat.ticks_ms())
        self.call_control.start(compat.ticks_ms())
        self.supervisor.start("keys", self._keys_loop)
        self.supervisor.start("voice", self._voice_loop)
        self.supervisor.start("network", self.uplink.run)
        if self.board.clock.needs_setting:
            from services import time_sync

            self.supervisor.start("time", lambda: time_sync.run(self))
        if self._nat is not None:
            self.supervisor.start("stun", self._nat.run)
        if self.settings.update.url or self.board.storage.read("update.json") is not None:
            from app import update_wiring

            update_wiring.begin(self)

    async def stop(self) -> None:
        """An orderly end: end calls, unregister lines, then stop all tasks."""
        if self._updates is not None:
            self._updates.close()
        now = compat.ticks_ms()
        if self._features is not None:
            self._features.shutdown(now)
        self.user_agent.shutdown(now)
        self._settle(now)
        end = ticks_add(now, _GOODBYE_MS)
        while self.address and not self.user_agent.idle and ticks_diff(end, compat.ticks_ms()) > 0:
            await compat.sleep(20)
        await self.supervisor.stop()
        if self._writes:
            self._writes.flush()
        self.signalling.close()
        self.board.codec.stop()
        self.board.ringer.stop()

    # ---- the loops ----

    async def _keys_loop(self):
        """Keys, hook, ringer, lamps and display, and the timers of calls and screens."""
        # This loop runs a hundred times a second, so it allocates nothing: no tuple, view or frame.
        parts = self.call_control, self.shell
        lamps = self.board.lamps
        while True:
            now = compat.ticks_ms()
            self._poll_keys(now)
            for part in parts:
                deadline = part.deadline()
                if deadline is not None and ticks_diff(deadline, now) <= 0:
                    part.handle_timer(now)
            self.board.ringer.poll(now)
            self.board.codec.poll(now)
            for name in lamps:
                lamps[name].poll(now)
            self._settle(now)
            self._memory.poll(now, bool(self.calls or self.user_agent.sessions))
            if self._writes and not self._writes.poll(now, bool(self.calls)):
                self._writes = None
                compat.forget("phone.late_writes")
            await compat.sleep(_KEYS_MS)

    def _poll_keys(self, now):
        while True:
            key = self.board.keypad.poll(now)
            if key is None:
                break
            self.shell.key(key[0], key[1], now)
        state = self.board.hook.poll(now)
        if state is not None:
            self.shell.hook(state, now)

    async def _voice_loop(self):
        """One frame each way whenever the codec has one: the codec's clock paces the call."""
        ready = self.board.codec.ready
        while True:
            await ready.wait()
            early = self.voice.wait(compat.ticks_ms())
            if early:
                await compat.sleep(early)
            self.voice.frame(compat.ticks_ms())

    def _save_later(self, thing):
        """Have `thing.save()` called later, once for several changes: see phone.late_writes."""
        if self._writes is None:
            from phone.late_writes import LateWrites

            self._writes = LateWrites()
        if self._writes:
            self._writes.later(thing)

    def forget_changes(self) -> None:
        """Store no further calls and texts: the storage has been erased and stays so."""
        self._writes = False

    # ---- sound ----

    def _make_voice(self):
        from app import from_settings
        from media.engine import Engine
        from phone.voice.voice import Voice

        audio = self.settings.audio
        depths = from_settings.jitter_depths(audio)
        compat.forget("app.from_settings")
        return Voice(
            codec=self.board.codec,
            engine=Engine(country=audio.tones),
            random=compat.urandom,
            jitter_ms=depths,
            gain=audio.microphone_gain,
            fastest=audio.wire_rate,
            vad=audio.vad,
            echo=audio.echo,
        )

    # ---- the network ----

    def _on_network(self, state):
        for line in self.lines:
            line.offline = state != "up"
        self.tell("network", state)
        self.shell.refresh()

    def _on_lost(self, now):
        self.tell("lost", now)

    def _make_tls(self):
        from app import from_settings

        try:
            return from_settings.tls(self.settings.tls, self.board.storage)
        finally:
            compat.forget("app.from_settings")

    def go_on(self) -> None:
        """Register the lines: the time server was asked, with or without success."""
        self.waits_for_time = False
        self._register(compat.ticks_ms())

    def _register(self, now):
        if self.waits_for_time:
            return
        for line in self.lines:
            line.register(self.user_agent, now)
        if any(call.port is not None and call.port.host != self.ports.host for call in self.calls):
            self.call_control.address_changed(now)
        if self._features is not None:
            self._features.start(now)
        self._settle(now)

    # ---- events of SIP, and the observers ----

    def _settle(self, now):
        """After any input: pass on the endpoint's events, then send the endpoint's messages."""
        events = self.endpoint.events()
        while events:
            self._hand_up(events, now)
            events = self.endpoint.events()
        if self._features is not None:
            self._features.settle(now)
        self.signalling.drain(now)

    def _hand_up(self, events, now):
        for event in events:
            try:
                if isinstance(event, RegistrationChanged):
                    self._take_time(event.registration)
                elif event.topic == "provisioning":
                    self.tell("provisioning", event)
                self.call_control.on_event(event, now)
                if self._features is not None or event.topic not in (None, "call"):
                    self.features().on_event(event, now)
            except Exception as error:
                self.supervisor.failed("event %s" % type(event).__name__, error)

    def _take_time(self, registration):
        if registration.state == "registered" and registration.date:
            self.take_date(registration.date, "registrar")  # RFC 3261 §10.2.4

    def take_date(self, text: str, who: str) -> None:
        """Set the clock from the Date header `text` (SIP and HTTP share its format), which `who` sent."""
        seconds = parse_date(text)
        if seconds is not None and not self.clock.set(seconds):
            self.log.warning("time: the %s says an impossible time, which is ignored: %s" % (who, text))
        elif seconds is not None and self.board.clock.needs_setting:
            from services import time_sync

            time_sync.keep(self.board.storage, self.clock.utc())

    def tell(self, kind, thing) -> None:
        """Notify the observers, and the log of lines and calls."""
        if kind == "line" or kind == "call" and thing.state in ("active", "ended"):
            news = thing.state + thing.reason
            if news != thing.noted:
                from app import records

                thing.noted = news
                records.note(self.log, kind, thing)
                compat.forget("app.records")
        for observer in list(self.observers):
            try:
                observer(kind, thing)
            except Exception as error:
                self.supervisor.failed("observer of %s" % kind, error)


def load_settings(document: "str | bytes"):
    """The settings in phone.json; raises SettingsError for settings that the phone cannot use."""
    from app import from_settings

    try:
        settings = from_settings.load(document)
        from_settings.lines(settings)
        return settings
    finally:
        compat.forget("app.from_settings")


def life(board, port: "int | None" = -1):
    """The services.life.Life of the phone on `board`, with the web interface on `port`."""

    def show_reset(seconds):
        from ui.screens import factory_reset

        factory_reset.draw(board.display, seconds)

    return Life(board, load_settings, lambda settings: Phone(board, settings), port, show_reset)


def _print_log(phone):
    phone.log.sinks.append(lambda level, text: print("%s: %s" % (level, text)))
    if phone.shell.welcome:
        # The serial console may show the setup screen: a person at the cable has the phone in hand anyway.
        print("\n".join(phone.shell.welcome()[1]))


def main() -> None:
    """Start the phone on a chip."""
    import board

    compat.keep_heap_whole()
    phones = life(board.create())
    del board  # the tables of the board and of boards.common are not needed again
    compat.forget("board")
    compat.forget("boards.common")
    phones.started.append(_print_log)
    asyncio.run(phones.run())


if __name__ == "__main__":
    main()
