"""Provisional responses that cannot get lost (RFC 3262), for both sides; loaded with the first of them."""

from sip.agent.client_request import ClientRequest
from sip.syntax import grammar
from sip.syntax.headers import parse_cseq
from sip.transaction import T1

EXTENSION = "100rel"
_MAX_RSEQ = 0xFFFFFFFF


class ReliableResponse:
    """The UAS side: sends `response` with the RSeq `sequence`, again and again until its PRACK (§3).

    After 64*T1 without `stop` it calls `owner.on_unheard(now)`.
    """

    def __init__(self, timers, transaction, response, sequence: int, owner, now: int):
        self.sequence = sequence
        self.has_body = bool(response.body)
        response.add("Require", EXTENSION)
        response.add("RSeq", sequence)
        self._timers = timers
        self._transaction = transaction
        self._response = response
        self._owner = owner
        self._interval = T1
        transaction.respond(response, now)
        self._again = timers.start(T1, self, "again", now)
        self._limit = timers.start(64 * T1, self, "limit", now)

    def stop(self) -> None:
        """The PRACK is here, or a final response takes its place."""
        self._timers.stop(self._again)
        self._timers.stop(self._limit)

    def on_timer(self, name: str, now: int) -> None:
        if name == "limit":
            self._timers.stop(self._again)
            self._owner.on_unheard(now)
            return
        self._interval *= 2
        self._again = self._timers.start(self._interval, self, "again", now)
        self._transaction.respond(self._response, now)

    def matches(self, prack) -> bool:
        """Whether the request `prack` acknowledges this (§3); raises ParseError."""
        words = grammar.words(prack.get("RAck") or "")
        if not words:
            raise grammar.ParseError("RAck: missing")
        cseq = parse_cseq(" ".join(words[1:]))
        invite = self._transaction.request.cseq
        return (
            grammar.number(words[0], "RAck", _MAX_RSEQ) == self.sequence
            and cseq.number == invite.number
            and cseq.method == invite.method
        )


def is_next(fork, response) -> bool:
    """The UAC side: whether a response with an RSeq follows on `fork.sequence`, which it moves on (§4).

    False for one that came already, or came too early. Raises ParseError.
    """
    sequence = grammar.number(response.get("RSeq"), "RSeq", _MAX_RSEQ)
    if fork.sequence is not None and sequence != fork.sequence + 1:
        return False
    fork.sequence = sequence
    return True


def acknowledge(user_agent, account, fork, response, body: bytes, now: int) -> None:
    """Send the PRACK for `response`; `body` is the answer to an offer in it."""
    request = user_agent.dialog_request(fork.dialog, "PRACK", account, body)
    request.add("RAck", "%d %d %s" % (fork.sequence, response.cseq.number, response.cseq.method))
    ClientRequest(user_agent, account, request, _ignore, now, fork.dialog)


def _ignore(attempt, response, now):
    # A PRACK that comes to nothing leaves the INVITE as it is; the UAS gives up by itself.
    pass
