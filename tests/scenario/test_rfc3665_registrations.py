"""The registrations of RFC 3665 §2, whole endpoints over the fake network, by their names there."""

# micropython-heap: 1M: phones, registrar and network live in one process

from sip.digest import Credentials
from sip.events import RegistrationChanged
from sip.syntax import uri
from support.network import Network
from support.phones import Phone
from support.servers import Server
from support.worlds import storms

BOB = "sip:bob@biloxi.example.com"


class Biloxi:
    """Bob, who registers at his domain's registrar; a second phone of his on demand."""

    def __init__(self, network, password="builder"):
        self.network = network
        self.server = Server(network, "registrar", "192.0.2.12", "biloxi.example.com", {"bob": "builder"})
        self.bob = self.phone("bob", "192.0.2.2", password)
        self.registration = self.bob.register()

    def phone(self, name, host, password="builder"):
        phone = Phone(self.network, name, host, BOB)
        phone.account.credentials = Credentials("bob", password)
        return phone

    def reach(self, state, registration=None, limit=600_000):
        registration = registration or self.registration
        self.network.run_until(lambda: registration.state == state, limit)

    def bindings(self):
        return sorted(str(binding.uri) for binding in self.server.registrar.lookup("bob"))


REGISTERING = [
    "bob > registrar: REGISTER",
    "registrar > bob: 401 REGISTER",
    "bob > registrar: REGISTER",
    "registrar > bob: 200 REGISTER",
]


def test_2_1_successful_new_registration():
    world = Biloxi(Network())
    world.reach("registered")
    assert world.network.ladder == REGISTERING
    assert world.bindings() == ["sip:bob@192.0.2.2:5060"]
    assert [str(contact) for contact, _ in world.registration.bindings] == world.bindings()
    states = [event.registration.state for event in world.bob.take(RegistrationChanged)]
    assert states == ["registered", "registered"]  # it is one object: "registering" is over


def test_2_2_update_of_contact_list():
    world = Biloxi(Network())
    world.reach("registered")
    world.network.ladder = []
    desk = world.phone("desk", "192.0.2.3")
    registration = desk.register()
    world.reach("registered", registration)
    assert world.network.ladder == [line.replace("bob", "desk") for line in REGISTERING]
    assert world.bindings() == ["sip:bob@192.0.2.2:5060", "sip:bob@192.0.2.3:5060"]
    assert sorted(str(contact) for contact, _ in registration.bindings) == world.bindings()


def test_2_3_request_for_current_contact_list():
    world = Biloxi(Network())
    world.reach("registered")
    desk = world.phone("desk", "192.0.2.3")
    world.reach("registered", desk.register())
    world.network.ladder = []
    world.registration.fetch(world.network.now)
    world.network.settle()
    assert world.network.ladder == ["bob > registrar: REGISTER", "registrar > bob: 200 REGISTER"]
    assert sorted(str(contact) for contact, _ in world.registration.bindings) == world.bindings()
    assert len(world.bindings()) == 2


def test_2_4_cancellation_of_registration():
    world = Biloxi(Network())
    world.reach("registered")
    world.network.ladder = []
    world.registration.unregister(world.network.now)
    world.reach("unregistered")
    assert world.network.ladder == ["bob > registrar: REGISTER", "registrar > bob: 200 REGISTER"]
    assert world.bindings() == [] and world.bob.user_agent.idle


def test_2_5_unsuccessful_registration():
    world = Biloxi(Network(), password="wrong")
    world.reach("failed")
    assert world.network.ladder == [line.replace("200", "401") for line in REGISTERING]
    assert world.bindings() == [] and world.registration.status == 401


def test_2_1_in_a_storm():
    for network in storms(1, 2, 3, 4, 5):
        world = Biloxi(network)
        world.reach("registered")
        assert world.bindings() == ["sip:bob@192.0.2.2:5060"]
        # And it stays so, refresh after refresh.
        network.run(20_000_000)
        world.reach("registered")
        assert world.bindings() == ["sip:bob@192.0.2.2:5060"]


def test_2_2_and_2_3_in_a_storm():
    for network in storms(6, 7, 8):
        world = Biloxi(network)
        desk = world.phone("desk", "192.0.2.3")
        world.reach("registered", desk.register())
        world.reach("registered")
        assert world.bindings() == ["sip:bob@192.0.2.2:5060", "sip:bob@192.0.2.3:5060"]
        world.registration.fetch(network.now)
        network.run_until(lambda world=world: not world.registration.busy)
        assert len(world.registration.bindings) == 2 or world.registration.state == "failed"


def test_2_4_in_a_storm():
    for network in storms(9, 10, 11):
        world = Biloxi(network)
        world.reach("registered")
        world.registration.unregister(network.now)
        world.reach("unregistered")
        assert world.bindings() == [] or world.registration.status == 408


def test_2_5_in_a_storm():
    for network in storms(12, 13, 14):
        world = Biloxi(network, password="wrong")
        world.reach("failed")
        assert world.registration.status in (401, 408) and world.bindings() == []


def test_the_registrar_goes_away_and_comes_back():
    world = Biloxi(Network())
    world.reach("registered")
    world.server.node.up = False
    world.reach("failed", limit=4_000_000)
    assert world.registration.status == 408
    world.network.run(4_000_000)
    world.server.node.up = True
    # No later than the longest wait (RFC 5626 §4.5) and a round trip.
    world.reach("registered", limit=1_801_000)
    assert world.bindings() == ["sip:bob@192.0.2.2:5060"]


def test_a_phone_behind_a_nat_is_reached():
    network = Network()
    server = Server(network, "registrar", "192.0.2.12", "biloxi.example.com", {"bob": "builder", "eve": None})
    bob = Phone(network, "bob", "10.0.0.2", BOB, "builder")
    network.put_behind_nat(bob.node, "203.0.113.9", 61000)
    registration = bob.register()
    network.run_until(lambda: registration.state == "registered")
    assert [str(binding.uri) for binding in server.registrar.lookup("bob")] == ["sip:bob@203.0.113.9:61000"]
    assert network.ladder == REGISTERING + ["bob > registrar: REGISTER", "registrar > bob: 200 REGISTER"]
    eve = Phone(network, "eve", "192.0.2.5", "sip:eve@biloxi.example.com", proxy=uri.parse("sip:192.0.2.12"))
    eve.call(BOB)
    network.settle()
    assert bob.session.state == "ringing"
    bob.accept()
    network.settle()
    assert (eve.session.state, bob.session.state) == ("established", "established")
    eve.end()
    network.settle()
    assert eve.user_agent.idle and bob.user_agent.idle
