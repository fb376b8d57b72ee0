"""When a subscription or a publication is renewed, and when it is tried again after a failure."""

from compat import const
from sip.syntax.grammar import ParseError
from sip.syntax.headers import parse_seconds

MAX_EXPIRES = const(86_400)  # s: what a peer may ask of us, or grant
_BASE_S = const(30)  # the wait doubles from here …
_MAX_S = const(1800)  # … up to here
_PATIENCE_S = const(64)  # a refresh leaves time for two requests that nobody answers


def seconds(text: "str | None") -> "int | None":
    """delta-seconds up to MAX_EXPIRES; None where there are none, or no proper ones."""
    if text is None:
        return None
    try:
        return min(parse_seconds(text), MAX_EXPIRES)
    except ParseError:
        return None


def granted(response, asked: int) -> int:
    """Seconds of life that a 2xx grants who asked for `asked`."""
    value = seconds(response.get("Expires"))
    return asked if value is None else value


def retry_after(response) -> int:
    """Seconds for which a refusal wants to be left in peace, 0 where it does not say."""
    return seconds(response.get("Retry-After")) or 0


def lengthened(response, asked: int) -> int:
    """What a 423 wants in the place of `asked` seconds; 0 where asking again makes no sense."""
    least = seconds(response.get("Min-Expires"))
    return least if least is not None and asked < least < MAX_EXPIRES else 0


def refresh_ms(seconds_left: int, below) -> int:
    """After how many ms what lives so long is renewed: before its end, and not with all others at once."""
    early = 1000 * (seconds_left - min(seconds_left // 2, _PATIENCE_S + seconds_left // 10))
    return max(early - below(1 + 50 * seconds_left), 500)


def retry_ms(failures: int, at_least_s: int, below) -> int:
    """How many ms to wait after so many failures in a row: doubling, half of it random (RFC 5626 §4.5)."""
    longest = min(_MAX_S, _BASE_S << min(failures - 1, 6))
    return max(500 * longest + below(500 * longest), 1000 * min(at_least_s, MAX_EXPIRES))
