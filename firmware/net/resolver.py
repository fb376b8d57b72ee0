"""From a host name to an address, by the system's own resolver, with the answers kept for a while."""

import asyncio

import compat
from compat import const, ticks_add, ticks_diff

_KEPT_MS = const(60000)
# A name that was not found is not asked for again at once: each try may take seconds.
_FAILED_MS = const(5000)
_KEPT = const(16)


def is_literal(host: str) -> bool:
    """Whether `host` is an IPv4 address in dots, or might be an IPv6 address: nobody needs to be asked."""
    if ":" in host:
        return True
    parts = host.split(".")
    return len(parts) == 4 and all(p.isdigit() and len(p) <= 3 and int(p) < 256 for p in parts)


class Resolver:
    """Socket addresses by (host, port). They are handed back in the interpreter's own form."""

    def __init__(self):
        # {(host, port): (address or None if it failed, tick of expiry)}
        self._known = {}
        # {(host, port): Event}: one question at a time for each name.
        self._asked = {}

    def known(self, host: str, port: int, now: int):
        """The address if it needs no waiting, else None. Raises OSError where the last try failed."""
        if is_literal(host):
            return compat.socket_address(host, port)
        entry = self._known.get((host, port))
        if entry is None or ticks_diff(entry[1], now) <= 0:
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
            address = await compat.lookup(host, port)
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
