"""Offers within an established session, from both sides: re-INVITE (RFC 3261 §14)."""

from sip.attempt import Attempt
from sip.events import LocalError
from sip.grammar import ParseError
from sip.offer_answer import DIRECTIONS, Unacceptable, description
from sip.sdp import SdpError


class Renegotiation:
    """What a Session has for its re-INVITEs; `pending` tells whether one of ours waits for its answer."""

    def __init__(self, session, user_agent):
        self.pending = False
        self._session = session
        self._user_agent = user_agent
        self._endpoint = user_agent.endpoint
        self._ack = None
        self._direction = ""  # to offer again after a glare
        self._timer = None

    def stop(self) -> None:
        """The session is over."""
        self._endpoint.timers.stop(self._timer)
        self._direction = ""

    # Ours

    def modify(self, direction: str, now: int) -> None:
        """Offer `direction`. LocalError while an offer is open, and nothing has changed."""
        session = self._session
        if direction not in DIRECTIONS:
            raise LocalError("no such direction: " + direction)
        if self.pending or self._direction or session.unacknowledged:
            raise LocalError("another re-INVITE is on its way")
        body = session.negotiation.offer(direction)
        request = self._user_agent.dialog_request(session.dialog, "INVITE", session.account, body)
        self.pending = True
        self._ack = None
        Attempt(self._user_agent, session.account, request, self._on_response, now, session.dialog)

    def _on_response(self, attempt, response, now):
        session = self._session
        status = response.status
        if status < 200:
            return
        if status < 300:
            self._on_success(attempt, response, now)
            return
        self.pending = False
        wanted = session.negotiation.direction
        session.negotiation.withdraw()
        if status in (408, 481):
            # The peer does not know this dialog any more (§12.2.1.2).
            session.step("lost", now, response)
        elif session.state == "established":
            if status == 491:
                self._direction = wanted
                self._timer = self._endpoint.timers.start(self._glare_ms(), self, "glare", now)
            else:
                session.take_media(session.media, True)

    def _on_success(self, attempt, response, now):
        session = self._session
        if self._ack is not None:
            self._endpoint.send(self._ack.copy(), now)
            return
        self.pending = False
        try:
            session.dialog.refresh(response)
        except ParseError:
            self._endpoint.count("malformed response")
        self._ack = session.acknowledge(session.dialog, attempt.request, b"", now)
        if session.state == "established":
            trouble = session.take_answer(response)
            if trouble is not None:
                session.step("bad answer", now, trouble)

    def _glare_ms(self):
        """How long to wait after a 491 (§14.1): the owner of the Call-ID longer than the other."""
        if self._session.direction == "out":
            return 2100 + 10 * self._user_agent.below(191)
        return 10 * self._user_agent.below(201)

    def on_timer(self, name: str, now: int) -> None:
        direction = self._direction
        self._direction = ""
        if self._session.state == "established":
            try:
                self.modify(direction, now)
            except LocalError:
                # The peer's own re-INVITE is open just now.
                self._direction = direction
                self._timer = self._endpoint.timers.start(self._glare_ms(), self, "glare", now)

    # The peer's

    def on_invite(self, transaction, now: int) -> None:
        """A re-INVITE came: answer it at once."""
        session = self._session
        if session.state in ("incoming", "ringing"):
            # The first is not answered yet (§14.2).
            self._user_agent.refuse(transaction, 500, now, [("Retry-After", self._user_agent.below(11))])
        elif session.state in ("calling", "early") or self.pending:
            self._user_agent.refuse(transaction, 491, now)
        elif session.state not in ("accepted", "established"):
            self._user_agent.refuse(transaction, 481, now)
        elif session.negotiation.state != "idle":
            # Our offer is in a 2xx whose ACK, with the answer, is not here (RFC 5407 §3.1.5).
            self._user_agent.refuse(transaction, 491, now)
        else:
            self._answer(transaction, now)

    def _answer(self, transaction, now):
        session = self._session
        negotiation = session.negotiation
        offer = description(transaction.request)
        try:
            session.dialog.refresh(transaction.request)
            if offer:
                negotiation.receive(offer)
                body = negotiation.answer()
            else:
                body = negotiation.offer()
        except SdpError:
            self._user_agent.refuse(transaction, 400, now)
            return
        except Unacceptable as error:
            negotiation.decline()
            self._user_agent.refuse(transaction, 488, now, [error.warning(negotiation.capabilities.host)])
            return
        if offer:
            session.take_media(negotiation.media)
        response = self._user_agent.response(transaction, 200, session.account, body)
        session.send_success(transaction, response, now)
