"""One rule for what lives on a server: registrations, subscriptions, publications."""

from sip.agent import renewal
from sip.syntax.message import Response


def lowest(limit):
    return 0


def highest(limit):
    return limit - 1


def answer(status, **headers):
    response = Response(status)
    for name, value in headers.items():
        response.add(name.replace("_", "-"), value)
    return response


def test_the_wait_doubles_from_twice_the_base_time():
    # RFC 5626 §4.5: base-time (30 s) * 2^failures, at most max-time (1800 s); then half of it to all of it.
    for failures, longest in ((1, 60), (2, 120), (3, 240), (4, 480), (5, 960), (6, 1800), (60, 1800)):
        assert renewal.retry_ms(failures, 0, lowest) == longest * 500, failures
        assert renewal.retry_ms(failures, 0, highest) == longest * 1000 - 1, failures


def test_a_peer_may_ask_for_more_patience_but_not_for_ever_more():
    assert renewal.retry_ms(1, 900, lowest) == 900_000
    quick = [(renewal.quick_ms(n, lowest), renewal.quick_ms(n, highest)) for n in range(1, renewal.QUICK + 1)]
    assert quick == [(500 << n, (1000 << n) - 1) for n in range(5)]
    assert renewal.retry_ms(6, 1, lowest) == 900_000
    assert renewal.retry_ms(1, 10**9, lowest) == renewal.MAX_EXPIRES * 1000


def test_min_expires():
    for value, seconds in (
        ("120", 120),
        ("86400", 86400),
        ("86401", 0),
        ("60", 0),
        ("30", 0),
        ("soon", 0),
        (None, 0),
    ):
        response = answer(423) if value is None else answer(423, Min_Expires=value)
        assert renewal.lengthened(response, 60) == seconds, value


def test_a_refresh_is_early_enough_and_never_at_once():
    for seconds, below, ms in (
        (3600, lowest, 3_176_000),
        (3600, highest, 2_996_000),
        (60, lowest, 30_000),
        (1, lowest, 1000),
        (1, highest, 950),
        (0, highest, 500),
    ):
        assert renewal.refresh_ms(seconds, below) == ms, seconds


def test_malformed_seconds():
    assert renewal.seconds("x") is None and renewal.seconds(None) is None
    assert renewal.seconds("99999999") == renewal.MAX_EXPIRES
    assert renewal.granted(answer(200, Expires="x"), 600) == 600
    assert renewal.granted(answer(200, Expires="60"), 600) == 60
    assert renewal.retry_after(answer(503, Retry_After="120 (busy)")) == 120
    assert renewal.retry_after(answer(503, Retry_After="later")) == 0
