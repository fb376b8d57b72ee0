"""Publication: keeps our event state published at a server (RFC 3903 §4); loaded with the first.

state        meaning
publishing   the first PUBLISH waits for its response
published    the server has the state
failed       refused, or no response; tried again at `retry_at`, or never if that is None
removed      nothing is published
"""

from compat import const, ticks_add
from sip.agent import renewal
from sip.agent.client_request import ClientRequest
from sip.notices import PublicationChanged

_MAX_TAG = const(255)
# Statuses after which another PUBLISH is pointless.
_NEVER = (403, 404, 405, 413, 415, 416, 420, 489, 501, 604)


class Publication:
    """The state that `account` publishes in the event package `package`, for `expires` seconds at a time.

    state, status, reason   see above; status and reason are those of the latest response
    entity_tag              the server's entity tag for the published state (§4.1), or None
    busy                    whether a PUBLISH waits for its response
    """

    def __init__(self, user_agent, account, package: str, content_type: str, expires: int = 3600):
        self.account = account
        self.package = package
        self.state = "removed"
        self.status = 0
        self.reason = ""
        self.retry_at = None
        self.entity_tag = None
        self.busy = False
        self._user_agent = user_agent
        self._content_type = content_type
        self._expires = expires
        self._body = None  # to be published; None: nothing
        self._sent = None  # the body of the PUBLISH under way, or at the server
        self._failures = 0
        self._refused = False
        self._timer = None

    def __repr__(self):
        return "<Publication %s %s %s>" % (self.package, self.account.aor, self.state)

    def publish(self, body: bytes, now: int) -> None:
        """Publish `body`; an unchanged one is not sent again."""
        if body != self._body:
            self._body = body
            self._send_if_new(now)

    def remove(self, now: int) -> None:
        """Remove the published state (§4.5)."""
        self._body = None
        self._stop_timer()
        if self.entity_tag is not None:
            self._send_if_new(now)
        elif not self.busy:
            self._change("removed")

    def renew(self, now: int) -> None:
        """Publish again at once: the network is back, or the server has lost the state."""
        if self._body is not None and not self.busy:
            self._failures = 0
            self._refused = False
            self._send(self._body, now)

    def _send_if_new(self, now):
        # One at a time: the next PUBLISH needs the entity tag from the response (§4.2).
        if not self.busy and not self._refused and self.retry_at is None and self._body != self._sent:
            self._send(self._body, now)

    def _send(self, body, now):
        """PUBLISH `body`; None removes the state, an unchanged body refreshes it (§4, Table 1)."""
        self._stop_timer()
        refreshes = body is not None and body == self._sent and self.entity_tag is not None
        request = self._user_agent.initial_request(self.account, "PUBLISH", self.account.aor)
        request.add("Event", self.package)
        request.add("Expires", 0 if body is None else self._expires)
        if self.entity_tag is not None:
            request.add("SIP-If-Match", self.entity_tag)
        if body is not None and not refreshes:
            request.add("Content-Type", self._content_type)
            request.body = body
        self._sent = body
        self.busy = True
        if self.state in ("removed", "failed") and body is not None:
            self._change("publishing")
        ClientRequest(self._user_agent, self.account, request, self._on_response, now)

    def _on_response(self, client_request, response, now):
        if response.status < 200:
            return
        self.busy = False
        self.status = response.status
        self.reason = response.reason
        if response.status < 300:
            self._succeed(client_request, response, now)
        elif self._sent is None:
            # The removal failed: the state expires at the server.
            self.entity_tag = None
            self._change("removed")
            self._send_if_new(now)
        elif response.status == 412 and self.entity_tag is not None:
            # The server has lost the state: publish it again (§4.1).
            self.entity_tag = None
            self._sent = None
            self._send_if_new(now)
        elif response.status == 423 and self._lengthen(response):
            self._send(self._body, now)
        else:
            self._fail(response, now)

    def _succeed(self, client_request, response, now):
        self._failures = 0
        if self._sent is None:
            self.entity_tag = None
            self._change("removed")
            self._send_if_new(now)
            return
        tag = response.get("SIP-ETag")
        self.entity_tag = tag if tag and len(tag) <= _MAX_TAG else None
        early = renewal.refresh_ms(renewal.granted(response, self._expires), self._user_agent.below)
        self._timer = self._user_agent.endpoint.timers.start(early, self, "publish", now)
        self._change("published")
        self._send_if_new(now)

    def _lengthen(self, response):
        least = renewal.lengthened(response, self._expires)
        self._expires = least or self._expires
        return least > 0 and self._body is not None

    def _fail(self, response, now):
        self.entity_tag = None
        self._sent = None
        self._refused = response.status in _NEVER
        if not self._refused:
            self._failures += 1
            wait = renewal.retry_ms(self._failures, renewal.retry_after(response), self._user_agent.below)
            self.retry_at = ticks_add(now, wait)
            self._timer = self._user_agent.endpoint.timers.start(wait, self, "publish", now)
        self._change("failed")

    def on_timer(self, name: str, now: int) -> None:
        """From Timers: time to refresh, or to try again."""
        self._timer = None
        self.retry_at = None
        if self._body is not None:
            self._send(self._body, now)

    def _stop_timer(self):
        self._user_agent.endpoint.timers.stop(self._timer)
        self._timer = None
        self.retry_at = None

    def _change(self, state):
        if state != self.state or state == "failed":
            self.state = state
            self._user_agent.endpoint.emit(PublicationChanged(self))
