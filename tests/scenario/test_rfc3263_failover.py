"""Servers found by DNS that fail and recover (RFC 3263 §4.3), with whole registrations in virtual time."""

# micropython-heap: 500k: a phone, two servers and the network between them live in one process

from sip.locator import Locator
from support.network import Network
from support.phones import Phone
from support.servers import Server

A, SRV = 1, 33
DOMAIN = "example.com"
RECORDS = {
    ("_sip._udp." + DOMAIN, SRV): [(1, 1, 5060, "one." + DOMAIN), (2, 1, 5060, "two." + DOMAIN)],
    ("one." + DOMAIN, A): ["192.0.2.11"],
    ("two." + DOMAIN, A): ["192.0.2.12"],
}


class Town:
    """Two servers of one domain, the first preferred, and a phone that knows only the domain."""

    def __init__(self):
        self.network = Network()
        self.one = Server(self.network, "one", "192.0.2.11", DOMAIN, {"alice": "secret"})
        self.two = Server(self.network, "two", "192.0.2.12", DOMAIN, {"alice": "secret"})
        self.phone = Phone(self.network, "alice", "192.0.2.1", "sip:alice@" + DOMAIN, "secret", expires=120)
        self.network.names = {}
        self.phone.endpoint.locator = Locator(
            lambda name, kind, now: RECORDS.get((name, kind), []), self.network.dice.octets, ("udp",)
        )
        self.registration = self.phone.register()

    def registered_at(self, server):
        return self.registration.state == "registered" and bool(server.registrar.lookup("alice"))


def youngest(server):
    """A number that grows with every registration at `server`; 0 where there is none now."""
    return max([0] + [binding.order for binding in server.registrar.lookup("alice")])


def test_a_silent_server_gives_way_and_has_its_place_back_when_it_recovers():
    town = Town()
    network = town.network
    network.run_until(lambda: town.registered_at(town.one), 5000)
    assert town.two.registrar.lookup("alice") == []
    town.one.node.up = False
    network.run_until(lambda: town.registered_at(town.two), 200_000)
    assert town.registration.state == "registered"
    town.one.node.up = True
    started = network.elapsed
    before = youngest(town.one)
    # The next refresh after its punishment finds it, and none of them fails on the way.
    network.run_until(lambda: youngest(town.one) > before, 300_000)
    assert network.elapsed - started < 200_000 and town.registration.state == "registered"


def test_one_that_says_503_gives_way_at_once():
    town = Town()
    network = town.network

    class Overloaded:
        def on_request(self, transaction, now):
            response = transaction.response(503)
            response.add("Retry-After", 60)
            transaction.respond(response, now)

    town.one.endpoint.core = Overloaded()
    network.run_until(lambda: town.registered_at(town.two), 1000)
    assert town.phone.endpoint.counters["fail_overs"] >= 1
