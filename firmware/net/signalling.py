"""The sockets under a SIP endpoint: what they hear goes in, what it has to say goes out (UDP and TCP)."""

import asyncio

import compat
from compat import const, ticks_diff
from net.tcp import TcpConnections, in_words
from net.udp import UdpSocket, free_ports
from sip.limits import MESSAGE_OCTETS

# Datagrams taken in a row before the other tasks have their turn.
_BURST = const(16)
_PREFERRED = ("udp", "tcp", "tls")
# Of a send: no memory now, a queue that is full, a station that has just joined. EAGAIN ENOMEM
# ENOBUFS, ETIMEDOUT and EHOSTUNREACH as Linux and as lwIP number them.
_PASSING = (11, 12, 105, 110, 113, 116, 118)
# Longest sleep of `run_timer`: a deadline that moves nearer is met this late at most.
_PATIENCE_MS = const(20)


class Signalling:
    """Binds `endpoint` (see sip.endpoint) to one UDP and one TCP port with the same number.

    After each input `settle(now)` is called: the place to take the endpoint's events; it ends with `drain`.
    `observers` are called as observer(sent, data, peer, transport) with every datagram and every piece of a
    stream, `peer` a (host, port): for a trace, in a log or a capture. An exception on the way of one input is
    handed to `fault(where, error)` and does not touch the next. `make_tls()` makes the net.tls.Tls of the
    phone when the first TLS connection needs it, or raises OSError in words; None: there is no TLS.
    `is_needed(peer)` as TcpConnections has it.
    """

    _udp: UdpSocket
    _tcp: TcpConnections

    def __init__(self, endpoint, resolver, settle=None, fault=None, make_tls=None, is_needed=None):
        self.endpoint = endpoint
        self.settle = settle or self.drain
        self.fault = fault or _raise
        self.observers = []
        self.make_tls = make_tls
        self._is_needed = is_needed
        self.address = None
        self.secure_port = 0  # where TLS is listened for, 0: nowhere
        self._resolver = resolver
        self._locator = None
        endpoint.locator = self
        resolver.on_answer = self._on_answer
        self._lookups = []
        # (host, port) that the endpoint knows -> the name it used for it, for the report of a failure.
        self._names = {}

    def open(
        self,
        host: str,
        port: int = 0,
        most_connections: int = 8,
        largest: int = MESSAGE_OCTETS + 1,
        secure: bool = False,
        secure_port: int = 0,
    ) -> None:
        """Bind at `host`; port 0 takes a free one. Sets `.address`. Raises OSError if the port is taken.

        With `secure` TLS is listened for too, if we have a certificate: at `secure_port`, or the port after
        the other.
        """
        own = None
        if secure and self.make_tls is not None:
            try:
                own = self.make_tls()
            except OSError as error:
                self.fault("sip tls", error)
        for number in [port] if port else free_ports(0, 0):
            try:
                udp = UdpSocket(host, number, largest)
            except OSError:
                if port:
                    raise
                continue
            try:
                tls_port = 0 if own is None else secure_port or number + 1
                self._tcp = TcpConnections(
                    host,
                    number,
                    self._on_stream,
                    self._on_lost,
                    most_connections,
                    tls_port,
                    is_needed=self._is_needed,
                )
                self._tcp.secure = own
            except OSError:
                udp.close()
                if port:
                    raise
                continue
            self._udp = udp
            self.secure_port = tls_port
            self.address = (host, number)
            return
        raise OSError("no free port for SIP")

    def tasks(self) -> list:
        """The coroutines that must run while it is open, as (name, coroutine function)."""
        loops = (self._udp_loop, self._tcp.accept_loop, self.run_timer)
        named = list(zip(("sip udp", "sip tcp", "sip timer"), loops))
        if self.secure_port:
            named.append(("sip tls", self._tcp.accept_secure_loop))
        return named

    def close(self) -> None:
        if self.address is not None:
            self.address = None
            self._udp.close()
            self._tcp.close()

    def drain(self, now: int) -> None:
        """Send all that the endpoint has to send."""
        item = self.endpoint.to_send(now)
        while item is not None:
            self._send(item[0], item[1], item[2], now)
            item = self.endpoint.to_send(now)

    async def run_timer(self) -> None:
        """Runs the endpoint's timers when they are due, until it is cancelled."""
        while True:
            deadline = self.endpoint.deadline()
            now = compat.ticks_ms()
            wait = _PATIENCE_MS if deadline is None else ticks_diff(deadline, now)
            if wait <= 0:
                self.endpoint.handle_timer(now)
                self.settle(now)
                wait = 0
            await compat.sleep(min(wait, _PATIENCE_MS))

    # ---- where requests go (RFC 3263) ----

    def locate(self, host, port, transport, secure, found, now):
        """For the endpoint: see sip.locator.Locator, which only a name makes us load."""
        if self._locator is None:
            from sip.locator import Locator

            self._locator = Locator(self._resolver.lookup, compat.urandom)
        self._locator.transports = [each for each in _PREFERRED if each in self.endpoint.local]
        self._locator.kinds = (28,) if self.address is not None and ":" in self.address[0] else (1,)
        return self._locator.locate(host, port, transport, secure, found, now)

    def failed(self, target, now: int, retry_after: int = 0) -> None:
        if self._locator is not None:
            self._locator.failed(target, now, retry_after)

    def succeeded(self, target) -> None:
        if self._locator is not None:
            self._locator.succeeded(target)

    def _on_answer(self, now):
        if self._locator is not None:
            self._locator.resume(now)
            self.settle(now)

    # ---- out ----

    def _send(self, data, destination, transport, now):
        try:
            address = self._resolver.known(destination[0], destination[1], now)
        except OSError:
            self.endpoint.transport_error(destination, transport, now)
            return
        if address is None:
            # Kept, for an event loop alone does not keep a task from being collected.
            self._lookups = [task for task in self._lookups if not task.done()]
            self._lookups.append(asyncio.create_task(self._send_when_known(data, destination, transport)))
        else:
            self._send_to(data, address, destination, transport, now)

    async def _send_when_known(self, data, destination, transport):
        try:
            address = await self._resolver.resolve(destination[0], destination[1])
        except OSError:
            address = None
        now = compat.ticks_ms()
        if address is None:
            self.endpoint.transport_error(destination, transport, now)
        else:
            self._send_to(data, address, destination, transport, now)
        self.settle(now)

    def _send_to(self, data, address, destination, transport, now):
        if self.address is None:
            self.endpoint.transport_error(destination, transport, now)
            return
        peer = compat.host_and_port(address)
        if transport == "tls":
            if self._tcp.secure is None and self.make_tls is not None:
                try:
                    self._tcp.secure = self.make_tls()
                except OSError as error:
                    self.endpoint.transport_error(destination, transport, now, in_words(error))
                    return
            if len(destination) > 2:
                peer += (destination[2],)
            else:
                # An address in a Route or Contact: who proved to be somebody there will do (RFC 5923 §5).
                peer = self._tcp.secured(peer) or peer + (destination[0],)
        if data:
            self._observe(True, data, peer, transport)
        if transport == "udp":
            if (":" in peer[0]) != (":" in self.address[0]):
                # There is no way from one family of addresses to the other.
                self.endpoint.transport_error(destination, transport, now)
                return
            try:
                self._udp.send(data, address)
            except OSError as error:
                if error.errno in _PASSING:
                    self._udp.errors += 1  # as one that is lost: it is sent again
                else:
                    self.endpoint.transport_error(destination, transport, now)
            return
        self._names[peer] = destination
        self._tcp.send(data, address, peer)

    # ---- in ----

    async def _udp_loop(self):
        while True:
            await compat.readable(self._udp.socket)
            for _ in range(_BURST):
                datagram = self._udp.receive()
                if datagram is None:
                    break
                self._receive(datagram[0], datagram[1], "udp")
            await compat.sleep(0)

    def _on_stream(self, data, peer):
        self._receive(data, peer, _transport_of(peer))

    def _receive(self, data, peer, transport):
        now = compat.ticks_ms()
        self._observe(False, data, peer, transport)
        try:
            self.endpoint.receive(data, peer, transport, now)
            self.settle(now)
        except Exception as error:
            self.fault("sip from %s" % transport, error)

    def _on_lost(self, peer, connected):
        now = compat.ticks_ms()
        destination = self._names.pop(peer, peer)
        if not connected:
            self.endpoint.transport_error(destination, _transport_of(peer), now, self._tcp.trouble)
        for end in {peer, destination}:
            self.endpoint.connection_closed(end, now, self._tcp.trouble)
        self.settle(now)

    def _observe(self, sent, data, peer, transport):
        for observer in self.observers:
            observer(sent, data, peer, transport)


def _transport_of(peer):
    return "tls" if len(peer) > 2 else "tcp"


def _raise(where, error):
    raise error
