"""Client-initiated connections (RFC 5626) in virtual time: phones behind their flows, and servers that keep to them."""

# micropython-heap: 700k: phones, an edge, a registrar and the network between them live in one process

from sip.events import REFUSED
from sip.syntax import uri
from sip.syntax.headers import parse_name_addr
from support.network import Network
from support.phones import Peer, Phone
from support.servers import Server

DOMAIN = "example.com"
HOST = "192.0.2.10"
EDGE = "192.0.2.20"
PASSWORDS = {"alice": "one", "bob": "two", "carol": None}


def instance(number):
    return "urn:uuid:00000000-0000-1000-8000-00000000000%d" % number


class Town:
    """A registrar and proxy, and phones that register with it by outbound, through `edge` if there is one."""

    def __init__(self, transport="tcp", edge=False, **network):
        self.network = Network(**network)
        self.server = Server(self.network, "proxy", HOST, DOMAIN, PASSWORDS)
        self.edge = None
        if edge:
            self.edge = Server(self.network, "edge", EDGE, "edge.example.com", {"nobody": None})
            self.edge.proxy.edges = {DOMAIN: uri.parse("sip:%s;lr" % HOST)}
        self.transport = transport
        self.phones = []

    def phone(self, name, answers="answers"):
        number = len(self.phones) + 1
        first = uri.parse("sip:%s;lr;transport=%s" % (EDGE if self.edge else HOST, self.transport))
        phone = Phone(
            self.network,
            name,
            "198.51.100.%d" % number,
            "sip:%s@%s" % (name, DOMAIN),
            PASSWORDS[name],
            answers,
            proxy=first,
            transport=self.transport,
        )
        phone.user_agent.instance = instance(number)
        phone.user_agent.keeps_alive = True
        self.phones.append(phone)
        return phone

    def registered(self, *names):
        made = [self.phone(name) for name in names]
        for phone in made:
            phone.registration = phone.register()
        self.network.run_until(lambda: all(phone.registration.state == "registered" for phone in made), 5000)
        return made

    def call(self, one, two):
        """A call from `one` to `two`, who answers."""
        one.call("sip:%s@%s" % (two.account.aor.user, DOMAIN))
        self.network.run_until(lambda: self.talk(one, two), 5000)

    def talk(self, *phones):
        return all(phone.session is not None and phone.session.state == "established" for phone in phones)

    def bindings(self, name):
        return self.server.registrar.lookup(name)


def test_a_phone_asks_for_a_flow_and_is_reached_by_it():
    town = Town()
    seen = []
    town.network.on_message = lambda parsed, one, two: seen.append((one, two, parsed))
    alice, bob = town.registered("alice", "bob")
    for phone in (alice, bob):
        assert phone.registration.outbound
        [binding] = town.bindings(phone.account.aor.user)
        assert binding.flow == ('"<%s>"' % phone.user_agent.instance, 1)
    town.call(alice, bob)
    [invite] = [m for one, two, m in seen if two == "bob" and m and getattr(m, "method", "") == "INVITE"]
    assert "ob" in invite.contacts[0].uri.params
    assert [len(route.uri.user) > 16 for route in invite.record_routes] == [True, True]
    # Nobody can be reached but by the flows: what they say of themselves leads nowhere.
    del town.network._by_address[("198.51.100.1", 5060)]
    del town.network._by_address[("198.51.100.2", 5060)]
    bob.end()
    town.network.run_until(lambda: not alice.user_agent.sessions and not bob.user_agent.sessions, 5000)
    assert "internal_errors" not in town.server.endpoint.counters


def test_a_broken_flow_is_made_again_and_the_call_goes_on():
    town = Town()
    alice, bob = town.registered("alice", "bob")
    town.call(alice, bob)
    first = town.bindings("alice")[0].source
    town.network.cut(alice.node)
    started = town.network.elapsed
    town.network.run_until(lambda: town.bindings("alice") and town.bindings("alice")[0].source != first, 5000)
    assert town.network.elapsed - started <= 2100  # RFC 5626 §4.5: at random, but soon
    assert len(town.bindings("alice")) == 1
    town.network.settle()
    # What bob wants of alice comes by her new flow.
    bob.end()
    town.network.run_until(lambda: not alice.user_agent.sessions, 5000)
    # And so does a new call.
    bob.session = alice.session = None
    town.call(bob, alice)


def test_a_token_that_was_seen_in_a_call_opens_no_door_afterwards():
    town = Town()
    alice, bob = town.registered("alice", "bob")
    seen = []
    town.network.on_message = lambda parsed, one, two: (
        seen.append(parsed) if two == "bob" and parsed else None
    )
    town.call(alice, bob)
    routes = next(message for message in seen if getattr(message, "method", "") == "INVITE").all(
        "Record-Route"
    )
    peer = Peer(town.network)
    for number, (call_id, tag) in enumerate(
        (("other", ""), ("other", ";tag=x"), (alice.session.dialog.call_id, ""))
    ):
        for route in routes:
            text = (
                "MESSAGE sip:alice@198.51.100.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.99;branch=z9hG4bK%d%d\r\n"
                "Max-Forwards: 70\r\nRoute: %s\r\nFrom: <sip:x@other.org>;tag=1\r\nTo: <sip:alice@example.com>%s\r\n"
                "Call-ID: %s\r\nCSeq: 1 MESSAGE\r\nContent-Length: 0\r\n\r\n"
            ) % (number, routes.index(route), route, tag, call_id)
            peer.send(text.encode(), (HOST, 5060))
            town.network.settle()
            assert peer.take().status == 403, (call_id, tag)


def test_a_phone_whose_flow_is_gone_is_not_there():
    town = Town()
    alice, bob = town.registered("alice", "bob")
    alice.node.up = False
    town.network.cut(alice.node)
    bob.call("sip:alice@example.com")
    town.network.run_until(lambda: not bob.user_agent.sessions, 5000)
    ended = [event for event in bob.node.events if event.__class__.__name__ == "Ended"]
    assert ended[-1].status == 480 and town.bindings("alice") == []


def test_a_server_that_is_away_is_tried_with_growing_pauses_and_found_again():
    town = Town()
    (alice,) = town.registered("alice")
    town.server.node.up = False
    tries = []
    town.network.on_message = lambda parsed, one, two: (
        tries.append(town.network.elapsed)
        if one == "alice" and getattr(parsed, "method", "") == "REGISTER"
        else None
    )
    town.network.cut(alice.node)
    town.network.run(2_000_000)
    pauses = [tries[number + 1] - tries[number] for number in range(len(tries) - 1)]
    # RFC 5626 §4.5: half to all of 60 s, 120 s, 240 s … after the 32 s that a request takes to fail.
    for number, pause in enumerate(pauses[:5]):
        longest = min(1800, 30 << (number + 1)) * 1000
        assert longest // 2 <= pause - 32_000 <= longest + 100, pauses
    town.server.node.up = True
    town.network.run_until(lambda: alice.registration.state == "registered", 2_000_000)
    assert len(town.bindings("alice")) == 1


def tries_of(network, name):
    """When `name` sent each REGISTER from now on."""
    tries = []
    network.on_message = lambda parsed, one, two: (
        tries.append(network.elapsed) if one == name and getattr(parsed, "method", "") == "REGISTER" else None
    )
    return tries


def test_a_server_that_refuses_connections_is_asked_again_soon():
    town = Town()
    alice, bob = town.registered("alice", "bob")
    tries = tries_of(town.network, "alice")
    town.server.node.refuses = True
    began = town.network.elapsed
    town.network.cut(town.server.node)
    town.network.run(400_000)
    assert alice.registration.trouble == REFUSED
    pauses = [after - before for before, after in zip([began] + tries, tries)]
    assert pauses[0] <= 2_000
    for longest, pause in zip((1, 2, 4, 8, 16), pauses[1:]):
        assert longest * 500 <= pause <= longest * 1000 + 20, pauses
    # Then RFC 5626 §4.5's, from its begin.
    for longest, pause in zip((60, 120), pauses[6:]):
        assert longest * 500 <= pause <= longest * 1000 + 20, pauses
    # A server that starts again within half a minute has its phones back soon, and not all at once.
    for away in (1000, 5000, 12_000):
        town.server.node.refuses = False
        town.network.run_until(lambda: all_registered(alice, bob), 700_000)
        town.server.node.refuses = True
        town.network.cut(town.server.node)
        town.network.run(away)
        town.server.node.refuses = False
        del tries[:]
        since = town.network.elapsed
        town.network.run_until(lambda: all_registered(alice, bob), 18_000)
        assert tries[0] - since <= away + 2_000, (away, tries[0] - since)


def all_registered(*phones):
    return all(phone.registration.state == "registered" for phone in phones)


def test_a_server_that_is_silent_after_it_refused_is_not_pressed():
    town = Town()
    (alice,) = town.registered("alice")
    town.server.node.refuses = True
    town.network.cut(alice.node)
    town.network.run(20_000)
    town.server.node.refuses, town.server.node.up = False, False
    tries = tries_of(town.network, "alice")
    town.network.run(400_000)
    assert alice.registration.trouble == "" and alice.registration.status == 408
    pauses = [tries[number + 1] - tries[number] for number in range(len(tries) - 1)]
    for longest, pause in zip((60, 120), pauses):
        assert longest * 500 <= pause - 32_000 <= longest * 1000 + 100, pauses


def test_stun_keeps_a_nat_open_and_notices_another_mapping():
    town = Town("udp")
    alice = town.phone("alice")
    town.network.put_behind_nat(alice.node, "203.0.113.1", 40001)
    alice.registration = alice.register()
    town.network.run_until(lambda: alice.registration.state == "registered", 5000)
    town.network.run(200_000)
    # Its pings are answered: none is sent twice.
    pings = [line for line in town.network.ladder if line == "alice > proxy: unreadable"]
    answers = [line for line in town.network.ladder if line == "proxy > alice: unreadable"]
    assert 6 <= len(pings) == len(answers) <= 9
    town.network.put_behind_nat(alice.node, "203.0.113.1", 40002)
    town.network.run_until(lambda: town.bindings("alice")[0].source == ("203.0.113.1", 40002), 60_000)
    town.network.settle()
    [binding] = town.bindings("alice")
    assert str(binding.uri) == "sip:alice@203.0.113.1:40002"


def test_an_edge_puts_itself_into_the_path_and_keeps_to_the_flow():
    town = Town(edge=True)
    alice, bob = town.registered("alice", "bob")
    [binding] = town.bindings("alice")
    [path] = [parse_name_addr(text) for text in binding.path]
    assert path.uri.host == EDGE and "ob" in path.uri.params and path.uri.lr and len(path.uri.user) > 16
    assert alice.registration.outbound
    del town.network._by_address[("198.51.100.1", 5060)]
    town.call(bob, alice)
    alice.end()
    town.network.run_until(lambda: not bob.user_agent.sessions, 5000)


def test_a_flow_that_failed_behind_an_edge_is_430_there_and_480_to_the_caller():
    town = Town(edge=True)
    alice, bob = town.registered("alice", "bob")
    alice.node.up = False
    town.network.cut(alice.node)
    bob.call("sip:alice@example.com")
    town.network.run_until(lambda: not bob.user_agent.sessions, 5000)
    assert "edge > proxy: 430 INVITE" in town.network.ladder
    ended = [event for event in bob.node.events if event.__class__.__name__ == "Ended"]
    assert ended[-1].status == 480 and town.bindings("alice") == []


def test_a_first_hop_that_knows_no_flows_is_439():
    network = Network()
    Server(network, "proxy", HOST, DOMAIN, PASSWORDS)
    peer = Peer(network)
    for paths, supported, status in (
        (["<sip:192.0.2.99;lr>"], "path, outbound", 439),
        (["<sip:192.0.2.99;lr;ob>"], "path, outbound", 200),
        (["<sip:a.example.com;lr>", "<sip:192.0.2.99;lr;ob>"], "path, outbound", 200),
        (["<sip:192.0.2.99;lr>"], "path", 200),
        (["<sip:192.0.2.99;lr;ob>"], "outbound", 421),
    ):
        text = (
            "REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.99;branch=z9hG4bK%d\r\n"
            "Via: SIP/2.0/UDP 198.51.100.7;branch=z9hG4bKp\r\nFrom: <sip:carol@example.com>;tag=1\r\n"
            "To: <sip:carol@example.com>\r\nCall-ID: %d\r\nCSeq: 1 REGISTER\r\nSupported: %s\r\n"
            'Contact: <sip:carol@198.51.100.7>;reg-id=1;+sip.instance="<%s>"\r\n%s'
            "Content-Length: 0\r\n\r\n"
        ) % (
            len(peer._outgoing),
            peer.branches,
            supported,
            instance(7),
            "".join(["Path: %s\r\n" % path for path in paths]),
        )
        text = text.replace("z9hG4bK0", "z9hG4bKx%d" % peer.branches)
        peer.branches += 1
        peer.send(text.encode(), (HOST, 5060))
        network.settle()
        response = peer.take()
        assert response.status == status, (paths, supported, response.status)
        if status == 200:
            assert response.all("Path") == paths
            assert (response.get("Require") == "outbound") == ("outbound" in supported)
