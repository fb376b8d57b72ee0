"""The voice path that comes and goes."""

from phone.sound import Sound


class Voice:
    def __init__(self, log):
        self.log = log
        self.running = False
        self.muted = False
        self.port = None
        self.volume = 0
        log.append("made")

    @property
    def idle(self):
        return self.port is None and not self.running

    def start(self, output):
        self.running = True

    def stop(self):
        self.running = False

    def open(self, port, media, held):
        self.port = port
        self.held = held

    def join(self, port, media):
        self.joined = port

    def part(self, now):
        return {"sent": 2}

    def mute(self, on):
        self.muted = on

    def send_digit(self, digit):
        self.log.append(digit)
        return True

    def digits(self):
        return "42"

    def close(self, now):
        self.port = None
        return {"sent": 1}

    def set_volume(self, percent):
        self.volume = percent

    def tone(self, name):
        self.log.append(name)

    def frame(self, now):
        self.log.append(now)


def test_an_idle_phone_has_no_voice():
    log = []
    sound = Sound(lambda: Voice(log), 40)
    sound.stop()
    sound.frame(1)
    sound.tone("busy")
    sound.set_volume(130)
    assert (sound.running, sound.muted, sound.port, sound.close(1), log) == (False, False, None, None, [])
    sound.mute(True)
    assert (sound.part(1), sound.send_digit("1"), sound.digits(), sound.muted, log) == (
        None,
        False,
        "",
        False,
        [],
    )
    assert sound.volume == 100


def test_no_look_at_an_attribute_builds_it():
    log = []
    sound = Sound(lambda: Voice(log))
    for name in dir(sound) + ["engine", "codec", "idle"]:
        getattr(sound, name, None)
    assert log == []


def test_what_a_call_asks_of_it_the_voice_does():
    log = []
    sound = Sound(lambda: Voice(log))
    sound.open("port", None, True)
    voice = sound._voice
    assert voice.held and sound.port == "port"
    sound.join("other", None)
    sound.mute(True)
    assert voice.joined == "other" and sound.muted and sound.part(1) == {"sent": 2}
    assert sound.send_digit("5") and log == ["made", "5"] and sound.digits() == "42"


def test_it_is_made_when_somebody_listens_and_goes_when_nobody_does():
    log = []
    sound = Sound(lambda: Voice(log), 40)
    sound.tone("dial")
    sound.start("handset")
    assert sound.running and log == ["made", "dial"] and sound.volume == 40
    sound.frame(7)
    sound.set_volume(50)
    sound.stop()
    assert not sound.running and sound.volume == 50 and log[2:] == [7]
    sound.tone(None)
    sound.start("handset")
    assert log[3:] == ["made"] and sound.volume == 50


def test_it_stays_while_a_stream_or_the_sound_does():
    log = []
    sound = Sound(lambda: Voice(log))
    sound.prepare()
    sound.prepare()
    sound.start("speaker")
    sound.open("port", None)
    sound.stop()
    assert sound.port == "port" and log == ["made"]
    assert sound.close(1) == {"sent": 1} and sound.port is None
    sound.start("speaker")
    assert log == ["made", "made"]


class Scarce(Voice):
    """A voice whose streams get no memory at the first `failures` starts."""

    failures = 1

    def start(self, output):
        self.log.append(output)
        if self.log.count(output) <= self.failures:
            raise OSError(12)
        self.running = True


class Never(Scarce):
    failures = 9


def test_sound_without_memory_is_tried_again_after_a_collection():
    log = []
    sound = Sound(lambda: Scarce(log))
    sound.start("handset")
    assert sound.running and log == ["made", "handset", "handset"]


def test_sound_that_gets_no_memory_is_told_and_leaves_nothing_behind():
    log, told = [], []
    sound = Sound(lambda: Never(log))
    sound.on_failure = lambda name, error: told.append((name, error.args[0]))
    sound.start("handset")
    assert not sound.running and told == [("sound", 12)]
    sound.start("handset")
    assert log.count("made") == 2, "the buffers of the first were let go"
