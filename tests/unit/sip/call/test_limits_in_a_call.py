"""What strangers can make the phone hold, below each limit, at it and above it, with a call up."""

# micropython-heap: 512k: the call, the network and their bytecode take 184 KB, and messages are of the greatest length

from sip import limits
from sip.syntax.message import parse
from support.descriptions import description
from support.talk import Talk

HEAD = (
    "{0} {1} SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.66;branch=z9hG4bK{2}\r\nFrom: <sip:a@h>;tag=t{2}\r\n"
    "To: <sip:alice@h>\r\nCall-ID: stranger-{2}\r\nCSeq: 1 {0}\r\nContact: <sip:a@198.51.100.66>\r\n"
)
LINES = 6  # headers in HEAD


class Flood:
    def __init__(self):
        self.talk = Talk()
        self.endpoint = self.talk.phone.endpoint
        self.talk.phone.answers = None  # further calls are left to ring
        self.number = 0

    def ask(
        self, method="OPTIONS", more="", body=b"", uri="sip:alice@192.0.2.1", source=None, transport="udp"
    ):
        """The statuses that a request is answered with; "close" where its stream is closed."""
        self.number += 1
        data = (HEAD.format(method, uri, self.number) + more + "\r\n").encode() + body
        now = self.talk.network.now
        self.endpoint.receive(data, source or ("198.51.100.66", 5060), transport, now)
        told = []
        while True:
            sent = self.endpoint.to_send(now)
            if sent is None:
                self.talk.phone.names()
                return told
            told.append(parse(sent[0]).status if sent[0] else "close")

    def end(self):
        """The call is what it was, and goes on as it should."""
        talk = self.talk
        assert talk.session.state == "established"
        assert "internal_errors" not in self.endpoint.counters, self.endpoint.counters
        talk.peer.kinds()
        talk.peer.respond(talk.modify("sendonly"), 200, body=description(direction="recvonly"))
        talk.network.settle()
        assert talk.session.media.direction == "sendonly"
        assert talk.next("BYE") and 200 in talk.settle() and talk.session.state == "ended"


def test_server_transactions():
    flood = Flood()
    for _ in range(limits.SERVER_TRANSACTIONS + 16):
        assert flood.ask() == [200]
        assert len(flood.endpoint._servers) <= limits.SERVER_TRANSACTIONS
    flood.end()


def test_sessions():
    flood = Flood()
    told = [flood.ask("INVITE") for _ in range(limits.SESSIONS + 2)]
    free = limits.SESSIONS - 1
    assert [486 in each for each in told] == [False] * free + [True] * 3
    assert len(flood.talk.phone.user_agent.sessions) == limits.SESSIONS
    flood.end()


def test_connections():
    flood = Flood()
    most = limits.CONNECTIONS
    for number in range(most + 2):
        # A quarter of them for one host.
        source = ("198.51.100.%d" % (number // 2), 1000 + number)
        told = flood.ask(more="Content-Length: 0\r\n", source=source, transport="tcp")
        assert told == ([200] if number < most else ["close"]), number
    assert flood.ask(more="l: 0\r\n", source=("198.51.100.0", 999), transport="tcp") == ["close"]
    assert len(flood.endpoint._streams) == most
    flood.end()


def test_octets_of_a_message():
    flood = Flood()
    flood.number = 99
    head = len(HEAD.format("OPTIONS", "sip:alice@192.0.2.1", 100)) + 2
    for more, told in ((-1, 200), (0, 200), (1, 513)):
        flood.number = 99
        body = b"x" * (limits.MESSAGE_OCTETS - head + more)
        assert flood.ask(body=body, more="") == [told], more
        flood.talk.network.run(40_000)
    flood.end()


def test_header_lines():
    flood = Flood()
    for count, told in ((limits.HEADERS - 1, 200), (limits.HEADERS, 200), (limits.HEADERS + 1, 513)):
        assert flood.ask(more="X: y\r\n" * (count - LINES)) == [told], count
    for octets, told in ((-1, 200), (0, 200), (1, 513)):
        line = "X: " + "y" * (limits.HEADER_OCTETS + octets - 3)
        assert flood.ask(more=line + "\r\n") == [told], octets
    flood.end()


def test_uris_and_lists():
    flood = Flood()
    start = "sip:alice@192.0.2.1;x="
    for octets, told in ((-1, 200), (0, 200), (1, 414)):
        uri = start + "y" * (limits.URI_OCTETS - len(start) + octets)
        assert flood.ask(uri=uri) == [told], octets
    for count, told in ((-1, 200), (0, 200), (1, 400)):
        routes = ", ".join(["<sip:h;lr>"] * (limits.ELEMENTS + count))
        answer = flood.ask("INVITE", "Record-Route: %s\r\n" % routes)
        assert (400 in answer) == (told == 400), (count, answer)
    flood.end()
