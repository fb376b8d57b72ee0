"""A stateful proxy (RFC 3261 §16) in front of a Registrar: the core of `tools/pbx.py`.

A request passes the checks of §16.3, its own Route is taken off (§16.4), targets are found (§16.5), and a
ResponseContext forwards it to them (see sip.forking). Only what keeps transactions is forwarded: a CANCEL or
a response that belongs to none is not passed on statelessly, as RFC 6026 wants for responses.
"""

import binascii
import hashlib

from sip.endpoint import refuse
from sip.forking import ResponseContext, Target
from sip.grammar import ParseError
from sip.headers import NameAddr, parse_challenge
from sip.uri import Uri

_COOKIE = "z9hG4bK"
_PORT = 5060
_ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER"
_DIALOG_FORMING = ("INVITE", "SUBSCRIBE", "REFER")
_PASS = "pass"  # the parameter of our Record-Route that shows it to be ours
# What the branch hash covers: all that decides where a request goes next (§16.6(8), RFC 5393 §4.2.1).
_DECIDING = ("Route", "Proxy-Require", "Proxy-Authorization")


class Proxy:
    """Routes calls among the registrar's users, and from them to elsewhere.

    Sets itself as `endpoint.core`. With `record_route` it stays on the way of dialogs. A user of ours who
    must authenticate is asked by 407 for every request outside a dialog; a stranger reaches our users but
    nobody else. What our Record-Route brings back passes unasked, but only with the seal that we put into
    it, or anyone could have us knock at any door. `timer_c_ms` is how long a branch may ring (§16.6(11): more
    than three minutes).
    """

    def __init__(self, endpoint, registrar, record_route: bool = True, timer_c_ms: int = 185_000):
        self.endpoint = endpoint
        self.registrar = registrar
        self.record_route = record_route
        self.timer_c_ms = timer_c_ms
        self.contexts = 0  # requests on their way just now
        self._secret = endpoint.random(16)
        endpoint.core = self

    # From the endpoint

    def on_request(self, transaction, now: int) -> None:
        """§16.3 to §16.6 for one request."""
        request = transaction.request
        if refuse(transaction, now, header="Proxy-Require"):
            return None
        hops = request.max_forwards
        if hops == 0 and request.method != "OPTIONS":
            return transaction.reply(483, now)
        if hops == 0:
            return self._answer_options(transaction, now)  # §16.3(3): it was looking for us
        if self._looped(request):
            return transaction.reply(482, now)
        loop = self._hash(request)
        within = self._take_our_routes(request)
        if request.method == "REGISTER" and self._is_domain(request.uri):
            return self.registrar.register(transaction, now)
        if not within and not self._allowed(transaction, now):
            return None
        if not within and self._is_domain(request.uri) and not request.uri.user:
            if request.method == "OPTIONS":
                return self._answer_options(transaction, now)
            return transaction.reply(404, now)
        targets = self._targets(request, within)
        if not targets:
            known = self.registrar.knows(request.uri.name)
            return transaction.reply(480 if known else 404, now)
        if request.method == "INVITE":
            transaction.reply(100, now)
        return ResponseContext(self, transaction, targets, loop).start(now)

    def on_ack(self, request, source, transport: str, now: int) -> None:
        """The ACK of a 2xx is forwarded on its own: it belongs to no transaction (§13.2.2.4)."""
        if request.max_forwards == 0 or self._looped(request):
            return self.endpoint.count("acks_dropped")
        loop = self._hash(request)
        within = self._take_our_routes(request)
        targets = self._targets(request, within)
        if not targets or not within and not self._is_domain(request.uri):
            return self.endpoint.count("acks_dropped")
        target = targets[0]
        ack = self.prepare(request, target, transport)
        return self.endpoint.send(ack, now, target.destination, target.transport, self.branch(loop))

    def on_stray_response(self, response, source, now: int) -> None:
        """Dropped, and counted by the endpoint (RFC 6026)."""

    # For ResponseContext

    def prepare(self, request, target, came_by: str):
        """A copy of `request` for `target`: §16.6 (1) to (5); the endpoint does the rest."""
        copy = request.copy()
        copy.uri = target.uri.copy()
        copy.uri.headers = []
        copy.uri.params.pop("method", None)
        hops = request.max_forwards
        copy.set("Max-Forwards", 70 if hops is None else hops - 1)
        if self.record_route and request.method in _DIALOG_FORMING:
            way = copy.routes[0].uri if copy.routes else copy.uri
            leaves_by = target.transport or way.transport or "udp"
            # RFC 5658: where the transport changes, each side sees an address of ours that it can use.
            copy.insert("Record-Route", self._own_route(came_by, request))
            if leaves_by != came_by and leaves_by in self.endpoint.local:
                copy.insert("Record-Route", self._own_route(leaves_by, request))
        return copy

    def branch(self, loop: str) -> str:
        """A branch of ours, unique but for the part by which a loop is known."""
        return _COOKIE + self.endpoint.token() + "." + loop

    # Who may send what

    def _allowed(self, transaction, now):
        """§16.3(6), §22.3: whether the sender may have this forwarded; otherwise it is answered here."""
        request = transaction.request
        caller = request.from_.uri
        inward = self._is_domain(request.uri)
        if request.to.tag and inward:
            return True  # the peer knows its own dialogs, and answers anything else with 481
        if self._is_domain(caller) and self.registrar.must_authenticate(caller.name):
            return self._authenticated(transaction, now)
        if self._is_domain(caller):
            allowed = self.registrar.knows(caller.name)
        else:
            allowed = inward or self.registrar.users is None
        if not allowed:
            transaction.reply(403, now)
        return allowed

    def _authenticated(self, transaction, now):
        request = transaction.request
        authenticator = self.registrar.authenticator
        user, stale = authenticator.check(request, "Proxy-Authorization", now)
        if user == request.from_.uri.name:
            _strip_credentials(request, authenticator.realm)
            return True
        response = transaction.response(407 if user is None else 403)
        if user is None:
            for challenge in authenticator.challenge(now, stale):
                response.add("Proxy-Authenticate", challenge)
        transaction.respond(response, now)
        return False

    def _answer_options(self, transaction, now):
        response = transaction.response(200)
        response.add("Allow", _ALLOW)
        response.add("Accept", "application/sdp")
        transaction.respond(response, now)

    # Where it goes

    def _is_domain(self, uri):
        """Whether `uri` is of a domain of the registrar's, or our own address; a bare number is ours."""
        if uri.scheme == "tel" or self._is_own(uri):
            return True
        ports = [port for _, port in self.endpoint.local.values()]
        return uri.host in self.registrar.domains and (uri.port is None or uri.port in ports)

    def _is_own(self, uri):
        return (uri.host, uri.port or _PORT) in self.endpoint.local.values()

    def _take_our_routes(self, request):
        """§16.4; whether our own seal was on one, so that it belongs to a dialog that we let through."""
        sealed = False
        routes = request.routes
        if routes and request.uri.lr and self._is_own(request.uri):
            # A strict router before us put our Record-Route into the Request-URI, the target last in Route.
            sealed = self._is_sealed(request.uri, request)
            request.uri = routes[-1].uri
            request.remove("Route")
            for route in routes[:-1]:
                request.add("Route", route)
        while request.routes and self._is_domain(request.routes[0].uri):
            sealed = self._is_sealed(request.routes[0].uri, request) or sealed
            request.pop("Route")
        return sealed and request.to.tag is not None

    def _targets(self, request, within):
        """§16.5: the Request-URI itself when it is not ours, or is a Contact that a dialog goes to."""
        uri = request.uri
        if not self._is_domain(uri) or within and not (self._is_own(uri) and self.registrar.knows(uri.name)):
            return [Target(uri)]
        targets = []
        for binding in self.registrar.lookup(uri.name):
            if binding.transport != "udp" and self.endpoint.is_connected(binding.source):
                # Behind a connection that it opened, a phone may not be reachable otherwise.
                targets.append(Target(binding.uri, binding.q, binding.source, binding.transport))
            else:
                targets.append(Target(binding.uri, binding.q))
        return targets

    def _own_route(self, transport, request):
        host, port = self.endpoint.local[transport]
        uri = Uri("sip", host, port=port)
        if transport != "udp":
            uri.params["transport"] = transport
        uri.params["lr"] = None
        uri.params[_PASS] = self._seal(request)
        return NameAddr(uri)

    def _seal(self, request):
        octets = hashlib.sha256(self._secret + request.call_id.encode()).digest()[:6]
        return binascii.hexlify(octets).decode()

    def _is_sealed(self, uri, request):
        return uri.params.get(_PASS) == self._seal(request)

    # Loops

    def _hash(self, request):
        parts = [str(request.uri), request.call_id, str(request.cseq.number)]
        parts += [request.from_.tag or "", request.to.tag or ""]
        for name in _DECIDING:
            parts += request.all(name)
        return binascii.hexlify(hashlib.sha256("\n".join(parts).encode()).digest()[:8]).decode()

    def _looped(self, request):
        """§16.3(4): whether it has been here before with all the same that decides its way."""
        own = self.endpoint.local.values()
        loop = None
        for via in request.vias:
            if (via.host, via.port or _PORT) in own:
                loop = loop or self._hash(request)
                if (via.branch or "").endswith("." + loop):
                    return True
        return False


def _strip_credentials(request, realm):
    """Credentials for us need go no further (§22.3)."""
    kept = [text for text in request.all("Proxy-Authorization") if not _is_for(text, realm)]
    request.remove("Proxy-Authorization")
    for text in kept:
        request.add("Proxy-Authorization", text)


def _is_for(text, realm):
    try:
        return parse_challenge(text)[1].get("realm") == realm
    except ParseError:
        return False
