"""Any octets at a proxy and registrar, and from those it forwards to: nothing is raised, nothing stays."""

from fuzz.test_sip_text import spoilt
from hypothesis import given, settings
from hypothesis import strategies as st

from compat import ticks_add
from sip.endpoint import Endpoint
from sip.server.proxy import Proxy
from sip.server.registrar import Registrar
from support.link import BEFORE_WRAP, counting_random, new_request

settings.register_profile("bakelite", deadline=None, max_examples=150)
settings.load_profile("bakelite")

HERE = ("192.0.2.100", 5060)
FROM = ("192.0.2.9", 5060)


def requests():
    """One of each kind that a proxy and registrar act upon."""
    made = []
    for number, (method, target, headers) in enumerate(
        (
            ("REGISTER", "sip:example.com", [("Contact", "<sip:bob@192.0.2.9>;q=0.5;expires=60")]),
            ("REGISTER", "sip:example.com", [("Contact", "*"), ("Expires", "0")]),
            ("INVITE", "sip:bob@example.com", [("Record-Route", "<sip:a;lr>"), ("Contact", "<sip:x@y>")]),
            ("CANCEL", "sip:bob@example.com", []),
            ("ACK", "sip:bob@example.com", [("Route", "<sip:192.0.2.100;lr;pass=0>, <sip:far;lr>")]),
            ("BYE", "sip:bob@192.0.2.9", [("Route", "<sip:192.0.2.100;lr>"), ("Proxy-Require", "x")]),
            ("OPTIONS", "sip:example.com", [("Max-Forwards", "0"), ("Require", "y")]),
            (
                "REGISTER",
                "sip:example.com",
                [
                    ("Contact", '<sip:bob@192.0.2.9;ob>;reg-id=1;+sip.instance="<urn:uuid:1>";expires=60'),
                    ("Path", "<sip:MTIz@192.0.2.8;lr;ob>"),
                    ("Supported", "path, outbound"),
                ],
            ),
            ("REGISTER", "sip:other.example", [("Contact", "<sip:bob@192.0.2.9>"), ("Supported", "path")]),
            (
                "SUBSCRIBE",
                "sip:bob@192.0.2.9",
                [
                    ("Route", "<sip:MTIzNDU2Nzg5MDEy@192.0.2.100;ob;lr>"),
                    ("Event", "presence"),
                    ("Max-Breadth", "3"),
                ],
            ),
        )
    ):
        request = new_request(method, target, cseq=number + 1, headers=headers)
        request.set("To", "<sip:bob@example.com>")
        branch = 3 if method == "CANCEL" else number + 1
        request.insert("Via", "SIP/2.0/UDP 192.0.2.9;rport;branch=z9hG4bK%d" % branch)
        made.append(request.to_bytes())
    return made


REQUESTS = requests()


def new_proxy():
    endpoint = Endpoint(
        counting_random(),
        {"udp": HERE, "tcp": HERE},
        max_transactions=20,
        max_connections=3,
        max_message=5000,
    )
    endpoint.answers_stun = True
    proxy = Proxy(endpoint, Registrar(endpoint, ["example.com"], max_users=5))
    proxy.edges = {"other.example": None}
    return endpoint


def let_it_end(endpoint, now):
    """Run all timers out; then nothing may be left."""
    for _ in range(20_000):
        while endpoint.to_send(now) is not None:
            pass
        deadline = endpoint.deadline()
        if deadline is None:
            break
        now = deadline
        endpoint.handle_timer(now)
    assert endpoint._clients == {} and endpoint._servers == {} and len(endpoint.timers) == 0
    assert endpoint.core.contexts == 0


@given(st.lists(st.one_of(st.sampled_from(REQUESTS), st.binary(max_size=200)), max_size=6), st.data())
def test_whatever_comes_is_survived_and_forgotten(pieces, data):
    endpoint = new_proxy()
    now = BEFORE_WRAP
    for piece in pieces:
        now = ticks_add(now, 10)
        octets = data.draw(spoilt(piece))
        transport = data.draw(st.sampled_from(["udp", "tcp"]))
        endpoint.receive(octets, FROM, transport, now)
        for _ in range(3):
            answer_forwarded(endpoint, now, data)
    endpoint.connection_closed(FROM, now)
    let_it_end(endpoint, now)


def answer_forwarded(endpoint, now, data):
    """Take what the endpoint sends; answer requests with something spoilt."""
    while True:
        item = endpoint.to_send(now)
        if item is None:
            return
        octets, destination, transport = item
        if octets.startswith(b"SIP/") or not octets.strip():
            continue
        status = data.draw(
            st.sampled_from([b"100 x", b"180 x", b"200 x", b"302 x", b"407 x", b"486 x", b"600 x"])
        )
        _, _, rest = octets.partition(b"\r\n")
        response = b"SIP/2.0 " + status + b"\r\n" + rest
        if data.draw(st.booleans()):
            response = data.draw(spoilt(response))
        if data.draw(st.integers(0, 9)) == 0:
            endpoint.transport_error(destination, transport, now)
        endpoint.receive(response, destination, "udp", now)
