"""Sending of requests: the next hop, the top Via, TCP for large requests, fail-over (§8.1.2, §18.1.1,
RFC 3263 §4).
"""

from compat import const, is_digits
from sip.syntax.grammar import ParseError
from sip.syntax.headers import COOKIE, NameAddr, Via
from sip.syntax.uri import default_port

_UNANSWERED = ("new", "calling", "trying")
_NO_TCP_MS = const(600_000)  # for this long no TCP is tried with a peer that refused it


class Sender:
    """Sends the requests of `endpoint`."""

    def __init__(self, endpoint):
        self._endpoint = endpoint
        self._no_tcp = set()

    def send(self, request, transaction, now: int, destination=None, transport=None, branch=None) -> None:
        """Send `request` in the client `transaction`, or outside any if `transaction` is None.

        If the endpoint has a locator, it resolves names; the request may then be sent later.
        """
        strict = _swap_strict_route(request)
        way = request.uri if strict or not request.routes else request.routes[0].uri  # §8.1.2
        secure = way.scheme == "sips"
        transport = transport or way.transport
        locator = self._endpoint.locator
        if destination is None and locator is not None and way.host and not is_address(_host(way)):

            def found(targets, now):
                self._leave(request, transaction, targets, branch, now)

            targets = locator.locate(_host(way), way.port, transport, secure, found, now)
            if targets is None:
                return
        else:
            transport = "tls" if secure else transport or "udp"
            destination = destination or next_hop(way, transport)
            targets = [(transport, destination)] if destination else []
        self._leave(request, transaction, targets, branch, now)

    def failed(self, transaction, now: int) -> None:
        """The latest message of the client `transaction` could not be sent, or its stream was closed."""
        if transaction.upgraded and transaction.state in _UNANSWERED:
            destination = transaction.destination
            if destination not in self._no_tcp:
                self._no_tcp.add(destination)
                self._endpoint.timers.start(_NO_TCP_MS, self, destination, now)
            transaction.upgraded = False
            transaction.depart(self._moved(transaction.request, "udp"), destination, "udp", now)
        else:
            transaction.on_transport_error(now)

    def on_timer(self, destination, now: int) -> None:
        """From Timers: TCP may be tried again with a peer that refused it."""
        self._no_tcp.discard(destination)

    def fail_over(self, transaction, now: int, response=None) -> bool:
        """Try the next server (RFC 3263 §4.3); returns whether there is one.

        The server of the client `transaction` failed, with a 503 if there is a `response`."""
        if transaction.target is not None:
            self._endpoint.locator.failed(transaction.target, now, _retry_after(response))
        if transaction.cancelled or not transaction.targets:
            return False
        self._endpoint.count("fail_overs")
        request = transaction.request
        # Each server gets a transaction, and so a branch, of its own (RFC 3263 §4.3).
        branch = request.via.branch
        request.pop("Via")
        self._start(transaction, transaction.targets.pop(0), branch + "n", now)
        return True

    def arrived(self, transaction) -> None:
        """The server of the client `transaction` answered."""
        if transaction.target is not None:
            self._endpoint.locator.succeeded(transaction.target)

    def _leave(self, request, transaction, targets, branch, now):
        endpoint = self._endpoint
        targets = [target for target in targets if target[0] in endpoint.local]
        if transaction is None:
            if targets:
                transport, destination = targets[0]
                data, transport, _ = self._dressed(request, destination, transport, branch)
                endpoint.transmit(data, destination, transport)
            else:
                endpoint.count("unreachable")
        elif targets and not transaction.cancelled:
            transaction.targets = targets[1:]
            transaction.servers = [_proved(target) for target in targets]
            self._start(transaction, targets[0], branch, now)
        else:
            endpoint.timers.start(0, transaction, "error", now)

    def _start(self, transaction, target, branch, now):
        transport, destination = target
        transaction.target = None if self._endpoint.locator is None else target
        request = transaction.request
        data, transport, transaction.upgraded = self._dressed(request, destination, transport, branch)
        self._endpoint.rename(transaction, client_key(request.via, request.method))
        transaction.depart(data, destination, transport, now)

    def _dressed(self, request, destination, transport, branch):
        """(octets, transport, whether upgraded to TCP) of `request` with our Via on top."""
        endpoint = self._endpoint
        if request.max_forwards is None:
            request.insert("Max-Forwards", 70)
        via = Via(transport.upper(), endpoint.local[transport][0], endpoint.local[transport][1])
        via.params["rport"] = None
        if transport == "tls":
            via.params["alias"] = None  # the connection serves both ways (RFC 5923 §6)
        via.params["branch"] = branch or COOKIE + endpoint.token()
        request.insert("Via", via)
        data = request.to_bytes()
        if transport != "udp" or len(data) <= endpoint.max_datagram:
            return data, transport, False
        if "tcp" not in endpoint.local or destination in self._no_tcp:
            return data, transport, False
        return self._moved(request, "tcp"), "tcp", True

    def _moved(self, request, transport):
        """The octets of `request` with our Via changed to `transport`."""
        via = request.via
        via.transport = transport.upper()
        via.host, via.port = self._endpoint.local[transport]
        request.pop("Via")
        request.insert("Via", via)
        return request.to_bytes()


def next_hop(uri, transport: str = "udp") -> "tuple[str, int] | None":
    """(host, port) that a request to a SIP URI is sent to; None for a URI without a host."""
    host = _host(uri)
    secure = uri.scheme == "sips" or transport == "tls"
    return (host, uri.port or default_port(secure)) if host else None


def _proved(target):
    """The destination of `target`; over TLS it includes the name that the certificate must show."""
    transport, destination = target
    return destination + destination[:1] if transport == "tls" and len(destination) == 2 else destination


def client_key(via, method: str) -> str:
    """The key of a client transaction (§17.1.3)."""
    return (via.branch or "") + " " + method


def _retry_after(response):
    try:
        return (response.retry_after or 0) if response else 0
    except ParseError:
        return 0


def _host(uri):
    host = uri.params.get("maddr") or uri.host
    if host and ":" in host:
        # Addresses are compared as strings, so each needs its canonical form.
        from sip.syntax.ipv6 import canonical

        return canonical(host[1:-1] if host[0] == "[" else host)
    return host


def is_address(host: str) -> bool:
    """Whether `host` is a dotted IPv4 address or can only be an IPv6 address, and so needs no DNS."""
    if ":" in host:
        return True
    parts = host.split(".")
    return len(parts) == 4 and all(_is_octet(part) for part in parts)


def _is_octet(text):
    return is_digits(text, 3) and int(text) < 256


def _swap_strict_route(request):
    """Swap a first Route without `lr` with the Request-URI (§12.2.1.1, §16.6(6)); returns whether it did."""
    routes = request.routes
    if not routes or routes[0].uri.lr:
        return False
    request.remove("Route")
    for route in routes[1:]:
        request.add("Route", route)
    request.add("Route", NameAddr(request.uri))
    request.uri = routes[0].uri
    return True
