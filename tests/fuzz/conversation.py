"""Octets as a script for whole dialogs: who says what to a phone, what its person does, how time goes by.

Each input is played to its end, and whatever it was, nothing is left when all timers have run out.
"""

from compat import ticks_add
from sip.agent.account import Account
from sip.agent.user_agent import UserAgent
from sip.call.events import IncomingCall, TransferRequested
from sip.call.offer_answer import Capabilities
from sip.endpoint import Endpoint
from sip.events import LocalError
from sip.server.proxy import Proxy
from sip.server.registrar import Registrar
from sip.syntax.message import MessageError, Request, Response, parse
from sip.syntax.uri import parse as parse_uri
from support.descriptions import description
from support.link import BEFORE_WRAP, counting_random

US = ("192.0.2.1", 5060)
PEERS = (("192.0.2.99", 5060), ("192.0.2.98", 5062), ("2001:db8::9", 5060))
MAX_STEPS = 40

METHODS = (
    "INVITE",
    "ACK",
    "BYE",
    "CANCEL",
    "OPTIONS",
    "UPDATE",
    "PRACK",
    "REFER",
    "NOTIFY",
    "SUBSCRIBE",
    "MESSAGE",
    "INFO",
    "PUBLISH",
    "REGISTER",
    "X",
)
STATUSES = (
    100,
    180,
    183,
    200,
    202,
    300,
    302,
    401,
    407,
    408,
    422,
    423,
    481,
    486,
    487,
    491,
    500,
    503,
    600,
    699,
)
HEADERS = (
    "Contact: <sip:peer@192.0.2.99>",
    "Contact: *",
    "Contact: <sip:a@h>;q=0.5, <sip:b@h;transport=tcp>",
    "Record-Route: <sip:192.0.2.98;lr>",
    "Record-Route: <sip:192.0.2.98>",
    "Require: 100rel",
    "Supported: 100rel, timer",
    "RSeq: 1",
    "RSeq: 2",
    "RAck: 1 1 INVITE",
    "Session-Expires: 90;refresher=uac",
    "Session-Expires: 1800;refresher=uas",
    "Session-Expires: 10",
    "Min-SE: 90",
    "Min-SE: 4000000000",
    "Event: refer",
    "Event: message-summary",
    "Event: dialog",
    "Event: presence",
    "Event: check-sync",
    "Event: reg",
    "Event: refer;id=1",
    "Subscription-State: active;expires=60",
    "Subscription-State: terminated;reason=noresource",
    "Refer-To: <sip:c@192.0.2.98>",
    "Refer-To: <sip:c@192.0.2.98?Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc>",
    "Referred-By: <sip:r@h>",
    "Replaces: a;to-tag=b;from-tag=c",
    "Join: a;to-tag=b;from-tag=c",
    "Expires: 0",
    "Expires: 60",
    "Expires: 4294967295",
    'WWW-Authenticate: Digest realm="a", nonce="b", qop="auth"',
    'Proxy-Authenticate: Digest realm="a", nonce="c"',
    "Retry-After: 5",
    "Content-Type: application/sdp",
    "Content-Type: message/sipfrag",
    "Content-Type: text/plain",
    "Content-Type: application/dtmf-relay",
    "Content-Type: multipart/mixed;boundary=x",
    "Content-Disposition: x;handling=optional",
    "Allow: INVITE, UPDATE, PRACK, REFER",
    "P-Asserted-Identity: <sip:x@y>",
    "Privacy: id",
    "Diversion: <sip:x@y>;reason=busy",
    "History-Info: <sip:x@y?Reason=SIP%3Bcause%3D302>;index=1.1",
    "Reason: SIP;cause=200",
    "Identity: x",
    "Max-Forwards: 0",
    "Route: <sip:192.0.2.1;lr>",
    "SIP-ETag: 1",
    "Accept: application/pidf+xml",
    "Content-Encoding: gzip",
    "Warning: 399 x y",
    "Unsupported: timer",
    "Date: Sat, 13 Nov 2010 23:29:00 GMT",
    "Timestamp: 1",
)
BODIES = (
    description(),
    description(direction="sendonly"),
    description(direction="inactive", version=2),
    description(formats="96"),
    description(host="0.0.0.0"),
    description(port=0),
    b"SIP/2.0 200 OK\r\n",
    b"SIP/2.0 100\r\n",
    b"v=0\r\n",
    b"Signal=5\r\nDuration=160\r\n",
    b"Messages-Waiting: yes\r\nVoice-Message: 2/8\r\n",
    "h\u00e9".encode(),
    b"--x\r\nContent-Type: application/sdp\r\n\r\n" + description() + b"\r\n--x--\r\n",
)
PIECES = (
    b"",
    b"\r\n",
    b"\r\n\r\n",
    b";",
    b",",
    b"<",
    b">",
    b'"',
    b"\\",
    b"\x00",
    b"\xff\xfe",
    b"%",
    b"*",
    b"=",
    b" ",
    b":",
    b"99999999999999999999",
    b"-1",
    b"sip:",
    b"INVITE",
    b"SIP/2.0 200 OK",
    b"401",
    b"tag",
    b"Require: x\r\n",
    b"lr",
    b"Content-Length: 5\r\n",
    b"Via: SIP/2.0/TCP h\r\n",
    b"[::1]",
    b"@",
    b"?",
)


class Script:
    """Octets as numbers, 0 once they are used up."""

    def __init__(self, data):
        self._data = data
        self._at = 0

    def __bool__(self):
        return self._at < len(self._data)

    def below(self, limit: int) -> int:
        if self._at >= len(self._data):
            return 0
        self._at += 1
        return self._data[self._at - 1] % limit

    def one_of(self, choices):
        return choices[self.below(len(choices))]

    def octets(self) -> bytes:
        length = self.below(64)
        self._at += length
        return self._data[self._at - length : self._at]

    def spoil(self, octets: bytes) -> bytes:
        """`octets`, most often as they are, else with a few changes."""
        for _ in range(max(0, self.below(8) - 4)):
            at = (self.below(256) << 8 | self.below(256)) % (len(octets) + 1)
            piece = self.octets() if self.below(4) == 0 else self.one_of(PIECES)
            octets = octets[:at] + piece + octets[at + self.below(16) :]
        return octets


class Conversation:
    """The endpoint under test and all that is around it."""

    def __init__(self, script, endpoint):
        self.script = script
        self.endpoint = endpoint
        self.now = BEFORE_WRAP
        self.requests = []  # what the endpoint has sent, the latest last
        self.dialogs = [("call-0", "theirs", None)]  # (Call-ID, its tag there, ours)
        self.branch = 0
        self.sequence = 1

    def settle(self):
        for _ in range(200):
            sent = self.endpoint.to_send(self.now)
            if sent is None:
                break
            self._note(sent[0])
        else:
            raise AssertionError("it never stops sending")

    def _note(self, octets):
        if not octets.strip():
            return
        try:
            message = parse(octets)
        except MessageError:
            return  # the answer to a malformed request has its mistakes
        if isinstance(message, Request):
            self.requests = self.requests[-7:] + [message]
            known = message.call_id, message.to.tag, message.from_.tag
        else:
            known = message.call_id, message.from_.tag, message.to.tag
        if known not in self.dialogs:
            self.dialogs = self.dialogs[-7:] + [known]

    def hear(self, octets, transport="udp"):
        self.endpoint.receive(octets, self.script.one_of(PEERS), transport, self.now)

    def say_request(self):
        script = self.script
        method = script.one_of(METHODS)
        call_id, theirs, ours = script.one_of(self.dialogs)
        if script.below(3) == 0:
            call_id, theirs, ours = "call-%d" % script.below(4), "theirs", None
        if method not in ("ACK", "CANCEL") or script.below(2):
            self.branch += script.below(4) != 0
            self.sequence += script.below(4) != 0
        lines = [
            method
            + " "
            + script.one_of(("sip:alice@192.0.2.1", "sip:alice@example.com", "sip:192.0.2.1", "tel:1", "x:y"))
            + " SIP/2.0",
            "Via: SIP/2.0/UDP 192.0.2.99;branch=z9hG4bK%d" % self.branch,
            "Max-Forwards: 70",
            "From: <sip:peer@192.0.2.99>;tag=" + (theirs or "theirs"),
            "To: <sip:alice@192.0.2.1>" + (";tag=" + ours if ours else ""),
            "Call-ID: " + call_id,
            "CSeq: %d %s" % (self.sequence, method),
        ]
        if method in ("INVITE", "UPDATE", "REFER", "NOTIFY", "SUBSCRIBE"):
            lines.append(HEADERS[0])
        self._say(lines)

    def say_response(self):
        if not self.requests:
            return
        script = self.script
        request = self.requests[-1 - script.below(len(self.requests))]
        response = Response.of(request, script.one_of(STATUSES), None, "t%d" % script.below(3))
        head = str(response.to_bytes(), "utf-8").partition("\r\nContent-Length")[0]
        self._say(head.split("\r\n") + ([HEADERS[0]] if request.method == "INVITE" else []))

    def _say(self, lines):
        script = self.script
        lines += [script.one_of(HEADERS) for _ in range(script.below(5))]
        body = b""
        if script.below(2):
            body = script.one_of(BODIES)
            lines.append("Content-Type: application/sdp")
        octets = "\r\n".join(lines).encode() + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body
        self.hear(script.spoil(octets), "tcp" if script.below(16) == 15 else "udp")

    def pass_time(self):
        for _ in range(1 + self.script.below(8)):
            deadline = self.endpoint.deadline()
            if deadline is None:
                return
            self.now = deadline
            self.endpoint.handle_timer(self.now)
            self.settle()

    def trouble(self):
        if self.script.below(2):
            self.endpoint.transport_error(self.script.one_of(PEERS), "udp", self.now)
        else:
            self.endpoint.connection_closed(self.script.one_of(PEERS), self.now)

    def let_it_end(self):
        for peer in PEERS:
            self.endpoint.connection_closed(peer, self.now)
        for _ in range(3000):
            self.settle()
            self.endpoint.events()
            deadline = self.endpoint.deadline()
            if deadline is None:
                break
            self.now = deadline
            self.endpoint.handle_timer(self.now)
        else:
            raise AssertionError("timers never end")
        assert not self.endpoint._clients and not self.endpoint._servers and len(self.endpoint.timers) == 0


class _Person(Conversation):
    """A phone and the person who holds it."""

    def __init__(self, script):
        endpoint = Endpoint(
            counting_random(),
            {"udp": US, "tcp": US},
            max_transactions=12,
            max_connections=2,
            max_message=4000,
        )
        super().__init__(script, endpoint)
        self.agent = UserAgent(endpoint, max_sessions=3)
        self.agent.instance = "urn:uuid:00000000-0000-1000-8000-000000000001"
        self.account = Account(parse_uri("sip:alice@192.0.2.1"), None)
        self.media = Capabilities(US[0], 4000)
        self.referrals = []

    def take_events(self):
        for event in self.endpoint.events():
            if isinstance(event, TransferRequested):
                self.referrals.append(event.referral)
            elif isinstance(event, IncomingCall) and event.session.replaces is not None:
                self.attempt(event.session.accept, self.media)

    def attempt(self, function, *arguments):
        try:
            function(*arguments, self.now)
        except LocalError:
            pass

    def call(self):
        try:
            self.agent.invite(
                self.account,
                parse_uri("sip:peer@192.0.2.99"),
                self.media,
                self.now,
                bool(self.script.below(2)),
                self.script.below(4) == 0,
            )
        except LocalError:
            pass

    def register(self):
        if self.agent.registrations:
            registration = self.agent.registrations[0]
            self.attempt(
                self.script.one_of((registration.renew, registration.unregister, registration.fetch))
            )
        else:
            self.attempt(lambda now: self.agent.register(self.account, now))

    def act(self):
        what = self.script.below(11)
        if what == 0:
            return self.call()
        if what == 1:
            return self.register()
        if what == 2 and self.referrals:
            referral = self.referrals.pop()
            return self.attempt(
                *((referral.accept, self.media) if self.script.below(2) else (referral.reject,))
            )
        if not self.agent.sessions:
            return None
        session = self.script.one_of(self.agent.sessions)
        if what == 3:
            target = (
                parse_uri("sip:c@192.0.2.98")
                if self.script.below(2)
                else self.script.one_of(self.agent.sessions)
            )
            return self.attempt(session.transfer, target)
        if what in (4, 5):
            return self.attempt(session.accept, self.media)
        if what == 6:
            return self.attempt(lambda now: session.ring(now, self.media if self.script.below(2) else None))
        if what == 7:
            return self.attempt(lambda now: session.reject(486, now))
        return self.attempt((session.hold, session.resume, session.end)[what % 3])


def phone_hears(data: bytes) -> None:
    """A phone in the middle of anything."""
    script = Script(data)
    person = _Person(script)
    person.agent.add(person.account)
    steps = (
        person.say_request,
        person.say_request,
        person.say_response,
        person.say_response,
        person.act,
        person.act,
        person.pass_time,
        person.trouble,
        lambda: person.hear(script.octets()),
    )
    for _ in range(MAX_STEPS):
        if not script:
            break
        script.one_of(steps)()
        person.settle()
        person.take_events()
        person.settle()
        assert len(person.agent.sessions) <= 4 and len(person.endpoint._servers) <= 15
    person.agent.shutdown(person.now)
    person.let_it_end()
    assert not person.agent.sessions and not person.agent._by_dialog and not person.agent.subscriptions


def servers_hear(data: bytes) -> None:
    """A proxy and registrar in the middle of anything."""
    script = Script(data)
    endpoint = Endpoint(
        counting_random(), {"udp": US, "tcp": US}, max_transactions=12, max_connections=2, max_message=4000
    )
    Proxy(endpoint, Registrar(endpoint, ["example.com", "192.0.2.1"], max_users=3))
    world = Conversation(script, endpoint)
    steps = (
        world.say_request,
        world.say_request,
        world.say_response,
        world.say_response,
        world.pass_time,
        world.trouble,
        lambda: world.hear(script.octets()),
    )
    for _ in range(MAX_STEPS):
        if not script:
            break
        script.one_of(steps)()
        world.settle()
        world.now = ticks_add(world.now, 1)
    world.let_it_end()
