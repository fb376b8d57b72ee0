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

    def open(self, port, media):
        self.port = port

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
    assert sound.volume == 100


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
