"""The UDP and TCP sockets of a SIP endpoint: hands received messages to it, and sends its messages."""

import asyncio

import compat
from compat import const, ticks_diff
from net.tcp import TcpConnections, in_words
from net.udp import UdpSocket, free_ports
from sip.limits import MESSAGE_OCTETS

# Datagrams received in a row before the other tasks run.
_BURST = const(16)
_PREFERRED = ("udp", "tcp", "tls")
# Temporary errors of a send: no memory, a full queue, a station that has just joined. EAGAIN, ENOMEM,
# ENOBUFS, ETIMEDOUT and EHOSTUNREACH as Linux and lwIP number them.
_PASSING = (11, 12, 105, 110, 113, 116, 118)
# Longest sleep of `run_timer`: the most by which it misses a deadline that moves nearer.
_PATIENCE_MS = const(20)


class Signalling:
    """Binds `endpoint` (see sip.endpoint) to one UDP and one TCP port with the same number.

    `settle(now)` is called after each input: it takes the endpoint's events and ends with `drain`.
    `observers` are called as observer(sent, data, peer, transport) with every datagram and every piece of a
    stream, for a log or a capture; `peer` is a (host, port). An exception from one input is handed to
    `fault(where, error)` and does not affect the next input. `make_tls()` makes the phone's net.tls.Tls when
    the first TLS connection needs it, or raises OSError in words; None: no TLS. `is_needed(peer)`: see
    TcpConnections.
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
        self.secure_port = 0  # the TLS port that listens, 0: none
        self._resolver = resolver
        self._locator = None
        endpoint.locator = self
        resolver.on_answer = self._on_answer
        self._lookups = []
        # (host, port) of a resolved address -> the endpoint's destination, to report a failure.
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

        With `secure`, and if we have a certificate, TLS listens too: at `secure_port`, or else at the port
        after the TCP port.
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
        """The coroutines that must run while the sockets are open, as (name, coroutine function)."""
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
        """Send all pending messages of the endpoint."""
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
        """Locate a server for the endpoint: see sip.locator.Locator, which is loaded with the first name."""
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
            # A reference, as the event loop alone does not keep a task from being collected.
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
                # An address in a Route or Contact: an authenticated connection to it is reused (RFC 5923 §5).
                peer = self._tcp.secured(peer) or peer + (destination[0],)
        if data:
            self._observe(True, data, peer, transport)
        if transport == "udp":
            if (":" in peer[0]) != (":" in self.address[0]):
                # IPv4 cannot reach IPv6, nor IPv6 IPv4.
                self.endpoint.transport_error(destination, transport, now)
                return
            try:
                self._udp.send(data, address)
            except OSError as error:
                if error.errno in _PASSING:
                    self._udp.errors += 1  # like a lost datagram: it is retransmitted
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
