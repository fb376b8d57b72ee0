"""Sends digits by INFO (application/dtmf-relay); loaded with the first.

For peers without telephone-events (RFC 4733). Each INFO waits for the response to the one before, so that the
digits stay in order.
"""

from compat import const
from sip.agent.client_request import ClientRequest

_MAX_WAITING = const(32)
_DURATION_MS = const(160)


class InfoSender:
    """Sends digits in the dialog of `session`; `on_refused(now)` is called for each refused digit."""

    def __init__(self, session, user_agent):
        self.on_refused = None
        self._session = session
        self._user_agent = user_agent
        self._waiting = []
        self._busy = False

    def send(self, digit: str, now: int) -> bool:
        """Send a digit, one of `0-9*#A-D`; False if the call is not established, or too many wait."""
        if self._session.state != "established" or len(self._waiting) >= _MAX_WAITING:
            return False
        self._waiting.append(digit)
        if not self._busy:
            self._send_next(now)
        return True

    def _send_next(self, now):
        session = self._session
        request = self._user_agent.dialog_request(session.dialog, "INFO", session.account)
        request.add("Content-Type", "application/dtmf-relay")
        request.body = b"Signal=%s\r\nDuration=%d\r\n" % (self._waiting.pop(0).encode(), _DURATION_MS)
        self._busy = True
        ClientRequest(self._user_agent, session.account, request, self._on_response, now, session.dialog)

    def _on_response(self, client_request, response, now):
        if response.status < 200:
            return
        self._busy = False
        if response.status >= 300 and self.on_refused is not None:
            self.on_refused(now)
        if self._waiting and self._session.state == "established":
            self._send_next(now)
