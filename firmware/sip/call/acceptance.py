"""A 2xx to an INVITE, repeated until its ACK comes (RFC 3261 §13.3.1.4)."""

from sip.transaction import T1, T2


class Acceptance:
    """Sends `response` for the server transaction `transaction`, again and again, whatever the transport.

    After 64*T1 without `stop` it calls `owner.on_unacknowledged(acceptance, now)`. `sequence` is the CSeq
    number that the ACK will have.
    """

    def __init__(self, timers, transaction, response, owner, now: int):
        self.sequence = transaction.request.cseq.number
        self._timers = timers
        self._transaction = transaction
        self._response = response
        self._owner = owner
        self._interval = T1
        transaction.respond(response, now)
        self._again = timers.start(T1, self, "again", now)
        self._limit = timers.start(64 * T1, self, "limit", now)

    def stop(self) -> None:
        """The ACK is here, or nobody waits for it any more."""
        self._transaction.settle()
        self._timers.stop(self._again)
        self._timers.stop(self._limit)

    def on_timer(self, name: str, now: int) -> None:
        if name == "limit":
            self._timers.stop(self._again)
            self._owner.on_unacknowledged(self, now)
            return
        self._interval = min(2 * self._interval, T2)
        self._again = self._timers.start(self._interval, self, "again", now)
        self._transaction.respond(self._response, now)
