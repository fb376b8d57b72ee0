"""Registration: keeps one Contact bound to an AOR at its registrar (RFC 3261 §10.2, RFC 5626 §4.5)."""

from compat import const, is_digits, ticks_add, ticks_diff
from sip.agent import renewal
from sip.agent.client_request import ClientRequest
from sip.agent.trust import place
from sip.events import REFUSED, LocalError, RegistrationChanged
from sip.syntax import grammar, headers, uri
from sip.syntax.headers import CSeq, NameAddr
from sip.syntax.uri import Uri

_ROUTES = const(8)  # entries of a Service-Route
_BINDINGS = const(16)  # bindings that are kept from a 200
_FAIL_BACK_MS = const(300_000)  # after this time the first registrar is tried again
_DOUBT_MS = const(60_000)  # `doubt` registers again no more often than this
_CHECK_MS = const(45_000)  # between two checks that the server still has our binding
_UNUSABLE = (408, 500, 502, 503, 504)  # statuses after which a backup registrar is tried


class Registration:
    """Made by `UserAgent.register`.

    account      the Account
    state        "registering" "registered" "failed" "unregistered"
    status       of the latest response: 200, 403, 408 (no answer), 503 (not reachable) …; 0 before any
    reason       the status phrase
    trouble      words for people: why the latest REGISTER could not be sent; "" if it was, or unknown
    contact      the Uri that is bound, with the address that the registrar saw
    retry_at     tick of the next attempt after a failure, or None
    bindings     [(Uri, seconds)] of the AOR, as of the last 200
    date         value of the Date in that 200 (RFC 3261 §20.17), or None; sets the phone's clock
    busy         whether a REGISTER waits for its response
    service_route  [NameAddr] that requests of the account take first (RFC 3608)
    gruu         the public GRUU, which reaches this phone only (RFC 5627), or None
    servers      addresses of its registrar, or the proxy before it: see ClientRequest.servers
    outbound     whether the registrar supports outbound, so that requests use our flow (RFC 5626)
    backup       the Uri of the backup registrar that we are registered with, None with the first
    """

    def __init__(self, user_agent, account):
        self.account = account
        self.state = "unregistered"
        self.status = 0
        self.reason = self.trouble = ""
        self.contact = self._local = user_agent.local_contact(account)
        self.retry_at = None
        self.bindings = []
        self.date = None
        self.service_route = []
        self.gruu = None
        self.servers = []
        self.outbound = False
        self.backup = None
        self._server = 0  # 0: the registrar, else one of the account's backups
        self._fail_back = 0
        self._bound = 0  # tick of the latest 2xx
        self._flow = None
        self._user_agent = user_agent
        self._endpoint = user_agent.endpoint
        uri = account.registrar or Uri(account.aor.scheme, account.aor.host, port=account.aor.port)
        # All REGISTERs of an AOR share From tag and Call-ID, and their CSeq increases (§10.2).
        self._request = user_agent.initial_request(account, "REGISTER", uri, account.aor)
        self._sequence = 0
        self.busy = False
        self._client_request = None
        self._timer = None
        self._check = None  # Timer
        self._reached = None  # whether the last check reached us; None before any
        self._failures = self._refusals = 0
        self._expires = account.expires
        self._replaced = None  # an earlier Contact, to be removed
        self._learned = False  # whether `contact` was corrected in this attempt
        self._wanted = True
        self._renewing = False  # `renew` was called while `busy`

    def __repr__(self):
        return "<Registration %s %s>" % (self.account.aor, self.state)

    def start(self, now: int) -> None:
        """Send the first REGISTER. Called by the user agent, once."""
        self._change("registering")
        self._register(now)

    def renew(self, now: int) -> None:
        """Register at once with our current address, after the network came back or changed."""
        if not self._wanted:
            return
        local = self._user_agent.local_contact(self.account)
        if self.busy and local == self._local:
            self._renewing = True
            return
        if self.busy:
            # Its response would go to our old address.
            self._sequence = max(self._sequence, self._client_request.request.cseq.number)
        self._renewing = False
        self._leave_flow()
        if local != self._local:
            self._replaced = self.contact
            self.contact = self._local = local
        self._endpoint.timers.stop(self._timer)
        self._failures = self._refusals = self._server = 0
        self.retry_at = None
        self._learned = False
        if self.state != "registered":
            self._change("registering")
        self._register(now)

    def unregister(self, now: int) -> None:
        """Remove the binding; RegistrationChanged with state "unregistered" follows any response."""
        if not self._wanted:
            return
        self._wanted = False
        self.retry_at = None
        self._leave_flow()
        self._endpoint.timers.stop(self._timer)
        # A REGISTER under way is completed first: two at once are not allowed (§10.2).
        if not self.busy:
            self._remove(now)

    def fetch(self, now: int) -> None:
        """Fetch the bindings of the AOR (§10.2.3); RegistrationChanged follows.

        LocalError while another REGISTER waits for its response.
        """
        if self.busy:
            raise LocalError("a REGISTER waits for its answer")
        self._send([], now)

    def doubt(self, now: int) -> None:
        """Register again, once a minute at most: the registrar may have lost our binding."""
        if self.state == "registered" and not self.busy and ticks_diff(now, self._bound) >= _DOUBT_MS:
            self._endpoint.timers.stop(self._timer)
            self._register(now)

    def on_timer(self, name: str, now: int) -> None:
        if name == "check":
            # A proxy with our binding sends us an OPTIONS to our own AOR (RFC 3261 §11).
            if self._user_agent.sessions:
                # No check in a call: it makes 35 KB of garbage.
                self._check_later(now)
            elif self.state == "registered" and self._wanted and not self.busy:
                request = self._user_agent.initial_request(self.account, "OPTIONS", self.account.aor)
                ClientRequest(self._user_agent, self.account, request, self._on_asked, now)
            return
        if self.busy:
            # A `fetch` is under way.
            self._start_timer(1000, now)
            return
        if self._server and ticks_diff(now, self._fail_back) >= 0:
            self._server = 0
        self.retry_at = None
        self._learned = False
        self._register(now)

    def _register(self, now):
        contacts = [(self.contact, self._expires)]
        if self._replaced is not None:
            contacts.append((self._replaced, 0))
        self._send(contacts, now)

    def _remove(self, now):
        contacts = [self.contact] if self._replaced is None else [self.contact, self._replaced]
        self._send([(contact, 0) for contact in contacts], now)

    def _send(self, contacts, now):
        request = self._request.copy()
        if self._server:
            request.uri = self.account.backups[self._server - 1]
            request.remove("Route")
        self._sequence += 1
        request.set("CSeq", CSeq(self._sequence, "REGISTER"))
        for contact, expires in contacts:
            address = NameAddr(contact)
            address.params["expires"] = str(expires)
            if self._user_agent.instance is not None:
                address.params["+sip.instance"] = '"<' + self._user_agent.instance + '>"'
                if contact is self.contact:
                    address.params["reg-id"] = "1"
            if contact is self.contact and expires:
                from sip.agent.capabilities import feature_tags

                for name, value in feature_tags(self._user_agent):
                    address.params[name] = value
            request.add("Contact", address)
        if contacts:
            request.add("Supported", self._supported())
        self.busy = True
        self._client_request = ClientRequest(self._user_agent, self.account, request, self._on_response, now)

    def _supported(self):
        if self._user_agent.instance is None:
            return "path"
        return "path, outbound, gruu" if self.account.gruu else "path, outbound"

    def _on_response(self, client_request, response, now):
        if response.status < 200 or client_request is not self._client_request:
            return
        self.busy = False
        self._sequence = client_request.request.cseq.number
        self.servers = client_request.servers or self.servers
        if not self._wanted:
            self._leave(client_request, response, now)
        else:
            try:
                self._take(client_request, response, now)
            except grammar.ParseError:
                self._endpoint.count("malformed_response")
                self._fail(500, "Malformed Response", 0, now)
            if self._renewing and not self.busy:
                self.renew(now)
        if not self.busy:
            self._client_request = None  # frees 3 KB of heap

    def _take(self, client_request, response, now):
        status = response.status
        least = renewal.lengthened(response, self._expires) if status == 423 else 0
        if least:
            self._expires = least
            self._register(now)
        elif status >= 300:
            self._fail(status, response.reason, renewal.retry_after(response), now)
        else:
            self.bindings = _bindings(response)
            self.date = response.get("Date")
            if not client_request.request.contacts:
                self._change(self.state)
            elif self._learn(response):
                self._register(now)
            else:
                self._succeed(client_request, response, now)

    def _leave(self, client_request, response, now):
        """A response after `unregister` was called."""
        contacts = client_request.request.contacts
        if contacts and contacts[0].expires == 0:
            self.status = response.status
            self.reason = response.reason
            self._change("unregistered")
            self._user_agent.forget(self)
        else:
            self._remove(now)

    def _succeed(self, client_request, response, now):
        granted = self._granted(response)
        self._bound = now
        if granted == 0:
            self._fail(response.status, "No Binding", 0, now)
            return
        self._failures = self._refusals = 0
        self.backup = self.account.backups[self._server - 1] if self._server else None
        self._replaced = None
        self.status = response.status
        self.reason = response.reason
        routes = response.all("Service-Route")[:_ROUTES]
        self.service_route = [headers.parse_route(text) for text in routes]
        self.outbound = "outbound" in [option.lower() for option in response.all("Require")]
        self.gruu = self._given_gruu(response)
        for route in self.service_route:
            self.servers.append(place(route.uri, self.account))
        self._keep_flow(client_request, response, now)
        if self._flow is not None and self._flow.transport == "udp" and not self.outbound:
            # Over UDP only a check notices that the server restarted, or cannot be reached.
            self._check_later(now)
        wait = renewal.refresh_ms(granted, self._user_agent.below)
        self._start_timer(min(wait, _FAIL_BACK_MS) if self._server else wait, now)
        self._change("registered")

    def _keep_flow(self, client_request, response, now):
        """Keep the flow to the registrar alive (RFC 5626 §4.4)."""
        transport, destination = client_request.flow
        flow = self._flow
        if flow is not None and (flow.transport, flow.destination) == (transport, destination):
            return
        self._leave_flow()
        if destination is None or not self._user_agent.keeps_alive:
            return
        from sip.keep_alive import KeepAlive

        timer = response.get("Flow-Timer") or ""
        seconds = int(timer) if is_digits(timer, 6) and 10 <= int(timer) <= 3600 else None
        self._flow = KeepAlive(
            self._endpoint, transport, destination, seconds, self.outbound, self._on_flow_lost
        )
        self._flow.start(now)

    def _leave_flow(self):
        self._reached = None
        if self._flow is not None:
            self._flow.stop()
            self._flow = None

    def _check_later(self, now):
        self._endpoint.timers.stop(self._check)  # a refresh may have started it
        self._check = self._endpoint.timers.start(_CHECK_MS, self, "check", now)

    def _on_asked(self, client_request, response, now):
        status = response.status
        if status < 200 or self.state != "registered" or self.busy or not self._wanted:
            return
        before, self._reached = self._reached, status not in (404, 408, 480, 503)
        if not self._reached and (before or before is not None and status in (408, 503)):
            # Earlier checks reached us, this one did not.
            self._reached = None
            self._endpoint.timers.stop(self._timer)
            self._register(now)
        elif before is not None or status not in (408, 503):  # else the server does not support the check
            self._check_later(now)

    def _on_flow_lost(self, now):
        """Register over a new flow, after a random delay: not all phones at once (RFC 5626 §4.5)."""
        self._flow = None
        if self._wanted and not self.busy and self.state == "registered":
            self._start_timer(self._user_agent.below(2000), now)

    def _given_gruu(self, response):
        """The public GRUU of our Contact, if it is in our AOR's domain (RFC 5627 §4.2)."""
        for contact in self._ours(response):
            text = contact.params.get("pub-gruu")
            if text:
                try:
                    found = uri.parse(grammar.unquote(text))
                except grammar.ParseError:
                    return None
                if "gr" in found.params and found.host == self.account.aor.host:
                    return found
        return None

    def _ours(self, response):
        """The Contacts of a 200 that may be our binding; some registrars rewrite its URI.

        Matched by URI, else by +sip.instance; else any Contact may be ours, whatever its user or host.
        """
        listed = [contact for contact in response.contacts if contact.uri is not None]
        instance = self._user_agent.instance or "-"
        for is_ours in (
            lambda contact: contact.uri == self.contact,
            lambda contact: instance in (contact.params.get("+sip.instance") or ""),
        ):
            found = [contact for contact in listed if is_ours(contact)]
            if found:
                return found
        return listed

    def _granted(self, response):
        """Seconds for which our Contact is bound (§10.2.4): the shortest interpretation of the 200."""
        ours = self._ours(response)
        lives = [contact.expires for contact in ours if contact.expires is not None]
        if lives and (not any(lives) or ours[0].uri == self.contact):
            return min(lives)  # `expires` of our own Contact overrides the Expires header
        lives.append(renewal.granted(response, self._expires))
        return min([life for life in lives if life] or [0])

    def _learn(self, response):
        """Set our Contact to the address that the registrar saw; returns whether to register again.

        Over TCP the registrar saw the port of our connection, which is useful only behind a NAT.
        """
        via = response.via
        local = self._user_agent.local_contact(self.account)
        if self._learned or via.transport.lower() != (self.account.transport or "udp"):
            return False
        host = via.received or via.host
        try:
            port = via.rport or via.port or uri.default_port(via.transport == "TLS")
            if ":" in host:
                grammar.ipv6(host)
            else:
                grammar.ipv4(host)
        except grammar.ParseError:
            return False  # not an address: the Contact stays
        if host == local.host and self.account.transport not in (None, "udp"):
            port = local.port
        if (host, port) == (self.contact.host, self.contact.port):
            return False
        self._learned = True
        self._replaced = self.contact
        self.contact = self.contact.copy()
        self.contact.host = host
        self.contact.port = port
        return True

    def _fail(self, status, reason, retry_after, now):
        """Try the next registrar, or try again after the wait of RFC 5626 §4.5, or the longer Retry-After.

        Where connections are refused, the first attempts follow soon: they cost a server nothing.
        """
        if status in _UNUSABLE and self._server < len(self.account.backups):
            self._fail_back = ticks_add(now, _FAIL_BACK_MS)
            self._server += 1
            self._register(now)
            return
        self._server = 0
        self.status = status
        self.reason = reason
        self.trouble = self._client_request.trouble
        if self.trouble == REFUSED and self._refusals < renewal.QUICK:
            self._refusals += 1
            wait = renewal.quick_ms(self._refusals, self._user_agent.below)
        else:
            self._failures += 1
            wait = renewal.retry_ms(self._failures, retry_after, self._user_agent.below)
        self.retry_at = ticks_add(now, wait)
        self._start_timer(wait, now)
        self._change("failed")

    def _start_timer(self, ms, now):
        self._endpoint.timers.stop(self._timer)
        self._timer = self._endpoint.timers.start(ms, self, "register", now)

    def _change(self, state):
        self.state = state
        self._endpoint.emit(RegistrationChanged(self))


def _bindings(response):
    found = []
    for contact in response.contacts[:_BINDINGS]:
        if contact.uri is not None:
            expires = contact.expires
            found.append((contact.uri, (response.expires or 0) if expires is None else expires))
    return found
