"""An hour with a call up, and all that servers and peers of the field send beside it: no call is lost, nothing grows."""

# micropython-heap: 2M: a network, and an hour of messages that pass through it

import gc

from sip.syntax.message import Request
from support.descriptions import description
from support.network import Dice, Network
from support.phones import Peer, Phone

PHONE = ("192.0.2.1", 5060)
TARGETS = (
    "sip:201@192.0.2.1",
    "sip:+493055501@192.0.2.1;transport=udp",
    "sip:s@192.0.2.1",
    "sip:192.0.2.1",
    "sip:%3201@192.0.2.1",
)

# (header, values): what is odd about a request; None leaves the header out.
ODD = (
    (
        "From",
        (
            "<sip:@192.0.2.10>;tag=o",
            "Smith, John <sip:7@h>;tag=o",
            '""A" <sip:7@h>;tag=o;',
            "sip:7@h;tag=o",
            "<tel:+49>;tag=o",
        ),
    ),
    (
        "Contact",
        (
            '<sip:10.0.0.1;thinfo="YWJj==">',
            "<sip:7@h;ob;>",
            "sip:7@192.0.2.10;transport=udp",
            "<sip:@h>;",
            "Smith, J <sip:h>",
            "<sip:a b@h>",
        ),
    ),
    ("Record-Route", ("<sip:192.0.2.10;lr;>", "sip:192.0.2.10;lr", '<sip:192.0.2.10;lr;x="a>b">', "<")),
    ("Date", ("Fri, 6 Feb 2018 21:44:18 CST", "", "now")),
    ("Max-Forwards", ("x", "1000", None)),
    ("Subject", ('"', "\x01", "x" * 900)),
    ("Require", ("nonsense", "", "timer, 100rel")),
    ("Session-Expires", ("9", "1800;refresher=uac", ";;=")),
    ("Accept", ("text/odd", "*/*", '"')),
    ("P-Asserted-Identity", ("Smith, John <sip:7@h>", '"x <sip:a@h>', "<tel:+49>, <sip:7@h>")),
    ("Content-Disposition", (";", "render;handling=required", "session")),
    ("Event", ("talk", "message-summary", "check-sync;reboot=false", '"')),
    ("Expires", ("soon", "60")),
    ("Replaces", ("none;to-tag=x;from-tag=y", ";;")),
    ("Date", ("Mon, 1 Jan", "x")),
)
METHODS = (
    "INVITE",
    "OPTIONS",
    "NOTIFY",
    "MESSAGE",
    "SUBSCRIBE",
    "INFO",
    "UPDATE",
    "PRACK",
    "REFER",
    "BYE",
    "CANCEL",
    "ACK",
    "PUBLISH",
)
INSIDE = ("INVITE", "OPTIONS", "NOTIFY", "INFO", "UPDATE", "MESSAGE", "PRACK")
BODIES = (
    description(),
    description().replace(b"o=- ", b"o="),
    description().replace(b"t=0 0\r\n", b"t=now\r\nnonsense\r\n"),
    description() + b"m=video x\r\nm=image 0 udptl t38\r\n",
    description().replace(b"\r\n", b"\n"),
    b"Signal=5\r\nDuration=160\r\n",
    b"",
    b"\0" * 40,
)
BINDINGS = (
    "<sip:201@198.51.100.7:31044>;expires=%d",
    "<sip:201@192.0.2.1:5060;transport=udp>;expires=%d",
    "<sip:192.0.2.1:5060>;expires=%d, <sip:201@192.0.2.7>;expires=3000",
    '<sip:201@192.0.2.1:5060>;expires="%d";;',
)
NOTHINGS = (
    b"",
    b"\0",
    b"\r\n\0",
    b"\r\n\r\n\r\n",
    b"\0\0\0\0",
    b"\r\n" * 40,
    b"SIP/2.0 200 OK\r\n\r\n",
    b"\xff" * 30,
)


class Hour:
    def __init__(self):
        self.dice = Dice(11)
        self.network = Network()
        self.server = Peer(self.network, "server", "192.0.2.10")
        self.phone = Phone(self.network, "201", "192.0.2.1", "sip:201@192.0.2.10", answers="answers")
        self.phone.user_agent.keeps_alive = True
        self.registrations = 0
        self.lost = []
        self.bound_until = 0
        self.sequence = 100
        self.without_offer = None
        self.registered = 0, b""
        registration = self.phone.register()
        self.settle()
        assert registration.state == "registered"
        self.server.request("INVITE", TARGETS[0], PHONE, "the-call", body=description())
        self.network.settle()
        self.answer = self.server.take(200)
        self.ack(self.answer.cseq.number)
        self.session = self.phone.session
        self.settle()
        self.phone.answers = 486

    def pick(self, things):
        return things[self.dice.below(len(things))]

    def ack(self, number):
        # The 200 to an INVITE without an offer has one.
        body = description() if number == self.without_offer else b""
        self.server.request("ACK", TARGETS[0], PHONE, "the-call", number, self.answer.to.tag, body)

    def settle(self):
        """Let what was sent arrive, and answer for the server."""
        for _ in range(4):
            self.network.settle()
            received = self.server.received
            self.server.received = []
            for message in received:
                if isinstance(message, Request):
                    self.serve(message)
                elif (
                    message.cseq.method == "INVITE"
                    and message.call_id == "the-call"
                    and message.status == 200
                ):
                    self.ack(message.cseq.number)

    def serve(self, request):
        if request.method == "REGISTER":
            if request.cseq.number == self.registered[0]:
                self.server.send(self.registered[1])  # it comes again
                return
            self.registrations += 1
            life = 60 + self.dice.below(120)
            self.bound_until = self.network.elapsed + 1000 * life
            answer = self.server.respond(
                request,
                200,
                Contact=self.pick(BINDINGS) % life,
                Date=self.pick(("", "Fri, 6 Feb 2018 21:44:18 CST")),
                Service_Route="<sip:192.0.2.10;lr;>",
            )
            self.registered = request.cseq.number, answer.to_bytes()
        elif request.method == "BYE" and request.call_id == "the-call":
            self.lost.append(request)
        elif request.method != "ACK":
            body = description() if request.method in ("INVITE", "UPDATE") and request.body else b""
            self.server.respond(request, 200, body=body)

    def spoil(self, request):
        for _ in range(1 + self.dice.below(2)):
            name, values = self.pick(ODD)
            value = self.pick(values)
            if value is None:
                request.remove(name)
            elif not (request.call_id == "the-call" and name == "From"):
                request.set(name, value)
        return request

    def step(self, number):
        kind = self.dice.below(8)
        if kind == 0:
            self.server.send(self.pick(NOTHINGS), PHONE)
        elif kind < 3:
            # Of the call, and not meant to end it.
            self.sequence += 1
            method, body = self.pick(INSIDE), self.pick(BODIES)
            if method == "INVITE" and not body:
                self.without_offer = self.sequence
            self.server.request(
                method, TARGETS[0], PHONE, "the-call", self.sequence, self.answer.to.tag, body
            )
            self.server.send(self.spoil(self.server.unsend()), PHONE)
        else:
            tag = "none" if kind == 3 else None
            call_id = "the-call" if kind == 3 else "c%d" % number
            self.server.request(
                self.pick(METHODS), self.pick(TARGETS), PHONE, call_id, 1, tag, self.pick(BODIES)
            )
            self.server.send(self.spoil(self.server.unsend()), PHONE)
        self.settle()
        self.network.run(500 + self.dice.below(3000))
        self.settle()
        self.network.ladder = []
        self.phone.names()


def used():
    gc.collect()
    return gc.mem_alloc() if hasattr(gc, "mem_alloc") else 0


def test_an_hour_of_the_field():
    hour = Hour()
    endpoint = hour.phone.endpoint
    number = 0
    before = None
    while hour.network.elapsed < 3_600_000:
        number += 1
        hour.step(number)
        assert hour.session.state == "established" and not hour.lost, number
        assert hour.network.elapsed < hour.bound_until, "the binding ran out"
        assert len(endpoint._servers) < 60 and len(endpoint._clients) < 10 and len(endpoint.timers) < 120
        if before is None and hour.network.elapsed > 900_000:
            before = used()  # by now all that is loaded on demand is there
    assert number > 1000 and hour.registrations > 20 and "internal_errors" not in endpoint.counters
    for second in range(100):
        hour.network.run(1000)
        hour.settle()
        hour.network.ladder = []
        hour.phone.names()
        if second > 50 and not endpoint._clients:
            break  # between two refreshes
    assert endpoint._servers == {} and endpoint._clients == {} and endpoint._streams == {}
    assert hour.phone.user_agent.sessions == [hour.session]
    assert used() <= before + 16_000, (before, used())
    # And the call can still be ended, from where it began.
    hour.server.request("BYE", TARGETS[0], PHONE, "the-call", hour.sequence + 1, hour.answer.to.tag)
    hour.network.settle()
    assert hour.session.state == "ended"
