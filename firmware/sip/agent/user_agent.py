"""The user agent core (RFC 3261 §8): passes requests to their usages; starts calls and registrations.

The modules for calls are loaded with the first call.
"""

from sip.agent.body import ACCEPT, takes_sdp, unreadable
from sip.agent.capabilities import ALLOW, EXTENSIONS, METHODS, SUPPORTED
from sip.agent.dialog import Dialog, key_of, request_uri
from sip.agent.registration import Registration
from sip.agent.trust import Trust
from sip.endpoint import refuse_unsupported
from sip.events import LocalError
from sip.limits import SESSIONS
from sip.syntax.headers import SDP, CSeq, NameAddr, parse_valued
from sip.syntax.message import Request, Response
from sip.syntax.uri import Uri, same_user

# Requests outside of any dialog that a module of their own handles, loaded with the first request: its
# `receive(user_agent, transaction, account, now)`.
_LOADED = {
    "NOTIFY": "event.unsolicited",
    "SUBSCRIBE": "event.notifier",
    "MESSAGE": "event.instant_message",
    "REFER": "call.refer",
}
# Statuses (408: no answer) from a server that may have lost our binding.
_OF_STRANGERS = {"INVITE": (403, 404, 408), "SUBSCRIBE": (403, 404, 408, 481)}
_REFRESHING = ("INVITE", "UPDATE", "REFER", "NOTIFY", "SUBSCRIBE")  # with a Contact, both ways


class UserAgent:
    """The core of `endpoint` for a phone. Its events are in `endpoint.events()`: see events.py.

    accounts         the accounts that it answers for, in the order in which they were added
    registrations    the active Registrations
    sessions         the active Sessions, in the order in which they began
    max_sessions     a further INVITE is answered 486
    trust            its trust.Trust, with `strangers`: which requests are handled
    instance         URN of this phone for +sip.instance (RFC 5626 §4.1), or None
    device           User-Agent (§20.41) of REGISTER; None: `product`, as in all other requests
    click_to_dial    whether the server of an account may have us dial, by a REFER
    keeps_alive      whether the flow to each registrar is kept alive (RFC 5626 §4.4)
    idle             whether no session is active and no REGISTER waits for its response
    """

    def __init__(
        self,
        endpoint,
        product: str = "Bakelite",
        *,
        max_sessions: int = SESSIONS,
        codecs=("PCMU", "PCMA"),
        instance: "str | None" = None,
        keeps_alive: bool = False,
        strangers: "str | None" = None,
    ):
        self.endpoint = endpoint
        self.product = product
        self.max_sessions = max_sessions
        self.codecs = codecs
        self.instance = instance
        self.keeps_alive = keeps_alive
        self.click_to_dial, self.device = False, None
        self.accounts = []
        self.registrations = []
        self.sessions = []
        self.subscriptions = []  # in which others notify us
        self.notifier = None  # sip.event.notifier.Notifier, once somebody may subscribe to us
        self._by_dialog = {}
        self.trust = Trust(self, strangers)
        endpoint.core = self
        endpoint.hears = self.trust.hears
        endpoint.server_header = endpoint.server_header or product

    def add(self, account) -> None:
        """Answer calls for `account` without registering it (`register` and `invite` add it too)."""
        if account not in self.accounts:
            self.accounts.append(account)

    def register(self, account, now: int) -> Registration:
        """Bind our Contact to the account's AOR and keep it bound; returns the Registration.

        LocalError when the account has a registration, or while we have no address.
        """
        if self.registration_of(account) is not None:
            raise LocalError("the account has a registration")
        registration = Registration(self, account)
        self.add(account)
        self.registrations.append(registration)
        registration.start(now)
        return registration

    def invite(
        self, account, target, media, now: int, late_offer: bool = False, anonymous: bool = False, extra=()
    ):
        """Call `target` (Uri) with the Capabilities `media`; returns the Session in state "calling".

        With `late_offer` the INVITE has no offer: the peer makes one in the 2xx. With `anonymous` our server
        is asked to withhold our identity (RFC 3323, RFC 3325). `extra` are more headers, [(name, value)].
        LocalError when `max_sessions` are active, or while we have no address.
        """
        if len(self.sessions) >= self.max_sessions:
            raise LocalError("%d sessions live" % len(self.sessions))
        from sip.call.caller import Caller

        session = Caller(self, account, target, media, late_offer, now, anonymous=anonymous, extra=extra)
        self.add(account)
        self.sessions.append(session)
        return session

    def shutdown(self, now: int) -> None:
        """End all sessions and remove all bindings. The caller runs the endpoint until `idle`."""
        for session in list(self.sessions):
            try:
                session.end(now)
            except LocalError:
                pass  # already ending
        for registration in list(self.registrations):
            registration.unregister(now)
        for subscription in list(self.subscriptions):
            subscription.unsubscribe(now)
        if self.notifier is not None:
            self.notifier.shutdown(now)

    @property
    def idle(self) -> bool:
        return not self.sessions and not any(each.busy for each in self.registrations)

    # For sessions and registrations

    def registration_of(self, account) -> "Registration | None":
        for registration in self.registrations:
            if registration.account is account:
                return registration
        return None

    def contact(self, account, secure: bool = False):
        """The Uri at which `account` is reached; `secure`: a sips: URI if possible, so TLS on every hop."""
        registration = self.registration_of(account)
        if registration is not None and account.gruu and registration.gruu:
            return registration.gruu
        contact = self.local_contact(account) if registration is None else registration.contact.copy()
        if registration is not None and registration.outbound:
            # Requests in the dialog shall use the flow of the registration (RFC 5626 §4.3).
            contact.params["ob"] = None
        if secure and contact.scheme == "sip" and "tls" in self.endpoint.local:
            contact.scheme = "sips"  # RFC 5630 §5.1.1.1
            if contact.params.pop("transport", None) is None:
                contact.host, contact.port = self.endpoint.local["tls"]
        return contact

    def local_contact(self, account):
        """The Uri at which `account` would be reached without NATs and proxies.

        LocalError while we have no address.
        """
        local = self.endpoint.local
        transport = account.transport if account.transport in local else "udp"
        if transport not in local:
            raise LocalError("no address yet")
        uri = Uri(account.aor.scheme, local[transport][0], user=account.aor.user, port=local[transport][1])
        if transport != "udp" and uri.scheme == "sip":
            uri.params["transport"] = transport
        return uri

    def next_id(self) -> int:
        """The smallest free session id."""
        used = [session.id for session in self.sessions]
        identifier = 1
        while identifier in used:
            identifier += 1
        return identifier

    def number(self) -> str:
        """A random number as a string, for SDP's session identifier."""
        return str(int.from_bytes(self.endpoint.random(4), "big"))

    def below(self, limit: int) -> int:
        """A random number from 0 to `limit` - 1."""
        return int.from_bytes(self.endpoint.random(4), "big") % limit

    def initial_request(self, account, method: str, uri, to=None) -> Request:
        """A request outside of any dialog (§8.1.1); `to` is the URI in To if it is not the Request-URI."""
        request = Request(method, account.aimed(request_uri(uri)))
        for route in self._first_routes(account, method):
            request.add("Route", route)
        local = NameAddr(account.aor, account.display_name)
        local.params["tag"] = self.endpoint.token()
        request.add("From", local)
        request.add("To", NameAddr(to or uri))
        request.add("Call-ID", self.endpoint.token(16))
        request.add("CSeq", CSeq(1, method))
        self._describe(request, account)
        return request

    def hide(self, request, account) -> None:
        """Make an initial request anonymous; a trusted server still gets our identity (RFC 3325 §6)."""
        from sip.agent.identity import anonymous

        local = anonymous()
        local.params["tag"] = request.from_.tag
        request.set("From", local)
        request.add("Privacy", "id")
        if self.trusts(account):
            request.add("P-Preferred-Identity", NameAddr(account.aor, account.display_name))

    def encryption_of(self, account, target):
        """The Encryption that a call of `account` to `target` (Uri) may use: sip.call.encryption.policy."""
        routes = self._first_routes(account, "INVITE")
        way = routes[0].uri if routes else target
        return _encryption(account, way.scheme == "sips" or (way.transport or account.transport) == "tls")

    def trusts(self, account) -> bool:
        """Whether identities asserted to `account` come from a server of its own (RFC 3325 §3)."""
        return account.proxy is not None or self.registration_of(account) is not None

    def note_failure(self, account, method: str, status: int, now: int) -> None:
        """A request of ours was refused; some statuses mean that the server may have lost our binding."""
        registration = self.registration_of(account)
        if registration is not None and status in _OF_STRANGERS.get(method, ()):
            registration.doubt(now)

    def is_from_server(self, account, transaction) -> bool:
        """Whether a request came from the registrar or outbound proxy of `account`: see Trust.is_server."""
        return self.trust.is_server(transaction.source, account)

    def _first_routes(self, account, method):
        """The Routes of an initial request: outbound proxy, then the Service-Route (RFC 3608 §6.1)."""
        registration = self.registration_of(account)
        proxy = registration and registration.backup or account.proxy
        routes = [_loose(proxy)] if proxy is not None else []
        if registration is None or method == "REGISTER" or not registration.service_route:
            return routes
        first = registration.service_route[0].uri
        if routes and (first.host, first.port) == (proxy.host, proxy.port):
            routes = []
        return routes + registration.service_route

    def dialog_request(self, dialog, method: str, account, body: bytes = b"") -> Request:
        """The next request in `dialog`; `body` is SDP, or empty."""
        request = dialog.request(method)
        self._describe(request, account)
        if body:
            request.add("Content-Type", SDP)
            request.body = body
        return request

    def _describe(self, request, account):
        if request.method in _REFRESHING:
            request.add("Contact", NameAddr(self.contact(account, request.uri.scheme == "sips")))
            request.add("Supported", SUPPORTED)
        if request.method in ("INVITE", "UPDATE", "REGISTER"):
            request.add("Allow", ALLOW)
            self._add_events(request)
        request.add("User-Agent", request.method == "REGISTER" and self.device or self.product)

    def response(self, transaction, status: int, account, body: bytes = b"") -> Response:
        """Our response to INVITE, UPDATE, PRACK, OPTIONS …; `body` is SDP, or empty (§12.1.1, §13.3.1)."""
        request = transaction.request
        response = transaction.response(status)
        if request.method in ("INVITE", "SUBSCRIBE") and status < 300:
            for value in request.all("Record-Route"):
                response.add("Record-Route", value)
        if request.method in _REFRESHING and status < 300:
            response.add("Contact", NameAddr(self.contact(account, request.uri.scheme == "sips")))
        if 200 <= status < 300 and request.method != "SUBSCRIBE":
            response.add("Allow", ALLOW)
            self._add_events(response)
            response.add("Accept", ACCEPT)
            response.add("Supported", SUPPORTED)
        if body:
            response.add("Content-Type", SDP)
            response.body = body
        return response

    def _add_events(self, message):
        """Add Allow-Events: the event packages that we notify of (RFC 6665 §8.2.2)."""
        if self.notifier is not None and self.notifier.names:
            message.add("Allow-Events", ", ".join(self.notifier.names))

    def refuse(self, transaction, status: int, now: int, headers=()) -> None:
        """Answer a request with `status` and `headers`, [(name, value)]."""
        response = transaction.response(status)
        for name, value in headers:
            response.add(name, value)
        transaction.respond(response, now)

    def refuse_too_short(self, transaction, now: int) -> bool:
        """Answer 422 if the Session-Expires is too short (RFC 4028 §8.1); returns whether it was."""
        if transaction.request.get("Session-Expires") is None:
            return False
        from sip.call.session_timer import MIN_SE, too_short

        if not too_short(transaction.request):
            return False
        self.refuse(transaction, 422, now, [("Min-SE", MIN_SE)])
        return True

    def bind(self, dialog, session) -> None:
        """Pass requests in `dialog` to `session` from now on."""
        self._by_dialog[dialog.key] = (dialog, session)

    def dialog_of(self, key) -> tuple:
        """(Dialog, Session) of the `Dialog.key` `key`; (None, None) if there is none."""
        return self._by_dialog.get(key, (None, None))

    def is_subscribed(self, key) -> bool:
        """Whether a subscription, ours or a peer's, has the Call-ID and local tag of `key`."""
        subscriptions = self.subscriptions
        if self.notifier is not None:
            subscriptions = subscriptions + self.notifier.subscriptions
        return any(each.is_of(key) for each in subscriptions)

    def unbind(self, dialog) -> None:
        self._by_dialog.pop(dialog.key, None)

    def forget(self, usage) -> None:
        """Drop a Session or Registration that has ended."""
        if usage in self.registrations:
            self.registrations.remove(usage)
            return
        if usage in self.sessions:
            self.sessions.remove(usage)
        for key in [key for key, (_, session) in self._by_dialog.items() if session is usage]:
            del self._by_dialog[key]

    # From the endpoint

    def on_request(self, transaction, now: int) -> None:
        """A request came (§8.2). Raises ParseError, which the endpoint answers 400."""
        request = transaction.request
        if request.method not in METHODS:
            self.refuse(transaction, 405, now, [("Allow", ALLOW)])
            return
        if refuse_unsupported(transaction, now, EXTENSIONS):
            return
        trouble = unreadable(request)
        if trouble is not None:
            self.refuse(transaction, 415, now, [trouble])
        elif request.to.tag is not None:
            self._on_request_in_dialog(transaction, request, now)
        elif request.method in ("BYE", "UPDATE", "PRACK", "INFO"):
            self.refuse(transaction, 481, now)
        else:
            account = self.account_of(request) or self._account_served(transaction)
            if account is None:
                self.refuse(transaction, 404, now)
            elif request.method == "INVITE":
                self._on_invite(transaction, request, account, now)
            elif request.method in _LOADED:
                _module(_LOADED[request.method]).receive(self, transaction, account, now)
            else:
                self._on_options(transaction, request, account, now)

    def _on_request_in_dialog(self, transaction, request, now):
        key = key_of(request)
        dialog, session = self.dialog_of(key)
        if request.method == "NOTIFY":
            self._on_notify(transaction, key, now)
        elif request.method == "SUBSCRIBE":
            _module("event.notifier").receive_refresh(self, transaction, key, now)
        elif session is None:
            self.refuse(transaction, 481, now)
        elif not dialog.in_order(request):
            self.refuse(transaction, 500, now)
        elif request.method == "INVITE":
            session.renegotiation.on_invite(transaction, now)
        elif request.method == "BYE":
            transaction.reply(200, now)
            session.step("bye", now, request)
        elif request.method == "UPDATE":
            session.renegotiation.on_update(transaction, dialog, now)
        elif request.method == "REFER":
            from sip.call.transfer import receive_refer

            receive_refer(session, self, transaction, now)
        elif request.method == "PRACK":
            session.on_prack(transaction, now)
        elif request.method == "INFO":
            _module("call.info").receive(self, transaction, session, now)
        elif request.method == "MESSAGE":
            _module("event.instant_message").receive(self, transaction, session.account, now)
        else:
            self._on_options(transaction, request, session.account, now)

    def _on_notify(self, transaction, key, now):
        """Pass a NOTIFY to its subscription (of any usage), or else to the call of its dialog."""
        event = parse_valued(transaction.request.get("Event") or "")
        for subscription in self.subscriptions:
            if subscription.take(transaction, key, event, now):
                return
        dialog, session = self.dialog_of(key)
        if session is None:
            self.refuse(transaction, 481, now)
        else:
            _module("call.remote_control").receive(self, transaction, dialog, session, now)

    def _on_options(self, transaction, request, account, now):
        """Answer an OPTIONS as an INVITE would be (§11.2)."""
        busy = request.to.tag is None and len(self.sessions) >= self.max_sessions
        response = self.response(transaction, 486 if busy else 200, account)
        response.add("Accept-Encoding", "identity")
        response.add("Accept-Language", "en")
        transaction.respond(response, now)

    def _on_invite(self, transaction, request, account, now):
        if self.endpoint.is_merged(transaction):
            self.refuse(transaction, 482, now)
            return
        dialog = Dialog.of_request(request, transaction.to_tag)
        replaced = None
        if request.get("Replaces") is not None or request.get("Join") is not None:
            from sip.call.replaces import find

            replaced, status = find(self, request)
            if replaced is not None and not self.trust.may_replace(transaction, account, replaced):
                status = 403
            if status:
                self.refuse(transaction, status, now)
                return
        if replaced is None and len(self.sessions) >= self.max_sessions:
            self.refuse(transaction, 486, now)
            return
        if self.refuse_too_short(transaction, now):
            return
        if not takes_sdp(request):
            self.refuse(transaction, 406, now)
            return
        from sip.call.callee import Callee
        from sip.call.events import IncomingCall
        from sip.call.offer_answer import Negotiation, Unacceptable, description

        negotiation = Negotiation(None, self.number())
        encryption = _encryption(account, transaction.transport == "tls")
        offer = description(request)
        if offer:
            try:
                negotiation.receive(offer, self.codecs, encryption)
            except Unacceptable as error:
                self.refuse(transaction, 488, now, [error.warning(self.local_contact(account).host)])
                return
        session = Callee(self, account, transaction, dialog, negotiation, now)
        session.encryption = encryption
        session.replaces = replaced
        self.sessions.append(session)
        self.endpoint.emit(IncomingCall(session))

    def account_of(self, request):
        """The account that a request outside of any dialog is for; None if no account has its user."""
        user = request.uri.user
        if not user:
            return self.accounts[0] if self.accounts else None
        fitting = [account for account in self.accounts if same_user(account.aor.user, user)]
        for account in fitting:
            if account.aor.host == request.to.uri.host:
                return account
        return fitting[0] if fitting else None

    def _account_served(self, transaction):
        """The account whose server sent a request for an unknown user, who may be an alias of the account."""
        served = [each for each in self.accounts if self.trust.is_server(transaction.source, each)]
        for account in served:
            if same_user(account.aor.user, transaction.request.to.uri.user):
                return account
        return served[0] if served else None

    def on_ack(self, request, source, transport: str, now: int) -> None:
        """The ACK for a 2xx."""
        _, session = self.dialog_of(key_of(request))
        if session is not None:
            session.receive_ack(request, now)

    def on_stray_response(self, response, source, now: int) -> None:
        """A response that belongs to no transaction: dropped (RFC 6026 §8.7, §8.8).

        A 2xx to an INVITE from a server of ours is not dropped: the call that it begins has to be ended.
        """
        if response.cseq.method == "INVITE" and response.status // 100 == 2 and self.trust.is_server(source):
            _module("call.salvage").end_stray(self, response, source, now)


def _encryption(account, secure):
    if account.encryption == "off":
        return None
    from sip.call.encryption import policy

    return policy(account, secure)


def _module(name):
    return __import__("sip." + name, None, None, (name,))


def _loose(uri):
    uri = uri.copy()
    uri.params["lr"] = None
    return NameAddr(uri)
