"""The proxy (RFC 3261 §16) among endpoints on a network in virtual time: its checks, its routes, its guests."""

# micropython-heap: 400k: five endpoints and the network between them live in one process

from sip.digest import Credentials
from sip.server.registrar import accounts
from sip.server.response_context import Target
from sip.syntax import uri
from sip.syntax.headers import parse_name_addr
from sip.syntax.message import Request, parse
from support.link import counting_random, new_request
from support.site import DOMAIN, PROXY, Listener, Site, last_of

# One call, start to end


def test_a_call_and_all_that_belongs_to_it_passes_through():
    site = Site()
    alice = site.peer("alice")
    bob = site.peer("bob", 180, 200)
    _, user = alice.send("INVITE", "sip:bob@example.com", headers=[("Max-Forwards", "20")])
    assert user.told == [100, 180, 200]
    invite = bob.requests[0]
    assert str(invite.uri) == "sip:bob@" + bob.host and invite.max_forwards == 19
    assert [via.host for via in invite.vias] == [PROXY[0], alice.host]
    assert invite.vias[1].received is not None or invite.vias[1].rport == 5060
    [route] = invite.all("Record-Route")
    assert route.startswith("<sip:192.0.2.100:5060;lr")
    ok = last_of(user)
    assert len(ok.vias) == 1
    # The caller's route is sealed for another end than the callee's.
    [other] = ok.all("Record-Route")
    assert other != route and other.partition("pass")[0] == route.partition("pass")[0]
    route = other

    # The ACK and the BYE go by the route set.
    tag = ok.to.tag
    for method in ("ACK", "BYE"):
        request = new_request(method, "sip:bob@" + bob.host, "call", 1 if method == "ACK" else 2)
        request.set("From", "<sip:alice@example.com>;tag=alice")
        request.set("To", "<sip:bob@example.com>;tag=" + tag)
        request.add("Route", route)
        if method == "ACK":
            alice.endpoint.send(request, site.network.now)
        else:
            answer = Listener()
            alice.endpoint.request(request, answer, site.network.now)
        site.settle()
    assert bob.methods() == ["INVITE", "ACK", "BYE"] and answer.told == [180, 200]
    assert bob.requests[1].all("Route") == [] and bob.requests[2].all("Record-Route") == []


def test_without_record_route_it_leaves_the_way():
    site = Site(record_route=False)
    bob = site.peer("bob", 200)
    site.peer("alice").send("INVITE", "sip:bob@example.com")
    assert bob.requests[0].all("Record-Route") == []


def test_a_retransmitted_2xx_is_passed_on():
    site = Site()
    bob = site.peer("bob", 200)
    _, user = site.peer("alice").send("INVITE", "sip:bob@example.com")
    bob.reply(200)
    bob.reply(200)
    assert user.told == [100, 200, 200, 200]


def test_a_rejection_is_acknowledged_hop_by_hop():
    site = Site()
    bob = site.peer("bob", 486)
    client, user = site.peer("alice").send("INVITE", "sip:bob@example.com")
    assert user.told == [100, 486] and client.state == "completed"
    assert bob.transactions[0].state == "confirmed" and bob.methods() == ["INVITE"]
    site.network.run(40_000)
    assert site.proxy.contexts == 0 and site.endpoint._clients == {} and site.endpoint._servers == {}


# Where to


def test_who_is_not_there():
    cases = (
        ("sip:nobody@example.com", 404),
        ("sip:carol@example.com", 480),
        ("sip:example.com", 404),
        ("urn:service:sos", 416),
        ("tel:carol", None),
        ("tel:4711", 404),
    )
    for target, status in cases:
        site = Site({"alice": None, "carol": None})
        if status:
            _, user = site.peer("alice").send("INVITE", target, to="sip:x@example.com")
            assert user.told == [status], target


def test_options_for_the_proxy_itself_is_answered_by_it():
    site = Site()
    alice = site.peer("alice")
    for target, hops in (("sip:example.com", "70"), ("sip:192.0.2.100", "70"), ("sip:bob@example.com", "0")):
        _, user = alice.send("OPTIONS", target, headers=[("Max-Forwards", hops)], call_id=target)
        assert user.told == [200] and "INVITE" in last_of(user).get("Allow")
    site.peer("bob", 200)
    _, user = alice.send("OPTIONS", "sip:bob@example.com")
    assert user.told == [200] and last_of(user).get("Allow") is None


def test_requests_for_elsewhere_go_there():
    site = Site()
    site.network.names["other.org"] = "192.0.2.2"
    alice = site.peer("alice")
    other = site.peer("other", 200, at=None)
    assert other.host == "192.0.2.2"
    _, user = alice.send("INVITE", "sip:someone@other.org;method=BYE")
    assert user.told == [100, 200] and str(other.requests[0].uri) == "sip:someone@other.org"


def test_a_bare_number_is_one_of_ours():
    site = Site()
    bob = site.peer("4711", 200)
    site.peer("alice").send("INVITE", "tel:47-11", to="sip:x@example.com")
    assert bob.requests == []  # as written it is not what is registered …
    site.peer("carol").send("INVITE", "tel:4711", to="sip:x@example.com")
    assert bob.methods() == ["INVITE"]  # … and without the dash it is


def test_hops_run_out():
    site = Site()
    bob = site.peer("bob", 200)
    _, user = site.peer("alice").send("INVITE", "sip:bob@example.com", headers=[("Max-Forwards", "0")])
    assert user.told == [483] and bob.requests == []


def test_extensions_that_the_proxy_lacks():
    site = Site()
    site.peer("bob", 200)
    _, user = site.peer("alice").send("INVITE", "sip:bob@example.com", headers=[("Proxy-Require", "foo")])
    assert user.told == [420] and last_of(user).get("Unsupported") == "foo"
    _, user = site.peer("carol").send("INVITE", "sip:bob@example.com", headers=[("Require", "foo")])
    assert user.told == [100, 200]  # that is for the callee to say


def test_a_loop_is_found():
    site = Site()
    site.peer("bob", contact="<sip:carol@example.com>")
    site.peer("carol", contact="<sip:bob@example.com>")
    _, user = site.peer("alice").send("INVITE", "sip:bob@example.com")
    assert user.told == [100, 482]
    assert site.sent_by_proxy("INVITE") == 2  # to carol and back to bob, which is where it began


def test_a_spiral_is_no_loop():
    site = Site()
    dave = site.peer("dave", 200)
    site.peer("carol", contact="<sip:dave@example.com>")
    _, user = site.peer("alice").send("INVITE", "sip:carol@example.com")
    assert user.told == [100, 200] and len(dave.requests) == 1


# Routes


def dialog_of(site, transport="udp"):
    """(alice, bob, bob's tag, Record-Route values) of a call through the site."""
    alice = site.peer("alice")
    bob = site.peer("bob", 200, transport=transport)
    _, user = alice.send("INVITE", "sip:bob@example.com")
    return alice, bob, last_of(user).to.tag, last_of(user).all("Record-Route")


def within(alice, bob, tag, routes, target=None):
    """What comes of a BYE with these Route values."""
    target = target or "sip:bob@" + bob.host
    headers = [("Route", route) for route in routes]
    _, user = alice.send("BYE", target, cseq=2, tag=tag, headers=headers, to="sip:bob@example.com")
    return user.told


def test_our_route_lets_a_dialog_through_unasked_and_a_forged_one_does_not():
    site = Site({"alice": None, "bob": None})
    alice, bob, tag, routes = dialog_of(site)
    site.registrar.users["alice"] = True  # from now on she would be asked
    site.registrar.authenticator = accounts({"alice": "x"}, DOMAIN, counting_random(), ["SHA-256"])[1]
    assert within(alice, bob, tag, routes) == [200]
    for forged in (routes[0].partition(";lr")[0] + ";lr>", "<sip:192.0.2.100;lr;pass=000000000000>"):
        assert within(alice, bob, tag, [forged]) == [407]
    assert bob.methods() == ["INVITE", "BYE"]


def test_a_strict_router_before_us():
    # RFC 3261 §16.4: our Record-Route came in the Request-URI, the target at the end of Route.
    site = Site()
    alice, bob, tag, [route] = dialog_of(site)
    target = "<sip:bob@" + bob.host + ">"
    assert within(alice, bob, tag, ["<sip:192.0.2.100;lr>", target], route[1:-1]) == [200]
    assert str(bob.requests[-1].uri) == target[1:-1] and bob.requests[-1].all("Route") == []


def test_a_strict_router_after_us():
    site = Site()
    strict = site.peer("strict", 200, at=None)
    alice, bob, tag, routes = dialog_of(site)
    assert within(alice, bob, tag, routes + ["<sip:%s>" % strict.host]) == [200]
    assert str(strict.requests[0].uri) == "sip:" + strict.host
    assert strict.requests[0].all("Route") == ["<sip:bob@%s>" % bob.host]


def test_a_preloaded_route_to_us_is_taken_off():
    site = Site()
    bob = site.peer("bob", 200)
    routes = [("Route", "<sip:example.com;lr>"), ("Route", "<sip:192.0.2.100:5060;lr>")]
    _, user = site.peer("alice").send("INVITE", "sip:bob@example.com", headers=routes)
    assert user.told == [100, 200] and bob.requests[0].all("Route") == []


def test_two_transports_two_record_routes():
    site = Site()
    alice, bob, tag, routes = dialog_of(site, "tcp")
    assert bob.transactions[0].transport == "tcp"  # on the connection that it had opened
    assert [";transport=tcp" in route for route in routes] == [True, False]
    assert within(alice, bob, tag, list(reversed(routes))) == [200]
    assert bob.requests[-1].all("Route") == []


def test_an_ack_goes_only_where_a_request_could():
    site = Site()
    bob = site.peer("bob", 200)
    alice = site.peer("alice")
    cases = (
        ("sip:bob@example.com", [], 1),  # a caller that takes no notice of Contact
        ("sip:victim@" + bob.host, [], 0),
        ("sip:victim@" + bob.host, ["<sip:192.0.2.100;lr>"], 0),
        ("sip:nobody@example.com", [], 0),
    )
    for target, routes, number in cases:
        bob.requests.clear()
        ack = new_request("ACK", target, headers=[("Route", route) for route in routes])
        ack.set("To", "<sip:bob@example.com>;tag=x")
        alice.endpoint.send(ack, site.network.now, PROXY, "udp")
        site.settle()
        assert len(bob.requests) == number, target
    for hops, number, dropped in (("1", 1, 3), ("0", 0, 4)):
        bob.requests.clear()
        ack = new_request("ACK", "sip:bob@example.com", headers=[("Max-Forwards", hops)])
        ack.set("To", "<sip:bob@example.com>;tag=x")
        alice.endpoint.send(ack, site.network.now, PROXY, "udp")
        site.settle()
        assert len(bob.requests) == number, hops
        assert site.endpoint.counters["acks_dropped"] == dropped


# Who may


def test_who_may_call_whom():
    passwords = {"alice": "secret", "open": None, "bob": None}
    cases = (
        # From, target, without credentials
        ("sip:alice@example.com", "sip:bob@example.com", 407),
        ("sip:open@example.com", "sip:bob@example.com", 200),
        ("sip:fake@example.com", "sip:bob@example.com", 407),  # as who is there
        ("sip:stranger@other.org", "sip:bob@example.com", 200),
        ("sip:stranger@other.org", "sip:someone@192.0.2.2", 403),
        (
            "sip:open@example.com",
            "sip:someone@192.0.2.2",
            403,
        ),  # who does not prove to be somebody stays inside
        ("sip:alice@example.com", "sip:someone@192.0.2.2", 407),
    )
    for sender, target, status in cases:
        site = Site(passwords)
        caller = site.peer("caller", at=None)
        bob = site.peer("bob", 200)
        assert bob.host == "192.0.2.2"
        _, user = caller.send("INVITE", target, from_="<%s>;tag=1" % sender)
        assert user.told[-1] == status, (sender, target)


def test_a_password_opens_and_stays_here():
    site = Site({"alice": "secret", "carol": "other", "bob": None})
    alice = site.peer("alice", at=None)
    bob = site.peer("bob", 200)
    target = "sip:bob@example.com"
    cseq = 0
    for user_name, password, status in (
        ("alice", "wrong", 407),
        ("carol", "other", 403),
        ("alice", "secret", 200),
    ):
        cseq += 2
        _, user = alice.send("INVITE", target, cseq=cseq)
        challenge = last_of(user)
        assert challenge.status == 407 and challenge.get("Proxy-Authenticate")
        identity = Credentials(user_name, password)
        headers = identity.answer(challenge, "INVITE", target, b"", counting_random())
        _, user = alice.send("INVITE", target, cseq=cseq + 1, headers=headers)
        assert user.told[-1] == status, user_name
    [invite] = [request for request in bob.requests if isinstance(request, Request)]
    assert invite.get("Proxy-Authorization") is None


def test_credentials_for_others_go_on():
    site = Site({"alice": "secret", "bob": None})
    alice = site.peer("alice", at=None)
    bob = site.peer("bob", 200)
    _, user = alice.send("INVITE", "sip:bob@example.com")
    headers = Credentials("alice", "secret").answer(
        last_of(user), "INVITE", "sip:bob@example.com", b"", counting_random()
    )
    other = 'Digest username="a", realm="next hop", nonce="n", uri="sip:b", response="r"'
    alice.send("INVITE", "sip:bob@example.com", cseq=2, headers=headers + [("Proxy-Authorization", other)])
    assert bob.requests[0].all("Proxy-Authorization") == [other]


# Bad input


def test_broken_routes_and_vias_are_a_bad_request():
    for header in ("Route: <<>>", "Via: nonsense", "Proxy-Require: \x01,"):
        site = Site()
        data = new_request("MESSAGE", "sip:bob@example.com").to_bytes()
        via = b"Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx\r\n"
        data = data.replace(b"\r\n", b"\r\n" + via + header.encode() + b"\r\n", 1)
        site.endpoint.receive(data, ("192.0.2.9", 5060), "udp", site.network.now)
        answer, _, _ = site.endpoint.to_send(site.network.now)
        assert parse(answer).status in (400, 420), header
        assert site.proxy.contexts == 0


# Breadth, events, other people's domains


def test_who_may_not_be_forked_that_often_is_told():
    site = Site()
    for name in ("bob", "carol"):
        site.peer(name, 200, at="all")
    alice = site.peer("alice")
    for number, (breadth, status) in enumerate((("1", 440), ("2", 200), (None, 200), ("x", 400))):
        headers = [] if breadth is None else [("Max-Breadth", breadth)]
        _, user = alice.send("MESSAGE", "sip:all@example.com", headers=headers, call_id="c%d" % number)
        assert user.told[-1] == status, breadth


def test_breadth_is_shared_by_the_branches():
    site = Site()
    bob, carol = site.peer("bob", 200, at="all"), site.peer("carol", 200, at="all")
    site.peer("alice").send("MESSAGE", "sip:all@example.com", headers=[("Max-Breadth", "9")])
    assert [peer.requests[0].get("Max-Breadth") for peer in (bob, carol)] == ["4", "4"]


def test_events_and_messages_pass():
    site = Site()
    bob = site.peer("bob", 200)
    alice = site.peer("alice")
    for method, routed in (("SUBSCRIBE", True), ("PUBLISH", False), ("MESSAGE", False), ("INFO", False)):
        headers = [("Event", "presence")] if method in ("SUBSCRIBE", "PUBLISH") else []
        _, user = alice.send(method, "sip:bob@example.com", headers=headers, call_id=method)
        assert user.told == [200], method
        request = bob.requests[-1]
        assert request.method == method and bool(request.all("Record-Route")) == routed
        assert request.get("Event") == (headers[0][1] if headers else None)
    # The notifier's NOTIFY comes back by the route of the SUBSCRIBE.
    subscribe = bob.requests[0]
    alice.answers = (200,)
    notify = new_request("NOTIFY", "sip:alice@" + alice.host, "SUBSCRIBE", 1)
    notify.set("From", "<sip:bob@example.com>;tag=" + "b")
    notify.set("To", "<sip:alice@example.com>;tag=alice")
    for route in subscribe.all("Record-Route"):
        notify.add("Route", route)
    user = Listener()
    bob.endpoint.request(notify, user, site.network.now, PROXY, "udp")
    site.settle()
    assert user.told == [200] and alice.methods() == ["NOTIFY"]


def test_nobody_registers_elsewhere_through_us():
    site = Site()
    alice = site.peer("alice")
    _, user = alice.send("REGISTER", "sip:other.org", headers=[("Supported", "path")])
    assert user.told == [403]


def test_a_secure_request_goes_only_where_all_of_the_way_is():
    site = Site()
    site.endpoint.local["tls"] = (PROXY[0], 5061)
    site.peer("bob", 200)
    alice = site.peer("alice")
    alice.endpoint.local["tls"] = (alice.host, 5061)
    _, user = alice.send("MESSAGE", "sips:bob@example.com")
    assert user.told == [480]
    # Nor does a dial plan lead it astray, and upstream it goes by TLS.
    target = uri.parse("sips:x@other.org")
    site.proxy.plan = lambda dialled: [Target(uri.parse("sip:x@192.0.2.7")), Target(target)]
    assert [each.uri for each in site.proxy._targets(Sips("sips:1@example.com"), False)] == [target]
    site.proxy.edges = {"other.org": uri.parse("sip:192.0.2.8;transport=tcp")}
    [upstream] = site.proxy._targets(Sips("sips:x@other.org"), False)
    assert [str(route) for route in upstream.routes] == ["<sips:192.0.2.8;lr>"]


class Sips:
    def __init__(self, text):
        self.uri = uri.parse(text)
        self.to = parse_name_addr("<sip:x@example.com>")


def test_an_answer_that_cannot_go_on_ends_the_request_all_the_same():
    for method in ("INVITE", "INFO"):
        for spoilt in (b"Via: SIP/2.0/UDP :;x", None):
            site = Site()
            bob = site.peer("bob")
            _, user = site.peer("alice").send(method, "sip:bob@example.com", cseq=2)

            def spoil(octets, spoilt=spoilt):
                if not octets.startswith(b"SIP/2.0 4"):
                    return octets
                lines = octets.split(b"\r\n")
                at = [at for at, line in enumerate(lines) if line.startswith(b"Via")][1]
                lines[at : at + 1] = [] if spoilt is None else [spoilt]
                return b"\r\n".join(lines)

            site.network.spoil = spoil
            bob.transactions[-1].reply(404, site.network.now)
            site.network.settle(4)
            site.network.spoil = None
            site.network.run(40_000)
            assert user.told[-1] == 502, (method, user.told)
            assert site.proxy.contexts == 0 and site.endpoint._servers == {}
