"""Notifier (RFC 6665 §4.2): serves event packages to subscribers; loaded with the first SUBSCRIBE.

A package is an object with these attributes:

name, content_type             as in Event and in Content-Type
allows(account, transaction)   whether the sender of this SUBSCRIBE may subscribe
body(account, version)         the full state as octets; `version` counts the NOTIFYs of one subscription
"""

from compat import const
from sip.agent.client_request import ClientRequest
from sip.agent.dialog import Dialog
from sip.limits import SUBSCRIPTIONS
from sip.syntax.headers import parse_valued

_MIN_S = const(60)
_MAX_S = const(3600)
_RETRY_AFTER_S = const(60)
# Responses to a NOTIFY that mean: the subscriber is gone (§4.2.2).
_GONE = (404, 405, 408, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604)
_OWN = ("refer",)  # packages that only a REFER subscribes to (RFC 3515)


class Notifier:
    """All subscriptions to us. One per UserAgent, in its `notifier`.

    subscriptions   the active ones
    """

    def __init__(self, user_agent):
        self.subscriptions = []
        self._user_agent = user_agent
        self._packages = []
        user_agent.notifier = self

    @property
    def names(self) -> "list[str]":
        """The names of the served packages, as in Allow-Events."""
        return [package.name for package in self._packages]

    def serve(self, package) -> None:
        """Answer SUBSCRIBEs for `package` from now on."""
        self._packages.append(package)

    def changed(self, name: str, account, now: int) -> None:
        """Notify subscribers: the state of `account` in the package `name` changed."""
        for subscription in list(self.subscriptions):
            if subscription.package.name == name and subscription.account is account:
                subscription.notify(now)

    def shutdown(self, now: int) -> None:
        """End all subscriptions."""
        for subscription in list(self.subscriptions):
            subscription.end("probation", now)

    def receive(self, transaction, account, now: int) -> None:
        """A SUBSCRIBE outside of any dialog came for `account`. Raises ParseError."""
        request = transaction.request
        user_agent = self._user_agent
        name = parse_valued(request.get("Event") or "").value.lower()
        package = self._package(name)
        status = 0
        headers = []
        if user_agent.endpoint.is_merged(transaction):
            status = 482
        elif package is None:
            status = 403 if name in _OWN else 489
            headers = [("Allow-Events", ", ".join(self.names + list(_OWN)))]
        elif not package.allows(account, transaction):
            user_agent.endpoint.count("subscribe_refused")
            status = 403
        elif not _accepts(request, package.content_type):
            status = 406
            headers = [("Accept", package.content_type)]
        elif len(self.subscriptions) >= SUBSCRIPTIONS:
            user_agent.endpoint.count("too_many_subscriptions")
            status = 503
            headers = [("Retry-After", _RETRY_AFTER_S)]
        if status:
            user_agent.refuse(transaction, status, now, headers)
            return
        seconds = self._grant(transaction, now)
        if seconds is None:
            return
        dialog = Dialog.of_request(request, transaction.to_tag)
        dialog.confirmed = True
        subscription = _Subscription(self, user_agent, account, dialog, package, request)
        self.subscriptions.append(subscription)
        self._accept(transaction, subscription, seconds, now)

    def receive_refresh(self, transaction, key, now: int) -> None:
        """A SUBSCRIBE within a dialog came (§4.2.1.3). Raises ParseError."""
        request = transaction.request
        event = parse_valued(request.get("Event") or "")
        for subscription in self.subscriptions:
            if subscription.matches(key, event):
                break
        else:
            self._user_agent.refuse(transaction, 481, now)
            return
        if not subscription.dialog.in_order(request):
            self._user_agent.refuse(transaction, 500, now)
            return
        seconds = self._grant(transaction, now)
        if seconds is not None:
            subscription.dialog.refresh(request)
            self._accept(transaction, subscription, seconds, now)

    def _accept(self, transaction, subscription, seconds, now):
        response = self._user_agent.response(transaction, 200, subscription.account)
        response.add("Expires", seconds)
        transaction.respond(response, now)
        subscription.extend(seconds, now)

    def _grant(self, transaction, now):
        """The granted expiry in seconds; None if too short: the SUBSCRIBE is answered 423 (§4.2.1.1)."""
        asked = transaction.request.expires
        if asked is None:
            return _MAX_S
        if 0 < asked < _MIN_S:
            self._user_agent.refuse(transaction, 423, now, [("Min-Expires", _MIN_S)])
            return None
        return min(asked, _MAX_S)

    def _package(self, name):
        for package in self._packages:
            if package.name == name:
                return package
        return None


class _Subscription:
    """One subscription. One NOTIFY is sent at a time; the next has all changes meanwhile."""

    def __init__(self, server, user_agent, account, dialog, package, request):
        self.account = account
        self.dialog = dialog
        self.package = package
        self._identifier = parse_valued(request.get("Event")).params.get("id")
        self._server = server
        self._user_agent = user_agent
        self._timer = None
        self._version = 0
        self._busy = False
        self._due = False  # another NOTIFY must follow
        self._reason = None  # of the termination

    def is_of(self, key) -> bool:
        """Whether the dialog has the Call-ID and the local tag of `key`."""
        return self.dialog.key[:2] == key[:2]

    def matches(self, key, event) -> bool:
        return (
            self.dialog.key == key
            and event.value.lower() == self.package.name
            and event.params.get("id") == self._identifier
            and self._reason is None
        )

    def extend(self, seconds, now):
        """Set the expiry to `seconds` from now, and notify; 0 ends the subscription."""
        timers = self._user_agent.endpoint.timers
        timers.stop(self._timer)
        if seconds == 0:
            self.end("timeout", now)
            return
        self._timer = timers.start(1000 * seconds, self, "timeout", now)
        self.notify(now)

    def end(self, reason, now):
        """Send the last NOTIFY, with a `reason` of §4.1.3."""
        if self._reason is None:
            self._reason = reason
            self._user_agent.endpoint.timers.stop(self._timer)
            self.notify(now)

    def on_timer(self, name: str, now: int) -> None:
        self.end(name, now)

    def notify(self, now):
        if self._busy:
            self._due = True
            return
        self._due = False
        user_agent = self._user_agent
        request = user_agent.dialog_request(self.dialog, "NOTIFY", self.account)
        name = self.package.name
        request.add("Event", name if self._identifier is None else name + ";id=" + self._identifier)
        if self._reason is None:
            state = "active;expires=%d" % ((self._timer.remaining(now) + 999) // 1000)
        else:
            state = "terminated;reason=" + self._reason
            self._forget()
        request.add("Subscription-State", state)
        request.add("Content-Type", self.package.content_type)
        request.body = self.package.body(self.account, self._version)
        self._version += 1
        self._busy = True
        ClientRequest(user_agent, self.account, request, self._on_response, now, self.dialog)

    def _on_response(self, client_request, response, now):
        if response.status < 200:
            return
        self._busy = False
        if response.status in _GONE:
            self._user_agent.endpoint.timers.stop(self._timer)
            self._reason = self._reason or "noresource"
            self._forget()
        elif self._due:
            self.notify(now)

    def _forget(self):
        if self in self._server.subscriptions:
            self._server.subscriptions.remove(self)


def receive(user_agent, transaction, account, now: int) -> None:
    """A SUBSCRIBE outside of any dialog came for `account`. Raises ParseError."""
    (user_agent.notifier or Notifier(user_agent)).receive(transaction, account, now)


def receive_refresh(user_agent, transaction, key, now: int) -> None:
    """A SUBSCRIBE within a dialog came. Raises ParseError."""
    if user_agent.notifier is None:
        user_agent.refuse(transaction, 481, now)
    else:
        user_agent.notifier.receive_refresh(transaction, key, now)


def _accepts(request, content_type):
    """Whether Accept allows `content_type`; without Accept the package's default is allowed (§3.1.3)."""
    ranges = request.all("Accept")
    if not ranges:
        return True
    kind = content_type.partition("/")[0]
    for text in ranges:
        value = text.partition(";")[0].strip(" \t").lower()
        if value in (content_type, kind + "/*", "*/*"):
            return True
    return False
