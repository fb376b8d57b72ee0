"""Our Record-Route leads to the two ends of its dialog and nowhere else, whoever asks."""

# micropython-heap: 1M: five endpoints and the network between them live in one process

from sip import limits
from sip.server.dialog_seals import TO_CALLEE, TO_CALLER, DialogSeals, hop_behind
from sip.server.response_context import Target
from sip.syntax import uri
from sip.syntax.headers import parse_name_addr
from support.link import counting_random, new_request
from support.site import PROXY, Listener, Site, last_of

STRANGER = "<sip:mallory@evil.example>;tag=mallory"
USERS = {"alice": "secret", "bob": None}
VICTIM = "sip:0900@192.0.2.3"


class Scene:
    """A stranger calls bob, who answers; somebody else, whom nobody may reach, listens."""

    def __init__(self, transport="udp", **settings):
        self.site = Site(USERS, **settings)
        self.stranger = self.site.peer("mallory", at=None)
        self.bob = self.site.peer("bob", 180, 200, transport=transport)
        self.victim = self.site.peer("victim", 200, at=None)
        assert self.victim.host == "192.0.2.3"
        _, user = self.stranger.send("INVITE", "sip:bob@example.com", from_=STRANGER)
        assert user.told == [100, 180, 200]
        self.routes = list(reversed(last_of(user).all("Record-Route")))
        self.of_callee = self.bob.requests[0].all("Record-Route")
        self.tag = last_of(user).to.tag

    def ask(self, method, target, routes, sender=None, **changed):
        """What somebody is told who sends that within the dialog, along these routes."""
        changed.setdefault("tag", self.tag)
        changed.setdefault("from_", STRANGER)
        changed.setdefault("to", "sip:bob@example.com")
        headers = [("Route", route) for route in routes]
        sender = sender or self.stranger
        _, user = sender.send(method, target, cseq=changed.pop("cseq", 2), headers=headers, **changed)
        return user.told[-1]

    def as_bob(self, method, target, routes, sender=None, **changed):
        changed.update(
            from_="<sip:bob@example.com>;tag=" + self.tag, to="sip:mallory@evil.example", tag="mallory"
        )
        return self.ask(method, target, routes, sender or self.bob, **changed)


def test_the_two_ends_reach_each_other():
    for transport in ("udp", "tcp"):
        scene = Scene(transport)
        assert scene.ask("BYE", "sip:bob@" + scene.bob.host, scene.routes) == 200
        scene.stranger.answers = (200,)
        assert scene.as_bob("BYE", "sip:mallory@" + scene.stranger.host, scene.of_callee) == 200


def test_a_stranger_s_route_opens_no_other_door():
    for transport in ("udp", "tcp"):
        for number, method in enumerate(("INVITE", "MESSAGE", "BYE")):
            scene = Scene(transport)
            for routes in (scene.routes, scene.routes[:1], scene.routes[-1:], scene.routes + scene.routes):
                told = scene.ask(method, VICTIM, routes, cseq=10 + number)
                # Over TCP bob's flow decides, and the request ends there.
                assert told in (403, 200) and (told == 403 or transport == "tcp"), (method, told)
                # Nor behind a further Route, nor as the other end.
                scene.ask(method, VICTIM, routes + ["<sip:192.0.2.3;lr>"], cseq=20 + number)
                scene.as_bob(method, VICTIM, routes, scene.stranger, cseq=30 + number)
            assert scene.victim.requests == []


def test_an_end_that_says_it_is_elsewhere_reaches_nobody_there():
    # The stranger says that it is the victim, and then uses what its own response gave away.
    scene = Scene()
    invite = new_request("INVITE", "sip:bob@example.com", "three")
    invite.set("From", STRANGER)
    invite.add("Contact", "<%s>" % VICTIM)
    user = Listener()
    scene.stranger.endpoint.request(invite, user, scene.site.network.now, PROXY)
    scene.site.settle()
    routes, tag = last_of(user).all("Record-Route"), last_of(user).to.tag
    for sender in (scene.ask, scene.as_bob):
        scene.tag = tag
        told = sender("MESSAGE", VICTIM, routes, sender=scene.stranger, call_id="three")
        assert told in (403, 407), told
    assert scene.victim.requests == []
    # Only bob has the route that leads there, as any phone that was called from there.
    assert routes != scene.bob.requests[-1].all("Record-Route")


def test_a_gateway_is_no_end_of_a_stranger_s_dialog():
    scene = Scene()
    scene.site.proxy.trusted = ("192.0.2.3",)
    for reachable, ends in ((False, ()), (False, (("192.0.2.1", 5060),)), (True, (("192.0.2.3", 5062),))):
        hop = scene.site.proxy._reachable(("192.0.2.3", 5060), *ends)
        assert (hop is not None) == reachable
    assert scene.site.proxy._reachable(("192.0.2.100", 5060)) is None  # ourselves


def test_an_end_that_moves_is_followed():
    scene = Scene()
    new = scene.site.peer("elsewhere", 200, at=None)
    moved = "sip:mallory@" + new.host
    assert scene.as_bob("INFO", moved, scene.of_callee, scene.victim) == 403
    # A re-INVITE says where it is now; bob is there as before.
    invite = new_request("INVITE", "sip:bob@" + scene.bob.host, "call", 3)
    invite.set("From", STRANGER)
    invite.set("To", "<sip:bob@example.com>;tag=" + scene.tag)
    invite.add("Contact", "<%s>" % moved)
    invite.add("Route", scene.routes[0])
    user = Listener()
    scene.stranger.endpoint.request(invite, user, scene.site.network.now, PROXY)
    scene.site.settle()
    assert user.told[-1] == 200
    assert scene.as_bob("INFO", moved, scene.of_callee, scene.victim, cseq=4) == 200 and new.methods() == [
        "INFO"
    ]
    # Who moves cannot go where it moved to itself.
    assert scene.ask("INFO", moved, scene.routes, cseq=5) == 403
    assert scene.as_bob("INFO", moved, scene.routes, scene.stranger, cseq=6) in (403, 407)


def test_a_dialog_without_a_seal_is_for_users_only():
    cases = (
        # target, who, what is told, whether bob hears it
        ("sip:bob@example.com", STRANGER, 200, True),
        ("sip:0900@example.com", STRANGER, 403, False),
        ("sip:0900@example.com", "<sip:alice@example.com>;tag=a", 407, False),
        ("sip:bob@example.com", "<sip:alice@example.com>;tag=a", 407, False),
        ("sip:0900@example.com", "<sip:bob@example.com>;tag=b", 403, False),
        (VICTIM, STRANGER, 403, False),
        ("sip:carol@example.com", STRANGER, 403, False),
    )
    for target, who, status, heard in cases:
        for method in ("INVITE", "MESSAGE", "BYE"):
            scene = Scene()
            plan = Plan()
            scene.site.proxy.plan = plan
            scene.bob.requests.clear()
            told = scene.ask(method, target, (), from_=who, tag="x", call_id="new", cseq=1)
            assert told == status, (method, target, who, told)
            assert scene.victim.requests == [] and bool(scene.bob.requests) == heard and not plan.asked
    # Nor does it lead a user out, who may call there: no dialog begins.
    scene = Scene()
    scene.site.proxy.plan = plan = Plan()
    for tag, told in (("x", 404), ("", 200)):
        who = "<sip:bob@example.com>;tag=b"
        status = scene.ask(
            "MESSAGE", "sip:0900@example.com", (), scene.bob, from_=who, tag=tag, call_id="new" + tag
        )
        assert status == told and plan.asked == (told == 200)
    # The policy is asked as well.
    scene = Scene()
    scene.site.proxy.policy = lambda name, target, inward: False
    scene.bob.requests.clear()
    assert scene.ask("INVITE", "sip:bob@example.com", (), tag="x", call_id="new", cseq=1) == 403
    ack = new_request("ACK", "sip:bob@example.com", "new")
    ack.set("To", "<sip:bob@example.com>;tag=x")
    scene.stranger.endpoint.send(ack, scene.site.network.now, ("192.0.2.100", 5060), "udp")
    scene.site.settle()
    assert scene.bob.requests == []


class Plan:
    """Leads everything but bob out through the victim's gateway."""

    def __init__(self):
        self.asked = False

    def __call__(self, dialled):
        if dialled.name == "bob":
            return None
        self.asked = True
        return [Target(uri.parse(VICTIM))]

    def leads_out(self, dialled):
        return dialled.name != "bob"


def request_of(call_id="c", sender="a", receiver=None):
    request = new_request("INVITE", "sip:bob@example.com", call_id)
    request.set("From", "<sip:alice@example.com>;tag=" + sender)
    request.set("To", "<sip:bob@example.com>" + (";tag=" + receiver if receiver else ""))
    return request


def test_a_seal_is_good_in_one_dialog_and_one_direction():
    seals = DialogSeals(counting_random())
    hop = ("192.0.2.7", 5070)
    first = request_of()
    onward, back = seals.seal(first, TO_CALLEE, hop), seals.seal(first, TO_CALLER, hop)
    ahead, answer = request_of("c", "a", "b"), request_of("c", "b", "a")
    assert seals.allows(onward, ahead, hop) and seals.allows(back, answer, hop)
    assert not seals.allows(onward, answer, hop) and not seals.allows(back, ahead, hop)
    assert not seals.allows(onward, first, hop)  # no dialog yet
    for other in (("192.0.2.7", 5060), ("192.0.2.8", 5070), None):
        assert not seals.allows(onward, ahead, other)
    for other in (request_of("d", "a", "b"), request_of("c", "x", "b")):
        assert not seals.allows(onward, other, hop)
    for text in (
        None,
        "",
        "zz",
        "00",
        onward[:-2],
        onward + "30",
        "0" * 800,
        back,
        DialogSeals(counting_random(9)).seal(first, TO_CALLEE, hop),
    ):
        assert not seals.allows(text, ahead, hop), text
    nowhere = seals.seal(first, TO_CALLEE, None)
    assert seals.is_sealed(nowhere, ahead) and not seals.allows(nowhere, ahead, hop)


def test_the_ends_that_have_moved_are_bounded():
    seals = DialogSeals(counting_random())
    text = seals.seal(request_of(), TO_CALLEE, ("192.0.2.7", 5070))
    most = limits.MOVED_ENDS
    for count in (most - 1, most, most + 1):
        seals._moved = []
        seals.move("c", "b", ("192.0.2.8", 1))
        for number in range(count - 1):
            seals.move("call-%d" % number, "b", ("192.0.2.9", 1))
        assert len(seals._moved) == min(count, most)
        assert seals.allows(text, request_of("c", "a", "b"), ("192.0.2.8", 1)) == (count <= most)


def test_the_next_hop_beyond_us():
    route = parse_name_addr("<sip:192.0.2.5;lr;transport=tls>")
    contact = parse_name_addr("<sip:bob@192.0.2.6:5080;maddr=192.0.2.9>")
    assert hop_behind([route], [contact]) == ("192.0.2.5", 5061)
    assert hop_behind([], [contact]) == ("192.0.2.9", 5080)
    assert hop_behind([], []) is None and hop_behind([], [contact, contact]) is None
