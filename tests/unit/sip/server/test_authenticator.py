"""The server's side of digest authentication (RFC 7616 §3, RFC 8760), against the client's."""

# micropython-heap: 512k: a server, a peer and the network between them live in one process

from compat import ticks_add, ticks_diff
from sip import digest
from sip.digest import Credentials, ha1
from sip.server.authenticator import Authenticator
from sip.syntax.headers import parse_challenge
from sip.syntax.message import Request, Response
from sip.syntax.uri import parse as uri
from support.link import counting_random
from support.network import Network
from support.phones import Peer
from support.servers import Server


class Site:
    """A server with one user, alice, and a client that answers it."""

    def __init__(self, **options):
        table = {
            ("alice", algorithm): ha1("alice", "site", "secret", algorithm)
            for algorithm in digest.supported()
        }
        self.server = Authenticator(
            "site", lambda user, algorithm: table.get((user, algorithm)), counting_random(), **options
        )
        self.client = Credentials("alice", "secret")

    def request(self, now, challenge=None, client=None, stale=False):
        """A request that answers a challenge made at `now`, or the given one."""
        challenges = [challenge] if challenge else self.server.challenge(now, stale)
        request = Request("REGISTER", uri("sip:site"))
        response = Response(401)
        for each in challenges:
            response.add("WWW-Authenticate", each)
        answers = (client or self.client).answer(response, "REGISTER", request.uri, b"", counting_random())
        for name, value in answers:
            request.add(name, value)
        return request

    def again(self):
        """A request with credentials reused."""
        request = Request("REGISTER", uri("sip:site"))
        for name, value in self.client.authorize("REGISTER", request.uri):
            request.add(name, value)
        return request

    def check(self, request, now):
        return self.server.check(request, "Authorization", now)


def test_a_nonce_is_old_when_the_ticks_come_round():
    network = Network()
    server = Server(network, "proxy", "192.0.2.10", "site", {"alice": "secret"})
    peer = Peer(network, "alice", "192.0.2.1")
    network.run(2500)
    phone = peer.request("REGISTER", "sip:site", ("192.0.2.10", 5060))
    peer.unsend()
    phone.set("From", "<sip:alice@site>;tag=1")
    phone.set("To", "<sip:alice@site>")
    peer.send(phone, ("192.0.2.10", 5060))
    network.settle()
    challenge = peer.take(401)
    authenticator = server.registrar.authenticator
    answers = Credentials("alice", "secret").answer(
        challenge, "REGISTER", uri("sip:site"), b"", counting_random()
    )
    request = Request("REGISTER", uri("sip:site"))
    for name, value in answers:
        request.add(name, value)
    # Nobody says anything until the same ticks are there again.
    begin = network.now
    for _ in range(64):
        network.run((1 << 30) // 64)
    assert ticks_diff(network.now, begin) == 0
    assert authenticator.check(request, "Authorization", network.now) == (None, True)
    assert Site().check(Site().request(1000), 1000) == ("alice", False)


def test_the_server_challenges_strongest_first():
    values = Site().server.challenge(1000)
    assert [parse_challenge(value)[1]["algorithm"] for value in values] == digest.supported()
    params = parse_challenge(Site(algorithms=["MD5"]).server.challenge(1000, stale=True)[0])[1]
    assert (params["realm"], params["qop"], params["algorithm"], params["stale"]) == (
        "site",
        "auth",
        "MD5",
        "true",
    )


def test_the_server_knows_who_knows_the_password():
    for algorithm in digest.supported():
        site = Site(algorithms=[algorithm])
        assert site.check(site.request(1000), 1000) == ("alice", False)
        assert site.check(site.again(), 2000) == ("alice", False)
        assert site.check(Request("REGISTER", uri("sip:site")), 1000) == (None, False)
        for client in (Credentials("alice", "wrong"), Credentials("bob", "secret"), Credentials("", "")):
            assert site.check(site.request(1000, client=client), 1000) == (None, False)


def test_a_changed_request_is_not_accepted():
    site = Site()
    for old, new in (
        ('username="alice"', 'username="alicf"'),
        ('realm="site"', 'realm="else"'),
        ("nc=00000001", "nc=00000002"),
        ('uri="sip:site"', 'uri="sip:sitf"'),
        ("qop=auth", "qop=auth-int"),
        ("Digest", "Basic"),
        ('response="', 'response="0'),
        ('response="', 'nothing="'),
        ("algorithm=" + digest.supported()[0], "algorithm=unknown"),
    ):
        request = site.request(1000)
        value = request.get("Authorization")
        assert old in value, old
        request.set("Authorization", value.replace(old, new))
        assert site.check(request, 1000) == (None, False), old
    request = site.request(1000)
    request.method = "INVITE"
    assert site.check(request, 1000) == (None, False)


def test_a_nonce_grows_old():
    site = Site(lifetime_ms=60000)
    for start in (0, 1000, ticks_add(0, -30000)):  # the last lives across the wrap of ticks
        now = ticks_add(start, 59999)
        assert site.check(site.request(start), now) == ("alice", False)
        assert site.check(site.again(), ticks_add(now, 1)) == (None, True)
        assert site.check(site.request(now, stale=True), now) == ("alice", False)


def test_a_nonce_from_elsewhere_is_stale():
    site = Site()
    foreign = 'Digest realm="site", qop="auth", nonce="%s"'
    for nonce in ("", "x", "0" * 48, parse_challenge(Site().server.challenge(1)[0])[1]["nonce"][:-1] + "g"):
        assert site.check(site.request(0, challenge=foreign % nonce), 1000) == (None, True), nonce


def test_a_recorded_request_does_not_pass_again():
    site = Site()
    request = site.request(1000)
    assert site.check(request, 1000) == ("alice", False)
    assert site.check(request, 1001) == (None, True)
    later = [site.again() for _ in range(3)]
    assert site.check(later[2], 1002) == ("alice", False)
    assert site.check(later[0], 1003) == (None, True)


def test_without_qop_a_nonce_is_good_once():
    site = Site()
    challenge = site.server.challenge(1000)[0].replace(', qop="auth"', "")
    assert site.check(site.request(1000, challenge), 1000) == ("alice", False)
    assert site.check(site.again(), 1001) == (None, True)


def test_a_flood_costs_no_memory_and_opens_no_replay():
    site = Site()
    for now in range(2000):
        site.server.challenge(now)
    assert site.server._used == {}
    recorded = []
    for now in range(2000, 2150):
        request = site.request(now)
        assert site.check(request, now) == ("alice", False)
        if now % 30 == 0:
            recorded.append(request)
    assert len(site.server._used) <= 64
    for request in recorded:
        assert site.check(request, 2200) == (None, True)


def test_a_day_later_no_old_nonce_is_known():
    site = Site(lifetime_ms=1 << 29)
    request = site.request(1000)
    assert site.check(request, 1000 + 86_400_000) == (None, True)


def test_any_credentials_at_all():
    site = Site()
    for value in (
        "",
        "Digest",
        'Digest realm="site"',
        'Digest realm="site", nonce="1", username="alice"',
        'Digest realm="site", nonce="1", nonce="2"',
        'Digest realm="site", nonce="é", username="é", nc=é',
        "Digest " + "a=b," * 1000,
        "\xff" * 100,
    ):
        request = Request("REGISTER", uri("sip:site"), [("Authorization", value)])
        assert site.check(request, 1000) == (None, False), value
    request = site.request(1000)
    request.insert("Authorization", "Bearer x")
    assert site.check(request, 1000) == ("alice", False)
