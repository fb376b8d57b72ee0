"""The uplink: follows the state of the board's network, and keeps SIP's sockets open at its address."""

import compat
from compat import const, ticks_add, ticks_diff

_LOOK_MS = const(100)
# Pause before a taken port is tried again: the phone that had it may be restarting.
_REOPEN_MS = const(2000)
_LOST_MS = const(180_000)  # without a network, until `on_lost`


class Uplink:
    """Polls `network` (hal.contract.network) and opens `signalling` on `port` while the network is up.

    `ports` gets the address too, and `resolver`, if not None, the network's DNS servers. `supervisor` and
    `log` are those of services. `has_tls`: requests may be sent over TLS; `listens_tls`: and received.
    Observers:

    on_network   called with the network's new state
    on_lost      called when there has been no network for three minutes, and every three minutes from then on
    on_open      called with (host, port) when SIP can be reached there
    on_way       called with the tick when SIP's address is new or the network is up again
    """

    def __init__(
        self,
        *,
        network,
        signalling,
        ports,
        resolver,
        supervisor,
        log,
        port,
        has_tls,
        listens_tls,
    ):
        self.network = network
        self._has_tls = has_tls
        self._listens_tls = listens_tls
        self.on_network = self.on_lost = self.on_open = self.on_way = _nothing
        self._signalling = signalling
        self._ports = ports
        self._resolver = resolver
        self._supervisor = supervisor
        self._log = log
        self._port = port
        self._tasks = []
        self._reopen_at = None
        self._lost_at = None  # the tick of the next `on_lost`

    @property
    def address(self) -> "tuple[str, int] | None":
        """(host, port) at which SIP can be reached; None while it cannot."""
        return self._signalling.address

    async def run(self) -> None:
        """Follows the network until it is cancelled."""
        network = self.network
        while True:
            now = compat.ticks_ms()
            state = network.poll(now)
            if state is not None:
                self._log.info("network %s %s" % (state, network.address or network.reason))
                self.on_network(state)
            if network.state == "up":
                self._lost_at = None
                if not self._is_open_at(network.address):
                    await self._open(network.address, now)
                elif state is not None:
                    self.on_way(now)
            elif self._lost_at is None or ticks_diff(self._lost_at, now) <= 0:
                if self._lost_at is not None:
                    self.on_lost(now)
                self._lost_at = ticks_add(now, _LOST_MS)
            await compat.sleep(_LOOK_MS)

    def _is_open_at(self, host):
        return self.address is not None and self.address[0] == host

    async def _open(self, host, now):
        """Open SIP at our address `host`, unless the last failure is too recent."""
        if self._reopen_at is not None and 0 < ticks_diff(self._reopen_at, now) <= _REOPEN_MS:
            return
        await self._close()
        try:
            self._signalling.open(host, self._port, secure=self._listens_tls)
        except OSError as error:
            self._log.error("SIP port %d of %s: %s" % (self._port, host, error))
            self._reopen_at = ticks_add(now, _REOPEN_MS)
            return
        self._reopen_at = None
        local = {"udp": self.address, "tcp": self.address}
        if self._has_tls or self._listens_tls:
            # Without `listens_tls` nothing listens on that port: requests come on the connection that we
            # opened (RFC 5923).
            local["tls"] = (host, self.address[1] + 1)
        self._signalling.endpoint.local = local
        if self._resolver is not None:
            self._resolver.use([(server, 0) for server in self.network.dns])
        self._ports.host = host
        self._tasks = [self._supervisor.start(*task) for task in self._signalling.tasks()]
        self.on_open(self.address)
        self.on_way(now)

    async def _close(self):
        for task in self._tasks:
            task.cancel()
        # The tasks must leave their sockets before the sockets are closed.
        await compat.sleep(0)
        self._tasks = []
        self._signalling.close()


def _nothing(_):
    pass
