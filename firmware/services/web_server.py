"""The listener of the web interface: it accepts connections, and loads the interface with the first request.

This module stays in memory, with the listening socket and the sessions. The server (microdot) and the pages
(services.web) are loaded with the first request, and let go of after some time without requests.
"""

# These attributes hold objects of higher layers, whose types cannot be imported here.
# mypy: disable-error-code="attr-defined"

import asyncio
import socket
from binascii import hexlify

import compat
from compat import const, ticks_diff
from net.udp import bound_socket, free_ports
from services.settings.section import forget_reader

_MAX_COUNT = const(6)  # connections at a time; a browser opens several
_MAX_S = const(30)  # for a whole request and its response
_REOPEN_MS = const(2000)
_FORGET_MS = const(180_000)
_HURRY_MS = const(15_000)  # _FORGET_MS while memory is short
_SHORT = const(40_000)  # memory is short below so many bytes of free heap
_NEEDED = 30_000  # with less free heap the web interface is not loaded: calls come first
_SPARE = 16_000  # with less free heap the loaded web interface serves no request
_SESSION_MS = const(1_800_000)  # without a request
_FORGIVEN_MS = const(3_600_000)  # failures are forgotten so long after their wait has ended
_PATIENCE_MS = 3000  # so long a client without a session may block others by not reading its response
_MAX_SESSIONS = const(4)

# Loaded, and let go of, with the web interface.
_PACKAGES = ("services.web", "microdot")
_MODULES = ("services.counter_words", "services.password", "microdot")

_NO_ROOM = (
    b"HTTP/1.0 503 No memory\r\nContent-Type: text/plain\r\nRetry-After: 20\r\n\r\n"
    b"The phone has not enough memory now. Try again after the call."
)


class Session:
    """A login: `token` is in the browser's cookie, `csrf` in the page's requests."""

    def __init__(self, now):
        self.token = hexlify(compat.urandom(16)).decode()
        self.csrf = hexlify(compat.urandom(16)).decode()
        self.used = now


class Guest:
    """A connection: its `task`, its `sock`, and the `peer`'s address.

    has_asked   whether the whole request was received
    session     the Session of the request's cookie, or None
    since       tick of the connection's start
    """

    def __init__(self, sock, peer):
        self.task = None
        self.sock = sock
        self.peer = peer
        self.has_asked = False
        self.session = None
        self.since = compat.ticks_ms()


class Web:
    """The web interface of `life` (services.life.Life) on TCP `port`.

    phone      the phone that runs; `serve` sets another
    address    (host, port) that it listens on, or None
    sessions   [Session]
    failures   {address: (count, tick before which no login from there is accepted)}; "": all addresses
    owners     the addresses of the latest logins
    counters   event counters, by name
    loaded     whether the web interface is in memory
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
        """Show `phone` from now on."""
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
        """Stop listening, and close all connections."""
        for guest in self._guests:
            guest.task.cancel()
        if self._task:
            self._task.cancel()
        self._shut()

    def count(self, event: str) -> None:
        self.counters[event] = self.counters.get(event, 0) + 1

    def has_heap(self, needed: int = _SPARE) -> bool:
        """Whether `needed` bytes of heap are free, if necessary after a collection."""
        for _ in range(2):
            free = compat.free_heap()
            if free is None or free >= needed:
                return True
            compat.collect()
        self.count("no_memory")
        return False

    # Sessions

    def log_in(self) -> Session:
        """A new session; if there are too many, the least recently used one ends."""
        now = compat.ticks_ms()
        self.session("")
        if len(self.sessions) >= _MAX_SESSIONS:
            self.sessions.sort(key=lambda each: -ticks_diff(now, each.used))
            self.sessions.pop(0)
        self.sessions.append(Session(now))
        return self.sessions[-1]

    def session(self, token: str) -> "Session | None":
        """The session with this token, now marked as used, or None; ends sessions that were idle too long."""
        now = compat.ticks_ms()
        self.sessions = [each for each in self.sessions if ticks_diff(now, each.used) < _SESSION_MS]
        found = None
        for each in self.sessions:
            if compat.compare_digest(each.token.encode(), token.encode()):
                found = each
                each.used = now
        return found

    def tidy(self) -> None:
        """Forget sessions and failures that have ended, before ticks wrap and make them valid again."""
        now = compat.ticks_ms()
        self.session("")
        for address in list(self.failures):
            if ticks_diff(now, self.failures[address][1]) > _FORGIVEN_MS:
                self.failures.pop(address)

    # Connections

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
        # MicroPython's sockets cannot return the port that the system chose.
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
        """Seconds to wait for a connection: 1 while the web interface is loaded, to let go of it soon."""
        if self._app or self._guests:
            return 1
        return self.tidy_s if self.sessions or self.failures else None

    async def _room(self, peer):
        """Whether one more connection, from `peer`, is accepted; another may be closed for it."""
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
        """The connection to close for one from `peer`, or None. Only connections without a session count: the
        first without a whole request, from a peer with too many connections, or open for too long."""
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
