"""The door of the web interface: it listens, and loads the interface with the first request.

What is always in memory is here: the listening socket and who is logged in. The server itself (microdot), the
pages and what they do (services.web) come with the first request and go when nobody has come for a while.
"""

# What these attributes hold is of layers above, which cannot be named here.
# mypy: disable-error-code="attr-defined"

import asyncio
import socket
from binascii import hexlify

import compat
from compat import const, ticks_diff
from net.udp import bound_socket, free_ports
from services.settings.section import forget_reader

_MAX_COUNT = const(6)  # connections at a time; a browser opens several
_MAX_S = const(30)  # for all of one request and its answer
_REOPEN_MS = const(2000)
_FORGET_MS = const(180_000)
_HURRY_MS = const(15_000)  # where memory is short
_SHORT = const(40_000)  # bytes of free heap
_NEEDED = 30_000  # below this the page is not loaded: calls come first
_SPARE = 16_000  # and below this the loaded page serves no request
_SESSION_MS = const(1_800_000)  # without a request
_FORGIVEN_MS = const(3_600_000)  # a wait that ended so long ago counts no more
_PATIENCE_MS = 3000  # who is not logged in may keep others out for so long with an answer that is not read
_MAX_SESSIONS = const(4)

# What goes with the page.
_PACKAGES = ("services.web", "microdot")
_MODULES = ("services.counter_words", "services.password", "microdot")

_NO_ROOM = (
    b"HTTP/1.0 503 No memory\r\nContent-Type: text/plain\r\nRetry-After: 20\r\n\r\n"
    b"The phone has not enough memory now. Try again after the call."
)


class Session:
    """Somebody who is logged in: `token` is in the browser's cookie, `csrf` in its page."""

    def __init__(self, now):
        self.token = hexlify(compat.urandom(16)).decode()
        self.csrf = hexlify(compat.urandom(16)).decode()
        self.used = now


class Guest:
    """A connection: its `task`, its `sock`, and the `peer`'s address.

    has_asked   whether its request is here
    session     the Session whose cookie it sent, or None
    since       tick at which it came
    """

    def __init__(self, sock, peer):
        self.task = None
        self.sock = sock
        self.peer = peer
        self.has_asked = False
        self.session = None
        self.since = compat.ticks_ms()


class Web:
    """The page of `life` (services.life.Life) on TCP `port`.

    phone      the phone that runs; `serve` tells of another
    address    (host, port) that it listens on, or None
    sessions   [Session]
    failures   {address: (how many, tick until which nobody is let in from there)}; "" is all of them together
    owners     the addresses from which somebody logged in last
    counters   warnings, by name
    loaded     whether the page is in memory
    """

    forget_ms = _FORGET_MS
    longest_s = _MAX_S
    tidy_s = 3600

    def __init__(self, life, port: int):
        self.life = life
        self.phone = None
        self.address = None
        self.sessions = []
        self.failures = {}
        self.owners = []
        self.counters = {}
        self._port = port
        self._listener = None
        self._app = None
        self._guests = []
        self._task = None
        self._used = compat.ticks_ms()

    @property
    def loaded(self) -> bool:
        return self._app is not None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    def serve(self, phone) -> None:
        """From now on the page is that of `phone`."""
        self.phone = phone
        phone.web = self
        if self.address:
            phone.tell("web", self.address)

    def listen_on(self, port: int) -> None:
        """Listen on another port from now on."""
        if port != self._port:
            self._port = port
            self.close()
            self.start()

    def close(self) -> None:
        """Stop listening, and let everybody go."""
        for guest in self._guests:
            guest.task.cancel()
        if self._task:
            self._task.cancel()
        self._shut()

    def count(self, event: str) -> None:
        self.counters[event] = self.counters.get(event, 0) + 1

    def has_heap(self, needed: int = _SPARE) -> bool:
        """Whether so many bytes of heap are free, after a collection if it takes one."""
        for _ in range(2):
            free = compat.free_heap()
            if free is None or free >= needed:
                return True
            compat.collect()
        self.count("no_memory")
        return False

    # Who is logged in

    def log_in(self) -> Session:
        """A new session; the one that was silent longest goes when there are too many."""
        now = compat.ticks_ms()
        self.session("")
        if len(self.sessions) >= _MAX_SESSIONS:
            self.sessions.sort(key=lambda each: -ticks_diff(now, each.used))
            self.sessions.pop(0)
        self.sessions.append(Session(now))
        return self.sessions[-1]

    def session(self, token: str) -> "Session | None":
        """The session with this token, used just now; those that were left alone too long are gone."""
        now = compat.ticks_ms()
        self.sessions = [each for each in self.sessions if ticks_diff(now, each.used) < _SESSION_MS]
        found = None
        for each in self.sessions:
            if compat.compare_digest(each.token.encode(), token.encode()):
                found = each
                each.used = now
        return found

    def tidy(self) -> None:
        """Forget sessions and failures that have ended, long before ticks wrap and they would live again."""
        now = compat.ticks_ms()
        self.session("")
        for address in list(self.failures):
            if ticks_diff(now, self.failures[address][1]) > _FORGIVEN_MS:
                self.failures.pop(address)

    # The door

    async def _run(self):
        told = False
        while self._listener is None:
            try:
                self._open()
            except OSError as error:
                if not told:
                    self.phone.log.error("web: port %d: %s" % (self._port, error))
                    told = True
                await compat.sleep(_REOPEN_MS)
        while True:
            try:
                await asyncio.wait_for(compat.readable(self._listener), self._look_s())
            except asyncio.TimeoutError:  # noqa: UP041 - MicroPython knows it by this name only
                self.tidy()
                self._forget_if_idle()
                continue
            try:
                sock, address = self._listener.accept()
            except OSError:
                await compat.sleep(20)
                continue
            sock.setblocking(False)
            guest = Guest(sock, compat.host_and_port(address)[0])
            if await self._room(guest.peer):
                guest.task = asyncio.create_task(self._serve(guest))
                self._guests.append(guest)
            else:
                sock.close()

    def _open(self):
        # MicroPython's sockets do not tell which port the system gave them.
        for port in [self._port] if self._port else free_ports(0, 0):
            try:
                listener = bound_socket("0.0.0.0", port, socket.SOCK_STREAM)
                break
            except OSError:
                if self._port:
                    raise
        listener.listen(_MAX_COUNT)
        self._listener = listener
        self.address = "0.0.0.0", port
        if self.phone:
            self.phone.tell("web", self.address)

    def _shut(self):
        if self._listener:
            self._listener.close()
            self._listener = None
        self.address = None

    def _look_s(self):
        """How long to wait for somebody at most: a page that is loaded is to go soon."""
        if self._app or self._guests:
            return 1
        return self.tidy_s if self.sessions or self.failures else None

    async def _room(self, peer):
        """Whether one more may come in, from `peer`; another may have to go for it."""
        if len(self._guests) < _MAX_COUNT:
            return True
        guest = self._dispensable(peer)
        if guest is None:
            self.count("refused")
            return False
        self.count("evicted")
        guest.task.cancel()
        self._guests.remove(guest)
        await compat.sleep(0)
        return True

    def _dispensable(self, peer):
        """Who goes for somebody from `peer`: the first who has not asked yet, or who has more than a fair
        share of the connections, or who leaves an answer unread for too long; of those not logged in."""
        now = compat.ticks_ms()
        peers = [guest.peer for guest in self._guests]
        strangers = [guest for guest in self._guests if guest.session is None]
        for guest in strangers:
            if not guest.has_asked:
                return guest
        for guest in strangers:
            if peers.count(guest.peer) > peers.count(peer) + 1:
                return guest
        for guest in strangers:
            if ticks_diff(now, guest.since) >= _PATIENCE_MS:
                return guest
        return None

    async def _serve(self, guest):
        try:
            await asyncio.wait_for(self._exchange(guest), self.longest_s)
        except asyncio.TimeoutError:  # noqa: UP041
            self.count("timeout")
        except OSError:
            self.count("lost")
        except MemoryError:
            self.count("no_memory")
            compat.collect()
        except Exception as error:
            self.phone.supervisor.failed("web", error)
        finally:
            guest.sock.close()
            if guest in self._guests:
                self._guests.remove(guest)

    async def _exchange(self, guest):
        if self._app is None:
            compat.collect()
        if not self.has_heap(_SPARE if self._app else _NEEDED):
            guest.sock.send(_NO_ROOM)
            return
        if self._app is None:
            from services.web.app import App

            self._app = App(self)
        self._used = compat.ticks_ms()
        await self._app.exchange(guest)
        self._used = compat.ticks_ms()

    def _forget_if_idle(self):
        free = compat.free_heap()
        wait = self.forget_ms if free is None or free > _SHORT else min(self.forget_ms, _HURRY_MS)
        if self._app is None or self._guests or ticks_diff(compat.ticks_ms(), self._used) < wait:
            return
        self._app = None
        for package in _PACKAGES:
            compat.forget_package(package)
        for name in _MODULES:
            compat.forget(name)
        forget_reader()
        compat.collect()
