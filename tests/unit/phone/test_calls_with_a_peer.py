"""Call control against a peer that is played by hand: the order of things that no phone of ours would send."""

# micropython-heap: 1M: a whole phone and the network live in one process

from support.descriptions import description
from support.desk import Office
from support.network import Network
from support.phones import Peer


def tone(desk):
    """Whether something is heard without a stream."""
    desk.codec.waiting = 3
    desk.voice.frame(desk.network.now)
    return bool(desk.codec.heard.strip(b"\0"))


class Line:
    """Our phone, and a peer that says exactly what the test tells it."""

    def __init__(self):
        self.network = Network()
        self.office = Office("201", network=self.network, register=False)
        self.desk = self.office.desks[0]
        self.desk.line.account.proxy = None
        self.desk.line.register(Registrar(self.desk.control.user_agent), self.network.now)
        self.peer = Peer(self.network)

    def settle(self, ms=100):
        self.office.run(ms)

    def ring(self, body=None, **headers):
        """The peer calls, with an offer unless `body` says otherwise; returns the tag of our answers."""
        body = description() if body is None else body
        self.peer.request("INVITE", "sip:201@192.0.2.1", ("192.0.2.1", 5060), body=body, **headers)
        self.settle()
        return self.peer.take(180).to.tag

    def tell(self, method, tag, sequence=1, body=b""):
        self.peer.request(method, "sip:201@192.0.2.1", ("192.0.2.1", 5060), "call-1", sequence, tag, body)
        self.settle()

    def dial(self):
        self.desk.control.dial("sip:peer@192.0.2.99", self.network.now)
        self.settle()
        return self.peer.take("INVITE")

    def states(self):
        return self.desk.states


class Registrar:
    """Takes the line in without a REGISTER."""

    def __init__(self, user_agent):
        self.user_agent = user_agent

    def register(self, account, now):
        self.user_agent.add(account)


def test_an_offer_that_cannot_be_met_ends_the_call_as_it_is_answered():
    line = Line()
    line.ring(description(formats="0"))
    line.desk.control._switchboard._codecs = ("PCMA",)  # when it rang, PCMU was good enough
    line.desk.lift()
    line.settle()
    assert line.peer.take(488)
    assert line.desk.call.reason == "No common codec" and line.states() == ["ringing", "ended"]
    assert line.desk.ports.count() == 0 and not line.desk.bell.ringing


def test_an_invite_without_an_offer():
    for answer, ended in ((description(), False), (b"", True), (description(formats="18"), True)):
        line = Line()
        tag = line.ring(b"")
        line.desk.lift()
        line.settle()
        assert line.peer.take(200).body and line.desk.call.state == "active"
        line.tell("ACK", tag, body=answer)
        if ended:
            assert line.desk.call.reason == "No common codec" and line.desk.ports.count() == 0
        else:
            line.office.talk(2)
            assert line.desk.call.state == "active" and line.desk.voice.close(0)["sent"] == 2


def test_an_ack_that_never_comes():
    line = Line()
    line.ring()
    line.desk.lift()
    line.settle(33_000)
    assert line.desk.call.reason == "Connection lost" and line.desk.ports.count() == 0


def test_held_from_the_first_moment():
    line = Line()
    tag = line.ring(description(direction="sendonly"))
    line.desk.lift()
    line.settle()
    line.tell("ACK", tag)
    assert line.states() == ["ringing", "active", "remote_held"]
    line = Line()
    invite = line.dial()
    line.peer.respond(invite, 200, body=description(direction="inactive"))
    line.settle()
    assert line.states() == ["dialing", "active", "remote_held"]


def test_early_media_is_heard_instead_of_a_ringback_tone():
    line = Line()
    invite = line.dial()
    line.peer.respond(invite, 180)
    line.settle()
    assert line.states() == ["dialing", "ringing"] and tone(line.desk)
    line.peer.respond(invite, 183, body=description())
    line.settle()
    assert line.desk.call.state == "ringing" and tone(line.desk)
    line.desk.call.port.is_heard = True
    line.settle(200)
    assert line.states() == ["dialing", "ringing", "early"] and not tone(line.desk)
    assert line.desk.control.digit("1", line.network.now), "some machines ask before they answer"
    line.peer.respond(invite, 180)
    line.settle()
    assert line.desk.call.state == "early"
    line.peer.respond(invite, 200, body=description())
    line.settle()
    assert line.states() == ["dialing", "ringing", "early", "active"]
    line.office.talk(3)
    assert line.desk.voice.close(0)["sent"] >= 3


def test_early_media_and_then_a_refusal():
    line = Line()
    invite = line.dial()
    line.peer.respond(invite, 183, body=description())
    line.settle()
    line.peer.respond(invite, 404)
    line.settle()
    assert line.desk.call.reason == "Number not found" and tone(line.desk) and line.desk.ports.count() == 0


def test_events_that_come_all_at_once_come_to_the_same():
    line = Line()
    events = []
    line.desk.node.on_events = lambda new, now: events.extend(new)
    invite = line.dial()
    for status, body in ((180, b""), (183, description()), (200, description())):
        line.peer.respond(invite, status, body=body)
    line.settle()
    line.peer.request("BYE", "sip:201@192.0.2.1", ("192.0.2.1", 5060), invite.call_id, 1, invite.from_.tag)
    line.settle()
    for event in events:
        line.desk.control.on_event(event, line.network.now)
    assert line.desk.call.state == "ended" and line.desk.call.reason == "Call ended"
    assert line.desk.call.answered and line.desk.ports.count() == 0


def test_a_call_whose_name_tries_to_break_the_screen():
    for name, number in (
        ('"' + "W" * 100 + '"', "201"),
        ('"\u202e\u2066\u200f"', "1"),
        ('"\ue000\ue001 registered"', "201"),
        ('"\U0001f600 e\u0301"', "x" * 300),
        ("", "%00%0d%0a%1b[2J"),
    ):
        line = Line()
        line.ring(From="%s <sip:%s@192.0.2.99>;tag=theirs" % (name, number))
        screen = line.desk.screen()
        assert screen[0] == "Incoming call   201" and screen[-1] == "Answer Silence Reject", name
        assert len(screen) in (3, 4) and not [text for text in screen if "\ufffd" in text], screen


def test_a_transfer_that_nobody_has_room_for_is_refused_at_once():
    line = Line()
    line.desk.control.preferences.most_calls = 1
    tag = line.ring()
    line.desk.lift()
    line.settle()
    line.tell("ACK", tag)
    line.peer.kinds()
    line.peer.request(
        "REFER", "sip:201@192.0.2.1", ("192.0.2.1", 5060), "call-1", 2, tag, Refer_To="<sip:300@192.0.2.99>"
    )
    line.settle()
    assert line.peer.take(202)
    line.peer.respond(line.peer.take("NOTIFY"), 200)
    line.settle()
    assert b"603" in line.peer.take("NOTIFY").body
    assert line.desk.call.state == "active"
