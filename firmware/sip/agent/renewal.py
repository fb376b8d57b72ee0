"""When registrations, subscriptions and publications are refreshed, and retried after a failure."""

from compat import const
from sip.syntax.grammar import ParseError
from sip.syntax.headers import parse_seconds

MAX_EXPIRES = const(86_400)  # s: what a peer may ask of us, or grant
_BASE_S = const(30)  # RFC 5626 §4.5's base-time: the wait doubles from twice this …
_MAX_S = const(1800)  # … up to its max-time
QUICK = const(5)  # attempts after 1, 2, 4 … s where a connection is refused: the server is starting again
_PATIENCE_S = const(64)  # a refresh leaves time for two requests that nobody answers


def seconds(text: "str | None") -> "int | None":
    """delta-seconds, at most MAX_EXPIRES; None where `text` is None or malformed."""
    if text is None:
        return None
    try:
        return min(parse_seconds(text), MAX_EXPIRES)
    except ParseError:
        return None


def granted(response, asked: int) -> int:
    """Seconds of life that a 2xx grants to a request that asked for `asked`."""
    value = seconds(response.get("Expires"))
    return asked if value is None else value


def retry_after(response) -> int:
    """Seconds that a refusal's Retry-After asks us to wait; 0 without one, or with a malformed one."""
    return seconds(response.get("Retry-After")) or 0


def lengthened(response, asked: int) -> int:
    """Seconds that a 423 wants in place of `asked` (RFC 3261 §10.2.8); 0 if another request is pointless."""
    try:
        least = response.min_expires
    except ParseError:
        return 0
    return least if least is not None and asked < least <= MAX_EXPIRES else 0


def refresh_ms(seconds_left: int, below) -> int:
    """Milliseconds after which `seconds_left` of life are refreshed: before they end, at a random moment.

    At least 500, so that a peer which grants next to nothing does not have us send without a pause.
    """
    early = 1000 * (seconds_left - min(seconds_left // 2, _PATIENCE_S + seconds_left // 10))
    return max(early - below(1 + 50 * seconds_left), 500)


def retry_ms(failures: int, at_least_s: int, below) -> int:
    """Milliseconds to wait after `failures` in a row: base-time * 2^failures, half of it random.

    RFC 5626 §4.5. `at_least_s` is what the peer's Retry-After asks for, counted up to MAX_EXPIRES.
    """
    longest = min(_MAX_S, _BASE_S << min(failures, 6))
    return max(500 * longest + below(500 * longest), 1000 * min(at_least_s, MAX_EXPIRES))


def quick_ms(failures: int, below) -> int:
    """Milliseconds to wait after 1 to QUICK refused connections in a row, half of it random."""
    return (500 << failures - 1) + below(500 << failures - 1)
