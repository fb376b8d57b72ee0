"""Provisional responses that cannot get lost (RFC 3262), for both sides; loaded with the first of them."""

from sip.agent.client_request import ClientRequest
from sip.call.retransmission import Retransmission
from sip.syntax import grammar
from sip.syntax.headers import parse_cseq

EXTENSION = "100rel"
_MAX_RSEQ = 0xFFFFFFFF


class ReliableResponse(Retransmission):
    """The UAS side: a provisional response with the RSeq `sequence`, sent until its PRACK comes (§3)."""

    def __init__(self, timers, transaction, response, on_silence, now: int, sequence: int):
        self.sequence = sequence
        self.has_body = bool(response.body)
        response.add("Require", EXTENSION)
        response.add("RSeq", sequence)
        super().__init__(timers, transaction, response, on_silence, now)

    def matches(self, prack) -> bool:
        """Whether the request `prack` acknowledges this (§3); raises ParseError."""
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


def _ignore(client_request, response, now):
    # A PRACK that comes to nothing leaves the INVITE as it is; the UAS gives up on its own.
    pass
