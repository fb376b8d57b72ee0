"""Locating SIP servers: NAPTR, SRV, addresses, and fail-over to the next server (RFC 3263). No I/O.

A target is (transport, destination). A destination is (address, port), over TLS (address, port, name): the
server's certificate must show `name`, the domain that was looked up, not a name from DNS (RFC 5922 §4).
"""

from compat import const, ticks_add, ticks_diff
from sip.sending import is_address
from sip.syntax.uri import default_port

_A = const(1)
_AAAA = const(28)
_SRV = const(33)
_NAPTR = const(35)

_MAX_TARGETS = const(8)
_MAX_WAITING = const(16)
_REMEMBERED = const(16)
# For this long, doubled with each further failure, a failed server is tried last.
_AVOID_S = const(30)
_MAX_AVOID_S = const(900)
# How long the random order of servers of equal priority is kept, so that a call stays with one server.
_ORDER_MS = const(300_000)

_SERVICES = (("sips+d2t", "tls"), ("sip+d2u", "udp"), ("sip+d2t", "tcp"))
_PREFIXES = {"udp": "_sip._udp.", "tcp": "_sip._tcp.", "tls": "_sips._tcp."}


class Locator:
    """Finds targets. `lookup(name, kind, now)` gives the values of DNS records (as in net.dns.Answer), or
    None while the answer is awaited; `resume(now)` must be called when the answer has arrived.

    `transports` are those that we have, the preferred first. `kinds` are the record types of the addresses
    that we can send to: (1,) for A, (28,) for AAAA, or both.
    """

    def __init__(self, lookup, random, transports=("udp", "tcp", "tls"), kinds=(_A,)):
        self.transports = transports
        self.kinds = kinds
        self._lookup = lookup
        self._random = random
        self._waiting = []  # (question, callback)
        self._avoided = {}  # target -> (tick, seconds)
        self._orders = {}  # SRV name -> (tick, random number)
        self._pending = False

    def locate(self, host: str, port, transport, secure: bool, found, now: int) -> "list | None":
        """The targets for a URI's parts (`port` and `transport` None where it has none), the best first.

        None while DNS is asked: `found(targets, now)` is called later, with [] if there is no target.
        """
        question = (host, port, transport, secure)
        targets = self._evaluate(question, now)
        if targets is None:
            if len(self._waiting) >= _MAX_WAITING:
                return []
            self._waiting.append((question, found))
        return targets

    def resume(self, now: int) -> None:
        """A DNS answer came."""
        waiting, self._waiting = self._waiting, []
        for question, found in waiting:
            targets = self._evaluate(question, now)
            if targets is None:
                self._waiting.append((question, found))
            else:
                found(targets, now)

    def failed(self, target, now: int, retry_after: int = 0) -> None:
        """`target` timed out, refused, or answered 503: for a while it is tried last (§4.3)."""
        avoided = self._avoided.get(target)
        seconds = _AVOID_S if avoided is None else min(2 * avoided[1], _MAX_AVOID_S)
        if len(self._avoided) >= _REMEMBERED and target not in self._avoided:
            del self._avoided[min(self._avoided, key=lambda each: ticks_diff(self._avoided[each][0], now))]
        seconds = min(max(seconds, retry_after), _MAX_AVOID_S)
        self._avoided[target] = (ticks_add(now, 1000 * seconds), seconds)

    def succeeded(self, target) -> None:
        """`target` answered: it gets its normal rank back."""
        self._avoided.pop(target, None)

    # §4.1, §4.2

    def _evaluate(self, question, now):
        host, port, transport, secure = question
        self._pending = False
        if secure and transport in (None, "tcp", "udp"):
            transport = "tls" if transport or is_address(host) or port else None
        if is_address(host) or port is not None:
            transport = transport or "udp"
            targets = self._addresses(host, port or default_port(transport == "tls"), transport, host, now)
        else:
            targets = self._services(host, transport, secure, now)
        return None if self._pending else self._in_order(targets, now)

    def _services(self, host, transport, secure, now):
        if transport is not None:
            services = [(_PREFIXES.get(transport, "") + host, transport)]
        else:
            services = self._naptr(host, secure, now)
            if self._pending:
                return []
            if not services:
                ours = ("tls",) if secure else self.transports
                services = [(_PREFIXES[each] + host, each) for each in ours]
        targets = []
        is_served = False
        # Services of lower rank follow, for fail-over.
        for name, chosen in services:
            records = self._ask(name, _SRV, now)
            is_served = is_served or bool(records)
            targets += self._servers(name, records, chosen, host, now)
        if self._pending or is_served:
            return targets
        transport = transport or ("tls" if secure else "udp")
        return self._addresses(host, default_port(transport == "tls"), transport, host, now)

    def _naptr(self, host, secure, now):
        """[(name for SRV, transport)] in NAPTR's order, of services that we have (§4.1)."""
        rows = []
        for order, preference, flags, service, _, replacement in self._ask(host, _NAPTR, now):
            transport = dict(_SERVICES).get(service.lower())
            if flags.lower() != "s" or transport not in self.transports or (secure and transport != "tls"):
                continue
            rows.append((order, preference, len(rows), replacement, transport))
        return [(row[3], row[4]) for row in sorted(rows)][:_MAX_TARGETS]

    def _servers(self, name, records, transport, host, now):
        """The targets behind the SRV records of `name`."""
        targets = []
        for _, _, port, server in self._weighed(name, records, now)[:_MAX_TARGETS]:
            # A target of "." means that the service is not available (RFC 2782).
            if server:
                targets += self._addresses(server, port, transport, host, now)
        return targets

    def _addresses(self, host, port, transport, name, now):
        if is_address(host):
            addresses = [host]
        else:
            addresses = []
            for kind in self.kinds:
                addresses += self._ask(host, kind, now)
        if transport == "tls":
            return [(transport, (address, port, name)) for address in addresses]
        return [(transport, (address, port)) for address in addresses]

    def _ask(self, name, kind, now):
        values = self._lookup(name, kind, now)
        if values is None:
            self._pending = True
            return []
        return values

    # order

    def _weighed(self, name, records, now):
        """SRV records by priority; those of one priority at random by weight (RFC 2782)."""
        state = self._order(name, now)
        left = sorted(records)
        ordered = []
        while left:
            same = [record for record in left if record[0] == left[0][0]]
            state = (state * 1103515245 + 12345) & 0x7FFFFFFF
            at = (state >> 8) % (sum([record[1] for record in same]) + 1)
            for record in same:  # the sort has put weight 0 first
                at -= record[1]
                if at <= 0:
                    break
            ordered.append(record)
            left.remove(record)
        return ordered

    def _order(self, name, now):
        kept = self._orders.get(name)
        if kept is None or not 0 < ticks_diff(kept[0], now) <= _ORDER_MS:
            if len(self._orders) >= _REMEMBERED:
                self._orders = {}
            kept = (ticks_add(now, _ORDER_MS), int.from_bytes(self._random(4), "big"))
            self._orders[name] = kept
        return kept[1]

    def _in_order(self, targets, now):
        """`targets` without duplicates, recently failed ones last."""
        good, bad = [], []
        for target in targets:
            if target in good or target in bad:
                continue
            avoided = self._avoided.get(target)
            # Ticks wrap: a tick further ahead than the longest pause is an old one.
            is_bad = avoided is not None and 0 < ticks_diff(avoided[0], now) <= 1000 * _MAX_AVOID_S
            (bad if is_bad else good).append(target)
        return (good + bad)[:_MAX_TARGETS]
