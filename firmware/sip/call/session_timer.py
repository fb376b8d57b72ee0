"""Session timers (RFC 4028): which side refreshes a session, and when the session expires.

Loaded with the first call.
"""

from compat import const
from sip.syntax.grammar import ParseError, number
from sip.syntax.headers import parse_seconds, parse_valued

MIN_SE = const(90)  # s: the minimum of §5, and our own
_MAX_LENGTH = const(86_400)  # s: the longest that a 422 may ask for
_MAX_422 = const(3)


class SessionTimer:
    """The session timer of a Session; off until a 2xx sets an interval.

    interval    session interval in seconds; 0: none was agreed
    refresher   whether our side refreshes
    """

    def __init__(self, session, timers, wanted: int):
        self.interval = 0
        self.refresher = False
        self._session = session
        self._timers = timers
        self._wanted = wanted
        self._minimum = 0
        self._refused = 0
        self._refresh = None
        self._expiry = None

    # Our requests

    def ask(self, request) -> None:
        """Add Session-Expires to our INVITE or UPDATE: a new interval (§7.1), or the agreed one (§7.4)."""
        seconds = max(self.interval or self._wanted, self._minimum)
        if not seconds:
            return
        value = str(seconds)
        if self.interval:
            value += ";refresher=" + ("uac" if self.refresher else "uas")
        request.set("Session-Expires", value)
        if self._minimum:
            request.set("Min-SE", self._minimum)

    def is_raised(self, response) -> bool:
        """Take the Min-SE of a 422 (§7.3); returns whether to send the request again."""
        try:
            minimum = parse_seconds(response.get("Min-SE") or "")
        except ParseError:
            return False
        self._refused += 1
        if self._refused > _MAX_422 or not self._minimum < minimum <= _MAX_LENGTH:
            return False
        self._minimum = minimum
        return True

    def agree(self, response, now: int) -> None:
        """Take the interval and refresher of the 2xx to our request (§7.2)."""
        seconds, refresher = _session_expires(response)
        self._arm(seconds or 0, refresher != "uas", now)

    # The peer's

    def grant(self, request, response, now: int) -> None:
        """Set interval and refresher, and add them to our 2xx (§9)."""
        seconds, refresher = _session_expires(request)
        supported = "timer" in [each.lower() for each in request.all("Supported")]
        if seconds is None:
            seconds = self._wanted if supported else 0
            refresher = refresher or "uas"
        elif not supported:
            refresher = "uas"  # added by a proxy: the peer does not support timers
        if not seconds:
            self._arm(0, False, now)
            return
        seconds = max(seconds, _minimum_of(request))
        refresher = refresher or "uac"
        response.add("Session-Expires", "%d;refresher=%s" % (seconds, refresher))
        if refresher == "uac":
            response.add("Require", "timer")
        self._arm(seconds, refresher == "uas", now)

    # Time

    def _arm(self, interval, refresher, now):
        self.stop()
        self.interval = interval
        self.refresher = refresher
        if not interval:
            return
        if refresher:
            self._refresh = self._timers.start(interval * 500, self, "refresh", now)
        # §10: late enough for a last refresh, early enough for the BYE.
        expiry = interval - min(32, interval // 3)
        self._expiry = self._timers.start(expiry * 1000, self, "expired", now)

    def stop(self) -> None:
        """Stop the timers: the session is over, or they start again."""
        self._timers.stop(self._refresh)
        self._timers.stop(self._expiry)

    def on_timer(self, name: str, now: int) -> None:
        session = self._session
        if name == "expired":
            self._timers.stop(self._refresh)
            session.step("expired", now)
        elif session.state == "established":
            # Repeated until a refresh is answered, which restarts the timers.
            self._refresh = self._timers.start(self.interval * 100, self, "refresh", now)
            session.renegotiation.refresh(now)


def too_short(request) -> bool:
    """Whether an INVITE or UPDATE asks for less than MIN_SE, and its sender supports a 422 (§8.1, §9)."""
    seconds, _ = _session_expires(request)
    if seconds is None or seconds >= MIN_SE:
        return False
    return "timer" in [each.lower() for each in request.all("Supported")]


def _session_expires(message):
    """(seconds, "uac", "uas" or None); (None, None) without a valid Session-Expires."""
    text = message.get("Session-Expires")
    if text is None:
        return None, None
    try:
        value = parse_valued(text)
        refresher = (value.params.get("refresher") or "").lower()
        return number(value.value, "Session-Expires"), refresher if refresher in ("uac", "uas") else None
    except ParseError:
        return None, None


def _minimum_of(request):
    try:
        return max(MIN_SE, min(parse_seconds(request.get("Min-SE") or "0"), _MAX_LENGTH))
    except ParseError:
        return MIN_SE
