"""The table of a session's life, by itself; what it does is tested with the caller and the callee."""

# micropython-heap: 256k: both ends of a call, with all that they need

from compat import lookup
from sip.call import session
from sip.call.callee import Callee
from sip.call.caller import Caller

TABLE = session._TABLE
CALLERS = ("calling", "early", "cancelling")
CALLEES = ("incoming", "ringing", "answering", "accepted", "closing")
SHARED = ("established", "leaving", "ended")


def test_states_are_known_and_actions_are_there():
    for (state, event), (following, action) in TABLE:
        assert state in CALLERS + CALLEES + SHARED and following in CALLERS + CALLEES + SHARED, (state, event)
        if action is not None:
            for kind, other in ((Caller, CALLEES), (Callee, CALLERS)):
                assert state in other or hasattr(kind, action), (state, event, action)


def test_the_halves_do_not_mix():
    for (state, event), (following, _) in TABLE:
        for half in (CALLERS, CALLEES):
            assert state not in half or following in half + SHARED, (state, event)
        assert state not in SHARED or following in SHARED, (state, event)


def test_every_state_comes_to_an_end():
    ending = ["ended"]
    for _ in range(len(CALLERS + CALLEES + SHARED)):
        ending += [state for (state, _), (following, _) in TABLE if following in ending]
    for state in CALLERS + CALLEES + SHARED:
        assert state in ending, state


def test_every_state_but_the_last_ones_can_be_hung_up():
    for state in ("calling", "early", "incoming", "ringing", "accepted", "established"):
        assert lookup(TABLE, (state, "end")), state
    for state in ("cancelling", "closing", "leaving", "ended"):
        assert not lookup(TABLE, (state, "end")), state
