"""The sessions of RFC 3665 §3.3 to §3.7: two proxies that both ask, one that fails, a redirection, another address.

The ALG of §3.5 is a stranger to us: what of it concerns a UA is that Contact and media lie at another host than the
caller, and that every request takes the way that Record-Route gives.
"""

# micropython-heap: 1M: phones, proxies and network live in one process

from sip.call.events import Ended, Redirected
from sip.digest import Credentials
from sip.locator import Locator
from sip.syntax import uri
from support.descriptions import description
from support.network import Dice, Network
from support.phones import Peer
from support.servers import Server
from support.worlds import ALICE, BOB, Direct, storms


def slow_peer(network):
    """Every answer takes 300 ms."""
    network.delay = 300


def weathers(*seeds):
    """Bad networks, and one on which everybody is slow."""
    for network in storms(*seeds):
        yield network
    network = Network(9)
    slow_peer(network)
    yield network


def ends_well(world, network, limit=120_000):
    """The call stands, or was refused; then nothing is left. Whether it stood."""
    network.run_until(lambda: world.alice.session is not None and world.settled(), limit)
    stood = world.talking()
    if stood:
        world.network.run_until(lambda: not world.bob.session.unacknowledged, 60_000)
        if world.talking():
            world.bob.end()
    network.run_until(world.quiet, 120_000)
    world.assert_nothing_is_left()
    return stood


def challenged(network):
    """Alice calls; her proxy asks, then the one behind it asks as well."""
    world = Direct(network, answers="answers")
    gate = Peer(network, "gate", "192.0.2.50")
    world.alice.account.credentials = Credentials("alice", "secret")
    world.alice.account.proxy = uri.parse("sip:192.0.2.50")
    world.call()
    seen = []

    def arrived(number):
        """The INVITE with that CSeq number, when it is here."""
        for each in gate.received:
            if getattr(each, "method", "") == "INVITE" and each.cseq.number == number:
                return each
        return None

    for number, realm in ((1, "192.0.2.50"), (2, "192.0.2.1")):
        network.run_until(lambda number=number: arrived(number), 40_000)
        seen.append(arrived(number))
        gate.source = ("192.0.2.1", 5060)
        while arrived(number + 1) is None:
            challenge = 'Digest realm="%s", nonce="n%d"' % (realm, number)
            gate.respond(seen[-1], 407, tag="g%d" % number, Proxy_Authenticate=challenge)
            network.run(500)
    return world, seen + [arrived(3)]


def test_3_3_multiple_proxy_authentication():
    _, seen = challenged(Network())
    assert [len(each.all("Proxy-Authorization")) for each in seen] == [0, 1, 2]
    assert [each.cseq.number for each in seen] == [1, 2, 3]
    realms = " ".join(seen[2].all("Proxy-Authorization"))
    assert 'realm="192.0.2.50"' in realms and 'realm="192.0.2.1"' in realms
    assert len({each.call_id for each in seen}) == 1 and len({each.from_.tag for each in seen}) == 1
    assert len({each.via.branch for each in seen}) == 3


def test_3_3_in_a_storm():
    for network in weathers(31, 32, 33):
        _, seen = challenged(network)
        assert len(seen[2].all("Proxy-Authorization")) == 2


def two_servers(network):
    """§3.4: the domain's first proxy is dead, the second works. `names` stands for DNS."""
    world = Direct(network, answers="answers")
    Server(network, "backup", "192.0.2.12", "biloxi.example.com", {"bob": "builder", "alice": "wonderland"})
    world.alice.account.aor = uri.parse(ALICE.replace("atlanta", "biloxi"))
    records = {
        ("_sip._udp.biloxi.example.com", 33): [(1, 1, 5060, "p1"), (2, 1, 5060, "p2")],
        ("p1", 1): ["192.0.2.11"],
        ("p2", 1): ["192.0.2.12"],
    }
    endpoint = world.alice.endpoint
    endpoint.locator = Locator(
        lambda name, kind, now: records.get((name, kind), []), Dice(3).octets, ("udp",)
    )
    bob = world.bob
    bob.account.aor = uri.parse(BOB)
    bob.account.registrar = uri.parse("sip:192.0.2.12")
    for phone, password in ((world.alice, "wonderland"), (bob, "builder")):
        phone.account.credentials = Credentials(phone.account.aor.user, password)
    registration = bob.register()
    network.run_until(lambda: registration.state == "registered", 300_000)
    network.ladder = []
    world.target = BOB
    return world


def test_3_4_the_first_proxy_fails():
    network = Network()
    world = two_servers(network)
    began = network.elapsed
    world.call()
    network.run_until(world.talking, 60_000)
    assert 8_000 <= network.elapsed - began <= 20_000  # half of timer B, and no longer
    assert (
        "alice > ('192.0.2.11', 5060): INVITE" in network.ladder
        and "alice > backup: INVITE" in network.ladder
    )
    # The next call goes to the one that works at once.
    assert ends_well_registered(world)
    world.call()
    began = network.elapsed
    network.run_until(world.talking, 60_000)
    assert network.elapsed - began < 2_000


def ends_well_registered(world):
    world.network.run_until(lambda: not world.bob.session.unacknowledged, 60_000)
    world.bob.end()
    world.network.run_until(world.quiet, 120_000)
    return True


def test_3_4_in_a_storm():
    stood = 0
    for network in weathers(41, 42, 43):
        world = two_servers(network)
        world.call()
        network.run_until(lambda world=world: world.talking() or bool(world.alice.take(Ended)), 200_000)
        stood += world.talking()
        for phone in world.phones:
            phone.user_agent.shutdown(network.now)
        network.run_until(lambda world=world: world.quiet(), 200_000)
    assert stood >= 2


def test_3_5_through_an_application_gateway():
    for network in list(weathers(51, 52)) + [Network()]:
        world = Direct(network, answers="answers")
        gateway = Peer(network, "alg", "192.0.2.60")
        session = world.alice.call("sip:bob@192.0.2.60")
        network.run_until(lambda gateway=gateway: bool(gateway.received), 60_000)
        invite = gateway.take("INVITE")
        answer = description(host="192.0.2.61", port=7000)
        end = network.elapsed + 30_000
        while session.state != "established" and network.elapsed < end:
            gateway.source = ("192.0.2.1", 5060)
            gateway.respond(invite, 200, body=answer, Record_Route="<sip:192.0.2.60;lr>")
            network.run(500)
        assert session.state == "established" and session.media.remote == ("192.0.2.61", 7000)
        session.end(network.now)
        network.run_until(
            lambda gateway=gateway: any(getattr(each, "method", "") == "BYE" for each in gateway.received),
            40_000,
        )
        bye = gateway.take("BYE")
        assert [str(each.uri) for each in bye.routes] == ["sip:192.0.2.60;lr"]
        gateway.respond(bye, 200)
        network.run_until(world.quiet, 60_000)


def redirected(network):
    """§3.6: a redirect server says where Bob is; the offer is in his 200, the answer in the ACK."""
    world = Direct(network, answers="answers")
    server = Peer(network, "redirect", "192.0.2.70")
    world.acks = acks = []

    def note(message, source, to):
        if getattr(message, "method", "") == "ACK":
            acks.append(message)

    network.on_message = note
    world.alice.call("sip:bob@192.0.2.70", True)
    for _ in range(100):
        network.run(400)
        invites = [each for each in server.received if getattr(each, "method", "") == "INVITE"]
        if world.alice.take(Redirected) or world.bob.session:
            break
        if invites:
            server.source = ("192.0.2.1", 5060)
            server.respond(invites[0], 302, tag="r", Contact="<sip:bob@192.0.2.2>")
    return world


def test_3_6_via_redirect_and_with_sdp_in_the_ack():
    network = Network()
    world = redirected(network)
    network.run_until(world.talking, 10_000)
    acks = world.acks
    assert acks[-1].content_type == "application/sdp" and acks[-1].body
    assert world.bob.session.media.remote == ("192.0.2.1", 4000)
    assert ends_well(world, network)


def test_3_6_in_a_storm():
    for network in weathers(61, 62, 63):
        world = redirected(network)
        network.run_until(
            lambda world=world: world.talking() or world.alice.session.state == "ended", 120_000
        )
        for phone in world.phones:
            phone.user_agent.shutdown(network.now)
        network.run_until(world.quiet, 120_000)


def moved(network):
    """§3.7: Bob has another address in the middle of the call, and tells Alice by re-INVITE."""
    world = Direct(network, answers="answers")
    world.call()
    network.run_until(world.talking, 70_000)
    network.run_until(lambda: not world.bob.session.unacknowledged, 60_000)
    network.ladder = []
    network.move(world.bob.node, "192.0.2.22")
    world.bob.session.readdress("192.0.2.22", network.now)
    return world


def test_3_7_re_invite_from_another_address():
    network = Network()
    world = moved(network)
    network.settle()
    assert network.ladder == ["bob > alice: INVITE", "alice > bob: 200 INVITE", "bob > alice: ACK"]
    assert world.alice.session.media.remote[0] == "192.0.2.22"
    assert world.alice.session.dialog.target.host == "192.0.2.22"
    world.alice.end()
    network.run_until(world.quiet, 60_000)
    world.assert_nothing_is_left()


def test_3_7_in_a_storm():
    for network in weathers(71, 72, 73):
        world = moved(network)
        network.run_until(
            lambda world=world: not world.talking() or world.alice.session.media.remote[0] == "192.0.2.22",
            120_000,
        )
        assert world.talking()
        network.run(10_000)
        world.alice.end()
        network.run_until(world.quiet, 120_000)
        world.assert_nothing_is_left()
