"""Callers for tests: phones with our user agent, and a peer that sends exactly what a test tells it."""

from sip.agent.account import Account
from sip.agent.user_agent import UserAgent
from sip.call.events import IncomingCall
from sip.call.offer_answer import Capabilities
from sip.digest import Credentials
from sip.syntax import message, uri


class Phone:
    """A user agent on the network with one account.

    `session` is the latest call. `answers` says what happens to an incoming call: it "rings", rings and
    "answers", is refused with a status, or, for None, nothing happens.
    """

    def __init__(self, network, name, host, aor=None, password=None, answers="rings", **account):
        self.network = network
        self.node = network.join(name, host)
        self.endpoint = self.node.endpoint
        self.user_agent = UserAgent(self.endpoint, "Bakelite/test")
        self.media = Capabilities(host, 4000)
        self.answers = answers
        self.session = None
        identity = Credentials(name, password) if password else None
        self.account = Account(uri.parse(aor or "sip:" + name + "@" + host), identity, **account)
        self.user_agent.add(self.account)
        self.node.on_events = self._on_events

    def _on_events(self, events, now):
        for event in events:
            if isinstance(event, IncomingCall):
                self.session = event.session
                if self.answers in ("rings", "answers"):
                    event.session.ring(now)
                if self.answers == "answers":
                    event.session.accept(self.media, now)
                elif isinstance(self.answers, int):
                    event.session.reject(self.answers, now)

    def take(self, kind) -> list:
        return self.node.take(kind)

    def names(self) -> "list[str]":
        """Take the events so far; returns their class names."""
        events = self.node.events
        self.node.events = []
        return [event.__class__.__name__ for event in events]

    def register(self):
        return self.user_agent.register(self.account, self.network.now)

    def call(self, target, late_offer=False):
        self.session = self.user_agent.invite(
            self.account, uri.parse(target), self.media, self.network.now, late_offer
        )
        return self.session

    def ring(self, media=None):
        self.session.ring(self.network.now, media)

    def accept(self):
        self.session.accept(self.media, self.network.now)

    def end(self):
        self.session.end(self.network.now)


class Peer:
    """A node that a test plays by hand: `received` has the messages, oldest first."""

    def __init__(self, network, name="peer", host="192.0.2.99", port=5060):
        self.network = network
        self.host = host
        self.port = port
        self.received = []
        self.local = {"udp": (host, port), "tcp": (host, port)}
        self.source = None  # address of the latest message
        self.endpoint = self
        self._outgoing = []
        self.branches = 0
        self.node = network.attach(name, self, (host, port))

    # As an endpoint

    def receive(self, data, source, transport, now):
        self.source = source
        try:
            self.received.append(message.parse(data))
        except message.MessageError:
            pass  # the answer to a malformed request may be malformed

    def to_send(self, now):
        return self._outgoing.pop(0) if self._outgoing else None

    def deadline(self):
        return None

    def events(self):
        return []

    # For a test

    def take(self, what="") -> "message.Request | message.Response":
        """Take the oldest message received; with `what`, a method or a status, the oldest of that kind."""
        for at, each in enumerate(self.received):
            kind = each.method if isinstance(each, message.Request) else each.status
            if what in ("", kind):
                return self.received.pop(at)
        raise AssertionError("no %s among %s" % (what, self.received))

    def kinds(self) -> list:
        """Take all received messages; returns their methods and statuses."""
        kinds = [each.method if isinstance(each, message.Request) else each.status for each in self.received]
        self.received = []
        return kinds

    def send(self, text_or_message, to=None, transport="udp"):
        data = text_or_message
        if not isinstance(data, (bytes, bytearray)):
            data = data.to_bytes()
        self._outgoing.append((data, to or self.source, transport))

    def respond(self, request, status, tag="theirs", body=b"", **headers):
        """Send a response; keywords are headers: `Retry_After` is Retry-After."""
        response = message.Response.of(request, status, to_tag=tag)
        if request.method == "INVITE" and status < 300:
            response.add("Contact", "<sip:peer@%s:%d>" % (self.host, self.port))
        _finish(response, body, headers)
        self.send(response)
        return response

    def request(self, method, target, to, call_id="call-1", sequence=1, to_tag=None, body=b"", **headers):
        """Send a request from <sip:peer@…>;tag=theirs to the (host, port) `to`."""
        self.branches += 1
        request = message.Request(method, uri.parse(target))
        branch = headers.pop("branch", "z9hG4bKpeer%d" % self.branches)
        request.add("Via", "SIP/2.0/UDP %s:%d;branch=%s" % (self.host, self.port, branch))
        request.add("Max-Forwards", "70")
        request.add("From", headers.pop("From", "<sip:peer@%s>;tag=theirs" % self.host))
        request.add("To", "<%s>" % target + (";tag=" + to_tag if to_tag else ""))
        request.add("Call-ID", call_id)
        request.add("CSeq", "%d %s" % (sequence, method))
        if method == "INVITE" and "Contact" not in headers:
            request.add("Contact", "<sip:peer@%s:%d>" % (self.host, self.port))
        _finish(request, body, headers)
        self.send(request, to)
        return request

    def unsend(self):
        """Take back the latest message before it leaves."""
        return message.parse(self._outgoing.pop()[0])


def _finish(built, body, headers):
    if body:
        built.body = body
        if "Content_Type" not in headers:
            built.add("Content-Type", "application/sdp")
    for name, value in headers.items():
        if value is not None:
            built.add(name.replace("_", "-"), value)
