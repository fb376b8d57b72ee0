"""Offers of both sides within a session: re-INVITE (RFC 3261 §14) and UPDATE (RFC 3311)."""

from compat import const
from sip.agent.client_request import ClientRequest
from sip.call.offer_answer import DIRECTIONS, Unacceptable, description
from sip.call.sdp import SdpError
from sip.events import LocalError
from sip.syntax.grammar import ParseError

_AS_IT_IS = ""  # a refresh: the direction stays
_MAX_RETRIES = const(4)
_MAX_RETRY_AFTER_S = const(30)

# State of the negotiation -> status for an UPDATE with an offer while another is open (RFC 3311 §5.2).
_OVERLAP = {"offered": 491, "received": 500}


class Renegotiation:
    """Re-INVITEs and UPDATEs of a Session.

    `pending` is the method of our request that waits for its response, or ""; `offering` says whether that
    request has an offer. A direction wanted while an offer is open is offered afterwards; of several the last
    counts.
    """

    def __init__(self, session, user_agent):
        self.pending = ""
        self.offering = False
        self._session = session
        self._user_agent = user_agent
        self._endpoint = user_agent.endpoint
        self._task = None  # the direction that is being offered, or waits to be offered again; _AS_IT_IS
        self._wish = None  # the direction to offer next
        self._again = False  # whether to offer next even if the direction stays
        self._retries = 0
        self._timer = None

    def stop(self) -> None:
        """The session is over."""
        self._endpoint.timers.stop(self._timer)
        self._task = self._wish = None
        self._again = False

    @property
    def busy(self) -> bool:
        """Whether we cannot make an offer now."""
        session = self._session
        return self._task is not None or session.unacknowledged or self._negotiation.state != "idle"

    @property
    def goal(self) -> str:
        """The direction after all open and waiting offers."""
        return self._wish or self._task or self._session.negotiation.direction

    @property
    def _negotiation(self):
        # Before the call is answered, each fork has a Negotiation of its own.
        session = self._session
        return session.negotiation_of(session.dialog) or session.negotiation

    # Ours

    def modify(self, direction: str, now: int) -> None:
        """Offer `direction`. LocalError while an offer is open; nothing has changed then."""
        if direction not in DIRECTIONS:
            raise LocalError("no such direction: " + direction)
        if self.busy:
            raise LocalError("another offer is on its way")
        self._begin(direction, now)

    def want(self, direction: "str | None", now: int) -> None:
        """Offer `direction` as soon as possible; None: repeat the direction that is current then."""
        if direction is None:
            self._again = True
        else:
            self._wish = direction
        self.proceed(now)

    def refresh(self, now: int) -> None:
        """Refresh the session (RFC 4028 §7.4), unless an offer is open and refreshes it anyway."""
        if not self.busy:
            self._begin(_AS_IT_IS, now)

    def proceed(self, now: int) -> None:
        """Make the offer that waits, if possible now."""
        wish = self._wish
        if (wish is None and not self._again) or not self._session.may_offer or self.busy:
            return
        direction = self._negotiation.direction
        if self._again or wish != direction:
            self._again = False
            self._begin(wish or direction, now)
        self._wish = None

    def _begin(self, task, now):
        self._retries = 0
        self._task = task
        self._send(now)

    def _send(self, now):
        session = self._session
        body = b""
        method = "INVITE"
        early = session.state != "established"
        # Only a refresh is sure to need no consent of a person (RFC 3311 §5.1, RFC 4028 §7.4).
        if early or self._task == _AS_IT_IS and session.peer_allows("UPDATE"):
            method = "UPDATE"
        if self._task or method == "INVITE":
            body = self._negotiation.offer(self._task or None)
        request = self._user_agent.dialog_request(session.dialog, method, session.account, body)
        if not early:
            session.timer.ask(request)
        self.pending = method
        self.offering = bool(body)
        ClientRequest(self._user_agent, session.account, request, self._on_response, now, session.dialog)

    def _on_response(self, client_request, response, now):
        if response.status < 200:
            return
        if response.status < 300:
            self._on_success(client_request, response, now)
        else:
            self._on_refusal(client_request, response, now)
        self.proceed(now)

    def _on_success(self, client_request, response, now):
        session = self._session
        if client_request.ack is not None:
            self._endpoint.send(client_request.ack.copy(), now)
            return
        self.pending = ""
        self.offering = False
        asked = bool(self._task)
        self._task = None
        try:
            session.dialog.refresh(response)
        except ParseError:
            self._endpoint.count("malformed_response")
        session.learn(response)
        if client_request.request.method == "INVITE":
            client_request.ack = session.acknowledge(session.dialog, client_request.request, b"", now)
        if session.state != "established":
            self._close_early(client_request, response)
            return
        request = client_request.request
        if request.get("Session-Expires") is not None or response.get("Session-Expires") is not None:
            session.timer.agree(response, now)
        if client_request.request.body:
            session.take_answer(response, asked)

    def _close_early(self, client_request, response):
        """Take the answer to an offer that we made by UPDATE before the call was answered."""
        session = self._session
        negotiation = session.negotiation_of(client_request.dialog)
        if session.state != "early" or negotiation is None or negotiation.state != "offered":
            return
        try:
            media = negotiation.answered(description(response))
            if client_request.dialog is session.dialog:
                session.take_media(media, True)
        except (ParseError, Unacceptable):
            self._endpoint.count("unusable_early_media")

    def _on_refusal(self, client_request, response, now):
        session = self._session
        status = response.status
        self.pending = ""
        self.offering = False
        if client_request.request.body:
            (session.negotiation_of(client_request.dialog) or session.negotiation).withdraw()
        if status in (408, 481):
            # The peer has lost the dialog (§12.2.1.2).
            self._task = None
            session.step("lost", now, response)
            return
        wait = self._pause_ms(response)
        standing = session.state == "established"
        if standing and status == 422 and session.timer.is_raised(response):
            self._send(now)
            return
        if standing and wait is not None and self._retries < _MAX_RETRIES:
            self._retries += 1
            self._timer = self._endpoint.timers.start(wait, self, "again", now)
            return
        if standing and client_request.request.method == "UPDATE" and (status < 500 or status == 501):
            # An element on the path blocks UPDATE, although the peer allows it.
            session.forbid("UPDATE")
            self._send(now)
            return
        self._task = None
        if standing and client_request.request.body:
            session.take_media(session.media, True)

    def _pause_ms(self, response):
        """Milliseconds to wait before another attempt; None if it is pointless."""
        if response.status == 491:
            return self._glare_ms()
        try:
            after = response.retry_after
        except ParseError:
            return None
        if response.status in (500, 503) and after is not None and after <= _MAX_RETRY_AFTER_S:
            return max(1000 * after, 500)
        return None

    def _glare_ms(self):
        """Milliseconds to wait after a 491 (§14.1): longer for the owner of the Call-ID."""
        if self._session.direction == "out":
            return 2100 + 10 * self._user_agent.below(191)
        return 10 * self._user_agent.below(201)

    def on_timer(self, name: str, now: int) -> None:
        session = self._session
        if session.state != "established":
            return
        if self._wish is not None:
            self._task = self._wish
            self._wish = None
        if session.unacknowledged or session.negotiation.state != "idle":
            # Another offer is open.
            self._timer = self._endpoint.timers.start(self._glare_ms(), self, "again", now)
        else:
            self._send(now)

    # The peer's

    def on_invite(self, transaction, now: int) -> None:
        """A re-INVITE came: answer it at once."""
        session = self._session
        if session.state in ("incoming", "ringing"):
            # The initial INVITE is not answered yet (§14.2).
            self._postpone(transaction, now)
        elif session.state in ("calling", "early") or self.pending == "INVITE":
            self._user_agent.refuse(transaction, 491, now)
        elif session.state not in ("accepted", "established"):
            self._user_agent.refuse(transaction, 481, now)
        elif session.negotiation.state != "idle":
            # The ACK with the answer to the offer in our 2xx has not come (RFC 5407 §3.1.5).
            self._user_agent.refuse(transaction, 491, now)
        else:
            body = None
            if not self._user_agent.refuse_too_short(transaction, now):
                body = self.answer(transaction, session.dialog, session.negotiation, now)
            if body is not None:
                response = self._user_agent.response(transaction, 200, session.account, body)
                session.timer.grant(transaction.request, response, now)
                session.learn(transaction.request)
                session.send_success(transaction, response, now)

    def on_update(self, transaction, dialog, now: int) -> None:
        """An UPDATE came in `dialog`, early or confirmed (RFC 3311 §5.2)."""
        session = self._session
        negotiation = session.negotiation_of(dialog)
        if negotiation is None or session.state in ("cancelling", "closing", "leaving"):
            self._user_agent.refuse(transaction, 481, now)
            return
        if self._user_agent.refuse_too_short(transaction, now):
            return
        body = b""
        if description(transaction.request):
            status = _OVERLAP.get(negotiation.state)
            if status == 491:
                self._user_agent.refuse(transaction, 491, now)
                return
            if status or negotiation.media is None:
                self._postpone(transaction, now)
                return
            body = self.answer(transaction, dialog, negotiation, now)
        else:
            dialog.refresh(transaction.request)
        if body is not None:
            response = self._user_agent.response(transaction, 200, session.account, body)
            if session.state in ("accepted", "established"):
                session.timer.grant(transaction.request, response, now)
            session.learn(transaction.request)
            transaction.respond(response, now)

    def _postpone(self, transaction, now):
        """Ask the peer to try again later (RFC 3261 §14.2)."""
        self._user_agent.refuse(transaction, 500, now, [("Retry-After", self._user_agent.below(11))])

    def answer(self, transaction, dialog, negotiation, now: int) -> "bytes | None":
        """Our answer to the offer in a request, or our offer if it has none; None if it was refused."""
        offer = description(transaction.request)
        try:
            dialog.refresh(transaction.request)
            if offer:
                negotiation.receive(offer)
                body = negotiation.answer()
            else:
                body = negotiation.offer(None, True)
        except SdpError:
            self._user_agent.refuse(transaction, 400, now)
            return None
        except Unacceptable as error:
            negotiation.decline()
            self._user_agent.refuse(transaction, 488, now, [error.warning(negotiation.capabilities.host)])
            return None
        if offer and dialog is self._session.dialog:
            self._session.take_media(negotiation.media)
        return body
