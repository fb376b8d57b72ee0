"""Each limit of sip/limits.py, at it, below it and above it."""

# micropython-heap: 1M: messages of the greatest length, and a network whose ends live in one process

from sip import limits
from sip.endpoint import Endpoint
from sip.server.registrar import Registrar
from sip.syntax import headers, uri
from sip.syntax.framing import StreamFramer
from sip.syntax.grammar import ParseError
from sip.syntax.message import MessageError, Response, parse
from support.check import raises
from support.descriptions import description
from support.link import BEFORE_WRAP, Core, counting_random, new_request
from support.network import Network
from support.phones import Peer, Phone

ALICE = ("192.0.2.1", 5060)
SOURCE = ("192.0.2.99", 5060)
HEAD = (
    "OPTIONS {0} SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.99;branch=z9hG4bK{1}\r\nFrom: <sip:a@h>;tag=t\r\nTo: <sip:b@h>\r\n"
    "Call-ID: c\r\nCSeq: 1 OPTIONS\r\n"
)
LINES = 5  # headers in HEAD


def request(extra="", target="sip:b@192.0.2.1", body=b"", number=1):
    return (HEAD.format(target, number) + extra + "\r\n").encode() + body


def alone(**settings):
    return Endpoint(counting_random(), {"udp": ALICE, "tcp": ALICE}, core=Core(200), **settings)


def answers(endpoint, data, transport="udp", source=SOURCE):
    """The statuses that `data` is answered with; "close" where the stream is closed."""
    endpoint.receive(data, source, transport, BEFORE_WRAP)
    told = []
    while True:
        sent = endpoint.to_send(BEFORE_WRAP)
        if sent is None:
            return told
        told.append(parse(sent[0]).status if sent[0] else "close")


def status_of(data):
    """What `parse` makes of it: 0 for a message."""
    try:
        parse(data)
    except MessageError as error:
        assert error.request is not None
        return error.status
    return 0


def test_message_octets():
    most = limits.MESSAGE_OCTETS
    bare = len(request("Content-Length: 0000\r\n"))
    for length, status in ((most - 1, 200), (most, 200), (most + 1, 513), (2 * most, 513), (65507, 513)):
        body = b"x" * (length - bare)
        data = request("Content-Length: %04d\r\n" % len(body), body=body)[:length]
        if length < 10000:
            assert len(data) == length
        for transport, expected in (
            ("udp", [status]),
            ("tcp", [status] if status == 200 else [513, "close"]),
        ):
            endpoint = alone()
            assert answers(endpoint, data, transport) == expected, (length, transport)
            assert endpoint._servers == {} or status == 200
    # Of a head that never ends nobody knows whom to answer.
    assert answers(alone(), b"OPTIONS sip:b SIP/2.0\r\nX: " + b"x" * most) == []
    framer = StreamFramer()
    assert framer.feed(b"x" * most) == []
    assert raises(MessageError, framer.feed, b"x").status == 513


def test_headers():
    for count, status in (
        (limits.HEADERS - 1, 0),
        (limits.HEADERS, 0),
        (limits.HEADERS + 1, 513),
        (1000, 513),
    ):
        assert status_of(request("X: y\r\n" * (count - LINES))) == status, count
    # A continuation is a line as well.
    assert status_of(request("X: y\r\n" + " z\r\n" * (limits.HEADERS - LINES))) == 513


def test_header_octets():
    most = limits.HEADER_OCTETS
    for length, status in ((most - 1, 0), (most, 0), (most + 1, 513)):
        assert status_of(request("Subject: " + "x" * (length - 9) + "\r\n")) == status, length
    # So long that the sender cannot be made out: dropped.
    via = request().replace(b"branch=", b"x=" + b"y" * most + b";branch=")
    assert raises(MessageError, parse, via).request is None


def test_uri_octets():
    most = limits.URI_OCTETS
    for length, status in ((most - 1, 0), (most, 0), (most + 1, 414), (most * 2, 414)):
        target = "sip:" + "u" * (length - 6) + "@h"
        assert status_of(request(target=target)) == status, length
        if status:
            raises(ParseError, uri.parse, target)
            raises(ParseError, headers.parse_contact, "<" + target + ">")
        else:
            assert str(uri.parse(target)) == target


def test_elements():
    most = limits.ELEMENTS
    for count, fits in ((most - 1, True), (most, True), (most + 1, False)):
        for name, text in (
            ("contacts", "Contact: " + ",".join(["<sip:a>"] * count)),
            ("vias", "Via: " + ",".join(["SIP/2.0/UDP h"] * (count - 1))),
        ):
            data = request(text + "\r\n")
            if name == "vias":
                values = None if status_of(data) else parse(data).vias
                assert (values is not None and len(values) == count) == (count <= most + 1), count
            elif fits:
                assert len(parse(data).contacts) == count
            else:
                raises(ParseError, lambda message: message.contacts, parse(data))
        via = "SIP/2.0/UDP h" + "".join([";p%d" % at for at in range(count)])
        if fits:
            assert len(headers.parse_via(via).params) == count
        else:
            raises(ParseError, headers.parse_via, via)


def register(registrar_endpoint, contacts, number):
    """The status of a REGISTER with so many contacts, each new."""
    message = new_request("REGISTER", "sip:example.com", "call-%d" % number, number)
    message.set("To", "<sip:bob@example.com>")
    message.insert("Via", "SIP/2.0/UDP 192.0.2.99;branch=z9hG4bK%d" % number)
    for at in range(contacts):
        message.add("Contact", "<sip:bob@192.0.2.99:%d>;expires=600" % (1000 + 20 * number + at))
    return answers(registrar_endpoint, message.to_bytes())


def test_contacts():
    endpoint = alone()
    registrar = Registrar(endpoint, ["example.com"], max_users=2)

    class Registers:
        def on_request(self, transaction, now):
            registrar.register(transaction, now)

    endpoint.core = Registers()
    for number, (count, status) in enumerate(
        ((limits.CONTACTS - 1, 200), (limits.CONTACTS, 200), (limits.CONTACTS + 1, 400))
    ):
        assert register(endpoint, count, number) == [status], count
        assert len(registrar.lookup("bob")) <= limits.CONTACTS
    # One by one they push the oldest out.
    for number in range(10, 15):
        assert register(endpoint, 1, number) == [200]
        assert len(registrar.lookup("bob")) == limits.CONTACTS


def test_redirections():
    network = Network()
    phone = Phone(network, "alice", "192.0.2.1")
    peer = Peer(network)
    phone.call("sip:0@192.0.2.99")
    tried = 0
    for at in range(limits.REDIRECTIONS + 5):
        network.settle()
        if "INVITE" not in [getattr(each, "method", "") for each in peer.received]:
            break
        tried += 1
        peer.respond(peer.take("INVITE"), 302, Contact="<sip:%d@192.0.2.99>" % (at + 1))
    assert tried == limits.REDIRECTIONS + 1 and not phone.user_agent.sessions


def test_forks():
    network = Network()
    phone = Phone(network, "alice", "192.0.2.1")
    peer = Peer(network)
    phone.call("sip:bob@192.0.2.99")
    network.settle()
    invite = peer.take("INVITE")
    for at in range(limits.FORKS + 3):
        peer.respond(invite, 180, tag="fork-%d" % at)
        network.settle()
        assert len(phone.session._forks) == min(at + 1, limits.FORKS)
        assert len(phone.user_agent._by_dialog) <= limits.FORKS + 1


def calls(count):
    """What so many callers hear, who all let it ring."""
    network = Network()
    phone = Phone(network, "alice", "192.0.2.1")
    peer = Peer(network)
    for number in range(count):
        peer.request("INVITE", "sip:alice@192.0.2.1", ALICE, "call-%d" % number, body=description())
        network.settle()
    assert len(phone.user_agent.sessions) == min(count, limits.SESSIONS)
    return peer.kinds()


def test_sessions():
    most = limits.SESSIONS
    assert calls(most - 1) == [180] * (most - 1)
    assert calls(most) == [180] * most
    assert calls(most + 2) == [180] * most + [486] * 2


class Thinking(Core):
    """Answers nothing, so that every request stays in hand."""

    def on_request(self, transaction, now):
        self.transactions.append(transaction)


def test_server_transactions():
    most = limits.SERVER_TRANSACTIONS
    endpoint = alone()
    endpoint.core = Thinking()
    inside = HEAD.replace("To: <sip:b@h>", "To: <sip:b@h>;tag=ours")
    for number in range(most):
        assert answers(endpoint, request(number=number)) == []
    assert len(endpoint._servers) == most
    endpoint.receive(request(number=most), SOURCE, "udp", BEFORE_WRAP)
    refusal = parse(endpoint.to_send(BEFORE_WRAP)[0])
    assert refusal.status == 503 and refusal.retry_after == limits.RETRY_AFTER_S
    # There is still room to end the calls that there are.
    for number in range(most * 5 // 4 + 1):
        data = (inside.format("sip:b@192.0.2.1", 1000 + number) + "\r\n").encode()
        expected = [] if len(endpoint._servers) < most * 5 // 4 else [503]
        assert answers(endpoint, data) == expected, number
    assert len(endpoint._servers) == most * 5 // 4


def test_what_is_done_gives_way():
    endpoint = alone()
    for number in range(limits.SERVER_TRANSACTIONS * 3):
        assert answers(endpoint, request(number=number)) == [200]
        assert len(endpoint._servers) <= limits.SERVER_TRANSACTIONS


class Full(Core):
    """Finds no memory for a request while so many are kept."""

    def on_request(self, transaction, now):
        if len(transaction.endpoint._servers) > 9:
            raise MemoryError
        super().on_request(transaction, now)


def test_what_is_done_gives_way_where_memory_ends():
    endpoint = alone()
    endpoint.core = Full(200)
    errors = []
    endpoint.on_error = errors.append
    told = [answers(endpoint, request(number=number)) for number in range(60)]
    # One in ten finds no room; without what gives way all would from the tenth on.
    assert 60 - told.count([200]) == len(errors) < 9
    assert len(endpoint._servers) <= 10


def test_invites_for_nobody_that_are_never_acknowledged_give_way():
    most = limits.SERVER_TRANSACTIONS
    endpoint = alone()
    endpoint.core = Core(404)
    invite = HEAD.replace("OPTIONS", "INVITE")
    for number in range(most + 16):
        assert answers(endpoint, (invite.format("sip:x@192.0.2.1", number) + "\r\n").encode()) == [404], (
            number
        )
        assert len(endpoint._servers) <= most
    # Those that ring stay, and what does least harm goes first.
    endpoint.core = Core(180)
    endpoint.receive(
        (invite.format("sip:b@192.0.2.1", "rings") + "\r\n").encode(), SOURCE, "udp", BEFORE_WRAP
    )
    endpoint.core = Core(404)
    assert answers(endpoint, request(number=1)) == [180, 404]
    endpoint.receive(request(number=2), SOURCE, "udp", BEFORE_WRAP)
    kinds = [each.request.method + " " + each.state for each in endpoint._servers.values()]
    assert kinds.count("INVITE proceeding") == 1 and kinds.count("OPTIONS completed") == 1


def test_connections():
    most = limits.CONNECTIONS
    endpoint = alone()
    for number in range(most + 2):
        told = answers(
            endpoint, request("Content-Length: 0\r\n", number=number), "tcp", ("192.0.2.99", 1000 + number)
        )
        assert told == ([200] if number < most else ["close"]), number
    assert len(endpoint._streams) == most
    endpoint.connection_closed(("192.0.2.99", 1000), BEFORE_WRAP)
    assert answers(endpoint, request("l: 0\r\n", number=99), "tcp", ("192.0.2.99", 2000)) == [200]


def test_every_limit_is_in_the_table_and_tested_here():
    names = [name for name in dir(limits) if name.isupper() and not name.endswith("_S")]
    elsewhere = (
        "PARTS",
        "NESTING",
        "SUBSCRIPTIONS",
        "NOTIFIERS",
        "MOVED_ENDS",
        "QUEUED_OCTETS",
    )  # test_multipart.py, test_event_server.py …
    tests = [name[5:].upper() for name in globals() if name.startswith("test_")]
    for name in names:
        assert name in tests or name in elsewhere, name


def test_what_is_refused_can_be_answered():
    for data, status in ((request("X: y\r\n" * 200), 513), (request(target="sip:" + "x" * 3000), 414)):
        error = raises(MessageError, parse, data)
        answer = Response.of(error.request, error.status, error.reason, "t")
        assert answer.status == status and answer.via.branch == "z9hG4bK1"
