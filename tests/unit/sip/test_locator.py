"""RFC 3263: which servers a URI leads to, and in which order."""

from compat import ticks_add
from sip.locator import Locator

NOW = ticks_add(0, -500)
A, AAAA, SRV, NAPTR = 1, 28, 33, 35


class Zone:
    """DNS in a dictionary; `slow` leaves each name unanswered the first time."""

    def __init__(self, records, slow=False):
        self.records = records
        self.asked = []
        self.slow = slow

    def lookup(self, name, kind, now):
        if (name, kind) not in self.asked:
            self.asked.append((name, kind))
            if self.slow:
                return None
        return self.records.get((name, kind), [])


def fixed(value):
    return lambda n: value.to_bytes(n, "big")


def targets(records, host, port=None, transport=None, secure=False, **options):
    locator = Locator(Zone(records).lookup, fixed(1), **options)
    return locator.locate(host, port, transport, secure, None, NOW)


TWO = {
    ("_sip._udp.two.example", SRV): [(1, 1, 5060, "a.example"), (2, 1, 5060, "b.example")],
    ("a.example", A): ["192.0.2.1"],
    ("b.example", A): ["192.0.2.2"],
}
PLAIN = {("h.example", A): ["192.0.2.1"]}
SERVED = {
    ("example.com", NAPTR): [
        (50, 50, "s", "SIPS+D2T", "", "_sips._tcp.example.com"),
        (90, 50, "s", "SIP+D2T", "", "_sip._tcp.example.com"),
        (100, 50, "S", "sip+d2u", "", "_sip._udp.example.com"),
        (10, 50, "s", "SIP+D2S", "", "_sip._sctp.example.com"),
        (10, 50, "u", "SIP+D2U", "!^.*$!sip:x@y!", ""),
    ],
    ("_sips._tcp.example.com", SRV): [(1, 1, 5061, "t.example.com")],
    ("_sip._tcp.example.com", SRV): [(1, 1, 5062, "t.example.com")],
    ("_sip._udp.example.com", SRV): [(2, 1, 5060, "b.example.com"), (1, 1, 5070, "a.example.com")],
    ("t.example.com", A): ["192.0.2.3"],
    ("a.example.com", A): ["192.0.2.1", "192.0.2.11"],
    ("b.example.com", A): ["192.0.2.2"],
    ("example.com", A): ["192.0.2.99"],
}
UDP = [("udp", ("192.0.2.1", 5070)), ("udp", ("192.0.2.11", 5070)), ("udp", ("192.0.2.2", 5060))]
TLS = [("tls", ("192.0.2.3", 5061, "example.com"))]


def test_transport_port_and_address():
    cases = (
        # records, (host, port, transport, secure), targets
        (PLAIN, ("h.example", None, None, False), [("udp", ("192.0.2.1", 5060))]),
        (PLAIN, ("h.example", 5080, None, False), [("udp", ("192.0.2.1", 5080))]),
        (PLAIN, ("h.example", None, "tcp", False), [("tcp", ("192.0.2.1", 5060))]),
        (PLAIN, ("h.example", None, "tls", False), [("tls", ("192.0.2.1", 5061, "h.example"))]),
        (PLAIN, ("h.example", None, None, True), [("tls", ("192.0.2.1", 5061, "h.example"))]),
        (PLAIN, ("h.example", 5070, None, True), [("tls", ("192.0.2.1", 5070, "h.example"))]),
        (PLAIN, ("h.example", None, "udp", True), [("tls", ("192.0.2.1", 5061, "h.example"))]),
        (PLAIN, ("192.0.2.7", None, None, False), [("udp", ("192.0.2.7", 5060))]),
        (PLAIN, ("192.0.2.7", None, None, True), [("tls", ("192.0.2.7", 5061, "192.0.2.7"))]),
        (PLAIN, ("2001:db8::7", 5080, "tcp", False), [("tcp", ("2001:db8::7", 5080))]),
        (PLAIN, ("nobody.example", None, None, False), []),
        (SERVED, ("example.com", None, None, False), TLS + [("tcp", ("192.0.2.3", 5062))] + UDP),
        (SERVED, ("example.com", None, None, True), TLS),
        (SERVED, ("example.com", None, "udp", False), UDP),
        (SERVED, ("example.com", None, "tcp", False), [("tcp", ("192.0.2.3", 5062))]),
        (SERVED, ("example.com", 5060, None, False), [("udp", ("192.0.2.99", 5060))]),
        (SERVED, ("example.com", 5060, "tcp", False), [("tcp", ("192.0.2.99", 5060))]),
    )
    for records, question, wanted in cases:
        assert targets(records, *question) == wanted, question


def test_only_transports_that_we_have_are_chosen():
    assert targets(SERVED, "example.com", transports=("udp", "tcp")) == [("tcp", ("192.0.2.3", 5062))] + UDP
    assert targets(SERVED, "example.com", transports=("udp",)) == UDP


def test_srv_without_naptr_is_asked_for_each_transport():
    records = dict(SERVED)
    del records[("example.com", NAPTR)]
    assert targets(records, "example.com") == UDP + [("tcp", ("192.0.2.3", 5062))] + TLS
    assert targets(records, "example.com", secure=True) == TLS


def test_a_service_that_is_not_to_be_had_is_not_sought_elsewhere():
    records = {("_sip._udp.example.com", SRV): [(0, 0, 0, "")], ("example.com", A): ["192.0.2.99"]}
    assert targets(records, "example.com", transport="udp") == []


def test_addresses_of_the_families_that_we_have():
    records = {("h.example", A): ["192.0.2.1"], ("h.example", AAAA): ["2001:db8:0:0:0:0:0:1"]}
    four, six = ("udp", ("192.0.2.1", 5060)), ("udp", ("2001:db8:0:0:0:0:0:1", 5060))
    for kinds, wanted in (((A,), [four]), ((AAAA,), [six]), ((AAAA, A), [six, four])):
        assert targets(records, "h.example", kinds=kinds) == wanted


def test_weights_share_the_load_and_priorities_do_not():
    records = {("_sip._udp.e", SRV): [(1, 75, 1, "a"), (1, 25, 2, "b"), (1, 0, 3, "c"), (2, 99, 4, "d")]}
    for name in "abcd":
        records[(name, A)] = ["192.0.2.1"]
    first = {}
    for seed in range(2000):
        locator = Locator(Zone(records).lookup, fixed(seed * 2654435761 & 0xFFFFFFFF))
        ports = [target[1][1] for target in locator.locate("e", None, "udp", False, None, NOW)]
        assert sorted(ports) == [1, 2, 3, 4] and ports[3] == 4
        first[ports[0]] = first.get(ports[0], 0) + 1
    assert 1350 < first[1] < 1650 and 350 < first[2] < 650 and 0 < first.get(3, 0) < 100


def test_one_order_holds_for_a_while():
    records = {("_sip._udp.e", SRV): [(1, 1, port, "a") for port in range(1, 7)], ("a", A): ["192.0.2.1"]}
    state = [0]

    def random(n):
        state[0] += 0x1234567
        return state[0].to_bytes(n, "big")

    locator = Locator(Zone(records).lookup, random)
    orders = [locator.locate("e", None, "udp", False, None, ticks_add(NOW, 1000 * n)) for n in range(9)]
    assert all(order == orders[0] for order in orders)
    later = [locator.locate("e", None, "udp", False, None, ticks_add(NOW, 301_000 * n)) for n in range(1, 9)]
    assert any(order != orders[0] for order in later)


def test_who_failed_is_asked_last_until_it_may_have_recovered():
    locator = Locator(Zone(SERVED).lookup, fixed(1))

    def order(ms):
        return locator.locate("example.com", None, "udp", False, None, ticks_add(NOW, ms))

    locator.failed(UDP[0], NOW)
    assert order(0) == UDP[1:] + UDP[:1] and order(30_000) == UDP
    locator.failed(UDP[0], NOW)  # twice as long
    assert order(59_999) == UDP[1:] + UDP[:1] and order(60_000) == UDP
    locator.succeeded(UDP[0])
    assert order(0) == UDP
    locator.failed(UDP[0], NOW, 600)  # Retry-After
    assert order(599_999) == UDP[1:] + UDP[:1]
    locator.failed(UDP[0], NOW, 1_000_000)
    assert order(900_000) == UDP
    for number in range(100):
        locator.failed(("udp", ("192.0.2.1", number)), NOW)
    assert len(locator._avoided) <= 16


def test_answers_that_take_their_time():
    zone = Zone(SERVED, slow=True)
    locator = Locator(zone.lookup, fixed(1))
    found = []
    assert locator.locate("example.com", None, None, False, lambda *all: found.append(all), NOW) is None
    steps = 0
    while not found:
        steps += 1
        assert steps < 6
        locator.resume(NOW)
    assert found == [(TLS + [("tcp", ("192.0.2.3", 5062))] + UDP, NOW)]
    locator.resume(NOW)
    assert len(found) == 1


def test_requests_that_wait_and_targets_are_bounded():
    locator = Locator(lambda name, kind, now: None, fixed(1))
    waiting = [locator.locate("h%d" % n, None, None, False, None, NOW) for n in range(20)]
    assert waiting == [None] * 16 + [[]] * 4
    many = {("h", A): ["192.0.2.%d" % n for n in range(1, 200)]}
    assert len(targets(many, "h")) == 8


def test_a_failure_of_last_week_is_forgotten():
    # Ticks wrap after 12.4 days: half of that later, an old tick looks like one to come.
    locator = Locator(Zone(TWO).lookup, fixed(1))
    first, second = locator.locate("two.example", None, "udp", False, None, NOW)
    locator.failed(first, NOW)
    assert locator.locate("two.example", None, "udp", False, None, NOW) == [second, first]
    for days in (1, 6, 7, 8, 10, 12):
        later = NOW
        for _ in range(days):
            later = ticks_add(later, 86_400_000)
        assert locator.locate("two.example", None, "udp", False, None, later) == [first, second], days
