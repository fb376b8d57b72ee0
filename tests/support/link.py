"""Two SIP endpoints, a and b, joined in virtual time, for tests of the layers below the user agent.

Time starts shortly before the ticks wrap, so that every test of more than three seconds crosses the wrap.
"""

from compat import ticks_add, ticks_diff
from sip import transaction
from sip.endpoint import Endpoint
from sip.syntax import uri
from sip.syntax.message import Request, parse

BEFORE_WRAP = ticks_add(0, -3000)
A = ("10.0.0.1", 5060)
B = ("10.0.0.2", 5060)


def counting_random(first=0):
    """A `random(n)` that never repeats and is the same in every run."""
    state = [first]

    def random(octets):
        state[0] += 1
        return (
            bytes([(state[0] * 167 + 13 * at) & 255 for at in range(octets - 2)])
            + bytes([state[0] >> 8 & 255, state[0] & 255])[-octets:]
        )

    return random


class Core:
    """A core that records what the endpoint passes up, and answers requests with the statuses `answers`."""

    def __init__(self, *answers):
        self.answers = answers
        self.transactions = []
        self.acks = []
        self.strays = []

    def on_request(self, transaction, now):
        self.transactions.append(transaction)
        for status in self.answers:
            transaction.reply(status, now)

    def on_ack(self, request, source, transport, now):
        self.acks.append(request)

    def on_stray_response(self, response, source, now):
        self.strays.append(response)


class User:
    """A transaction's user that records what it is told."""

    def __init__(self):
        self.told = []

    def on_response(self, transaction, response, now):
        self.told.append(response.status)

    def on_failure(self, transaction, status, now):
        self.told.append("failure %d" % status)

    def on_cancel(self, transaction, now):
        self.told.append("cancel")

    def on_no_ack(self, transaction, now):
        self.told.append("no ack")

    def on_ack(self, transaction, request, now):
        self.told.append("ack")

    def on_error(self, transaction, now):
        self.told.append("error")


class Link:
    """`log` holds (ms since the start, sender, method or status) of every message sent.

    `lose(sender, word)` returns whether a message gets lost; `broken` makes every send a transport error.
    """

    def __init__(self, transport="udp", **options):
        self.transport = transport
        self.now = self.start = BEFORE_WRAP
        self.a = Endpoint(counting_random(), {"udp": A, "tcp": A}, **options)
        self.b = Endpoint(counting_random(10_000), {"udp": B, "tcp": B}, **options)
        self.a.core = Core()
        self.b.core = Core()
        self.log = []
        self.sent = []  # the same messages, as bytes
        self.lose = lambda sender, word: False
        self.broken = False

    def request(self, method, user=None, **named):
        """A new request from a to b; returns its client transaction."""
        request = new_request(method)
        client = self.a.request(request, user or User(), self.now, transport=self.transport, **named)
        self.settle()
        return client

    def settle(self):
        """Deliver until both have nothing more to send."""
        moved = True
        while moved:
            moved = False
            for name, endpoint, peer, address in (("a", self.a, self.b, A), ("b", self.b, self.a, B)):
                item = endpoint.to_send(self.now)
                if item is not None:
                    moved = True
                    self._deliver(name, endpoint, peer, address, item)

    def _deliver(self, name, endpoint, peer, address, item):
        data, destination, transport = item
        word = word_of(data)
        self.log.append((ticks_diff(self.now, self.start), name, word))
        self.sent.append(data)
        if self.broken:
            endpoint.transport_error(destination, transport, self.now)
        elif not self.lose(name, word):
            peer.receive(data, address, transport, self.now)

    def advance(self, ms):
        """Let time pass, from deadline to deadline."""
        self.settle()
        end = ticks_add(self.now, ms)
        while True:
            due = [each for each in (self.a.deadline(), self.b.deadline()) if each is not None]
            due = [each for each in due if ticks_diff(each, end) <= 0]
            if not due:
                break
            first = due[0]
            for each in due:
                if ticks_diff(each, first) < 0:
                    first = each
            assert ticks_diff(first, self.now) >= 0
            self.now = first
            self.a.handle_timer(first)
            self.b.handle_timer(first)
            self.settle()
        self.now = end

    def times(self, sender, word):
        """The times at which `sender` sent `word`, in ms since the start."""
        return [entry[0] for entry in self.log if entry[1] == sender and entry[2] == word]

    def server(self):
        """The newest server transaction of b's core."""
        return self.b.core.transactions[-1]


def word_of(data):
    if not data.strip():
        return "" if not data else "CRLF"
    words = data.split(b" ", 2)
    return int(words[1]) if words[0] == b"SIP/2.0" else str(words[0], "utf-8")


def new_request(method, target="sip:bob@10.0.0.2", call_id="call-1", cseq=1, headers=(), body=b""):
    request = Request(method, uri.parse(target), body=body)
    request.add("From", "<sip:alice@10.0.0.1>;tag=alice")
    request.add("To", "<sip:bob@10.0.0.2>")
    request.add("Call-ID", call_id)
    request.add("CSeq", str(cseq) + " " + method)
    for name, value in headers:
        request.add(name, value)
    return request


def raw(text, body=""):
    """The bytes of a message written with plain line ends; for messages that no endpoint would send."""
    lines = [line.strip() for line in text.strip().split("\n")]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def answers_of(endpoint, now):
    """The messages that `endpoint` has to send, parsed, each with its destination."""
    answers = []
    while True:
        item = endpoint.to_send(now)
        if item is None:
            return answers
        answers.append((parse(item[0]), item[1], item[2]))


class Several:
    """A locator that gives `targets`, at once or, if `slow`, when the test calls `found`."""

    def __init__(self, *targets, slow=False):
        self.targets = list(targets)
        self.slow = slow
        self.found = None
        self.bad, self.good = [], []

    def locate(self, host, port, transport, secure, found, now):
        self.found = found
        return None if self.slow else list(self.targets)

    def failed(self, target, now, retry_after=0):
        self.bad.append((target, retry_after))

    def succeeded(self, target):
        self.good.append(target)


DEAD = ("udp", ("10.0.0.9", 5060))
ALIVE = ("udp", B)


def by_name(link, method, user, locator):
    link.a.locator = locator
    return link.a.request(new_request(method, "sip:bob@b.example"), user, link.now)


def answered(link, user, *statuses):
    """Let b's core answer requests with `statuses`; returns a's INVITE transaction."""
    link.b.core = Core(*statuses)
    return link.request("INVITE", user)


def lose_all_from_b(link):
    link.lose = lambda sender, word: sender == "b"


def only(*words):
    """For `Link.lose`: lose every message but these methods and statuses."""
    return lambda sender, word: word not in words


def untaken(table, namespace) -> list:
    """Run the tests of a module again; returns the rows of a transaction's `table` that they do not use."""
    taken = set()
    handle = transaction._Transaction._handle

    def recorder(self, event, now, message=None):
        if self._table is table:
            taken.add((self.state, event))
        return handle(self, event, now, message)

    transaction._Transaction._handle = recorder
    try:
        for name in sorted(namespace):
            if name.startswith("test_") and not name.startswith("test_every_row"):
                namespace[name]()
    finally:
        transaction._Transaction._handle = handle
    return [row[0] for row in table if row[0] not in taken]
