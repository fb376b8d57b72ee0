"""Measures the heap that the SIP core keeps for an idle transaction, dialog and subscription; prints rows.

Each is made once to load its modules, and then a few times to measure.
"""

import gc

from cost.phone import desk

import compat  # noqa: F401 - first, as on a chip: under the imports of sip the stack would end

NUMBER = 8
PEER = ("192.0.2.100", 5060)

_HEAD = """%s sip:201@192.0.2.1:5060 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.100:5060;branch=z9hG4bK%s;rport
Max-Forwards: 69
From: "Ada Lovelace" <sip:202@example.com>;tag=%s
To: %s
Call-ID: %s
CSeq: %d %s
Contact: <sip:202@192.0.2.100:5060>
%sContent-Length: %d

%s"""

_SDP = """v=0
o=- 1 1 IN IP4 192.0.2.100
s=-
c=IN IP4 192.0.2.100
t=0 0
m=audio 20000 RTP/AVP 0 8 101
a=rtpmap:101 telephone-event/8000
"""


def header(text, name):
    at = text.find("\r\n" + name + ": ") + len(name) + 4
    return text[at : text.find("\r\n", at)]


class Core:
    """An endpoint and its user agent in virtual time, without a phone."""

    def __init__(self):
        from sip.agent.account import Account
        from sip.agent.user_agent import UserAgent
        from sip.endpoint import Endpoint
        from sip.syntax.uri import parse

        self.now = 0
        self.endpoint = Endpoint(desk.Dice(1).octets, {"udp": ("192.0.2.1", 5060)})
        self.user_agent = UserAgent(self.endpoint, max_sessions=2 * NUMBER)
        self.account = Account(parse("sip:201@example.com"), None, proxy=parse("sip:192.0.2.100;lr"))
        self.user_agent.add(self.account)

    def sent(self):
        """The next outgoing message, as text; "" for none."""
        item = self.endpoint.to_send(self.now)
        return str(item[0], "utf-8") if item is not None else ""

    def give(self, method, tag, to="<sip:201@example.com>", cseq=1, more="", body="", call_id=None):
        body = body.replace("\n", "\r\n")
        branch, call_id = method + tag, call_id or "call-" + tag
        text = _HEAD % (method, branch, tag, to, call_id, cseq, method, more, len(body), "")
        self.endpoint.receive((text.replace("\n", "\r\n") + body).encode(), PEER, "udp", self.now)

    def reply(self, request, to):
        lines = ["SIP/2.0 200 OK"]
        lines += [
            line for line in request.split("\r\n") if line.startswith(("Via:", "From:", "Call-ID:", "CSeq:"))
        ]
        lines += [
            "To: " + to,
            "Contact: <sip:202@192.0.2.100:5060>",
            "Expires: 3600",
            "Content-Length: 0",
            "",
            "",
        ]
        self.endpoint.receive("\r\n".join(lines).encode(), PEER, "udp", self.now)

    def pass_ms(self, ms):
        end = self.now + ms
        while True:
            deadline = self.endpoint.deadline()
            if deadline is None or deadline > end:
                break
            self.now = max(deadline, self.now)
            self.endpoint.handle_timer(self.now)
            while self.sent():
                pass
        self.now = end

    def transaction(self, tag):
        """Make a server transaction: answered, and kept for retransmissions of the request."""
        self.give("OPTIONS", tag)
        assert "200" in self.sent()[:20]

    def dialog(self, tag):
        """Make a dialog: an established call."""
        from sip.call.offer_answer import Capabilities

        self.give("INVITE", tag, more="Content-Type: application/sdp\n", body=_SDP)
        session = self.endpoint.events()[-1].session
        session.accept(Capabilities("192.0.2.1", 4000), self.now)
        answer = self.sent()
        while "SIP/2.0 200" not in answer:
            answer = self.sent()
        self.give("ACK", tag, header(answer, "To"))
        self.endpoint.events()

    def subscription(self, tag):
        """Make a subscription of the phone to a mailbox."""
        from sip.event.subscriber import Subscriber
        from sip.syntax.uri import parse

        kind = "application/simple-message-summary"
        Subscriber(
            self.user_agent,
            self.account,
            parse("sip:201@example.com"),
            package="message-summary",
            accept=kind,
            expires=3600,
            now=self.now,
        )
        request = self.sent()
        self.reply(request, "<sip:201@example.com>;tag=" + tag)
        more = "Event: message-summary\nSubscription-State: active;expires=3600\n"
        self.give("NOTIFY", tag, header(request, "From"), more=more, call_id=header(request, "Call-ID"))
        assert "200" in self.sent()[:20]
        self.endpoint.events()


def measure(name, make, rest_ms):
    core = Core()
    getattr(core, make)("first")
    core.pass_ms(rest_ms)
    before = desk.heap()
    for number in range(NUMBER):
        getattr(core, make)("t%d" % number)
    core.pass_ms(rest_ms)
    gc.collect()
    print("row", name, (desk.heap() - before) // NUMBER)
    assert not core.endpoint.counters, core.endpoint.counters


measure("heap-transaction", "transaction", 0)
measure("heap-dialog", "dialog", 60_000)
measure("heap-subscription", "subscription", 60_000)
