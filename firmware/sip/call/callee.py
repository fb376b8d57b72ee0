"""Incoming calls: the INVITE and our responses (RFC 3261 §13.3)."""

from compat import const, lookup
from sip.agent.capabilities import ALLOW
from sip.agent.renewal import MAX_EXPIRES
from sip.call.offer_answer import Unacceptable, description
from sip.call.session import Session, names_option
from sip.events import LocalError
from sip.syntax.headers import NameAddr
from sip.syntax.status import REASONS
from sip.transaction import TransactionUser

_REMIND_MS = const(60_000)  # a proxy cancels after three minutes without a response (§13.3.1.1)


class Callee(Session, TransactionUser):
    """An incoming session; `negotiation` has the offer of the INVITE, if it has one."""

    def __init__(self, user_agent, account, transaction, dialog, negotiation, now: int):
        expires = transaction.request.expires  # ParseError before anything is bound
        super().__init__(user_agent, "in", "incoming", account, dialog, negotiation)
        self._transaction = transaction
        self._body = b""  # of our 2xx, and of a 183 before it
        self._provisional = (180, b"")
        self._reliable = None  # the ReliableResponse that waits for its PRACK
        self._sequence = 0  # its RSeq
        self._postponed = False  # another provisional response waits for that PRACK
        self._accepting = None  # Capabilities of `accept`, while the 2xx waits for it
        self._reminder = None
        self._expiry = None
        self.source = transaction.source
        self._introduce(transaction.request)
        transaction.user = self
        user_agent.bind(dialog, self)
        if expires:
            self._expiry = self._endpoint.timers.start(min(expires, MAX_EXPIRES) * 1000, self, "expired", now)

    def _introduce(self, request):
        """Take the caller's identity, and the parties that diverted or transferred the call."""
        if "anonymous" in str(request.from_.uri):
            from sip.agent.identity import is_anonymous

            if is_anonymous(request.from_):
                self.identity = None
        self.learn(request)
        if request.get("Diversion") is not None or request.get("History-Info") is not None:
            from sip.agent.identity import diverted_from

            self.diverted_from = diverted_from(request)
        if request.get("Referred-By") is not None:
            from sip.agent.identity import referred_by

            self.referred_by = referred_by(request)
        self._introduced = True

    @property
    def by_server(self) -> bool:
        return self._user_agent.trust.is_server(self.source, self.account)

    def on_cancel(self, transaction, now: int) -> None:
        self.step("cancel", now, transaction.cancelled_by)

    def on_timer(self, name: str, now: int) -> None:
        if name == "expired":
            self.step("cancel", now)
        else:
            self._provide(now)

    def _on_unheard(self, response, now):
        self.step("unheard", now, 504)

    def _remind(self, now):
        self._endpoint.timers.stop(self._reminder)
        self._reminder = self._endpoint.timers.start(_REMIND_MS, self, "remind", now)

    def _close(self):
        self._stop_timers()
        super()._close()

    def _stop_timers(self):
        self._endpoint.timers.stop(self._reminder)
        self._endpoint.timers.stop(self._expiry)
        if self._reliable is not None:
            self._reliable.stop()

    # Actions of the table

    def _send_ringing(self, now, media):
        # If the INVITE had no offer, ours needs a reliable response (RFC 3262 §5).
        if media is not None and (self.negotiation.state == "received" or self._may("Supported")):
            trouble = self._prepare(media)
            if trouble is not None:
                raise LocalError("early media: " + trouble)
            self._provisional = (183, self._body)
        self._provide(now)

    def _may(self, header):
        return names_option(self._transaction.request, header, "100rel")

    def _provide(self, now):
        """Send the provisional response; reliably if required, or if it has a body and the peer can."""
        status, body = self._provisional
        self._remind(now)
        if self._reliable is not None:
            self._postponed = True
        elif self._may("Require") or body and self._may("Supported"):
            from sip.call.reliable import ReliableResponse

            self._sequence = (self._sequence or self._user_agent.below(1 << 20)) + 1
            self._reliable = ReliableResponse(
                self._endpoint.timers,
                self._transaction,
                self._response(status, body),
                self._on_unheard,
                now,
                sequence=self._sequence,
            )
        else:
            self._transaction.respond(self._response(status, body), now)

    def on_prack(self, transaction, now: int) -> None:
        """A PRACK came (RFC 3262 §3), with the answer if our provisional response had an offer."""
        request = transaction.request
        reliable = self._reliable
        if reliable is None or not reliable.matches(request):
            self._user_agent.refuse(transaction, 481, now)
            return
        body = b""
        trouble = None
        if reliable.has_body and self.negotiation.state == "offered":
            trouble = self.take_answer(request)
        elif description(request):
            body = self.renegotiation.answer(transaction, self.dialog, self.negotiation, now)
        reliable.stop()
        self._reliable = None
        if body is not None:
            transaction.respond(self._user_agent.response(transaction, 200, self.account, body), now)
        if trouble is not None:
            self.step("reject", now, 488)
            return
        if reliable.has_body:
            # Offer/answer is complete: no later response repeats the SDP (RFC 6337 §3.1).
            self._body = b""
            self._provisional = (180, b"")
        if self._postponed and self.state == "ringing":
            self._postponed = False
            self._provide(now)
        self.step("pracked", now)

    def _send_success(self, now, media):
        media = media or self._accepting
        if self._reliable is not None and self._reliable.has_body:
            self._accepting = media
            return "answering"
        self._stop_timers()
        trouble = self._prepare(media)
        if trouble is not None:
            self._transaction.respond(self._response(488), now)
            self.tell_ended(488, trouble, False)
            return "ended"
        response = self._response(200, self._body)
        self.timer.grant(self._transaction.request, response, now)
        self.send_success(self._transaction, response, now)
        self.dialog.confirm()
        if self.replaces is not None:
            self.replaces.give_way(now)
        return None

    def _prepare(self, media):
        """Make the body of our 2xx, once; returns an error text, or None."""
        negotiation = self.negotiation
        if self._body or negotiation.media is not None:
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
        self.note(status, lookup(REASONS, status, ""))
        response = self._user_agent.response(self._transaction, status, self.account, body)
        if status == 183:
            response.add("Allow", ALLOW)  # so that the peer may UPDATE early (RFC 3311 §5.1)
        return response

    def _send_refusal(self, now, status):
        response = self._response(status)
        if self.forwarded_to is not None:
            response.add("Contact", NameAddr(self.forwarded_to))
        self._transaction.respond(response, now)
        self.tell_ended(status, self.reason, False)

    def _tell_cancelled(self, now, request):
        self._transaction.respond(self._response(487), now)
        self.tell_ended(487, self.reason, True, request)
