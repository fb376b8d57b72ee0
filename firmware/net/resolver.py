"""Looks host names up: by our own DNS questions if a DNS server is known, else by the system's resolver.

A phone whose settings hold addresses only never loads net.dns.
"""

import asyncio
import socket

import compat
from compat import const, ticks_add, ticks_diff
from sip.sending import is_address as is_literal

_A = const(1)
_KEPT_MS = const(60000)
# Pause before a failed name is looked up again: each try may take seconds.
_FAILED_MS = const(5000)
_KEPT = const(16)
# Interval at which sockets are polled while questions are open.
_POLL_MS = const(10)
_DNS_PORT = const(53)
_MAX_SIZE = const(4096)
# Range of the random source ports (RFC 5452 §9.2): MicroPython's stacks number ports in sequence.
_FIRST_PORT = const(20000)
_PORTS = const(40000)


class Resolver:
    """Addresses by name: from the DNS `servers`, a list of (address, port), or without any from the system.

    sip.locator.Locator calls `lookup`, and `on_answer(now)` is called when the locator should call it again.
    `known` and `resolve` return socket addresses in the interpreter's own form.
    """

    def __init__(self, servers=()):
        self.on_answer = None
        self._servers = ()
        self._dns = None
        self._pump = None
        self._sockets = {}  # token -> (socket, server)
        self._tasks = []
        # {(host, port): (address or None if it failed, tick of expiry)}
        self._known = {}
        # {(host, port): Event}: one question at a time for each name.
        self._asked = {}

        if servers:
            self.use(servers)

    def use(self, servers) -> None:
        """Ask these servers from now on; the answers of other servers are dropped."""
        self._servers = [(host, port or _DNS_PORT) for host, port in servers]
        if not servers:
            self._dns = None
        elif self._dns is not None:
            self._dns.servers = self._servers
            self._dns.forget()

    @property
    def counters(self) -> dict:
        return self._dns.counters if self._dns is not None else {}

    def lookup(self, name: str, kind: int, now: int) -> "list | None":
        """The values of DNS records, None while they are asked for; see net.dns_client.DnsClient."""
        if self._servers:
            if self._dns is None:
                self._load()
            values = self._dns.lookup(name, kind, now)
            self._drain(now)
            return values
        if kind != _A:
            return []  # the system is asked for addresses only
        try:
            address = self.known(name, 0, now)
        except OSError:
            return []
        if address is None:
            self._tasks = [task for task in self._tasks if not task.done()]
            self._tasks.append(asyncio.create_task(self._look_up(name)))
            return None
        return [compat.host_and_port(address)[0]]

    def _load(self):
        from net.dns_client import DnsClient

        self._dns = DnsClient(compat.urandom, self._servers)
        self._dns.on_answer = self._answered

    async def _look_up(self, name):
        try:
            await self.resolve(name, 0)
        except OSError:
            pass
        self._answered(compat.ticks_ms())

    def _answered(self, now):
        if self.on_answer is not None:
            self.on_answer(now)

    # ---- our own questions ----

    def _drain(self, now):
        while True:
            item = self._dns.to_send(now)
            if item is None:
                break
            token, data, server, streamed = item
            try:
                sock = _question_stream(server) if streamed else _question_socket(server)
                self._sockets[token] = (sock, server)
                sock.send(data)
            except OSError:
                self._dns.failed(token, now)
        if self._sockets and (self._pump is None or self._pump.done()):
            self._pump = asyncio.create_task(self._receive_loop())

    async def _receive_loop(self):
        """Runs while questions are open."""
        while self._sockets:
            now = compat.ticks_ms()
            for token in list(self._sockets):
                self._receive(token, now)
            deadline = self._dns.deadline()
            if deadline is not None and ticks_diff(deadline, now) <= 0:
                self._dns.handle_timer(now)
            self._drain(now)
            for token in list(self._sockets):
                if not self._dns.is_waiting(token):
                    self._sockets.pop(token)[0].close()
            await compat.sleep(_POLL_MS)

    def _receive(self, token, now):
        sock, server = self._sockets[token]
        try:
            data = sock.recv(_MAX_SIZE)
        except OSError as error:
            if not compat.would_block(error):
                self._dns.failed(token, now)
            return
        # The socket is connected: it receives from this server only.
        self._dns.receive(token, data, server, now)

    # ---- the system's ----

    def known(self, host: str, port: int, now: int):
        """The address if it is known already, else None. Raises OSError if the last lookup failed."""
        if is_literal(host):
            return compat.socket_address(host, port)
        entry = self._known.get((host, port))
        # Ticks wrap: an expiry further ahead than the longest lifetime is in the past.
        if entry is None or not 0 < ticks_diff(entry[1], now) <= 2 * _KEPT_MS:
            return None
        if entry[0] is None:
            raise OSError("unknown host")
        return entry[0]

    async def resolve(self, host: str, port: int):
        """The address; raises OSError for an unknown host."""
        key = (host, port)
        while key in self._asked:
            await self._asked[key].wait()
        address = self.known(host, port, compat.ticks_ms())
        if address is not None:
            return address
        self._asked[key] = asyncio.Event()
        try:
            address = await compat.resolve(host, port)
            self._keep(key, address, _KEPT_MS)
        except OSError:
            self._keep(key, None, _FAILED_MS)
            raise
        finally:
            self._asked.pop(key).set()
        return address

    def _keep(self, key, address, ms):
        now = compat.ticks_ms()
        for old in [k for k, entry in self._known.items() if ticks_diff(entry[1], now) <= 0]:
            del self._known[old]
        if len(self._known) >= _KEPT:
            self._known.popitem()
        self._known[key] = (address, ticks_add(now, ms))


def _question_stream(server):
    from net.dns_stream import DnsStream

    return DnsStream(server)


def _question_socket(server):
    """A connected UDP socket with a random source port; raises OSError."""
    address = compat.socket_address(server[0], server[1])
    sock = socket.socket(compat.family(server[0]), socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        for _ in range(4):
            port = _FIRST_PORT + int.from_bytes(compat.urandom(2), "big") % _PORTS
            try:
                sock.bind(compat.any_address(server[0], port))
                break
            except OSError:
                continue
        sock.connect(address)
    except OSError:
        sock.close()
        raise
    return sock
