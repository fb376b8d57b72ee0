"""The phone's SIP core alone on real sockets: user agent, endpoint and transports, with a test for a person."""

import asyncio
import os

from interop.peers import HOST, USERS

import compat
from net.resolver import Resolver
from net.signalling import Signalling
from sip.agent.account import Account
from sip.agent.user_agent import UserAgent
from sip.call import events
from sip.call.offer_answer import Capabilities
from sip.digest import Credentials
from sip.endpoint import Endpoint
from sip.syntax.uri import Uri
from sip.syntax.uri import parse as parse_uri


class Agent:
    """One user agent on a free port, as an asynchronous context manager.

    `server` is its registrar's and proxy's "host:port"; without one it takes and makes calls directly. With
    `automatic` it answers every call at once and hangs up every call of its own once that is established.
    `seen` holds every event, `ended` every Ended.
    """

    def __init__(
        self,
        user: str,
        server=None,
        transport: str = "udp",
        password=None,
        automatic: bool = False,
        sessions: int = 32,
    ):
        self.endpoint = Endpoint(os.urandom, {})
        self.user_agent = UserAgent(self.endpoint, max_sessions=sessions)
        self.automatic = automatic
        self.seen: list = []
        self.ended: list = []
        self.registration = None
        self._user = user
        self._server = server
        self._transport = transport
        self._password = USERS[user] if password is None else password
        self._signalling = Signalling(self.endpoint, Resolver(), self._settle)
        self._changed = asyncio.Event()
        self._tasks: list = []

    async def __aenter__(self):
        self._signalling.open(HOST, largest=65536)
        self.endpoint.local.update(udp=self._signalling.address, tcp=self._signalling.address)
        self.address = "%s:%d" % self._signalling.address
        server = self._server or self.address
        self.account = Account(
            parse_uri("sip:%s@%s" % (self._user, server)),
            Credentials(self._user, self._password),
            registrar=parse_uri("sip:" + server),
            proxy=parse_uri("sip:%s;lr" % server) if self._server else None,
            transport=self._transport,
        )
        self.user_agent.add(self.account)
        self._tasks = [asyncio.create_task(loop()) for _, loop in self._signalling.tasks()]
        return self

    async def __aexit__(self, *_):
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._signalling.close()

    async def register(self):
        """Register, and wait until that has come to something; the Registration."""
        now = compat.ticks_ms()
        self.registration = self.user_agent.register(self.account, now)
        self._signalling.drain(now)
        await self.until(lambda: self.registration.state != "registering", "an answer to REGISTER")
        return self.registration

    def call(self, target: str):
        """Call a user of the server, or a URI; the Session."""
        uri = parse_uri(target) if ":" in target else self._at_server(target)
        now = compat.ticks_ms()
        session = self.user_agent.invite(self.account, uri, self.capabilities(), now)
        self._signalling.drain(now)
        return session

    def act(self, method, *arguments):
        """Call a method of a Session with the time, and send what it has to say."""
        now = compat.ticks_ms()
        method(*arguments, now)
        self._settle(now)

    def capabilities(self) -> Capabilities:
        return Capabilities(HOST, 40000)

    async def shut_down(self):
        """End all calls, unregister, and wait until nothing is left to send."""
        self.act(self.user_agent.shutdown)
        await self.until(lambda: self.user_agent.idle, "the end")

    async def until(self, condition, what: str, seconds: float = 10):
        """Wait until `condition()` holds after something has happened; AssertionError naming `what`."""
        end = asyncio.get_running_loop().time() + seconds
        while not condition():
            self._changed.clear()
            left = end - asyncio.get_running_loop().time()
            assert left > 0, "waited %g s for %s; came: %r" % (seconds, what, self.seen[-5:])
            try:
                await asyncio.wait_for(self._changed.wait(), min(left, 0.1))
            except TimeoutError:
                pass

    async def event(self, kind, session=None, seconds: float = 10):
        """The first event of that kind, of that session."""

        def found():
            for event in self.seen:
                if isinstance(event, kind) and (session is None or event.session is session):
                    return event
            return None

        await self.until(found, kind.__name__, seconds)
        return found()

    def _at_server(self, user):
        uri = self.account.aor.copy()
        return Uri("sip", uri.host, user=user, port=uri.port)

    def _settle(self, now):
        for event in self.endpoint.events():
            self.seen.append(event)
            if isinstance(event, events.Ended):
                self.ended.append(event)
            elif self.automatic and isinstance(event, events.IncomingCall):
                event.session.ring(now)
                event.session.accept(self.capabilities(), now)
            elif (
                self.automatic and isinstance(event, events.Established) and event.session.direction == "out"
            ):
                event.session.end(now)
        self._signalling.drain(now)
        self._changed.set()
