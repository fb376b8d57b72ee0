"""The door of the phone's page: it listens, and loads the page when somebody comes.

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
_NEEDED = const(30_000)  # below this the page is not loaded: calls come first
_SESSION_MS = const(1_800_000)  # without a request
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


class Web:
    """The page of `life` (services.life.Life) on TCP `port`.

    phone      the phone that runs; `serve` tells of another
    address    (host, port) that it listens on, or None
    sessions   [Session]
    failures   {address: (how many, tick until which nobody is let in from there)}
    counters   what was odd, by name
    loaded     whether the page is in memory
    """

    forget_ms = _FORGET_MS
    longest_s = _MAX_S

    def __init__(self, life, port: int):
        self.life = life
        self.phone = None
        self.address = None
        self.sessions = []
        self.failures = {}
        self.counters = {}
        self._port = port
        self._listener = None
        self._app = None
        self._guests = []  # [task, socket, whether its request is here]
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
            guest[0].cancel()
        if self._task:
            self._task.cancel()
        self._shut()

    def count(self, what: str) -> None:
        self.counters[what] = self.counters.get(what, 0) + 1

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
                # Woken now and then while the page is loaded, to see whether it may go.
                await asyncio.wait_for(compat.readable(self._listener), 1 if self._app else None)
            except asyncio.TimeoutError:  # noqa: UP041 - MicroPython knows it by this name only
                self._forget_if_idle()
                continue
            try:
                sock, address = self._listener.accept()
            except OSError:
                await compat.sleep(20)
                continue
            sock.setblocking(False)
            if await self._room():
                guest = [None, sock, False]
                guest[0] = asyncio.create_task(self._serve(guest, compat.host_and_port(address)[0]))
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

    async def _room(self):
        """Whether one more may come in: who has not said what he wants for longest goes for it."""
        if len(self._guests) < _MAX_COUNT:
            return True
        for guest in self._guests:
            if not guest[2]:
                self.count("evicted")
                guest[0].cancel()
                self._guests.remove(guest)
                await compat.sleep(0)
                return True
        self.count("refused")
        return False

    async def _serve(self, guest, peer):
        try:
            await asyncio.wait_for(self._exchange(guest, peer), self.longest_s)
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
            guest[1].close()
            if guest in self._guests:
                self._guests.remove(guest)

    async def _exchange(self, guest, peer):
        if self._app is None:
            compat.collect()
            free = compat.free_heap()
            if free is not None and free < _NEEDED:
                self.count("no_memory")
                guest[1].send(_NO_ROOM)
                return
            from services.web.app import App

            self._app = App(self)
        self._used = compat.ticks_ms()
        await self._app.exchange(guest, peer)
        self._used = compat.ticks_ms()

    def _forget_if_idle(self):
        free = compat.free_heap()
        wait = self.forget_ms if free is None or free > _SHORT else min(self.forget_ms, _HURRY_MS)
        if self._guests or ticks_diff(compat.ticks_ms(), self._used) < wait:
            return
        self._app = None
        for package in _PACKAGES:
            compat.forget_package(package)
        for name in _MODULES:
            compat.forget(name)
        forget_reader()
        compat.collect()
