"""Ringback of our own while early media is promised and not heard (RFC 3960 §3.2), and calls without sound."""

# micropython-heap: 1M: a whole phone and the network live in one process

from sip.locator import Locator
from support.descriptions import description
from support.desk import Office
from support.network import Network
from support.phones import Peer


def tone(desk):
    """Whether something is heard without a stream."""
    desk.codec.waiting = 3
    desk.voice.frame(desk.network.now)
    return bool(desk.codec.heard.strip(b"\0"))


class Outgoing:
    """A call of our phone to a peer that says exactly what the test tells it."""

    def __init__(self):
        self.network = Network()
        self.office = Office("201", network=self.network, register=False)
        self.desk = self.office.desks[0]
        self.desk.line.account.proxy = None
        self.desk.control.user_agent.add(self.desk.line.account)
        self.peer = Peer(self.network)
        self.desk.control.dial("sip:peer@192.0.2.99", self.network.now)
        self.office.run(100)
        self.invite = self.peer.take("INVITE")

    def say(self, status, body=b"", ms=300):
        self.peer.respond(self.invite, status, body=body)
        self.office.run(ms)

    @property
    def state(self):
        return self.desk.call.state

    def talk(self, body=None):
        self.say(200, body or description())
        self.peer.kinds()
        return self


def test_ringback_while_nothing_is_heard():
    for answers in (
        ((183, True), (180, False)),
        ((180, True),),
        ((180, False), (183, True)),
        ((180, False),),
    ):
        call = Outgoing()
        for status, has_body in answers:
            call.say(status, description() if has_body else b"")
        assert call.state == "ringing" and tone(call.desk), answers
        assert "Ringing" in call.desk.screen()[0], answers
        call.say(200, description())
        assert call.state == "active" and not tone(call.desk)


def test_a_silent_183_alone_is_no_ringing():
    call = Outgoing()
    call.say(183, description())
    assert call.state == "early" and not tone(call.desk)


def test_what_is_heard_takes_the_place_of_the_tone_and_gives_it_back():
    call = Outgoing()
    call.say(180, description())
    call.desk.call.port.is_heard = True
    call.office.run(200)
    assert call.state == "early" and not tone(call.desk)
    call.desk.call.port.is_heard = False
    call.office.run(200)
    assert call.state == "ringing" and tone(call.desk)
    # An announcement after the ringing: silence in it is no ringing.
    call.desk.call.port.is_heard = True
    call.say(183)
    call.desk.call.port.is_heard = False
    call.office.run(200)
    assert call.state == "early" and not tone(call.desk)


def test_silence_is_told_and_ends_where_sound_comes():
    call = Outgoing().talk()
    port = call.desk.call.port
    port.silence = 499
    call.office.run(1100)
    assert call.desk.call.note == ""
    port.silence = 500
    call.office.run(1100)
    assert "No sound received" in call.desk.screen() and call.state == "active"
    port.silence = 0
    call.office.run(1100)
    assert call.desk.call.note == "" and "No sound received" not in call.desk.screen()


def test_what_is_not_to_be_heard_is_no_silence():
    call = Outgoing().talk(description(direction="recvonly"))
    call.desk.call.port.silence = 100_000
    call.office.run(1100)
    assert call.desk.call.note == "" and call.desk.call.port.silence < 100


def test_a_call_without_sound_ends_if_that_is_wanted():
    call = Outgoing().talk()
    call.desk.control.preferences.media_timeout_s = 30
    try:
        call.desk.call.port.silence = 1000
        call.office.run(1100)
        assert call.state == "active"
        call.desk.call.port.silence = 1500
        call.office.run(1100)
        assert call.peer.take("BYE") and call.desk.call.reason == "No sound received"
    finally:
        del call.desk.control.preferences.media_timeout_s


def test_media_at_a_name():
    for records, address in (([], None), (["192.0.2.77"], "192.0.2.77")):
        call = Outgoing()
        asked = []

        def lookup(name, kind, now, asked=asked, records=records):
            asked.append((name, kind))
            return None if len(asked) == 1 else records

        call.desk.node.endpoint.locator = locator = Locator(lookup, bytes)
        call.say(200, description(host="media.example.com"))
        assert asked == [("media.example.com", 1)] and call.state == "active"
        locator.resume(call.network.now)
        call.office.run(200)
        if address:
            assert call.desk.call.session.media.remote == (address, 6000)
            call.office.talk(3)
            assert call.desk.voice.close(0)["sent"] == 3
        else:
            assert call.peer.take("BYE") and call.desk.call.reason == "No address for voice"
