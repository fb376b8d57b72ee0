"""Which sound and which light go with what the calls do."""

from phone.ringing import Ringing
from support.devices import Bell, Light


class Call:
    def __init__(self, direction, state, status=0, remote_ended=False):
        self.direction = direction
        self.state = state
        self.status = status
        self.remote_ended = remote_ended


class Voice:
    def __init__(self):
        self.tones = []

    def tone(self, name):
        self.tones.append(name)


def tell(ringing, call, listening, missed, now):
    """`call` is the only one: it waits, or is in the ear."""
    waits = call is not None and (call.direction, call.state) == ("in", "ringing")
    ringing.update(None if waits else call, call if waits else None, listening, missed, now)


def update(call, listening=False, missed=0):
    """(bell, lamp, tone) with a call in front."""
    bell, lamp, voice = Bell(), Light(), Voice()
    tell(Ringing(bell, lamp, voice), call, listening, missed, 0)
    return bell.ringing, lamp.state, voice.tones[-1] if voice.tones else None


def test_only_a_call_that_comes_in_rings():
    for direction, state, rings in (
        ("in", "ringing", True),
        ("in", "active", False),
        ("in", "ended", False),
        ("out", "ringing", False),
        ("out", "dialing", False),
    ):
        assert update(Call(direction, state))[0] == rings, (direction, state)
    assert not update(None)[0]


def test_tones():
    for call, listening, tone in (
        (None, True, "dial"),
        (None, False, None),
        (Call("out", "dialing"), True, None),
        (Call("out", "ringing"), True, "ringback"),
        (Call("out", "early"), True, None),  # the far end plays its own
        (Call("out", "active"), True, None),
        (Call("in", "ringing"), True, None),
        (Call("out", "ended", 486, True), True, "busy"),
        (Call("out", "ended", 503, True), True, "congestion"),
        (Call("out", "ended", 200, True), True, "busy"),
        (Call("out", "ended", 487, False), True, None),
    ):
        assert update(call, listening)[2] == tone, (call and (call.state, call.status), listening)


def test_the_lamp_tells_of_a_call_and_of_missed_ones():
    ringing = update(Call("in", "ringing"), missed=2)[1]
    missed = update(None, missed=2)[1]
    assert ringing and missed and ringing != missed
    assert update(None)[1] is None


def test_nothing_is_begun_twice():
    bell, voice = Bell(), Voice()
    starts = []
    bell.start = lambda cadence, now: starts.append(cadence)
    ringing = Ringing(bell, Light(), voice, "uk")
    call = Call("in", "ringing")
    tell(ringing, call, False, 0, 0)
    bell.ringing = True
    tell(ringing, call, False, 0, 10)
    assert starts == ["uk"]
    for _ in range(2):
        tell(ringing, None, True, 0, 20)
    assert voice.tones == ["dial"] and not bell.ringing


def test_a_call_that_waits_during_another_is_told_in_the_ear():
    bell, lamp, voice = Bell(), Light(), Voice()
    ringing = Ringing(bell, lamp, voice)
    ringing.update(Call("in", "active"), Call("in", "ringing"), False, 0, 0)
    assert not bell.ringing and voice.tones == ["call_waiting"] and lamp.state
    ringing.update(Call("in", "ended", 200, True), Call("in", "ringing"), False, 0, 10)
    assert bell.ringing and voice.tones[-1] is None


def test_a_reminder_lasts_until_something_happens():
    bell, voice = Bell(), Voice()
    ringing = Ringing(bell, Light(), voice)
    ringing.remind(False, 0)
    assert bell.ringing
    ringing.update(None, None, False, 0, 10)
    assert not bell.ringing
    ringing.remind(True, 20)
    assert voice.tones[-1] == "call_waiting" and not bell.ringing


def test_volume_stays_within_bounds():
    bell = Bell()
    ringing = Ringing(bell, Light(), Voice(), volume=60)
    assert bell.percent == 60
    for asked, got in ((130, 100), (-3, 0)):
        ringing.set_volume(asked)
        assert ringing.volume == bell.percent == got
