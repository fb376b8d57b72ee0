"""The call flows' participants of RFC 3665 on the fake network, and the bad networks that they meet."""

from sip.syntax import uri
from support.network import Network
from support.phones import Phone
from support.servers import Server

ALICE = "sip:alice@atlanta.example.com"
BOB = "sip:bob@biloxi.example.com"


def storms(*seeds):
    """Networks that lose and duplicate 30 % of the datagrams and reorder them; then one with a round trip of
    1.8 s, where each side gets retransmissions before its answer can arrive."""
    for seed in seeds:
        yield Network(seed, loss=30, duplication=30, jitter=40)
    yield Network(seeds[0], delay=900)


class Direct:
    """RFC 3665 §3.1: Alice and Bob, without a proxy."""

    def __init__(self, network, answers="rings"):
        self.network = network
        self.alice = Phone(network, "alice", "192.0.2.1")
        self.bob = Phone(network, "bob", "192.0.2.2", answers=answers)
        self.phones = (self.alice, self.bob)
        self.target = "sip:bob@192.0.2.2"

    def call(self):
        return self.alice.call(self.target)

    def state(self):
        """The states of the call on both sides, "none" on a side without a call."""
        return tuple([phone.session.state if phone.session else "none" for phone in self.phones])

    def talking(self) -> bool:
        return self.state() == ("established", "established")

    def quiet(self) -> bool:
        """Whether no session is left anywhere."""
        return not any(phone.user_agent.sessions for phone in self.phones)

    def settled(self) -> bool:
        return self.talking() or self.quiet()

    def assert_nothing_is_left(self):
        """Assert that after the longest timers no session, transaction or timer of a call remains."""
        self.network.run(100_000)
        assert self.quiet()
        for node in self.network.nodes:
            assert "internal_errors" not in getattr(node.endpoint, "counters", ()), node.endpoint.counters
        for phone in self.phones:
            assert len(phone.endpoint.timers) == len(phone.user_agent.registrations), phone.account.aor
            assert phone.user_agent.idle or phone.user_agent.registrations


class TwoProxies(Direct):
    """RFC 3665 §3.2: each has a proxy that is the registrar too. Both phones are registered."""

    def __init__(self, network, answers="rings"):
        self.network = network
        Server(network, "proxy1", "192.0.2.11", "atlanta.example.com", {"alice": "wonderland"})
        Server(network, "proxy2", "192.0.2.12", "biloxi.example.com", {"bob": "builder"})
        self.alice = Phone(
            network, "alice", "192.0.2.1", ALICE, "wonderland", proxy=uri.parse("sip:192.0.2.11")
        )
        self.bob = Phone(
            network, "bob", "192.0.2.2", BOB, "builder", answers=answers, proxy=uri.parse("sip:192.0.2.12")
        )
        self.phones = (self.alice, self.bob)
        self.target = BOB
        registrations = [phone.register() for phone in self.phones]
        network.run_until(lambda: all(each.state == "registered" for each in registrations), 600_000)
        for phone in self.phones:
            phone.names()
        network.settle()
        network.ladder = []
