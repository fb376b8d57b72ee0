"""Implicit subscriptions (RFC 6665) of a REFER (RFC 3515 §2.4.4), for both sides; loaded with the first.

The subscription uses the dialog of a session, and may outlive the session (RFC 5057 §5). Subscriptions by
SUBSCRIBE are in subscriber.py and notifier.py.

state (both sides)    meaning
pending               no NOTIFY yet, or a NOTIFY said "pending"
active                NOTIFYs report the state
terminated            no further NOTIFY will come
"""

from sip.agent.client_request import ClientRequest
from sip.syntax.grammar import ParseError
from sip.syntax.headers import parse_valued

# (state, Subscription-State of a NOTIFY) -> next state; any other word counts as active (§4.1.3)
_TABLE = {
    ("pending", "pending"): "pending",
    ("pending", "active"): "active",
    ("pending", "terminated"): "terminated",
    ("active", "pending"): "pending",
    ("active", "active"): "active",
    ("active", "terminated"): "terminated",
}


class Subscription:
    """The subscriber's side.

    `listener` gets `on_notify(subscription, request, now)` for each NOTIFY, and at the end
    `on_terminated(subscription, reason, now)`, once: `reason` is one of §4.1.3, or "silence" if no NOTIFY
    came for `patience` ms.
    """

    def __init__(self, user_agent, dialog, package: str, identifier, *, listener, patience: int, now: int):
        self.dialog = dialog
        self.package = package
        self.identifier = identifier
        self.state = "pending"
        self._listener = listener
        self._user_agent = user_agent
        self._patience = patience
        self._timer = None
        user_agent.subscriptions.append(self)
        self._wait(now)

    def take(self, transaction, key, event, now: int) -> bool:
        """Answer a NOTIFY in the dialog `key` if it is ours; returns whether it is. Raises ParseError."""
        if not self._matches(key, event):
            return False
        if self.dialog.in_order(transaction.request):
            self.on_notify(transaction, now)
        else:
            self._user_agent.refuse(transaction, 500, now)
        return True

    def _matches(self, key, event):
        identifier = event.params.get("id")
        # Some peers send the `id` of the REFER in their NOTIFYs, some do not (RFC 3515 §2.4.6).
        return (
            self.dialog.key == key
            and event.value.lower() == self.package
            and (identifier is None or self.identifier is None or identifier == self.identifier)
        )

    def is_of(self, key) -> bool:
        """Whether the dialog has the Call-ID and the local tag of `key`."""
        return self.dialog.key[:2] == key[:2]

    def on_notify(self, transaction, now: int) -> None:
        """A NOTIFY came. Raises ParseError."""
        request = transaction.request
        word = parse_valued(request.get("Subscription-State") or "active")
        following = _TABLE.get((self.state, word.value.lower()), "active")
        transaction.reply(200, now)
        self.state = following
        self._listener.on_notify(self, request, now)
        if following == "terminated":
            self._end(word.params.get("reason") or "noresource", now)
        else:
            self._wait(now)

    def unsubscribe(self, now: int) -> None:
        """Nothing to send: the Transfer ends the subscription."""

    def stop(self) -> None:
        """Stop without a report to the listener."""
        self.state = "terminated"
        self._user_agent.endpoint.timers.stop(self._timer)
        if self in self._user_agent.subscriptions:
            self._user_agent.subscriptions.remove(self)

    def _wait(self, now):
        timers = self._user_agent.endpoint.timers
        timers.stop(self._timer)
        self._timer = timers.start(self._patience, self, "silence", now)

    def on_timer(self, name: str, now: int) -> None:
        self._end(name, now)

    def _end(self, reason, now):
        self.stop()
        self._listener.on_terminated(self, reason, now)


class ReferNotifier:
    """The notifier's side. Each NOTIFY waits for the response to the one before: they stay in order."""

    def __init__(self, user_agent, account, dialog, package: str, identifier, expires: int):
        self.state = "active"
        self._user_agent = user_agent
        self._account = account
        self._dialog = dialog
        self._event = package if identifier is None else package + ";id=" + identifier
        self._expires = expires
        self._waiting = []
        self._busy = False

    def notify(self, content_type: str, body: bytes, now: int, reason=None) -> None:
        """Send a NOTIFY with `body`; with a `reason` (§4.1.3) it is the last one."""
        if self.state == "terminated":
            return
        if reason is not None:
            self.state = "terminated"
        self._waiting.append((content_type, body, reason))
        if not self._busy:
            self._send(now)

    def _send(self, now):
        content_type, body, reason = self._waiting.pop(0)
        state = "active;expires=%d" % self._expires if reason is None else "terminated;reason=" + reason
        request = self._user_agent.dialog_request(self._dialog, "NOTIFY", self._account)
        request.add("Event", self._event)
        request.add("Subscription-State", state)
        request.add("Content-Type", content_type)
        request.body = body
        self._busy = True
        ClientRequest(self._user_agent, self._account, request, self._on_response, now, self._dialog)

    def _on_response(self, client_request, response, now):
        if response.status < 200:
            return
        self._busy = False
        if response.status in (408, 481, 489):
            # The subscriber is gone (§4.2.2).
            self.state = "terminated"
            self._waiting = []
        elif self._waiting:
            self._send(now)


def status_of(sipfrag: bytes) -> "tuple[int, str]":
    """(status, reason) of the status line of a message/sipfrag (RFC 3420); (0, "") if it has none."""
    line = sipfrag.split(b"\n", 1)[0].strip(b"\r ")
    words = line.split(b" ", 2)
    if len(words) < 2 or words[0].upper() != b"SIP/2.0" or len(words[1]) != 3 or not words[1].isdigit():
        return 0, ""
    try:
        return int(words[1]), str(words[2], "utf-8") if len(words) > 2 else ""
    except (UnicodeError, ParseError):
        return int(words[1]), ""
