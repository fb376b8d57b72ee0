"""What a registration agrees with its registrar: flows (RFC 5626), Service-Route (RFC 3608), GRUU (RFC 5627)."""

# micropython-heap: 512k: a network and both its ends live in one process

from sip.syntax import uri
from support.link import BEFORE_WRAP
from support.network import Network
from support.phones import Peer, Phone

SERVER = ("192.0.2.10", 5060)
NOW = BEFORE_WRAP


class Desk:
    """A phone with an instance, and a registrar played by hand."""

    def __init__(self, **account):
        self.network = Network()
        self.server = Peer(self.network, "server", "192.0.2.10")
        self.phone = Phone(self.network, "201", "192.0.2.1", "sip:201@192.0.2.10", **account)
        self.phone.user_agent.instance = "urn:uuid:00000000-0000-1000-8000-000a95a0e128"
        self.phone.user_agent.keeps_alive = True
        self.phone.account.gruu = True
        self.registration = self.phone.register()
        self.network.settle()

    def answer(self, more="", **headers):
        request = self.server.take("REGISTER")
        headers["Contact"] = "%s;expires=3600%s" % (
            str(request.get("Contact")).partition(";expires")[0],
            more,
        )
        self.server.respond(request, 200, **headers)
        self.network.settle()
        return request


def test_a_registration_names_the_instance_and_the_flow():
    desk = Desk()
    request = desk.answer()
    contact = request.contacts[0]
    assert contact.params["reg-id"] == "1"
    assert contact.params["+sip.instance"].strip('"') == "<urn:uuid:00000000-0000-1000-8000-000a95a0e128>"
    assert request.all("Supported") == ["path", "outbound", "gruu"]
    desk.phone.account.gruu = False
    desk.registration.renew(desk.network.now)
    desk.network.settle()
    assert desk.answer().all("Supported") == ["path", "outbound"]
    assert not desk.registration.outbound and SERVER in desk.phone.endpoint.flows
    assert not desk.phone.endpoint.flows[SERVER].answers


def test_outbound_is_stun_and_a_lost_flow_registers_anew():
    desk = Desk()
    first = desk.answer(Require="outbound", Flow_Timer="60")
    flow = desk.phone.endpoint.flows[SERVER]
    assert desk.registration.outbound and flow.answers
    flow.fail(desk.network.now)
    start = desk.network.elapsed
    desk.network.run_until(lambda: desk.server.received, 10_000)
    assert desk.network.elapsed - start < 2_500
    again = desk.answer(Require="outbound")
    assert again.call_id == first.call_id and again.cseq.number == first.cseq.number + 1
    assert desk.phone.endpoint.flows[SERVER] is not flow
    desk.registration.unregister(desk.network.now)
    assert desk.phone.endpoint.flows == {}


def test_service_route_and_proxy_come_first():
    cases = (
        (None, "<sip:s1.example;lr>, <sip:s2.example;lr>", ["<sip:s1.example;lr>", "<sip:s2.example;lr>"]),
        ("sip:192.0.2.10", "<sip:s1.example;lr>", ["<sip:192.0.2.10;lr>", "<sip:s1.example;lr>"]),
        (
            "sip:192.0.2.10",
            "<sip:192.0.2.10;lr>, <sip:s1.example;lr>",
            ["<sip:192.0.2.10;lr>", "<sip:s1.example;lr>"],
        ),
        ("sip:192.0.2.10", "", ["<sip:192.0.2.10;lr>"]),
    )
    for proxy, service_route, wanted in cases:
        desk = Desk(proxy=uri.parse(proxy) if proxy else None)
        desk.answer(Service_Route=service_route) if service_route else desk.answer()
        agent = desk.phone.user_agent
        for method, routes in (("INVITE", wanted), ("REGISTER", wanted[:1] if proxy else [])):
            request = agent.initial_request(desk.phone.account, method, uri.parse("sip:202@192.0.2.10"))
            assert request.all("Route") == routes, (proxy, service_route, method)


def test_a_gruu_of_our_domain_is_our_contact():
    for given, taken in (
        ("sip:201@192.0.2.10;gr=x", True),
        ("sip:201@evil.example;gr=x", False),
        ("sip:201@192.0.2.10", False),
        ("??", False),
    ):
        desk = Desk()
        desk.answer(more=';pub-gruu="%s"' % given)
        contact = desk.phone.user_agent.contact(desk.phone.account)
        assert (str(contact) == given) == taken and desk.registration.state == "registered", given
