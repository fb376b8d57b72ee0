"""What does not pass the proxy: digests and challenges of its realm, identities that strangers assert."""

# micropython-heap: 400k: five endpoints and the network between them live in one process

from sip.digest import Credentials
from support.link import counting_random, new_request
from support.site import PROXY, Listener, Site, last_of

REALM = "example.com"
PASSWORDS = {"alice": "secret", "bob": None}
OTHER = 'Digest username="a", realm="next hop", nonce="n", uri="sip:b", response="r"'


class Scene:
    """alice, who has a password, calls bob."""

    def __init__(self, *answers):
        self.site = Site(PASSWORDS)
        self.alice = self.site.peer("alice", at=None)
        self.bob = self.site.peer("bob", *answers or (180, 200))
        self.client = Credentials("alice", "secret")

    def challenged(self, method="INVITE", target="sip:bob@example.com", cseq=1, **changed):
        _, user = self.alice.send(method, target, cseq=cseq, **changed)
        return last_of(user)

    def proof(self, challenge, method, target):
        return self.client.answer(challenge, method, target, b"", counting_random(77))

    def call(self):
        """The response to a call with credentials."""
        headers = self.proof(self.challenged(), "INVITE", "sip:bob@example.com")
        _, user = self.alice.send("INVITE", "sip:bob@example.com", cseq=2, headers=headers)
        return last_of(user)


def test_no_digest_of_ours_goes_on_within_a_dialog():
    scene = Scene()
    ok = scene.call()
    target = "sip:bob@" + scene.bob.host
    for cseq, method in enumerate(("INVITE", "ACK", "BYE"), 3):
        request = new_request(method, target, "call", cseq)
        request.set("From", "<sip:alice@example.com>;tag=alice")
        request.set("To", "<sip:bob@example.com>;tag=" + ok.to.tag)
        request.add("Contact", "<sip:alice@%s>" % scene.alice.host)
        request.add("Route", ok.get("Record-Route"))
        for _, value in scene.client.authorize(method, target):
            request.add("Proxy-Authorization", value)
            request.add("Authorization", value)
        request.add("Proxy-Authorization", OTHER)
        proof = request.all("Proxy-Authorization")[0]
        if method == "ACK":
            scene.alice.endpoint.send(request, scene.site.network.now)
        else:
            scene.alice.endpoint.request(request, Listener(), scene.site.network.now)
        scene.site.settle()
        seen = scene.bob.requests[-1]
        assert seen.method == method
        assert seen.all("Proxy-Authorization") == [OTHER] and seen.all("Authorization") == [], method
        if method == "INVITE":
            # Whoever overheard it cannot use it either: its count is used up.
            replay = new_request(method, target, "replay", 1)
            replay.set("From", "<sip:alice@example.com>;tag=m")
            replay.add("Proxy-Authorization", proof)
            user, stale = scene.site.registrar.authenticator.check(
                replay, "Proxy-Authorization", scene.site.network.now
            )
            assert user is None and stale


def test_a_digest_is_good_for_its_request_uri_only():
    scene = Scene()
    for target, status in (
        ("sip:bob@EXAMPLE.com", 200),
        ("sip:bob@example.com:5060", 200),
        ("sip:bob@example.com;user=phone", 200),
        ("sip:0900@example.com", 407),
        ("sip:bob@192.0.2.9", 407),
        ("sips:bob@example.com", 407),
        ("nonsense", 407),
        ("", 407),
    ):
        scene = Scene()
        headers = scene.proof(scene.challenged(), "INVITE", target)
        # One Via more is no way around it: anybody can add one.
        headers = headers + [("Via", "SIP/2.0/UDP 192.0.2.66;branch=z9hG4bKmore")]
        _, user = scene.alice.send("INVITE", "sip:bob@example.com", cseq=2, headers=headers)
        told = user.told[-1] if user.told else None
        assert told == status, (target, told)


def test_nobody_behind_us_challenges_for_our_realm():
    ours = 'Digest realm="example.com", nonce="n", stale=true'
    theirs = 'Digest realm="bob", nonce="n"'
    cases = (
        ([ours], 403, []),
        ([ours, theirs], None, [theirs]),
        ([theirs], None, [theirs]),
        (['Digest realm="bob", nonce="n", Digest realm="example.com"'], 403, []),
        (['Digest nonce="n" realm="example.com"'], 403, []),
    )
    for status, header in ((401, "WWW-Authenticate"), (407, "Proxy-Authenticate")):
        for challenges, told, left in cases:
            scene = Scene(180)
            headers = scene.proof(scene.challenged(), "INVITE", "sip:bob@example.com")
            _, user = scene.alice.send("INVITE", "sip:bob@example.com", cseq=2, headers=headers)
            [transaction] = scene.bob.transactions
            response = transaction.response(status)
            for challenge in challenges:
                response.add(header, challenge)
            transaction.respond(response, scene.site.network.now)
            scene.site.settle()
            assert last_of(user).status == (told or status), challenges
            assert last_of(user).all(header) == left


def test_a_challenge_leaves_nothing_behind():
    scene = Scene()
    endpoint, network = scene.site.endpoint, scene.site.network
    before = dict(endpoint._servers)  # bob's REGISTER
    invite = new_request("INVITE", "sip:bob@example.com")
    invite.set("From", "<sip:alice@example.com>;tag=alice")
    invite.insert("Via", "SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKforged")
    for _ in range(3):
        endpoint.receive(invite.to_bytes(), ("192.0.2.9", 5060), "udp", network.now)
    assert endpoint._servers == before
    for method in ("MESSAGE", "REGISTER"):
        scene.challenged(
            method, "sip:example.com" if method == "REGISTER" else "sip:bob@example.com", call_id=method
        )
        assert endpoint._servers == before, method
    sent = len(network.ladder)
    network.run(40_000)
    assert [line for line in network.ladder[sent:] if line.startswith("proxy >") and " 40" in line] == []
    # The ACK of a challenge is ours and nobody else's, and every INVITE has a tag of its own.
    tags = [scene.challenged(call_id="ack-%d" % number).to.tag for number in range(3)]
    assert len(set(tags)) == 3
    assert scene.bob.requests == [] and "acks_dropped" not in endpoint.counters


def test_unknown_users_are_told_what_known_ones_are():
    scene = Scene()

    def told(name, method="REGISTER"):
        request = new_request(
            method, "sip:example.com" if method == "REGISTER" else "sip:bob@example.com", name
        )
        request.set("To", "<sip:%s@example.com>" % (name if method == "REGISTER" else "bob"))
        request.set("From", "<sip:%s@example.com>;tag=1" % name)
        user = Listener()
        scene.alice.endpoint.request(request, user, scene.site.network.now, PROXY)
        scene.site.settle()
        return user.told

    assert told("alice") == told("nobody") == [401]
    assert told("alice", "MESSAGE") == told("nobody", "MESSAGE") == [407]


ASSERTED = ("P-Asserted-Identity", "P-Preferred-Identity", "Remote-Party-ID")
DIVERTED = ("Diversion", "History-Info")
BOSS = "<sip:202@example.com>"


def identities(message):
    return [name for name in ASSERTED + DIVERTED if message.get(name) is not None]


def told_of(sender, value, proved=False, trusted=()):
    """The identities that bob sees in a call, and the other side in a request within it."""
    scene = Scene()
    scene.site.proxy.trusted = trusted
    headers = [(name, value) for name in ASSERTED + DIVERTED]
    if proved:
        headers += scene.proof(scene.challenged(), "INVITE", "sip:bob@example.com")
    _, user = scene.alice.send("INVITE", "sip:bob@example.com", cseq=2, from_=sender, headers=headers)
    assert user.told[-1] == 200, user.told
    ok = last_of(user)
    _, user = scene.alice.send(
        "UPDATE", "sip:bob@" + scene.bob.host, cseq=3, tag=ok.to.tag, to="sip:bob@example.com", from_=sender,
        headers=headers[:5] + [("Route", ok.get("Record-Route"))],
    )  # fmt: skip
    assert user.told[-1] == 200, user.told
    return identities(scene.bob.requests[0]), identities(scene.bob.requests[-1])


def test_identities_that_strangers_assert_go_no_further():
    stranger = "<sip:mallory@evil.example>;tag=m"
    every = list(ASSERTED + DIVERTED)
    assert told_of(stranger, BOSS) == ([], [])
    assert told_of(stranger, BOSS, trusted=("192.0.2.1",)) == (every, every)  # a gateway
    alice = "<sip:alice@example.com>;tag=alice"
    assert told_of(alice, BOSS, True) == (list(DIVERTED), [])  # a user is nobody else
    assert told_of(alice, "<sip:alice@example.com>", True) == (every, [])
    assert told_of(alice, "<sip:alice@evil.example>", True) == (list(DIVERTED), [])
    assert told_of(alice, "<<nonsense", True) == (list(DIVERTED), [])


def test_nor_do_those_of_callees():
    for value, trusted, left in (
        (BOSS, (), []),
        ("<sip:bob@example.com>", (), list(ASSERTED) + list(DIVERTED)),
        (BOSS, ("192.0.2.2",), list(ASSERTED) + list(DIVERTED)),
    ):
        scene = Scene(180)
        scene.site.proxy.trusted = trusted
        headers = scene.proof(scene.challenged(), "INVITE", "sip:bob@example.com")
        _, user = scene.alice.send("INVITE", "sip:bob@example.com", cseq=2, headers=headers)
        [transaction] = scene.bob.transactions
        response = transaction.response(200)
        response.add("Contact", "<sip:bob@192.0.2.2>")
        for name in ASSERTED + DIVERTED:
            response.add(name, value)
        transaction.respond(response, scene.site.network.now)
        scene.site.settle()
        seen = identities(last_of(user))
        assert [name for name in seen if name in ASSERTED] == [name for name in left if name in ASSERTED], (
            value
        )
