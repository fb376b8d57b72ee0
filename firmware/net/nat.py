"""Media ports behind a NAT: finds each port's public address by STUN (RFC 8489), before a call needs it.

One pair is always kept ready, with its NAT binding alive, because an INVITE cannot wait for a STUN response.
Loaded only if a STUN server is set.
"""

import compat
from compat import const, ticks_add, ticks_diff
from sip.stun import Binding, is_stun

_PORT = const(3478)
_POLL_MS = const(50)
# RFC 8489 allows no shorter interval, and NATs drop bindings after 30 s.
_RENEW_MS = const(15000)
# Pause after a server has not answered.
_PAUSE_MS = const(60000)
_MAX_SIZE = const(600)


class _Question:
    """The STUN requests of one socket of the pair `port`; `mapped` is the latest public address."""

    def __init__(self, port, sock):
        self.port = port
        self.sock = sock
        self.mapped = None
        self.failed = False
        self._binding = None
        self._due = None

    def step(self, server, now):
        """Read the response, and send the request that is due."""
        self._read()
        if self._due is not None and ticks_diff(self._due, now) > 0:
            return
        binding = self._binding
        if binding is None:
            binding = self._binding = Binding(compat.urandom)
        elif not binding.again():
            self.failed = True
            self.mapped = self._binding = None
            self._due = ticks_add(now, _PAUSE_MS)
            return
        self._due = ticks_add(now, binding.wait_ms())
        try:
            self.sock.sendto(binding.data, server)
        except OSError:
            pass  # like a lost datagram

    def _read(self):
        try:
            data, _ = self.sock.recvfrom(_MAX_SIZE)
        except OSError:
            return
        if not data:
            self.port.hear_again(self.sock)
        if self._binding is not None and is_stun(data) and self._binding.receive(data):
            self.mapped = self._binding.mapped
            self._binding = None
            self._due = ticks_add(compat.ticks_ms(), _RENEW_MS)


class PublicPorts:
    """Media ports of `ports` (net.media_ports.MediaPorts), each with `.public` and `.public_rtcp`: the public
    (host, port), None where no STUN response came.

    `server` is (host, port or 0) of the STUN server. The coroutine `run` must run.
    """

    def __init__(self, ports, server, resolver):
        self._ports = ports
        self._server = server[0], server[1] or _PORT
        self._resolver = resolver
        self._spare = None
        self._questions = ()

    @property
    def host(self) -> str:
        return self._ports.host

    @host.setter
    def host(self, host):
        if host != self._ports.host:
            self._drop()
        self._ports.host = host

    @property
    def observer(self):
        return self._ports.observer

    @observer.setter
    def observer(self, observer):
        self._ports.observer = observer

    @property
    def ready(self) -> bool:
        """Whether the public addresses of the next pair are known."""
        return len(self._questions) > 0 and all(each.mapped is not None for each in self._questions)

    def open(self):
        """A pair of ports, the ready one if there is one; raises OSError."""
        port = self._spare
        if port is None:
            return self._ports.open()
        if self.ready:
            port.public, port.public_rtcp = [each.mapped for each in self._questions]
        self._spare, self._questions = None, ()
        port.observe(self._ports.observer)
        return port

    async def run(self) -> None:
        """Keeps a pair ready until it is cancelled."""
        address = None
        while True:
            if self._ports.host != "0.0.0.0":
                if address is None:
                    address = await self._resolved()
                if address is not None:
                    self._step(address, compat.ticks_ms())
            await compat.sleep(_POLL_MS)

    async def _resolved(self):
        try:
            return await self._resolver.resolve(self._server[0], self._server[1])
        except OSError:
            await compat.sleep(_PAUSE_MS)
            return None

    def _step(self, server, now):
        if self._spare is None:
            try:
                self._spare = self._ports.open()
            except OSError:
                return  # calls use all ports
            self._questions = [_Question(self._spare, sock) for sock in self._spare.sockets]
        for question in self._questions:
            question.step(server, now)

    def _drop(self):
        if self._spare is not None:
            self._spare.close()
            self._spare, self._questions = None, ()
