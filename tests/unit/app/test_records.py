"""Lines and calls in the log."""

from app import records
from services.log import Log
from support.web import Anything


def noted(kind, **attributes):
    log = Log()
    records.note(log, kind, Anything(**attributes))
    return log.lines()


def a_line(state, reason=""):
    return noted("line", number=2, account=Anything(aor="sip:201@pbx.example"), state=state, reason=reason)


def test_registrations():
    assert a_line("registered") == [("info", "line 2: registered as sip:201@pbx.example")]
    assert a_line("failed", "Wrong user or password") == [("warning", "line 2: Wrong user or password")]
    assert a_line("failed") == [("warning", "line 2: not registered")]
    assert a_line("unregistered") == [("info", "line 2: no longer registered")]
    assert a_line("registering") == []


STATS = {"sent": 1750, "received": 1748, "lost": 2, "late": 1, "concealed": 3, "jitter_ms": 4,
         "round_trip_ms": 12, "remote_lost": 0, "remote_jitter_ms": None}  # fmt: skip


def a_call(**attributes):
    named = {
        "id": 1, "direction": "in", "number": "202", "name": "Ada", "line": Anything(number=1), "state": "ended",
        "reason": "Call ended", "status": 200, "answered": True, "seconds": lambda now: 95, "stats": None,
        "encrypted": False,
    }  # fmt: skip
    named.update(attributes)
    return noted("call", **named)


def test_calls_and_their_quality():
    who = "call 1 from 202 (line 1): "
    assert a_call(state="active") == [("info", who + "answered")]
    assert a_call(state="active", encrypted=True) == [("info", who + "answered, encrypted")]
    assert a_call(stats=STATS) == [
        ("info", who + "Call ended after 1:35"),
        (
            "info",
            "call 1 voice: sent 1750, received 1748, lost 2, late 1, concealed 3, jitter 4 ms, round trip 12 ms, "
            "remote lost 0",
        ),
    ]
    found = a_call(direction="out", answered=False, status=486, reason="Busy")
    assert found == [("info", "call 1 to 202 (line 1): Busy (486)")]
    assert a_call(number="")[0][1].startswith("call 1 from Ada ")
