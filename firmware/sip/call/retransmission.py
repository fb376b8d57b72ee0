"""A response repeated until the request comes that acknowledges it (RFC 3261 §13.3.1.4, RFC 3262 §3)."""

from sip.transaction import T1


class Retransmission:
    """Sends `response` for the server transaction `transaction`, again and again until `stop`.

    Over any transport: the first time at once, then after T1 and after twice as long each time, though at
    most `longest` ms where that is given. After 64*T1 without `stop` it calls `on_silence(self, now)`, once.
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
        """The acknowledgement is here, or nobody waits for it any more."""
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
