"""RFC 5359: services of whole phones, by their keys, in fair weather, with loss, doubling and overtaking, and slowly.

§2.1 is also in test_rfc5359_hold.py, between endpoints; §2.4 and §2.5 in test_rfc5589_transfers.py.
"""

# micropython-heap: 2M: three whole phones, the proxy and the network live in one process

from phone.dialplan import DialError
from support.descriptions import description
from support.desk import Office
from support.network import Network
from support.phones import Peer

_LIMIT = 150_000  # ms: what 64*T1 and its repetitions may take


def weathers(*seeds):
    yield Network()
    for seed in seeds:
        yield Network(seed, loss=20, duplication=20, jitter=40)
    yield Network(delay=900)  # a round trip of 1.8 s: everything is sent more than once


def in_every_weather(scenario, *seeds):
    for network in weathers(*seeds):
        scenario(network)


class Three:
    """Alice, Bob and Carol at a proxy."""

    def __init__(self, network):
        self.office = Office("201", "202", "203", network=network)
        self.alice, self.bob, self.carol = self.office.desks

    def until(self, condition):
        self.office.run_until(condition, _LIMIT)

    def settle(self):
        """Until no offer is open and nobody waits for anything but the person."""
        self.until(
            lambda: (
                not any(
                    session.renegotiation.busy or session.state == "accepted"
                    for desk in self.office.desks
                    for session in desk.control.user_agent.sessions
                )
            )
        )

    def call(self, caller, callee):
        """`caller` calls, `callee` answers; the two Calls."""
        if not caller.control.instrument.handset:
            caller.lift()
        number = len(callee.control.live)
        self.dial(caller, callee.name)
        ours = caller.call
        self.until(lambda: len(callee.control.live) > number and callee.control.waiting is not None)
        callee.control.answer(callee.network.now)
        theirs = callee.call
        self.until(lambda: ours.state == theirs.state == "active" and theirs.session.state == "established")
        return ours, theirs

    def dial(self, desk, text):
        """As a person does: once more where the line is not free yet."""
        while True:
            try:
                return desk.control.dial(text, desk.network.now)
            except DialError:
                self.office.run(1000)

    def talk(self, one, two):
        """Whether these two, and nobody else, have a call that is heard on both sides."""
        return all(
            len(desk.control.live) == 1 and desk.call.state == "active" and desk.control.heard is desk.call
            for desk in (one, two)
        )

    def end(self):
        for desk in self.office.desks:
            desk.put_down()
            for call in list(desk.control.live):
                desk.control.hang_up(desk.network.now, call)
        self.office.run(200_000, 1000)
        for desk in self.office.desks:
            assert desk.control.calls == [] and desk.ports.count() == 0 and desk.voice.port is None, desk.name
            assert not desk.control.user_agent.sessions
            assert "internal_errors" not in desk.node.endpoint.counters


def call_hold(network):
    three = Three(network)
    ours, theirs = three.call(three.alice, three.bob)
    for holder, held, other in ((three.alice, ours, theirs), (three.bob, theirs, ours)):
        holder.press("hold")
        three.until(lambda held=held, other=other: (held.state, other.state) == ("held", "remote_held"))
        three.settle()
        holder.press("hold")
        three.until(lambda held=held, other=other: held.state == other.state == "active")
        three.settle()
    three.end()


def test_2_1_call_hold():
    in_every_weather(call_hold, 201, 202)


def consultation_hold(network):
    three = Three(network)
    first, bob = three.call(three.alice, three.bob)
    three.settle()
    second, carol = three.call(three.alice, three.carol)
    three.until(lambda: bob.state == "remote_held")
    assert first.state == "held" and three.alice.control.heard is second
    three.carol.control.hang_up(network.now)
    three.until(lambda: second.state == "ended")
    three.settle()
    three.alice.control.resume(network.now, first)
    three.until(lambda: first.state == bob.state == "active")
    three.end()


def test_2_2_consultation_hold():
    in_every_weather(consultation_hold, 211, 212)


def test_2_3_music_on_hold():
    """The holder connects us with a music server; what that sends is heard, though we are held."""
    network = Network()
    office = Office("201", network=network, register=False)
    alice = office.desks[0]
    alice.line.account.proxy = None
    alice.control.user_agent.add(alice.line.account)
    bob = Peer(network)
    alice.control.dial("sip:peer@192.0.2.99", network.now)
    office.run(100)
    invite = bob.take("INVITE")
    bob.respond(invite, 200, body=description())
    office.run(100)
    bob.received = []
    us = ("192.0.2.1", 5060)
    to = invite.from_.tag
    hold = description(direction="sendonly")
    music = hold.replace(b"c=IN IP4 192.0.2.99", b"c=IN IP4 192.0.2.88")
    assert music != hold
    for sequence, offer, state in (
        (1, hold, "remote_held"),
        (2, music, "remote_held"),
        (3, description(), "active"),
    ):
        bob.request("INVITE", "sip:201@192.0.2.1", us, invite.call_id, sequence, to, offer)
        office.run(100)
        bob.take(200)
        bob.request("ACK", "sip:201@192.0.2.1", us, invite.call_id, sequence, to)
        office.run(100)
        assert alice.call.state == state
        if offer is music:
            assert alice.call.session.media.remote[0] == "192.0.2.88"
            for number in range(10):
                head = bytes([0x80, 0, 0, number, 0, 0, number * 160 >> 8, number * 160 & 255]) + b"band"
                alice.ports.waiting().append(head + b"\x2a" * 160)
                office.talk(1)
            assert alice.codec.heard.strip(b"\0"), "music"


def unattended_transfer(network):
    three = Three(network)
    three.call(three.alice, three.bob)
    three.settle()
    three.alice.control.transfer("203", network.now)
    three.until(lambda: three.carol.control.waiting is not None or not three.alice.call.moving)
    if three.carol.control.waiting is not None:
        three.carol.lift()
    three.until(lambda: three.talk(three.bob, three.carol) or three.talk(three.alice, three.bob))
    if network.loss == 0:
        assert three.talk(three.bob, three.carol)
    three.end()


def test_2_4_unattended_transfer():
    in_every_weather(unattended_transfer, 241, 242, 243)


def unattended_transfer_that_comes_to_nothing(network):
    three = Three(network)
    three.carol.control.preferences.most_calls = 0
    three.call(three.alice, three.bob)
    three.settle()
    three.alice.control.transfer("203", network.now)
    three.until(lambda: three.talk(three.alice, three.bob))
    assert three.carol.control.history.entries[0].kind == "missed"
    three.end()


def test_2_4_unattended_transfer_that_comes_to_nothing():
    in_every_weather(unattended_transfer_that_comes_to_nothing, 244, 245)


def attended_transfer(network):
    three = Three(network)
    first, _ = three.call(three.alice, three.bob)
    three.settle()
    second, _ = three.call(three.alice, three.carol)
    three.settle()
    three.alice.control.connect(first, second, network.now)
    three.until(lambda: three.talk(three.bob, three.carol) or not first.moving)
    if network.loss == 0:
        assert three.talk(three.bob, three.carol)
    three.until(lambda: not three.alice.control.live or not first.moving)
    three.end()


def test_2_5_attended_transfer():
    in_every_weather(attended_transfer, 251, 252, 253)


def forwarded(network, **chosen):
    """Alice calls Bob, who has chosen so; until it rings at Carol's, who answers."""
    three = Three(network)
    for name in chosen:
        setattr(three.bob.control.preferences, name, chosen[name])
    if "forward_busy" in chosen:
        three.bob.control.preferences.most_calls = 0
    three.alice.lift()
    three.dial(three.alice, "202")
    three.until(lambda: three.carol.control.waiting is not None)
    three.carol.lift()
    three.until(lambda: three.talk(three.alice, three.carol))
    assert not three.bob.bell.ringing and not three.bob.control.live
    kind = three.bob.control.history.entries[0].kind
    three.end()
    return kind


def test_2_7_call_forwarding_unconditional():
    for network in weathers(271, 272):
        assert forwarded(network, forward_always="203") == "forwarded"


def test_2_8_call_forwarding_busy():
    for network in weathers(281, 282):
        assert forwarded(network, forward_busy="203") == "missed"


def test_2_9_call_forwarding_no_answer():
    for network in weathers(291, 292):
        assert forwarded(network, forward_no_answer="203", no_answer_s=8) == "forwarded"


def call_screening(network):
    """Bob's proxy lets Alice through to him, and not Carol, who is told."""
    three = Three(network)
    three.office.server.proxy.policy = lambda caller, uri, inward: uri.user != "202" or caller == "201"
    three.dial(three.carol, "202")
    refused = three.carol.call
    three.until(lambda: refused.state == "ended")
    assert refused.session.status == 403 and refused.reason == "Not allowed", refused.reason
    assert not three.bob.bell.ringing and not three.bob.control.history.entries
    three.call(three.alice, three.bob)
    three.end()


def test_2_13_incoming_call_screening():
    in_every_weather(call_screening, 301, 302)


def call_pickup(network):
    three = Three(network)
    three.alice.lift()
    three.dial(three.alice, "202")
    three.until(lambda: three.bob.control.waiting is not None and three.alice.call.state == "ringing")
    dialog = three.alice.call.session.dialog
    replaces = "%s;to-tag=%s;from-tag=%s" % (dialog.call_id, dialog.local.tag, dialog.remote.tag)
    three.carol.lift()
    three.carol.control.dial("201", network.now, None, [("Replaces", replaces)])
    three.until(lambda: three.talk(three.alice, three.carol) and not three.bob.control.live)
    assert three.bob.control.history.unseen == 0 and not three.bob.bell.ringing
    three.end()


def test_2_16_call_pickup():
    in_every_weather(call_pickup, 311, 312)
