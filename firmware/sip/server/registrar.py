"""The registrar and its location service (RFC 3261 §10.3): the bindings of addresses-of-record."""

from sip.digest import ha1
from sip.endpoint import refuse_unsupported
from sip.limits import CONTACTS
from sip.server.authenticator import Authenticator
from sip.server.flow_tokens import first_hop_knows, flow_of
from sip.syntax.grammar import ParseError
from sip.syntax.headers import WILDCARD, parse_name_addr


class Binding:
    """One contact of an address-of-record.

    `contact` is the Contact as registered, without `expires`; `source` and `transport` are those of the
    REGISTER; `order` counts registrations: the latest has the highest. `path` are its Path values (RFC 3327),
    [string]; `flow` is the (instance, reg-id) of a phone that is reached by the flow that it opened
    (RFC 5626), or None.
    """

    def __init__(self, contact, request, source, transport, order, flow=None):
        self.path = request.all("Path")
        self.flow = flow
        self.contact = contact
        self.call_id = request.call_id
        self.cseq = request.cseq.number
        self.source = source
        self.transport = transport
        self.order = order
        self.aor = None
        self.timer = None

    @property
    def uri(self):
        return self.contact.uri

    @property
    def q(self) -> int:
        """Preference in thousandths; a malformed one counts as the highest."""
        try:
            return self.contact.q
        except ParseError:
            return 1000

    def written(self, now: int) -> str:
        """The Contact for a 200, with the remaining seconds in `expires`."""
        seconds = (self.timer.remaining(now) + 999) // 1000 if self.timer else 0
        return str(self.contact) + ";expires=" + str(seconds)


class Registrar:
    """Keeps bindings; a Proxy hands it the REGISTER requests for its domains.

    `domains` are the hosts of our addresses-of-record, all with the same users. `users` is {name: whether the
    user must authenticate}, or None if anybody may register; `authenticator` checks their credentials. Expiry
    is in seconds: `min_expires` is the Min-Expires of a 423, `max_expires` the longest that is granted. Above
    `max_contacts` a user's oldest binding is removed; above `max_users` registered names the answer is 503.
    `date()`, if given, returns the value of a Date header. `on_change(name)` is called when bindings changed.
    `flow_timer` is the Flow-Timer for phones, in seconds; 0: none.
    """

    def __init__(
        self,
        endpoint,
        domains,
        users=None,
        authenticator=None,
        *,
        min_expires: int = 60,
        max_expires: int = 7200,
        default_expires: int = 3600,
        max_contacts: int = CONTACTS,
        max_users: int = 1000,
        date=None,
    ):
        self.endpoint = endpoint
        self.domains = [domain.lower() for domain in domains]
        self.users = users
        self.authenticator = authenticator
        self.min_expires = min_expires
        self.max_expires = max_expires
        self.default_expires = default_expires
        self.max_contacts = max_contacts
        self.max_users = max_users
        self.date = date
        self.flow_timer = 0
        self.on_change = None
        self._bindings = {}  # name -> [Binding], in the order of `order`
        self._order = 0

    def knows(self, name: str) -> bool:
        """Whether an address-of-record with this user part exists."""
        return name != "" and (self.users is None or name in self.users)

    def lookup(self, name: str) -> "list[Binding]":
        """The bindings of a user, the most preferred first; among equal ones the latest."""
        return sorted(self._bindings.get(name, ()), key=lambda binding: (-binding.q, -binding.order))

    def uses(self, source) -> bool:
        """Whether a phone is reached by the connection with `source`."""
        every = [binding for bindings in self._bindings.values() for binding in bindings]
        return any(each.transport != "udp" and each.source == source for each in every)

    def must_authenticate(self, name: str) -> bool:
        """Whether the user must authenticate; if any user must, so must unknown ones, to look the same."""
        if self.authenticator is None or self.users is None:
            return False
        return bool(self.users[name] if name in self.users else any(self.users.values()))

    def register(self, transaction, now: int) -> None:
        """Answer a REGISTER (§10.3, step by step); raises ParseError for a malformed header."""
        request = transaction.request
        if refuse_unsupported(transaction, now):
            return
        name = request.to.uri.name
        if self.must_authenticate(name) and not self._authenticated(transaction, name, now):
            return
        if request.to.uri.host not in self.domains or not self.knows(name):
            transaction.reply(404, now)
            return
        bindings = self._bindings.get(name, [])
        try:
            changed = self._changed(bindings, transaction)
        except _Rejected as rejection:
            response = transaction.response(rejection.status, rejection.reason)
            if rejection.status == 423:
                response.add("Min-Expires", self.min_expires)
            elif rejection.status == 421:
                response.add("Require", "path")
            transaction.respond(response, now)
            return
        if changed and not bindings and len(self._bindings) >= self.max_users:
            response = transaction.response(503)
            response.add("Retry-After", self.min_expires)
            transaction.respond(response, now)
            return
        if changed is not None:
            self._commit(name, bindings, changed, now)
        self._answer(transaction, name, now)

    def drop(self, binding) -> None:
        """The flow of `binding` is gone (RFC 5626 §5.3)."""
        if binding in self._bindings.get(binding.aor, ()):
            self._remove(binding)
            self._tell(binding.aor)

    def on_timer(self, binding, now: int) -> None:
        """From Timers: a binding has expired."""
        self._remove(binding)
        self._tell(binding.aor)

    def _authenticated(self, transaction, name, now):
        request = transaction.request
        user, stale = self.authenticator.check(request, "Authorization", now)
        if user == name:
            return True
        if user is None:
            self.authenticator.demand(transaction, 401, stale, now)
        else:
            transaction.reply(403, now)
        return False

    def _changed(self, bindings, transaction):
        """[(seconds, Binding)] that the request asks for, without changing anything; None for a query.

        Raises _Rejected: one invalid contact fails the whole request (§10.3, at the end).
        """
        request = transaction.request
        contacts = request.contacts
        if not contacts:
            return None
        self._check_path(request)
        if WILDCARD in contacts:
            if len(contacts) > 1 or request.expires != 0:
                raise _Rejected(400, "Wildcard Contact Not Alone Or Without Expires: 0")
            for binding in bindings:
                _check_order(binding, request)
            return [(0, binding) for binding in bindings]
        changed = []
        for contact in contacts:
            if contact.uri.host is None or len(changed) == self.max_contacts:
                raise _Rejected(400, "No Usable Contact" if contact.uri.host is None else "Too Many Contacts")
            flow = self._flow(contact, request)
            self._order += 1
            seconds = self._seconds(contact, request)
            contact.params.pop("expires", None)
            binding = Binding(contact, request, transaction.source, transaction.transport, self._order, flow)
            for old in bindings:
                if _is_replaced(old, binding):
                    _check_order(old, request)
            changed.append((seconds, binding))
        return changed

    def _check_path(self, request):
        """Reject a malformed Path, or a Path that the phone does not support (RFC 3327 §5.3)."""
        for text in request.all("Path"):
            if parse_name_addr(text).uri.host is None:
                raise _Rejected(400, "No Usable Path")
        if request.get("Path") and "path" not in [each.lower() for each in request.all("Supported")]:
            raise _Rejected(421, None)

    def _flow(self, contact, request):
        """The flow of a Contact (RFC 5626 §6), or None."""
        flow = flow_of(contact, request)
        if flow is None:
            return None
        if len(request.contacts) > 1 and [each.expires for each in request.contacts].count(0) == 0:
            raise _Rejected(400, "Several Contacts With A Flow")
        if not first_hop_knows(request):
            raise _Rejected(439, "First Hop Lacks Outbound Support")
        return flow

    def _seconds(self, contact, request):
        seconds = contact.expires
        if seconds is None and contact.params.get("expires") is not None:
            seconds = 3600  # malformed (§10.2.1.1)
        if seconds is None:
            seconds = request.expires
        if seconds is None:
            seconds = self.default_expires
        if 0 < seconds < self.min_expires:
            raise _Rejected(423, None)
        return min(seconds, self.max_expires)

    def _commit(self, name, bindings, changed, now):
        for seconds, new in changed:
            for binding in [each for each in bindings if _is_replaced(each, new)]:
                self._remove(binding)
            if seconds:
                new.aor = name
                new.timer = self.endpoint.timers.start(seconds * 1000, self, new, now)
                bindings = self._bindings.setdefault(name, bindings)
                bindings.append(new)
        while len(bindings) > self.max_contacts:
            self._remove(bindings[0])
        self._tell(name)

    def _remove(self, binding):
        self.endpoint.timers.stop(binding.timer)
        bindings = self._bindings[binding.aor]
        bindings.remove(binding)
        if not bindings:
            del self._bindings[binding.aor]

    def _answer(self, transaction, name, now):
        response = transaction.response(200)
        request = transaction.request
        for binding in self.lookup(name):
            response.add("Contact", binding.written(now))
        for path in request.all("Path"):
            response.add("Path", path)
        if any(contact.uri is not None and flow_of(contact, request) for contact in request.contacts):
            response.add("Require", "outbound")
            if self.flow_timer:
                response.add("Flow-Timer", self.flow_timer)
        if self.date is not None:
            response.add("Date", self.date())
        transaction.respond(response, now)

    def _tell(self, name):
        if self.on_change is not None:
            self.on_change(name)


class _Rejected(Exception):
    def __init__(self, status, reason):
        super().__init__(reason)
        self.status = status
        self.reason = reason


def _is_replaced(old, new):
    """Whether `new` replaces `old`: the same flow, whatever the address (RFC 5626 §6), or the same URI."""
    if old.flow is not None and new.flow is not None:
        return old.flow == new.flow
    return old.uri == new.uri


def _check_order(binding, request):
    """Reject a request that is out of order (§10.3(6), (7))."""
    if binding.call_id == request.call_id and request.cseq.number <= binding.cseq:
        raise _Rejected(500, "Request Out Of Order")


def accounts(passwords: dict, realm: str, random, algorithms=None) -> "tuple[dict, Authenticator]":
    """(users, authenticator) for a Registrar from {name: password, or None if none is needed}.

    The passwords are kept as digests only. Raises digest.MissingAlgorithm.
    """
    secrets = {}
    users = {}
    authenticator = Authenticator(
        realm, lambda user, algorithm: secrets.get((user, algorithm)), random, algorithms
    )
    for name, password in passwords.items():
        users[name] = password is not None
        if password is not None:
            for algorithm in authenticator.algorithms:
                secrets[name, algorithm] = ha1(name, realm, password, algorithm)
    return users, authenticator
