"""A stateful proxy (RFC 3261 §16) in front of a Registrar: the core of `tools/pbx.py`.

A request passes the checks of §16.3, our own Route is removed (§16.4), targets are found (§16.5), and a
ResponseContext forwards the request to them (see response_context.py). Nothing is forwarded statelessly: a
CANCEL or a response that matches no transaction is dropped, as RFC 6026 demands for responses.
"""

from sip.endpoint import refuse_unsupported
from sip.sending import next_hop
from sip.server import borders, loops
from sip.server.dialog_seals import PARAMETER, TO_CALLER, DialogSeals, hop_behind, hop_of
from sip.server.flow_tokens import FlowTokens
from sip.server.response_context import ResponseContext, Target
from sip.syntax.grammar import number
from sip.syntax.headers import COOKIE, CREDENTIALS, SDP, NameAddr
from sip.syntax.uri import Uri, default_port

_ALLOW = (
    "INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, SUBSCRIBE, NOTIFY, PUBLISH, MESSAGE, REFER, INFO, UPDATE, "
    "PRACK"
)
_DIALOG_FORMING = ("INVITE", "SUBSCRIBE", "REFER")
MAX_BREADTH = 60


class Way:
    """The meaning of our own Route in a request.

    within   whether the request goes to an end of a dialog that we let through, according to our seal
    flow     (transport, source) of the flow that the request uses; None: the Request-URI decides
    failed   whether the only flow that the request may use is gone (RFC 5626 §5.3)
    """

    def __init__(self, within: bool = False, flow=None, failed: bool = False):
        self.within = within
        self.flow = flow
        self.failed = failed


class Proxy:
    """Routes calls among the registrar's users, and from them to other domains.

    Sets itself as `endpoint.core`. With `record_route` it stays in the path of dialogs. A user of ours who
    must authenticate is challenged by 407 for every request outside a dialog; a stranger can reach our users
    only. A request with our Record-Route passes without a challenge to the other end of its dialog, which the
    seal in the route names (see DialogSeals). A request within a dialog without such a seal is handled like
    any other, but without `plan`. `timer_c_ms` is timer C (§16.6(11): more than three minutes).

    plan      called with the Request-URI of a request for our domains: [Target], or None for no opinion;
              `plan.leads_out` says whether the Request-URI leads to another network
    policy    called with (caller's name or None for a stranger, Request-URI, whether that is one of ours):
              True, False, or None for no opinion
    edges     {domain: Uri of its registrar, or None for RFC 3263} of the domains that we are an edge proxy of
    trusted   hosts of gateways and registrars: identities that they assert are forwarded (RFC 3325), and no
              other end of a dialog may claim to be at such a host
    Phones with a connection, or with "ob", are reached by the flow that they opened (RFC 5626).
    """

    def __init__(self, endpoint, registrar, record_route: bool = True, timer_c_ms: int = 185_000):
        self.plan = None
        self.policy = None
        self.edges = {}
        self.trusted = ()
        self._seals = DialogSeals(endpoint.random)
        self._tokens = FlowTokens(endpoint.random)
        self.endpoint = endpoint
        self.registrar = registrar
        self.record_route = record_route
        self.timer_c_ms = timer_c_ms
        self.contexts = 0  # requests being forwarded
        endpoint.core = self

    # From the endpoint

    def on_request(self, transaction, now: int) -> None:
        """Handle one request: §16.3 to §16.6."""
        request = transaction.request
        if refuse_unsupported(transaction, now, header="Proxy-Require"):
            return
        if request.max_forwards == 0:
            if request.method == "OPTIONS":
                self._answer_options(transaction, now)  # §16.3(3): we are its target
            else:
                transaction.reply(483, now)
            return
        if loops.looped(request, self.endpoint.local.values()):
            transaction.reply(482, now)
            return
        loop = loops.hash_of(request)
        way = self._take_our_routes(request, (transaction.transport, transaction.source))
        within = way.within
        if way.failed:
            transaction.reply(430, now, "Flow Failed")
            return
        if way.flow is not None:
            # Its Route has our flow token: from our Path, or our Record-Route.
            targets = [Target(request.uri, destination=way.flow[1], transport=way.flow[0])]
            self._forward(transaction, targets, within, loop, now)
            return
        if request.method == "REGISTER":
            self._register(transaction, loop, now)
        elif within or self._allowed(transaction, now):
            self._route(transaction, within, loop, now)

    def _route(self, transaction, within, loop, now):
        """Find the targets of an allowed request (§16.5), and forward it."""
        request = transaction.request
        if not within and self._is_domain(request.uri) and not request.uri.user:
            if request.method == "OPTIONS":
                self._answer_options(transaction, now)
            else:
                transaction.reply(404, now)
            return
        targets = self._targets(request, within)
        if targets:
            self._forward(transaction, targets, within, loop, now)
            return
        known = targets is not None and (self.plan is not None or self.registrar.knows(request.uri.name))
        transaction.reply(480 if known else 404, now)

    def _forward(self, transaction, targets, within, loop, now):
        request = transaction.request
        breadth = _breadth(request)
        if breadth < len([target for target in targets if target.q == targets[0].q]):
            transaction.reply(440, now, "Max-Breadth Exceeded")
            return
        if within:
            if not self._is_trusted(transaction.source):
                borders.strip_identities(request)
            self._consume(request, now)
            self._follow(request, request.from_)
        if request.method == "INVITE":
            transaction.reply(100, now)
        ResponseContext(self, transaction, targets, loop, breadth, within).start(now)

    def on_ack(self, request, source, transport: str, now: int) -> None:
        """Forward the ACK of a 2xx, which belongs to no transaction (§13.2.2.4)."""
        authenticator = self.registrar.authenticator
        if authenticator is not None and authenticator.is_of_challenge(request):
            return
        if request.max_forwards == 0 or loops.looped(request, self.endpoint.local.values()):
            self.endpoint.count("acks_dropped")
            return
        loop = loops.hash_of(request)
        way = self._take_our_routes(request, (transport, source))
        if way.flow is not None:
            targets = [Target(request.uri, destination=way.flow[1], transport=way.flow[0])]
        else:
            targets = (
                self._targets(request, way.within) if way.within or self._may_acknowledge(request) else None
            )
            if not targets:
                self.endpoint.count("acks_dropped")
                return
        target = targets[0]
        ack = self.prepare(request, target, transport)
        self.endpoint.send(ack, now, target.destination, target.transport, self.branch(loop))

    def _may_acknowledge(self, request):
        """Whether an ACK without our seal may go to a user of ours; an ACK cannot be challenged."""
        if request.to.tag is None or not self._is_domain(request.uri):
            return False
        return self.policy is None or self.policy(None, request.uri, True) is not False

    def on_stray_response(self, response, source, now: int) -> None:
        """Drop the response, which the endpoint has counted (RFC 6026)."""

    # For ResponseContext

    def prepare(self, request, target, came_by: str, source=None, breadth: int = 0):
        """A copy of `request`, which came from `source`, for `target`: §16.6 (1) to (5); the endpoint does
        the rest. `breadth` is the Max-Breadth of the copy (RFC 5393 §5.3.3), 0 for none."""
        copy = request.copy()
        copy.uri = target.uri.copy()
        copy.uri.headers = []
        copy.uri.params.pop("method", None)
        hops = request.max_forwards
        copy.set("Max-Forwards", 70 if hops is None else hops - 1)
        if breadth:
            copy.set("Max-Breadth", breadth)
        if self.registrar.authenticator is not None:
            borders.strip_credentials(copy, self.registrar.authenticator.realm)
        for route in reversed(target.routes):
            copy.insert("Route", route)
        if request.method == "REGISTER":
            copy.insert("Path", self._path(request, came_by, source))
        elif self.record_route and request.method in _DIALOG_FORMING:
            self._record(copy, target, came_by, source)
        return copy

    def _record(self, copy, target, came_by, source):
        """Add Record-Route, to stay in the path of the dialog that may begin."""
        outbound = any(contact.uri is not None and "ob" in contact.uri.params for contact in copy.contacts)
        way = copy.routes[0].uri if copy.routes else copy.uri
        leaves_by = target.transport or ("tls" if way.scheme == "sips" else way.transport or "udp")
        seal = self._caller_seal(copy, source)
        ours = self._own_route(
            came_by, copy, seal, source if outbound or came_by != "udp" else None, outbound
        )
        copy.insert("Record-Route", ours)
        # Double Record-Route (RFC 5658): if the transport changes, each side gets an address that it can use;
        # if either side is reached by a flow, each gets a route with its own flow token.
        if leaves_by in self.endpoint.local and (leaves_by != came_by or ours.uri.user or target.keeps_flow):
            flow = target.destination if target.keeps_flow else None
            copy.insert("Record-Route", self._own_route(leaves_by, copy, seal, flow, target.is_outbound))

    def _caller_seal(self, request, source):
        """The seal with which the callee reaches the sender of `request`."""
        hop = hop_behind(
            [route for route in request.record_routes if not self._is_ours(route)], request.contacts
        )
        return self._seals.seal(request, TO_CALLER, self._reachable(hop, source))

    def _is_ours(self, route):
        return PARAMETER in route.uri.params and self._is_own(route.uri)

    def _reachable(self, hop, *ends):
        """`hop`, or None if a dialog may not lead there: to us, or to a gateway that is not in `ends`."""
        if hop in self.endpoint.local.values():
            return None
        if hop is not None and hop[0] in self.trusted and hop[0] not in [end[0] for end in ends if end]:
            return None
        return hop

    def returned(self, context, target, end, response):
        """The response to send upstream for a `response` of `target`, which is at `end`."""
        request = context.server.request
        authenticator = self.registrar.authenticator
        if authenticator is not None and borders.strip_challenges(response, authenticator.realm):
            if response.status in (401, 407):
                # Callers must not answer challenges for our realm that others made.
                self.endpoint.count("challenges_of_others")
                response = context.server.response(403)
        if not self._is_trusted(end):
            binding = target.binding
            borders.strip_identities(response, binding and (lambda uri: self._is_user(uri, binding.aor)))
        if response.get("Record-Route") is not None:
            seal = self._caller_seal(request, context.server.source)
            self._seals.seal_response(request, response, seal, lambda hop: self._reachable(hop, end))
        if context.within and response.status < 300:
            self._follow(response, response.to)
        return response

    def _follow(self, message, end):
        """Take a new remote target of an `end` of a dialog (§12.2)."""
        if message.contacts and end.tag:
            self._seals.move(message.call_id, end.tag, self._reachable(hop_behind((), message.contacts)))

    def _path(self, request, came_by, source):
        """Our Path in a REGISTER for a domain that we are an edge proxy of (RFC 3327, RFC 5626 §5.1)."""
        path = self._own_route(came_by, request)
        if len(request.vias) == 1:
            path.uri.user = self._tokens.token(came_by, source)
            path.uri.params["ob"] = None
        return path

    def branch(self, loop: str) -> str:
        """A unique branch of ours; it ends with the hash `loop`, for loop detection."""
        return COOKIE + self.endpoint.token() + "." + loop

    # Which requests are forwarded

    def _allowed(self, transaction, now):
        """Whether the request may be forwarded (§16.3(6), §22.3); otherwise it is answered here."""
        request = transaction.request
        caller = request.from_.uri
        inward = self._is_domain(request.uri)
        name = caller.name if self._is_domain(caller) else None
        if name is not None and self.registrar.must_authenticate(name):
            if not self._authenticated(transaction, now):
                return False
            proved = True
        else:
            proved = name is not None and self._came_from(name, transaction.source)
        allowed = None if self.policy is None else self.policy(name, request.uri, inward)
        if name is not None and not self.registrar.knows(name):
            allowed = False
        elif not inward and not proved and not self._is_edge(caller, request.uri):
            allowed = False  # no open relay: the caller's name is not proved
        elif inward and not proved and self.plan is not None and self.plan.leads_out(request.uri):
            allowed = allowed is True  # strangers make calls at our expense only if the policy says so
        if allowed is False:
            transaction.reply(403, now)
            return False
        if not self._is_trusted(transaction.source):
            borders.strip_identities(request, (lambda uri: self._is_user(uri, name)) if proved else None)
        self._consume(request, now)
        return True

    def _is_trusted(self, source):
        return source is not None and source[0] in self.trusted

    def _is_user(self, uri, name):
        return uri.name == name and self._is_domain(uri)

    def _consume(self, request, now):
        """Check the credentials in a request, so that nobody downstream can replay them to us."""
        authenticator = self.registrar.authenticator
        for header in CREDENTIALS if authenticator is not None else ():
            authenticator.check(request, header, now)

    def _came_from(self, name, source):
        """Whether the user `name` is registered from the host of `source`."""
        return any(binding.source[0] == source[0] for binding in self.registrar.lookup(name))

    def _is_edge(self, caller, uri):
        """Whether caller and target are in domains that we are only an edge proxy of."""
        return caller.host in self.edges and uri.host in self.edges

    def _register(self, transaction, loop, now):
        request = transaction.request
        if self._is_domain(request.uri):
            self.registrar.register(transaction, now)
        elif request.uri.host not in self.edges:
            transaction.reply(403, now)
        elif "path" not in [option.lower() for option in request.all("Supported")]:
            # Without our Path its calls would not reach the phone.
            response = transaction.response(421)
            response.add("Require", "path")
            transaction.respond(response, now)
        else:
            self._forward(transaction, [self._towards(request.uri)], False, loop, now)

    def _towards(self, uri):
        """The Target for `uri`: by the registrar of its domain if we are its edge proxy, else `uri`."""
        upstream = self.edges.get(uri.host)
        if upstream is None:
            return Target(uri)
        upstream = upstream.copy()
        upstream.params["lr"] = None
        if uri.scheme == "sips":
            upstream.scheme = "sips"
            upstream.params.pop("transport", None)
        return Target(uri, routes=[NameAddr(upstream)])

    def _authenticated(self, transaction, now):
        request = transaction.request
        authenticator = self.registrar.authenticator
        user, stale = authenticator.check(request, "Proxy-Authorization", now)
        if user is not None and user == request.from_.uri.name:
            borders.strip_credentials(request, authenticator.realm)
            return True
        if user is None:
            authenticator.demand(transaction, 407, stale, now)
        else:
            transaction.reply(403, now)
        return False

    def _answer_options(self, transaction, now):
        response = transaction.response(200)
        response.add("Allow", _ALLOW)
        response.add("Accept", SDP)
        transaction.respond(response, now)

    # Targets

    def _is_domain(self, uri):
        """Whether `uri` is in a domain of the registrar, or our own address; a tel URI is ours."""
        if uri.scheme == "tel" or self._is_own(uri):
            return True
        ports = [port for _, port in self.endpoint.local.values()]
        return uri.host in self.registrar.domains and (uri.port is None or uri.port in ports)

    def _is_own(self, uri):
        port = uri.port or default_port(uri.scheme == "sips" or uri.transport == "tls")
        return (uri.host, port) in self.endpoint.local.values()

    def _take_our_routes(self, request, came_by):
        """Remove our routes (§16.4), and return their Way; `came_by` is the flow of the request itself."""
        ours = []
        routes = request.routes
        if routes and request.uri.lr and self._is_own(request.uri):
            # A strict router upstream put our Record-Route into the Request-URI, the target last in Route.
            ours.append(request.uri)
            request.uri = routes[-1].uri
            request.remove("Route")
            for route in routes[:-1]:
                request.add("Route", route)
        while request.routes and self._is_domain(request.routes[0].uri):
            ours.append(request.routes[0].uri)
            request.pop("Route")
        return self._way_ahead(ours[-1], request, came_by) if ours else Way()

    def _way_ahead(self, route, request, came_by):
        """The Way of our last `route`, which is that of the side that the request goes to."""
        seal = route.params.get(PARAMETER)
        named = self._tokens.flow(route.user)
        if named is None and self._seals.is_sealed(seal, request):
            named = self._tokens.flow(route.user, request.call_id)
        if named is not None and named != came_by:
            # If the phone has a new flow since then, that one is used.
            flow = self._new_flow(request.uri)
            if flow is None and (named[0] == "udp" or self.endpoint.is_connected(named[1])):
                flow = named
            if flow is not None or "ob" in route.params:
                # Without a flow: failed if the phone asked for "ob" (RFC 5626 §5.3), else to its Contact.
                return Way(flow is not None, flow, flow is None)
        ahead = request.routes[0].uri if request.routes else request.uri
        return Way(self._seals.allows(seal, request, hop_of(ahead)))

    def _new_flow(self, uri):
        """The current flow of a phone of ours that is registered with this Contact."""
        for binding in self.registrar.lookup(uri.name):
            if (binding.uri.host, binding.uri.port) == (uri.host, uri.port):
                if binding.transport == "udp" or self.endpoint.is_connected(binding.source):
                    return binding.transport, binding.source
        return None

    def _targets(self, request, within):
        """The targets (§16.5): the Request-URI itself if it is not ours, or is an end of the dialog; None for
        an unknown user."""
        uri = request.uri
        if within or not self._is_domain(uri):
            return [self._towards(uri)]
        if request.to.tag:
            # Within a dialog no plan applies; a user answers 481 if the dialog is not its own.
            return self.targets_of(uri) if self.registrar.knows(uri.name) else None
        planned = None if self.plan is None else self.plan(uri)
        if planned is not None:
            return [each for each in planned if uri.scheme != "sips" or each.uri.scheme == "sips"]
        return self.targets_of(uri) if self.registrar.knows(uri.name) else None

    def targets_of(self, uri, q=None) -> list:
        """The targets of the user in `uri`, the most preferred first; all get `q` if given."""
        targets, phones = [], {}
        for binding in self.registrar.lookup(uri.name):
            target = self._target(binding, uri, binding.q if q is None else q)
            if target is None:
                continue
            phone = binding.flow and binding.flow[0]
            if phone in phones and phone is not None:
                phones[phone].others.append(target)  # another flow to the same phone (RFC 5626 §7)
            else:
                phones[phone] = target
                targets.append(target)
        return targets

    def _target(self, binding, uri, q):
        """The Target of a binding; None if it cannot be reached."""
        contact = binding.uri
        if uri.scheme == "sips" and not all(_is_secure(text) for text in [str(contact)] + binding.path):
            return None  # RFC 5630 §5.3: only targets with TLS on every hop
        if uri.scheme == "sip" and contact.scheme == "sips":
            contact = contact.copy()
            contact.scheme = "sip"
        if binding.path:
            return Target(contact, q, routes=binding.path, binding=binding)
        if binding.transport != "udp" and self.endpoint.is_connected(binding.source):
            # The phone may be reachable only by the connection that it opened.
            return Target(contact, q, binding.source, binding.transport, binding=binding)
        if binding.flow is not None:
            if binding.transport != "udp":
                return self.registrar.drop(binding)
            return Target(contact, q, binding.source, binding.transport, binding=binding)
        if contact is not binding.uri:
            return Target(contact, q, next_hop(binding.uri), "tls", binding=binding)
        return Target(contact, q, binding=binding)

    def _own_route(self, transport, request, seal=None, flow=None, outbound=False):
        """Our route for the side with `transport`; with a token if that side is reached by a `flow`, with
        "ob" if `outbound`: by that flow only."""
        host, port = self.endpoint.local[transport]
        uri = Uri("sips" if request.uri.scheme == "sips" and transport == "tls" else "sip", host, port=port)
        if flow is not None:
            uri.user = self._tokens.token(transport, flow, request.call_id)
            if outbound:
                uri.params["ob"] = None
        if transport != "udp" and uri.scheme == "sip":
            uri.params["transport"] = transport
        uri.params["lr"] = None
        if seal is not None:
            uri.params[PARAMETER] = seal
        return NameAddr(uri)


def _is_secure(text):
    return text.lstrip("<")[:5].lower() == "sips:"


def _breadth(request):
    """The Max-Breadth of a request (RFC 5393 §5.3.2); raises ParseError."""
    text = request.get("Max-Breadth")
    return MAX_BREADTH if text is None else min(number(text, "Max-Breadth"), MAX_BREADTH)
