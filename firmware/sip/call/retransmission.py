"""Retransmission of a response until it is acknowledged (RFC 3261 §13.3.1.4, RFC 3262 §3)."""

from sip.transaction import T1


class Retransmission:
    """Sends `response` of the server transaction `transaction` repeatedly, until `stop`.

    Over any transport: at once, then after T1; each further interval is twice as long, up to `longest` ms.
    After 64*T1 without `stop` it calls `on_silence(self, now)`, once.
    """

    def __init__(self, timers, transaction, response, on_silence, now: int, longest: int = 64 * T1):
        self.transaction = transaction
        self._timers = timers
        self._response = response
        self._on_silence = on_silence
        self._interval = T1
        self._longest = longest
        transaction.respond(response, now)
        self._again = timers.start(T1, self, "again", now)
        self._limit = timers.start(64 * T1, self, "limit", now)

    def stop(self) -> None:
        """Stop: the acknowledgement came, or is not awaited any more."""
        self._timers.stop(self._again)
        self._timers.stop(self._limit)

    def on_timer(self, name: str, now: int) -> None:
        if name == "limit":
            self._timers.stop(self._again)
            self._on_silence(self, now)
            return
        self._interval = min(2 * self._interval, self._longest)
        self._again = self._timers.start(self._interval, self, "again", now)
        self.transaction.respond(self._response, now)
