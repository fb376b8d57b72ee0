"""A phone that registers, against a registrar played by hand."""

# micropython-heap: 512k: a network and both its ends live in one process, call after call

from compat import ticks_diff
from sip.events import LocalError, RegistrationChanged
from sip.syntax import uri
from sip.syntax.message import Request
from support.check import raises
from support.network import Network
from support.phones import Peer, Phone


def bare(request):
    """The Contacts of a REGISTER without what they tell of the phone's features."""
    return [text.partition(";audio")[0] for text in request.all("Contact")]


class Desk:
    """A phone 201 and the registrar that it turns to."""

    def __init__(self, **account):
        self.network = Network()
        self.server = Peer(self.network, "server", "192.0.2.10")
        self.phone = Phone(self.network, "201", "192.0.2.1", "sip:201@192.0.2.10", **account)
        self.registration = self.phone.register()
        self.network.settle()

    def take(self) -> Request:
        return self.server.take("REGISTER")

    def answer(self, status=200, **headers):
        request = self.take()
        if status == 200 and "Contact" not in headers:
            headers["Contact"] = "%s;expires=%d" % (contact_of(request), expires_of(request))
        self.server.respond(request, status, **headers)
        self.network.settle()
        return request

    @property
    def state(self):
        return self.registration.state

    def wait(self, limit=4_000_000) -> int:
        """ms until the next REGISTER."""
        start = self.network.elapsed
        self.network.run_until(lambda: self.server.received, limit)
        return self.network.elapsed - start


def contact_of(request):
    return "<%s>" % request.contacts[0].uri


def expires_of(request):
    return request.contacts[0].expires


def test_the_request():
    desk = Desk(expires=600)
    request = desk.take()
    assert str(request.uri) == "sip:192.0.2.10"
    assert str(request.from_.uri) == str(request.to.uri) == "sip:201@192.0.2.10"
    assert request.from_.tag and not request.to.tag
    contact = request.all("Contact")[0]
    assert contact.startswith('<sip:201@192.0.2.1:5060>;expires=600;audio;methods="INVITE,ACK,CANCEL,')
    assert desk.state == "registering" and desk.registration.busy


def test_board_and_mac_are_for_the_registrar_alone():
    network = Network()
    server = Peer(network, "server", "192.0.2.10")
    phone = Phone(network, "201", "192.0.2.1", "sip:201@192.0.2.10")
    phone.user_agent.device = "Bakelite/test (board; mac)"
    phone.register()
    phone.call("sip:202@192.0.2.10")
    network.settle()
    assert server.take("REGISTER").get("User-Agent") == "Bakelite/test (board; mac)"
    assert server.take("INVITE").get("User-Agent") == "Bakelite/test"


def test_registered_and_refreshed_well_before_the_end():
    # (granted, not before, not after), in seconds
    for granted, earliest, latest in ((3600, 2900, 3176), (300, 190, 206), (60, 27, 30), (10, 4, 5)):
        desk = Desk()
        first = desk.answer(Contact="<sip:201@192.0.2.1:5060>;expires=%d" % granted)
        assert desk.state == "registered" and desk.registration.bindings[0][1] == granted
        waited = desk.wait()
        assert earliest * 1000 <= waited <= latest * 1000, (granted, waited)
        again = desk.take()
        assert again.call_id == first.call_id and again.cseq.number == first.cseq.number + 1
        assert again.from_.tag == first.from_.tag and expires_of(again) == 3600
        # All the while it counts as registered.
        assert desk.state == "registered" and len(desk.phone.take(RegistrationChanged)) == 2


def test_refreshes_do_not_fall_into_step():
    waits = set()
    for seed in range(5):
        network = Network(seed)
        server = Peer(network, "server", "192.0.2.10")
        phone = Phone(network, "201", "192.0.2.1", "sip:201@192.0.2.10")
        phone.register()
        network.settle()
        server.respond(server.take(), 200, Contact="<sip:201@192.0.2.1:5060>;expires=3600")
        network.settle()
        network.run_until(lambda server=server: server.received, 4_000_000)
        waits.add(network.elapsed)
    assert len(waits) == 5


def test_whose_expiry_counts():
    ours = "<sip:201@192.0.2.1:5060>"
    others = "<sip:201@192.0.2.7>;expires=30"
    cases = [
        ({"Contact": others + ", " + ours + ";expires=200"}, 200),
        ({"Contact": ours, "Expires": "200"}, 200),
        ({"Contact": others, "Expires": "200"}, 30),  # ours, rewritten?
        ({"Contact": others}, 30),
        ({"Contact": others.replace("30", "0") + ", <sip:201@h>;expires=400", "Expires": "200"}, 200),
        ({"Contact": "<sip:x@y>;expires=500, <sip:201@y>;expires=400"}, 400),
        ({"Contact": "<sip:x@y>;expires=500, <sip:z@y>;expires=400"}, 400),
        ({"Contact": "<sip:201@192.0.2.1:5060;transport=udp>;expires=60"}, 60),
        ({"Contact": '<sip:y>;expires="60"'}, 60),
        ({"Contact": "<sip:x@y>;expires=0", "Expires": "x"}, 0),
        ({"Contact": "<sip:x@y>;expires=60.5, <sip:z@y>;expires=80", "Expires": "90"}, 80),
        ({"Contact": ours + ";expires=200", "Expires": "9"}, 200),
        ({"Contact": ours + ';expires="Tue, 15 Nov 1994 08:12:31 GMT"', "Expires": "90"}, 90),
        ({"Contact": ours + ";expires=-1", "Expires": "90"}, 90),
    ]
    for headers, granted in cases:
        desk = Desk()
        desk.answer(**headers)
        if not granted:
            assert desk.state == "failed"
            continue
        waited = desk.wait()
        assert granted * 400 <= waited < granted * 1000, headers
    assert [str(each) for each, _ in desk.registration.bindings] == ["sip:201@192.0.2.1:5060"]


def test_a_grant_of_nothing_is_a_failure():
    desk = Desk()
    desk.answer(Contact="<sip:201@192.0.2.1:5060>;expires=0")
    assert desk.state == "failed" and desk.registration.retry_at is not None


def test_a_long_binding_across_the_wrap():
    desk = Desk(expires=1_000_000)
    desk.answer()
    assert desk.state == "registered"
    assert 800_000_000 < desk.wait(1_000_000_000) < 900_000_000


def test_min_expires():
    desk = Desk(expires=60)
    desk.answer(423, Min_Expires="1800")
    assert expires_of(desk.take()) == 1800 and desk.state == "registering"
    for value in ("60", "30", "99999999", "x", None):
        desk = Desk(expires=60)
        desk.answer(423, Min_Expires=value)
        assert desk.state == "failed" and not desk.server.received, value


def test_the_contact_that_the_registrar_saw():
    desk = Desk()
    request = desk.take()
    request.set("Via", request.get("Via").replace(";rport", ";rport=61234;received=203.0.113.5"))
    desk.server.respond(request, 200, Contact="<sip:201@192.0.2.1:5060>;expires=3600")
    desk.network.settle()
    assert desk.state == "registering"
    again = desk.take()
    # The new one goes in and the old one out, at once.
    assert bare(again) == [
        "<sip:201@203.0.113.5:61234>;expires=3600",
        "<sip:201@192.0.2.1:5060>;expires=0",
    ]
    again.set("Via", again.get("Via").replace(";rport", ";rport=61234;received=203.0.113.5"))
    desk.server.respond(again, 200, Contact="<sip:201@203.0.113.5:61234>;expires=100")
    desk.network.settle()
    assert desk.state == "registered" and str(desk.registration.contact) == "sip:201@203.0.113.5:61234"
    assert 40_000 < desk.wait() < 60_000
    assert bare(desk.take()) == ["<sip:201@203.0.113.5:61234>;expires=3600"]
    desk.phone.call("sip:202@192.0.2.10")
    desk.network.settle()
    assert str(desk.server.take("INVITE").contacts[0].uri) == "sip:201@203.0.113.5:61234"


def test_a_contact_that_changes_with_every_look():
    desk = Desk()
    for port in (61001, 61002):
        request = desk.take()
        request.set("Via", request.get("Via").replace(";rport", ";rport=%d;received=203.0.113.5" % port))
        desk.server.respond(request, 200, Contact="<sip:201@192.0.2.1:5060>;expires=3600")
        desk.network.settle()
    # One new look per refresh is enough.
    assert desk.state == "registered" and not desk.server.received


def test_a_registrar_that_saw_nonsense():
    for received, rport in (("evil/host", "5060"), ("1.2.3", "5060"), ("203.0.113.5", "70000"), ("x:y", "1")):
        desk = Desk()
        request = desk.take()
        request.set("Via", request.get("Via").replace(";rport", ";rport=%s;received=%s" % (rport, received)))
        desk.server.respond(request, 200, Contact="<sip:201@192.0.2.1:5060>;expires=3600")
        desk.network.settle()
        assert desk.state == "registered" and desk.registration.contact.host == "192.0.2.1", received


def test_over_tcp_the_port_of_the_connection_is_not_a_contact():
    network = Network()
    server = Peer(network, "server", "192.0.2.10")
    phone = Phone(network, "201", "192.0.2.1", "sip:201@192.0.2.10", transport="tcp")
    registration = phone.register()
    network.settle()
    request = server.take()
    assert request.via.transport == "TCP"
    assert bare(request) == ["<sip:201@192.0.2.1:5060;transport=tcp>;expires=3600"]
    for received, contact in (
        ("192.0.2.1", "sip:201@192.0.2.1:5060;transport=tcp"),
        ("203.0.113.5", "sip:201@203.0.113.5:40000;transport=tcp"),
    ):
        request.set(
            "Via",
            request.get("Via").split(";rport")[0]
            + ";rport=40000;received=%s;branch=%s" % (received, request.via.branch),
        )
        response = registration_ok(request)
        server.send(response, transport="tcp")
        network.settle()
        assert str(registration.contact) == contact
        if received == "192.0.2.1":
            registration.unregister(network.now)
            network.settle()
            server.send(registration_ok(server.take()), transport="tcp")
            network.settle()
            registration = phone.register()
            network.settle()
            request = server.take()


def registration_ok(request):
    from sip.syntax.message import Response

    response = Response.of(request, 200, to_tag="r")
    response.add("Contact", request.get("Contact"))
    return response


def test_back_off():
    # RFC 5626 §4.5: 30 s doubled with each failure in a row, up to 30 minutes; then half of it to all of it.
    desk = Desk()
    shares = []
    for longest in (60, 120, 240, 480, 960, 1800, 1800):
        desk.answer(500)
        assert desk.state == "failed" and desk.registration.status == 500
        due = ticks_diff(desk.registration.retry_at, desk.network.now)
        waited = desk.wait()
        assert longest * 500 - 200 <= waited <= longest * 1000, (longest, waited)
        assert abs(waited - due) <= 10
        shares.append(waited * 100 // (longest * 1000))
    assert max(shares) - min(shares) > 5, shares  # percent: chance has its part
    desk.answer(200)
    assert desk.state == "registered" and desk.registration.retry_at is None
    desk.wait()
    desk.answer(500)
    # One success starts the count anew.
    assert desk.wait() <= 60_000


def test_the_registrar_may_ask_for_more_patience():
    desk = Desk()
    desk.answer(503, Retry_After="900")
    assert desk.wait() >= 899_000
    desk = Desk()
    desk.answer(503, Retry_After="1")
    assert desk.wait() >= 29_000
    desk = Desk()
    desk.answer(503, Retry_After="x")
    assert desk.state == "failed" and desk.wait() <= 60_000


def test_a_dead_registrar_and_its_return():
    desk = Desk()
    desk.answer()
    desk.server.node.up = False
    desk.network.run(3_300_000)
    assert desk.state == "failed" and desk.registration.status == 408
    desk.server.node.up = True
    desk.network.run_until(lambda: desk.server.received, 2_000_000)
    desk.answer()
    assert desk.state == "registered"
    desk.network.settle()
    assert desk.phone.take(RegistrationChanged)


def test_refused_for_good_is_tried_again_all_the_same():
    desk = Desk()
    desk.answer(403)
    assert (desk.state, desk.registration.status, desk.registration.reason) == ("failed", 403, "Forbidden")
    assert desk.wait() <= 60_000


def test_challenge():
    desk = Desk(password="secret")
    desk.answer(401, WWW_Authenticate='Digest realm="x", nonce="n", qop="auth"')
    again = desk.take()
    assert "secret" not in again.get("Authorization") and again.cseq.number == 2
    desk.server.respond(again, 200, Contact="<sip:201@192.0.2.1:5060>;expires=60")
    desk.network.settle()
    assert desk.state == "registered"
    desk.wait()
    # The next one brings its credentials along.
    again = desk.take()
    assert "nc=00000002" in again.get("Authorization") and again.cseq.number == 3


def test_wrong_password():
    desk = Desk(password="wrong")
    for _ in range(2):
        desk.answer(401, WWW_Authenticate='Digest realm="x", nonce="n"')
    assert desk.state == "failed" and desk.registration.status == 401 and not desk.server.received


def test_unregister():
    desk = Desk()
    desk.answer()
    desk.registration.unregister(desk.network.now)
    desk.registration.unregister(desk.network.now)
    desk.network.settle()
    assert desk.state == "registered" and not desk.phone.user_agent.idle
    assert bare(desk.answer()) == ["<sip:201@192.0.2.1:5060>;expires=0"]
    assert desk.state == "unregistered" and desk.phone.user_agent.idle
    assert desk.phone.user_agent.registrations == []
    desk.network.run(4_000_000)
    assert not desk.server.received
    # And again from the start.
    desk.registration = desk.phone.register()
    desk.network.settle()
    desk.answer()
    assert desk.state == "registered"


def test_unregister_before_the_answer_waits_for_it():
    desk = Desk()
    desk.registration.unregister(desk.network.now)
    desk.network.settle()
    assert len(desk.server.received) == 1
    desk.answer()
    assert expires_of(desk.take()) == 0 and desk.registration.busy


def test_unregister_while_nobody_answers():
    desk = Desk()
    desk.server.node.up = False
    desk.network.run(33_000)
    assert desk.state == "failed"
    desk.registration.unregister(desk.network.now)
    desk.network.run(33_000)
    assert desk.state == "unregistered" and desk.phone.user_agent.idle


def test_unregister_takes_a_replaced_contact_away_too():
    desk = Desk()
    request = desk.take()
    request.set("Via", request.get("Via").replace(";rport", ";rport=61234;received=203.0.113.5"))
    desk.server.respond(request, 200, Contact="<sip:201@192.0.2.1:5060>;expires=3600")
    desk.network.settle()
    desk.answer(500)
    desk.registration.unregister(desk.network.now)
    desk.network.settle()
    assert [contact.expires for contact in desk.take().contacts] == [0, 0]


def test_fetch():
    desk = Desk()
    raises(LocalError, desk.registration.fetch, desk.network.now)
    desk.answer()
    desk.registration.fetch(desk.network.now)
    desk.network.settle()
    request = desk.take()
    assert request.contacts == []
    desk.server.respond(request, 200, Contact="<sip:a@192.0.2.7>;expires=5, <sip:b@192.0.2.8>;expires=6")
    desk.network.settle()
    assert [(each.user, seconds) for each, seconds in desk.registration.bindings] == [("a", 5), ("b", 6)]
    assert desk.state == "registered"
    desk.wait()
    # A fetch under way when the refresh is due only puts it off.
    desk.answer(Contact="<sip:201@192.0.2.1:5060>;expires=60")
    desk.network.run(25_000)
    desk.registration.fetch(desk.network.now)
    desk.network.run(6000)
    desk.server.respond(desk.take(), 200)
    desk.server.kinds()
    desk.network.run(2000)
    assert desk.take().contacts


def test_what_is_broken_in_an_answer():
    # Unreadable Contacts are those of others; the rest fails.
    for status, headers, state in (
        (200, {"Contact": "<sip:"}, "registered"),
        (423, {"Min_Expires": "soon"}, "failed"),
        (503, {"Retry_After": "later"}, "failed"),
    ):
        desk = Desk()
        desk.answer(status, **headers)
        assert desk.state == state and "internal_errors" not in desk.phone.endpoint.counters


def test_one_registration_for_an_account():
    desk = Desk()
    raises(LocalError, desk.phone.register)


def test_registrar_and_transport_of_the_account():
    network = Network()
    server = Peer(network, "server", "192.0.2.10")
    phone = Phone(
        network,
        "201",
        "192.0.2.1",
        "sip:201@example.com",
        registrar=uri.parse("sip:192.0.2.10;transport=tcp"),
    )
    phone.register()
    network.settle()
    request = server.take()
    assert str(request.uri) == "sip:192.0.2.10;transport=tcp" and request.via.transport == "TCP"
    assert str(request.to.uri) == "sip:201@example.com"


def test_a_network_that_is_back_is_used_at_once():
    desk = Desk()
    desk.answer(503)
    assert desk.state == "failed"
    desk.registration.renew(desk.network.now)
    assert desk.state == "registering" and desk.registration.retry_at is None
    desk.network.settle()
    desk.answer()
    assert desk.state == "registered"
    # The old timer is stopped: the next REGISTER is the refresh.
    assert desk.wait() > 2_000_000


def test_another_address_of_ours_replaces_the_binding():
    desk = Desk()
    desk.answer()
    desk.network.move(desk.phone.node, "192.0.2.99")
    desk.registration.renew(desk.network.now)
    # The line stays registered while the new Contact is on its way.
    assert desk.state == "registered"
    # Asked for again while that waits for its answer: once more when it came.
    desk.registration.renew(desk.network.now)
    desk.network.settle()
    request = desk.take()
    assert bare(request) == ["<sip:201@192.0.2.99:5060>;expires=3600", "<sip:201@192.0.2.1:5060>;expires=0"]
    desk.server.respond(request, 200, Contact="<sip:201@192.0.2.99:5060>;expires=3600")
    desk.network.settle()
    assert len(desk.server.received) == 1


def test_the_date_of_the_registrar_is_kept():
    desk = Desk()
    assert desk.registration.date is None
    desk.answer(Date="Sat, 13 Nov 2010 23:29:00 GMT")
    assert desk.registration.date == "Sat, 13 Nov 2010 23:29:00 GMT"


def test_an_answer_to_where_we_were_is_waited_for_by_nobody():
    desk = Desk()
    first = desk.take()
    desk.network.move(desk.phone.node, "192.0.2.99")
    desk.registration.renew(desk.network.now)
    desk.network.settle()
    second = desk.take()
    assert second.cseq.number > first.cseq.number and contact_of(second) == "<sip:201@192.0.2.99:5060>"
    desk.server.respond(first, 403)  # late, and about another address
    desk.network.settle()
    assert desk.state == "registering"
    desk.server.respond(second, 200, Contact="<sip:201@192.0.2.99:5060>;expires=3600")
    desk.network.settle()
    assert desk.state == "registered"
