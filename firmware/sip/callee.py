"""The callee's half of a session: an INVITE from outside and our responses (RFC 3261 §13.3)."""

from compat import const
from sip.events import LocalError
from sip.message import REASONS
from sip.offer_answer import Unacceptable
from sip.session import Session

_REMIND_MS = const(60_000)  # a proxy gives up on a call that is silent for three minutes (§13.3.1.1)


class Callee(Session):
    """A session that the peer begins; `negotiation` holds the offer of its INVITE, if there is one."""

    def __init__(self, user_agent, account, transaction, dialog, negotiation, now: int):
        super().__init__(user_agent, "in", "incoming", account, dialog, negotiation)
        self._transaction = transaction
        self._body = b""  # of our 2xx, and of a 183 before it
        self._provisional = None
        self._reminder = None
        self._expiry = None
        transaction.user = self
        user_agent.bind(dialog, self)
        expires = transaction.request.expires
        if expires:
            self._expiry = self._endpoint.timers.start(expires * 1000, self, "expired", now)

    def on_cancel(self, transaction, now: int) -> None:
        self.step("cancel", now)

    def on_timer(self, name: str, now: int) -> None:
        if name == "expired":
            self.step("cancel", now)
        else:
            self._transaction.respond(self._provisional, now)
            self._remind(now)

    def _remind(self, now):
        self._endpoint.timers.stop(self._reminder)
        self._reminder = self._endpoint.timers.start(_REMIND_MS, self, "remind", now)

    def _close(self):
        self._stop_timers()
        super()._close()

    def _stop_timers(self):
        self._endpoint.timers.stop(self._reminder)
        self._endpoint.timers.stop(self._expiry)

    # What the table does

    def _send_ringing(self, now, media):
        if media is not None and self.negotiation.state == "received":
            trouble = self._prepare(media)
            if trouble is not None:
                raise LocalError("early media: " + trouble)
            self._provisional = self._response(183, self._body)
        elif self._provisional is None:
            self._provisional = self._response(180)
        self._transaction.respond(self._provisional, now)
        self._remind(now)

    def _send_success(self, now, media):
        self._stop_timers()
        trouble = self._prepare(media)
        if trouble is not None:
            self._transaction.respond(self._response(488), now)
            self.tell_ended(488, trouble, False)
            return "ended"
        self.send_success(self._transaction, self._response(200, self._body), now)
        self.dialog.confirm()
        return None

    def _prepare(self, media):
        """Make the body of our 2xx, once; returns why that cannot be, or None."""
        negotiation = self.negotiation
        if self._body:
            return None
        negotiation.capabilities = media
        if negotiation.state == "idle":
            self._body = negotiation.offer()
            return None
        try:
            self._body = negotiation.answer()
        except Unacceptable as error:
            negotiation.capabilities = None
            return str(error)
        self.take_media(negotiation.media)
        return None

    def _response(self, status, body=b""):
        self.note(status, REASONS.get(status, ""))
        return self._user_agent.response(self._transaction, status, self.account, body)

    def _send_refusal(self, now, status):
        self._transaction.respond(self._response(status), now)
        self.tell_ended(status, self.reason, False)

    def _tell_cancelled(self, now, _):
        self._transaction.respond(self._response(487), now)
        self.tell_ended(487, self.reason, True)
