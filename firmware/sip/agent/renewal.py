"""Intervals: refresh and retry of registrations, subscriptions and publications."""

from compat import const
from sip.syntax.grammar import ParseError
from sip.syntax.headers import parse_seconds

MAX_EXPIRES = const(86_400)  # s: the longest that a peer may ask for, or grant
_BASE_S = const(30)  # RFC 5626 §4.5's base-time: the wait doubles from twice this …
_MAX_S = const(1800)  # … up to its max-time
QUICK = const(5)  # attempts after 1, 2, 4 … s if the connection is refused: the server is restarting
_PATIENCE_S = const(64)  # a refresh leaves time for two requests that time out


def seconds(text: "str | None") -> "int | None":
    """delta-seconds, at most MAX_EXPIRES; None where `text` is None or malformed."""
    if text is None:
        return None
    try:
        return min(parse_seconds(text), MAX_EXPIRES)
    except ParseError:
        return None


def granted(response, asked: int) -> int:
    """The expiry in seconds that a 2xx grants to a request that asked for `asked`."""
    value = seconds(response.get("Expires"))
    return asked if value is None else value


def retry_after(response) -> int:
    """Seconds in the Retry-After of a response; 0 without one, or with a malformed one."""
    return seconds(response.get("Retry-After")) or 0


def lengthened(response, asked: int) -> int:
    """The Min-Expires of a 423 in seconds (RFC 3261 §10.2.8); 0 if a request with it is pointless."""
    try:
        least = response.min_expires
    except ParseError:
        return 0
    return least if least is not None and asked < least <= MAX_EXPIRES else 0


def refresh_ms(seconds_left: int, below) -> int:
    """Milliseconds to wait before a refresh if `seconds_left` remain: a random time before the expiry.

    At least 500, so that a peer which grants a very short expiry does not make us send continuously.
    """
    early = 1000 * (seconds_left - min(seconds_left // 2, _PATIENCE_S + seconds_left // 10))
    return max(early - below(1 + 50 * seconds_left), 500)


def retry_ms(failures: int, at_least_s: int, below) -> int:
    """Milliseconds to wait after `failures` in a row: base-time * 2^failures, half of it random.

    RFC 5626 §4.5. `at_least_s` is the peer's Retry-After in seconds, limited to MAX_EXPIRES.
    """
    longest = min(_MAX_S, _BASE_S << min(failures, 6))
    return max(500 * longest + below(500 * longest), 1000 * min(at_least_s, MAX_EXPIRES))


def quick_ms(failures: int, below) -> int:
    """Milliseconds to wait after 1 to QUICK refused connections in a row, half of it random."""
    return (500 << failures - 1) + below(500 << failures - 1)
