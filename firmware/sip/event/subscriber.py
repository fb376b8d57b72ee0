"""Subscriber: keeps a subscription to the state of a resource (RFC 6665 §4.1); loaded with the first.

state          meaning
subscribing    SUBSCRIBE sent, no NOTIFY yet
pending        the notifier has not decided yet
active         NOTIFYs report the state
waiting        the subscription ended or failed; tried again at `retry_at`
terminated     over: refused, not available, unsubscribed, or polled once

A SUBSCRIBE may fork: each notifier that answers has a dialog of its own (§4.1.4), a `_Branch` here.
"""

from compat import const, ticks_add
from sip.agent import renewal
from sip.agent.client_request import ClientRequest
from sip.agent.dialog import Dialog
from sip.limits import NOTIFIERS
from sip.notices import Notified, SubscriptionChanged
from sip.syntax.grammar import ParseError
from sip.syntax.headers import parse_valued
from sip.syntax.message import Request

_TIMER_N_MS = const(32_000)  # §4.1.2.4: how long to wait for a NOTIFY
_CALM_MS = const(10_000)  # no immediate SUBSCRIBE to a notifier that ends a subscription sooner

# _NEVER: a new SUBSCRIBE would be refused as well. _GONE: after a refresh, the dialog is gone (§4.1.2.2).
_NEVER = (403, 404, 405, 406, 410, 414, 415, 416, 420, 484, 485, 489, 501, 603, 604, 606)
_GONE = (404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604)

# Reason of a termination -> when to subscribe again (§4.1.3). Other reasons: "later", as for "giveup".
_AFTER = {
    "deactivated": "again",
    "timeout": "again",
    "probation": "later",
    "giveup": "later",
    "rejected": "never",
    "noresource": "never",
    "invariant": "never",
}


class Subscriber:
    """A subscription of ours; its events are SubscriptionChanged and Notified.

    account, uri   the subscribing account, and the resource
    package        the event package
    state          see above
    status, reason while waiting or terminated: of a response, or 0 and a reason of §4.1.3
    retry_at       tick of the next attempt while waiting, or None
    tag            any value of the owner
    """

    _request: "Request | None"

    def __init__(
        self, user_agent, account, uri, package: str, accept: str, expires: int, *, now: int, tag=None
    ):
        self.account = account
        self.uri = uri
        self.package = package
        self.state = "subscribing"
        self.status = 0
        self.reason = ""
        self.retry_at = None
        self.tag = tag
        self.expires = expires
        self.user_agent = user_agent
        self._accept = accept
        self._branches = []
        self._request = None  # the initial SUBSCRIBE, while further notifiers may answer it
        self._key = None  # its Call-ID and our tag
        self._round_s = 0
        self._failures = 0
        self._timer = None
        self._subscribe(now)
        user_agent.subscriptions.append(self)

    def __repr__(self):
        return "<Subscriber %s %s %s>" % (self.package, self.uri, self.state)

    # Called by the phone

    def renew(self, now: int) -> None:
        """Subscribe again at once: after a change of the network, or of the cause of a refusal."""
        if self not in self.user_agent.subscriptions:
            self.user_agent.subscriptions.append(self)
        self._failures = 0
        if self._branches and self.state != "terminated":
            # The dialogs continue, and get our new Contact.
            for branch in self._branches:
                branch.refresh(now)
        elif self.state != "subscribing":
            self._drop_branches()
            self._subscribe(now)

    def unsubscribe(self, now: int) -> None:
        """End the subscription (§4.1.2.3)."""
        self._stop_timer()
        self._request = None
        for branch in list(self._branches):
            branch.leave(now)
        self._set("terminated", 0, "")
        self._forget()

    # From the user agent

    def take(self, transaction, key, event, now: int) -> bool:
        """Answer a NOTIFY within a dialog if it is ours; returns whether it is. Raises ParseError."""
        request = transaction.request
        if not self._is_ours(key, event):
            return False
        # Parsed first: a malformed header must leave no branch behind.
        state = parse_valued(request.get("Subscription-State") or "active")
        for branch in self._branches:
            if branch.dialog.key == key:
                branch.on_notify(transaction, state, now)
                return True
        if self._request is None or len(self._branches) >= NOTIFIERS:
            return False
        branch = _Branch(self, request, key, self._request.cseq.number, now)
        self._branches.append(branch)
        branch.on_notify(transaction, state, now)
        return True

    def is_of(self, key) -> bool:
        """Whether a dialog, even a future one, has the Call-ID and the local tag of `key`."""
        return key[:2] == self._key

    def _is_ours(self, key, event):
        return event.value.lower() == self.package and event.params.get("id") is None and self.is_of(key)

    # A round: from an initial SUBSCRIBE to the end of its last dialog

    def _subscribe(self, now):
        self._stop_timer()
        self.retry_at = None
        self._round_s = 0
        self._send_initial(now)
        self._set("subscribing", 0, "")

    def _send_initial(self, now):
        request = self.user_agent.initial_request(self.account, "SUBSCRIBE", self.uri)
        self.describe(request, self.expires)
        self._request = request
        self._key = (request.call_id, request.from_.tag)
        self._start_timer("silence", _TIMER_N_MS, now)
        ClientRequest(self.user_agent, self.account, request, self._on_response, now)

    def describe(self, request, expires: int) -> None:
        """Add Event, Accept and Expires to a SUBSCRIBE."""
        request.add("Event", self.package)
        request.add("Accept", self._accept)
        request.add("Expires", expires)

    def _on_response(self, client_request, response, now):
        if response.status < 200 or client_request.plain is not self._request:
            return
        if response.status < 300:
            # A NOTIFY may have come before the 2xx, and has then set the expiry (§4.1.2.1).
            self._round_s = renewal.granted(response, self.expires)
            for branch in self._branches:
                branch.grant(self._round_s, now)
            if not self._branches:
                self._start_timer("silence", _TIMER_N_MS, now)
            return
        if self._branches:
            return  # refused by another notifier of the forked SUBSCRIBE
        if response.status == 423 and self._lengthen(response):
            self._send_initial(now)
            return
        self._request = None
        self._stop_timer()
        if response.status in _NEVER:
            self._end(response.status, response.reason)
        else:
            self._wait(renewal.retry_after(response), response.status, response.reason, now)

    def _lengthen(self, response):
        """Take the Min-Expires of a 423; returns whether to send the SUBSCRIBE again (§4.1.2.1)."""
        least = renewal.lengthened(response, self.expires)
        self.expires = least or self.expires
        return least > 0

    def on_timer(self, name: str, now: int) -> None:
        """From Timers."""
        self._timer = None
        if name == "subscribe":
            self._subscribe(now)
            return
        # Timer N: no further NOTIFY is awaited.
        self._request = None
        if not self._branches:
            self._wait(0, 408, "", now)

    # From the branches

    def granted_s(self) -> int:
        return self._round_s or self.expires

    def deliver(self, branch, request) -> None:
        """A NOTIFY of a branch came. The Subscriber's state is the best state of its branches."""
        if branch.state == "active":
            self._failures = 0
        if request.body or branch.state != "terminated":
            content_type = request.content_type
            self.user_agent.endpoint.emit(Notified(self, branch.dialog.key[2], content_type, request.body))
        states = [each.state for each in self._branches]
        for state in ("active", "pending"):
            if state in states:
                self._set(state, 0, "")
                return

    def ended(self, branch, reason: str, retry_after: int, now: int) -> None:
        """A branch has ended, for a `reason` of §4.1.3, or "gone" if only its dialog was lost."""
        if branch in self._branches:
            self._branches.remove(branch)
        if self._branches or self.state == "terminated":
            return
        self._request = None
        self._stop_timer()
        after = _AFTER.get(reason, "later") if reason != "gone" else "again"
        if self.expires == 0 or after == "never":
            self._end(0, reason)
        elif after == "again" and not retry_after and branch.calm:
            self._subscribe(now)
        else:
            self._wait(retry_after, 0, reason, now)

    def _wait(self, retry_after, status, reason, now):
        """Try again after a wait that doubles each time, or after the longer Retry-After."""
        if self.expires == 0:
            self._end(status, reason)
            return
        self._failures += 1
        wait = renewal.retry_ms(self._failures, retry_after, self.user_agent.below)
        self.retry_at = ticks_add(now, wait)
        self._start_timer("subscribe", wait, now)
        self._set("waiting", status, reason)

    def _end(self, status, reason):
        self._set("terminated", status, reason)
        self._forget()

    def _forget(self):
        if self in self.user_agent.subscriptions and not self._branches:
            self.user_agent.subscriptions.remove(self)

    def left(self, branch) -> None:
        """The last NOTIFY of an unsubscribed branch came, or is not awaited any more."""
        if branch in self._branches:
            self._branches.remove(branch)
        if self.state == "terminated":
            self._forget()

    def _drop_branches(self):
        for branch in self._branches:
            branch.stop()
        self._branches = []
        self._request = None

    def _set(self, state, status, reason):
        changed = (state, status, reason) != (self.state, self.status, self.reason)
        self.state, self.status, self.reason = state, status, reason
        if changed:
            self.user_agent.endpoint.emit(SubscriptionChanged(self))

    def _start_timer(self, name, ms, now):
        self._stop_timer()
        self._timer = self.user_agent.endpoint.timers.start(ms, self, name, now)

    def _stop_timer(self):
        self.user_agent.endpoint.timers.stop(self._timer)
        self._timer = None


class _Branch:
    """One dialog of a Subscriber. The first NOTIFY creates it, even before the 2xx (§4.4.1)."""

    def __init__(self, subscriber, request, key, sequence, now):
        self.state = "pending"
        self.dialog = Dialog.of_request(request, key[1])
        self.dialog.remote_sequence = None  # `on_notify` takes the CSeq of this NOTIFY
        self.dialog.local_sequence = sequence
        self.dialog.confirmed = True
        self._subscriber = subscriber
        self._timers = subscriber.user_agent.endpoint.timers
        self._refresh = None  # Timer
        self._expiry = None  # Timer: the end of the subscription, unless refreshed (§4.1.3)
        self._guessed = False  # the expiry was in no NOTIFY, and the 2xx has not come
        self._silence = None  # Timer N, after a refresh
        self._leaving = False
        self._calm = self._timers.start(_CALM_MS, self, "calm", now)

    def on_notify(self, transaction, state, now):
        """A NOTIFY with the Subscription-State `state` came. Raises ParseError."""
        request = transaction.request
        word = state.value.lower()
        subscriber = self._subscriber
        if not self.dialog.in_order(request):
            subscriber.user_agent.refuse(transaction, 500, now)
            return
        self.dialog.refresh(request)
        transaction.reply(200, now)
        self._timers.stop(self._silence)
        self._silence = None
        if word == "terminated":
            self.stop()
            subscriber.deliver(self, request)
            if self._leaving:
                subscriber.left(self)
            else:
                reason = (state.params.get("reason") or "").lower()
                subscriber.ended(self, reason, renewal.seconds(state.params.get("retry-after")) or 0, now)
            return
        if self._leaving:
            return
        self.state = "pending" if word == "pending" else "active"
        expires = renewal.seconds(state.params.get("expires"))
        if expires is not None:
            self._guessed = False
            self._live(expires, now)
        elif self._expiry is None:
            self._guessed = True
            self._live(subscriber.granted_s(), now)
        subscriber.deliver(self, request)

    def _live(self, seconds, now):
        """Set the expiry to `seconds` from now."""
        self._stop_timers()
        self._expiry = self._timers.start(1000 * seconds, self, "expired", now)
        early = renewal.refresh_ms(seconds, self._subscriber.user_agent.below)
        self._refresh = self._timers.start(early, self, "refresh", now)

    def grant(self, seconds, now):
        """The 2xx grants `seconds`; an expiry in an earlier NOTIFY takes precedence (§4.1.2.1)."""
        if self._guessed:
            self._guessed = False
            self._live(seconds, now)

    def refresh(self, now):
        """Refresh the subscription, with our current Contact."""
        self._timers.stop(self._refresh)
        self._send(self._subscriber.expires, now)

    def _send(self, expires, now):
        subscriber = self._subscriber
        request = subscriber.user_agent.dialog_request(self.dialog, "SUBSCRIBE", subscriber.account)
        subscriber.describe(request, expires)
        ClientRequest(subscriber.user_agent, subscriber.account, request, self._on_response, now, self.dialog)

    def leave(self, now):
        """Unsubscribe, and wait for the last NOTIFY."""
        self._leaving = True
        self._stop_timers()
        self._silence = self._timers.start(2 * _TIMER_N_MS, self, "left", now)
        self._send(0, now)

    def _on_response(self, client_request, response, now):
        status = response.status
        if status < 200 or self.state == "terminated":
            return
        if self._leaving:
            if status >= 300:
                self.stop()
                self._subscriber.left(self)
            return
        if status < 300:
            try:
                self.dialog.refresh(response)
            except ParseError:
                pass  # the target stays
            self._live(renewal.granted(response, self._subscriber.expires), now)
            self._timers.stop(self._silence)
            self._silence = self._timers.start(_TIMER_N_MS, self, "gone", now)
        elif status == 423 and self._subscriber._lengthen(response):
            self._send(self._subscriber.expires, now)
        elif status in _GONE:
            self._over("gone", renewal.retry_after(response), now)
        else:
            # The subscription lasts until it expires; until then the refresh is repeated (§4.1.2.2).
            left = self._expiry.remaining(now) if self._expiry is not None else 0
            wait = max(left // 2, 1000 * renewal.retry_after(response))
            if wait > 1000:
                self._refresh = self._timers.start(wait, self, "refresh", now)

    def on_timer(self, name: str, now: int) -> None:
        """From Timers."""
        if name == "calm":
            pass
        elif name == "refresh":
            self.refresh(now)
        elif name == "left":
            self.stop()
            self._subscriber.left(self)
        else:
            self._over("gone", 0, now)

    def _over(self, reason, retry_after, now):
        self.stop()
        self._subscriber.ended(self, reason, retry_after, now)

    def stop(self):
        self.state = "terminated"
        self.calm = self._calm.due is None
        self._stop_timers()
        for timer in (self._silence, self._calm):
            self._timers.stop(timer)

    def _stop_timers(self):
        for timer in (self._refresh, self._expiry):
            self._timers.stop(timer)
