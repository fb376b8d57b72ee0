"""The way to the registrar: kept open, missed when it is gone, and made again (RFC 5626)."""

# micropython-heap: 512k: a network and both its ends live in one process

import struct

from compat import ticks_diff
from sip.endpoint import Endpoint
from sip.keep_alive import KeepAlive
from sip.syntax import uri
from support.link import BEFORE_WRAP, A, Core, counting_random
from support.network import Network
from support.phones import Peer, Phone

SERVER = ("192.0.2.10", 5060)
NOW = BEFORE_WRAP


class Flow:
    def __init__(self, transport, answers, flow_timer=None):
        self.endpoint = Endpoint(counting_random(), {"udp": A, "tcp": A}, core=Core())
        self.transport = transport
        self.now = NOW
        self.lost = []
        self.keep = KeepAlive(self.endpoint, transport, SERVER, flow_timer, answers, self.lost.append)
        self.keep.start(NOW)

    def next(self):
        """(ms until something went out, its octets); (…, None) if a timer ran and nothing did."""
        start = self.now
        self.now = self.endpoint.deadline()
        self.endpoint.handle_timer(self.now)
        item = self.endpoint.to_send(self.now)
        assert item is None or item[1:] == (SERVER, self.transport)
        return ticks_diff(self.now, start), item and item[0]

    def hear(self, data, source=SERVER):
        self.endpoint.receive(data, source, self.transport, self.now)


def binding_answer(request, port=5060):
    value = b"\0\1" + struct.pack("!H", port ^ 0x2112) + bytes((0xE1, 0x12, 0xA6, 0x43))
    return b"\1\1\0\x0c\x21\x12\xa4\x42" + request[8:20] + b"\0\x20\0\x08" + value


def test_pings_come_at_the_intervals_of_the_rfc():
    for transport, timer, least, most in (
        ("udp", None, 23_200, 29_000),
        ("tcp", None, 96_000, 120_000),
        ("tcp", 60, 48_000, 60_000),
    ):
        flow = Flow(transport, False, timer)
        for _ in range(5):
            waited, data = flow.next()
            assert least <= waited <= most and data == b"\r\n\r\n", (transport, waited)
        assert flow.lost == []


def test_a_stream_whose_pong_stays_out_is_lost():
    flow = Flow("tcp", True)
    for _ in range(3):
        flow.next()
        flow.hear(b"\r\n")
        assert flow.endpoint._streams[SERVER]._buffer == b"" and flow.endpoint.to_send(flow.now) is None
    assert flow.next()[1] == b"\r\n\r\n"
    assert flow.next() == (10_000, None)
    assert len(flow.lost) == 1 and flow.endpoint.deadline() is None and flow.endpoint.flows == {}


def test_who_never_answered_is_not_held_to_it_but_who_did_is():
    flow = Flow("tcp", False)
    flow.next()
    flow.next()
    assert not flow.lost
    flow.hear(b"\r\n")
    flow.next()
    flow.next()
    assert len(flow.lost) == 1


def test_a_pong_before_a_message_leaves_the_message_whole():
    flow = Flow("tcp", True)
    flow.next()
    message = b"OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/TCP b;branch=z9hG4bKx\r\nFrom: <sip:b@b>;tag=1\r\nTo: <sip:a@a>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
    flow.hear(b"\r\n" + message)
    assert len(flow.endpoint.core.transactions) == 1
    flow.hear(b"\r\n\r\n")  # a ping of theirs
    assert flow.endpoint.to_send(flow.now)[0] == b"\r\n"


def test_a_closed_connection_is_a_lost_flow():
    flow = Flow("tcp", True)
    flow.endpoint.connection_closed(("192.0.2.99", 5060), NOW)
    assert not flow.lost
    flow.endpoint.connection_closed(SERVER, NOW)
    assert len(flow.lost) == 1 and flow.endpoint.deadline() is None


def test_stun_over_datagrams():
    flow = Flow("udp", True)
    _, request = flow.next()
    assert request[:2] == b"\0\1"
    flow.hear(binding_answer(request), ("192.0.2.66", 5060))
    flow.hear(binding_answer(bytes(20)))
    flow.hear(b"\1\1")
    assert flow.keep.mapped is None and flow.endpoint.counters["stray_stun"] == 3
    flow.hear(binding_answer(request))
    assert flow.keep.mapped == ("192.0.2.1", 5060)
    waited, request = flow.next()
    assert 23_200 <= waited <= 29_000
    # Seen from another port: the NAT has forgotten us.
    flow.hear(binding_answer(request, 5099))
    assert len(flow.lost) == 1


def test_silence_to_stun_is_a_lost_flow():
    flow = Flow("udp", True)
    sent = [flow.next()]
    while not flow.lost:
        sent.append(flow.next())
    assert [waited for waited, _ in sent[1:]] == [500, 1000, 2000, 4000, 8000, 16000, 8000]
    assert sent[-1][1] is None and len({data for _, data in sent[:-1]}) == 1


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
