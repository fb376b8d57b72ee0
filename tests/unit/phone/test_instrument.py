"""The instrument alone: what it is told of the calls decides sound, tone and light."""

from phone.instrument import Instrument
from sip.timers import Timers


class Voice:
    def __init__(self):
        self.output = None
        self.muted = False
        self.volume = 60

    @property
    def running(self):
        return self.output is not None

    def start(self, output):
        self.output = output

    def stop(self):
        self.output = None

    def mute(self, on):
        self.muted = on

    def set_volume(self, percent):
        self.volume = percent


class Ringing:
    volume = 50
    messages = 0

    def update(self, heard, waiting, dial_tone, missed, now):
        self.shown = heard, waiting, dial_tone, missed

    def remind(self, listening, now):
        self.reminded = listening

    def set_volume(self, percent):
        self.volume = percent


class Call:
    def __init__(self, state):
        self.state = state


class Bench:
    def __init__(self):
        self.voice, self.ringing, self.timers = Voice(), Ringing(), Timers()
        self.instrument = Instrument(self.voice, self.ringing, self.timers)
        self.forgotten_at = []
        self.instrument.on_forgotten = self.forgotten_at.append

    def refresh(self, now=0, front=None, heard=None, waiting=None, missed=0):
        self.instrument.refresh(now, front=front, heard=heard, waiting=waiting, missed=missed)
        return self.ringing.shown


def test_the_sound_goes_where_the_person_listens():
    bench = Bench()
    bench.refresh()
    assert not bench.instrument.listening and bench.voice.output is None
    bench.instrument.hook(True)
    bench.refresh()
    assert bench.voice.output == "handset"
    bench.instrument.use_speaker(True)
    bench.refresh()
    assert bench.voice.output == "speaker"
    bench.instrument.hook(False)
    bench.refresh()
    assert bench.voice.output == "speaker" and bench.instrument.listening, "only the speaker key turns it off"
    bench.instrument.hook(True)
    assert not bench.instrument.speaker, "who lifts the handset wants it there"
    bench.instrument.hook(False)
    bench.refresh()
    assert bench.voice.output is None


def test_nobody_hears_anything_while_a_call_rings():
    bench = Bench()
    bench.instrument.hook(True)
    ringing = Call("ringing")
    assert bench.refresh(waiting=ringing) == (None, ringing, False, 0) and bench.voice.output is None
    talk = Call("active")
    assert bench.refresh(front=ringing, heard=talk, waiting=ringing)[:2] == (talk, ringing)
    assert bench.voice.output == "handset", "a call in the ear goes on"


def test_the_dial_tone_is_for_the_first_digit():
    bench = Bench()
    bench.instrument.hook(True)
    for composing, front, tone in (
        (None, None, True),
        (None, Call("held"), False),
        (False, Call("held"), True),
        (True, None, False),
    ):
        bench.instrument.compose(composing)
        assert bench.refresh(front=front)[2] == tone, (composing, front)
    bench.instrument.compose(False)
    assert not bench.refresh(front=Call("active"), heard=Call("active"))[2]


def test_an_ended_call_on_the_screen_gives_its_tone():
    bench = Bench()
    ended = Call("ended")
    assert bench.refresh(front=ended, missed=2) == (ended, None, False, 2)


def test_a_handset_beside_the_phone_is_forgotten_once():
    bench = Bench()
    bench.instrument.hook(True)
    bench.refresh(0)
    bench.timers.run(29_999)
    assert not bench.instrument.forgotten
    bench.timers.run(30_000)
    assert bench.instrument.forgotten and bench.forgotten_at == [30_000]
    bench.refresh(30_000)
    assert bench.voice.output is None and bench.timers.deadline() is None
    bench.instrument.wake()
    bench.refresh(31_000)
    assert bench.voice.output == "handset" and bench.timers.deadline() == 61_000
    bench.refresh(32_000, heard=Call("active"))
    assert bench.timers.deadline() is None, "who talks is not waited for"


def test_volume_is_that_of_what_sounds():
    bench = Bench()
    assert bench.instrument.change_volume(10) == ("Ringer", 60) and bench.voice.volume == 60
    bench.instrument.hook(True)
    bench.refresh()
    assert bench.instrument.change_volume(-10) == ("Volume", 50) and bench.ringing.volume == 60
    bench.instrument.toggle_mute()
    assert bench.instrument.muted and bench.instrument.volume == 50


def test_messages_and_reminders_go_to_the_ringing():
    bench = Bench()
    bench.instrument.show_messages(3)
    bench.instrument.remind(5)
    assert bench.ringing.messages == 3 and bench.ringing.reminded is False
