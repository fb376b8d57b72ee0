"""Whatever arrives on the SIP port, the phone lives on and a call in progress is undisturbed."""

# micropython-heap: 1M: two phones, a stranger and the network live in one process

from sip.events import LocalError
from support.descriptions import description
from support.network import Dice, Network
from support.phones import Peer
from support.worlds import Direct

PIECES = (
    b"",
    b"\r\n",
    b"\r\n\r\n",
    b";",
    b",",
    b"<",
    b">",
    b'"',
    b"\\",
    b"\x00",
    b"\xff\xfe",
    b"%",
    b"*",
    b"=",
    b" ",
    b"99999999999999999999",
    b"-1",
    b"sip:",
    b"INVITE",
    b"BYE",
    b"SIP/2.0 200 OK",
    b"401",
    b"302",
    b"tag",
    b"Require: x\r\n",
    b"Contact: *\r\n",
    b"Expires: 0\r\n",
    b"c=IN IP4 0.0.0.0\r\n",
    b"m=audio 0 RTP/AVP 0\r\n",
)


def spoiled(octets, dice):
    """`octets` with one to three places changed."""
    for _ in range(1 + dice.below(3)):
        at = dice.below(len(octets) + 1)
        kind = dice.below(4)
        if kind == 0:
            octets = octets[:at] + bytes([dice.below(256)]) + octets[at + 1 :]
        elif kind == 1:
            octets = octets[:at] + PIECES[dice.below(len(PIECES))] + octets[at:]
        elif kind == 2:
            octets = octets[:at] + octets[at + 1 + dice.below(30) :]
        else:
            lines = octets.split(b"\r\n")
            lines[dice.below(len(lines))] = lines[dice.below(len(lines))]
            octets = b"\r\n".join(lines)
    return octets


def test_a_stranger_s_nonsense_leaves_a_call_alone():
    network = Network()
    world = Direct(network, answers="answers")
    world.bob.user_agent.max_sessions = 2
    world.call()
    network.settle()
    world.bob.answers = None
    stranger = Peer(network, "stranger", "198.51.100.66")
    dice = Dice(7)
    bob = ("192.0.2.2", 5060)
    sessions = (world.alice.session, world.bob.session)
    dialog = world.bob.session.dialog
    for number in range(400):
        method = ("INVITE", "BYE", "OPTIONS", "ACK", "CANCEL", "REGISTER")[number % 6]
        # Half of them pretend to be of the call, but for a tag.
        call_id, tag = (dialog.call_id, dialog.local.tag) if number & 1 else ("c%d" % number, None)
        stranger.request(method, "sip:bob@192.0.2.2", bob, call_id, number, tag, description())
        octets = stranger.unsend().to_bytes()
        stranger.send(spoiled(octets, dice), bob, "udp")
        stranger.send(bytes([dice.below(256) for _ in range(dice.below(60))]), bob, "udp")
        network.run(dice.below(50))
        stranger.kinds()
        network.ladder = []
        assert [session.state for session in sessions] == ["established", "established"]
    network.run(300_000)
    assert [session.state for session in sessions] == ["established", "established"]
    world.alice.end()
    network.settle()
    assert [session.state for session in sessions] == ["ended", "ended"]
    counters = world.bob.endpoint.counters
    assert counters["malformed"] > 50 and "internal_errors" not in counters


def test_a_peer_that_garbles_what_it_says():
    for seed in range(1, 13):
        network = Network(seed, duplication=20)
        world = Direct(network, answers="answers")
        dice = Dice(seed)
        network.spoil = lambda octets, dice=dice: spoiled(octets, dice) if dice.below(3) == 0 else octets
        world.call()
        network.run(dice.below(3000))
        for phone in world.phones:
            if phone.session and phone.session.state == "established":
                try:
                    phone.session.modify("sendonly", network.now)
                except LocalError:
                    pass  # the other's is under way
            network.run(dice.below(3000))
            phone.user_agent.shutdown(network.now)
        network.spoil = None
        network.run(300_000)
        assert world.quiet(), seed
        world.assert_nothing_is_left()
