"""Reliable provisional responses (RFC 3262), for both sides; loaded with the first of them."""

from sip.agent.client_request import ClientRequest
from sip.call.retransmission import Retransmission
from sip.syntax import grammar
from sip.syntax.headers import parse_cseq

EXTENSION = "100rel"
_MAX_RSEQ = 0xFFFFFFFF


class ReliableResponse(Retransmission):
    """The UAS side: a provisional response with the RSeq `sequence`, repeated until its PRACK comes (§3)."""

    def __init__(self, timers, transaction, response, on_silence, now: int, sequence: int):
        self.sequence = sequence
        self.has_body = bool(response.body)
        response.add("Require", EXTENSION)
        response.add("RSeq", sequence)
        super().__init__(timers, transaction, response, on_silence, now)

    def matches(self, prack) -> bool:
        """Whether the request `prack` acknowledges this response (§3); raises ParseError."""
        words = grammar.words(prack.get("RAck") or "")
        if not words:
            raise grammar.ParseError("RAck: missing")
        cseq = parse_cseq(" ".join(words[1:]))
        invite = self.transaction.request.cseq
        return (
            grammar.number(words[0], "RAck", _MAX_RSEQ) == self.sequence
            and cseq.number == invite.number
            and cseq.method == invite.method
        )


def is_next(fork, response) -> bool:
    """The UAC side: whether the RSeq of a response follows `fork.sequence`, which is then updated (§4).

    False for a retransmission, or a response out of order. Raises ParseError.
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


def _ignore(client_request, response, now):
    # A failed PRACK does not affect the INVITE; the UAS times out on its own.
    pass
