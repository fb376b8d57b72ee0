"""Whole phones on desks: all from key to datagram is real, except the chips, the sockets and the time.

office = Office("201", "202")
one, two = office.desks
one.type("202#")
office.run(1000)
two.screen()            # ["Incoming call 202", "201", ...]: read back from the pixels
"""

from compat import ticks_add, ticks_diff
from hal.null.network import Network as NoNetwork
from hal.null.storage import Storage
from media.engine import Engine
from phone.call_control import CallControl
from phone.dialplan import DialPlan
from phone.history import History
from phone.instrument import Instrument
from phone.line import Line
from phone.preferences import Preferences
from phone.ringing import Ringing
from phone.switchboard import SPARE_SESSIONS, Switchboard
from phone.voice.voice import Voice
from sip.agent.account import Account
from sip.agent.user_agent import UserAgent
from sip.digest import Credentials
from sip.syntax import uri
from sip.timers import Timers
from support.devices import Bell, Ether, Glass, Light, Ports, Sound
from support.network import Network
from support.servers import Server
from ui.shell import Shell
from workbench.screen_text import read_text

DOMAIN = "example.com"
PROXY = "192.0.2.100"
STEP_MS = 20
FRIDAY = (2026, 7, 31, 14, 5, 0, 4)


class Wlan(NoNetwork):
    state = "up"


class Desk:
    """One phone. `network` may be anything that `join`s endpoints."""

    def __init__(self, network, ether, name, host, password, **shell):
        self.network = network
        self.name = name
        self.now = network.now
        self.node = network.join(name, host)
        self.node.on_events = self._on_events
        user_agent = UserAgent(
            self.node.endpoint, "Bakelite/test", max_sessions=Preferences.most_calls + SPARE_SESSIONS
        )
        account = Account(
            uri.parse("sip:%s@%s" % (name, DOMAIN)),
            Credentials(name, password),
            proxy=uri.parse("sip:" + PROXY),
        )
        self.line = Line(1, account, name)
        self.glass = Glass()
        self.codec = Sound()
        self.bell = Bell()
        self.lamp = Light()
        self.wlan = Wlan()
        self.ports = Ports(ether, host)
        self.time = FRIDAY
        self.voice = Voice(self.codec, Engine(native=False), self.node.endpoint.random, cname=name)
        timers = Timers()
        self.switchboard = Switchboard(
            instrument=Instrument(self.voice, Ringing(self.bell, self.lamp, self.voice), timers),
            timers=timers,
            voice=self.voice,
            user_agent=user_agent,
            lines=[self.line],
            history=History(Storage()),
            dialplan=DialPlan(),
            ports=self.ports,
            codecs=("PCMU", "PCMA"),
            local_time=lambda: self.time,
            preferences=Preferences(),
        )
        self.control = CallControl(self.switchboard)
        self.control.listeners.append(self._told)
        self.states = []  # of all calls, in order
        self.shell = Shell(
            display=self.glass,
            control=self.control,
            local_time=lambda: self.time,
            network=self.wlan,
            status=lambda: [("Version", "test")],
            phonebook=None,
            features=None,
            updates=None,
            clock_24h=shell.get("clock_24h", True),
            dial_timeout_s=shell.get("dial_timeout_s", 0),
            now=network.now,
            keys=shell.get("keys", ()),
        )

    def _told(self, kind, thing):
        if kind == "call" and (not self.states or self.states[-1] != thing.state):
            self.states.append(thing.state)

    def _on_events(self, events, now):
        self.now = now
        for event in events:
            self.control.on_event(event, now)

    def register(self):
        self.line.register(self.control.user_agent, self.network.now)

    def poll(self, now):
        """Run the timers that the main loop runs besides those of SIP."""
        self.now = now
        for part in (self.control, self.shell):
            deadline = part.deadline()
            if deadline is not None and ticks_diff(deadline, now) <= 0:
                part.handle_timer(now)

    # The person's actions

    def press(self, key, kind="press"):
        self.shell.key(key, kind, self.network.now)
        if kind == "press":
            self.shell.key(key, "release", self.network.now)

    def hold_key(self, key):
        for kind in ("press", "long", "release"):
            self.shell.key(key, kind, self.network.now)

    def type(self, keys):
        for key in keys:
            self.press(key)

    def lift(self):
        self.shell.hook("off", self.network.now)

    def put_down(self):
        self.shell.hook("on", self.network.now)

    def screen(self):
        """The lines of text on the display that are not empty."""
        self.poll(self.network.now)
        return [line for line in read_text(self.glass.rows()) if line]

    @property
    def call(self):
        return self.control.call


class Office:
    """Phones with these names, registered at a proxy with digest, in virtual time."""

    def __init__(self, *names, network=None, register=True, passwords=None, **shell):
        self.network = network or Network()
        self.ether = Ether()
        known = {name: "secret " + name for name in names}
        self.server = Server(self.network, "proxy", PROXY, DOMAIN, known)
        self.desks = []
        for number, name in enumerate(names):
            password = (passwords or known)[name]
            host = "192.0.2.%d" % (number + 1)
            self.desks.append(Desk(self.network, self.ether, name, host, password, **shell))
        if register:
            for desk in self.desks:
                desk.register()
            self.run_until(lambda: all(desk.line.state == "registered" for desk in self.desks))

    def run(self, ms: int, step: int = STEP_MS):
        end = ticks_add(self.network.now, ms)
        while True:
            for desk in self.desks:
                desk.poll(self.network.now)
            left = ticks_diff(end, self.network.now)
            if left <= 0:
                return
            self.network.run(min(step, left))

    def run_until(self, condition, limit: int = 60_000):
        passed = 0
        while not condition():
            assert passed < limit, "not within %d ms" % limit
            self.run(STEP_MS)
            passed += STEP_MS

    def talk(self, frames: int):
        """Let the running codecs of all phones pass this many frames of 20 ms."""
        for _ in range(frames):
            self.run(20)
            for desk in self.desks:
                if desk.codec.running:
                    desk.codec.waiting += 1
                    desk.voice.frame(self.network.now)

    def call(self):
        """Let the first desk call the second, which answers by lifting its handset."""
        one, two = self.desks[:2]
        one.lift()
        one.type(two.name + "#")
        self.run_until(lambda: two.control.ringing and one.call.state == "ringing")
        two.lift()
        self.run_until(lambda: one.call.state == two.call.state == "active")
        self.run(100)
