"""Registered means reachable: the binding outlives neither the registrar's memory nor the registrar."""

# micropython-heap: 512k: a network and both its ends live in one process, call after call

from sip.syntax import uri
from support.network import Network
from support.phones import Peer, Phone


def contact_of(request):
    return "<%s>" % request.contacts[0].uri


class Desk:
    """A registered phone 201 and its registrar."""

    def __init__(self, keeps_alive=False):
        self.network = Network()
        self.server = Peer(self.network, "server", "192.0.2.10")
        self.phone = Phone(self.network, "201", "192.0.2.1", "sip:201@192.0.2.10")
        self.phone.user_agent.keeps_alive = keeps_alive
        self.registration = self.phone.register()
        self.network.settle()
        request = self.server.take("REGISTER")
        self.server.respond(request, 200, Contact=contact_of(request) + ";expires=3600")
        self.network.settle()
        assert self.registration.state == "registered"


def test_our_contact_is_known_again_by_its_instance():
    network = Network()
    server = Peer(network, "server", "192.0.2.10")
    phone = Phone(network, "201", "192.0.2.1", "sip:201@192.0.2.10")
    phone.user_agent.instance = "urn:uuid:1"
    phone.register()
    network.settle()
    rewritten = '<sip:s7@198.51.100.1>;+sip.instance="<urn:uuid:1>";expires=300'
    server.respond(server.take(), 200, Contact=rewritten + ", <sip:201@192.0.2.7>;expires=60")
    network.settle()
    start = network.elapsed
    network.run_until(lambda: server.received, 4_000_000)
    assert 120_000 <= network.elapsed - start < 300_000


def test_a_backup_registrar_serves_while_the_first_does_not():
    network = Network()
    first = Peer(network, "first", "192.0.2.10")
    second = Peer(network, "second", "192.0.2.20")
    phone = Phone(network, "201", "192.0.2.1", "sip:201@192.0.2.10", proxy=uri.parse("sip:192.0.2.10"))
    phone.account.backups = (uri.parse("sip:192.0.2.20"),)
    registration = phone.register()
    network.run_until(lambda: second.received, 40_000)
    request = second.take("REGISTER")
    assert (
        str(request.uri) == "sip:192.0.2.20"
        and request.routes == []
        and str(request.to.uri) == "sip:201@192.0.2.10"
    )
    second.respond(request, 200, Contact=contact_of(request) + ";expires=3600")
    network.settle()
    assert registration.state == "registered" and str(registration.backup) == "sip:192.0.2.20"
    assert phone.user_agent.trust.is_server(("192.0.2.20", 5060), phone.account)
    phone.call("sip:202@192.0.2.10")
    network.settle()
    invite = second.take("INVITE")
    assert str(invite.routes[0].uri) == "sip:192.0.2.20;lr" and str(invite.uri) == "sip:202@192.0.2.10"
    second.respond(invite, 486)
    network.settle()
    # Every five minutes the first is tried again; while it is silent the phone stays where it is.
    first.received = []
    second.received = []
    start = network.elapsed
    network.run_until(lambda: second.received, 400_000)
    assert 250_000 < network.elapsed - start < 340_000 and first.kinds()[0] == "REGISTER"
    assert registration.state == "registered"
    request = second.take("REGISTER")
    second.respond(request, 200, Contact=contact_of(request) + ";expires=3600")
    network.settle()
    network.run_until(lambda: first.received, 400_000)
    request = first.take("REGISTER")
    assert str(request.uri) == "sip:192.0.2.10"
    first.respond(request, 200, Contact=contact_of(request) + ";expires=3600")
    network.settle()
    assert registration.state == "registered" and registration.backup is None


def test_no_registrar_at_all():
    network = Network()
    phone = Phone(network, "201", "192.0.2.1", "sip:201@192.0.2.10")
    phone.account.backups = (uri.parse("sip:192.0.2.20"), uri.parse("sip:192.0.2.30"))
    peers = [Peer(network, host, host) for host in ("192.0.2.10", "192.0.2.20", "192.0.2.30")]
    registration = phone.register()
    network.run(100_000)
    assert all("REGISTER" in peer.kinds() for peer in peers) and registration.state == "failed"
    # What is no failure of the server is the answer.
    network.run_until(lambda: peers[0].received, 200_000)
    peers[0].respond(peers[0].take(), 403)
    network.run(10_000)
    assert registration.status == 403 and not peers[1].received


def test_a_binding_that_the_server_may_have_lost_is_asked_for_again():
    for status, doubtful in ((404, True), (403, True), (486, False)):
        desk = Desk()
        desk.network.run(61_000)
        desk.phone.call("sip:202@192.0.2.10")
        desk.network.settle()
        desk.server.respond(desk.server.take("INVITE"), status)
        desk.network.settle()
        assert ("REGISTER" in desk.server.kinds()) == doubtful, status
        desk.phone.call("sip:203@192.0.2.10")
        desk.network.settle()
        desk.server.received = [each for each in desk.server.received if each.method == "INVITE"]
        desk.server.respond(desk.server.take("INVITE"), status)
        desk.network.settle()
        assert "REGISTER" not in desk.server.kinds(), "twice within a minute"


def test_icmp_says_that_the_registrar_is_gone():
    desk = Desk(keeps_alive=True)
    desk.phone.endpoint.transport_error(("192.0.2.10", 5060), "udp", desk.network.now)
    desk.network.run(2100)
    assert "REGISTER" in desk.server.kinds()


def test_calls_for_any_number_of_the_line_ring_at_it():
    desk = Desk()
    for at, user in enumerate(("13215550100", "+493055501000", "s", "%32%30%31", "201;x=1")):
        desk.server.request("INVITE", "sip:%s@192.0.2.1:5060" % user, ("192.0.2.1", 5060), "did-%d" % at)
        desk.network.settle()
        assert 180 in desk.server.kinds() and desk.phone.session.account is desk.phone.account, user
        desk.phone.session.reject(486, desk.network.now)
        desk.network.settle()
        desk.server.received = []


def test_a_number_of_a_line_rings_at_the_line_that_its_server_serves():
    network = Network()
    first, second = Peer(network, "first", "192.0.2.10"), Peer(network, "second", "192.0.2.20")
    phone = Phone(network, "201", "192.0.2.1", "sip:201@192.0.2.10")
    from sip.agent.account import Account

    other = Account(uri.parse("sip:Bob@192.0.2.20"), None)
    for account, server in ((phone.account, first), (other, second)):
        phone.user_agent.register(account, network.now)
        network.settle()
        request = server.take("REGISTER")
        server.respond(request, 200, Contact=contact_of(request) + ";expires=3600")
        network.settle()
    for user, account in (("030123", other), ("bob", other), ("B%6fb", other), ("201", phone.account)):
        second.request("INVITE", "sip:%s@192.0.2.1" % user, ("192.0.2.1", 5060), "call-" + user)
        network.settle()
        assert phone.session.account is account, user
        phone.session.reject(486, network.now)
        network.settle()
