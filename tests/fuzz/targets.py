"""What a fuzzer feeds, one function of octets for each: a finding is an exception, a hang, or what stays behind.

`make fuzz` runs them under atheris (tools/fuzz.py); the kept corpus runs with every test (test_corpus.py).
"""

import struct
from array import array

from fuzz import web_targets
from fuzz.conversation import phone_hears, servers_hear

from media import core, rtcp
from media.engine import Engine
from net import dns, x509
from net.dns_client import DnsClient
from sip import digest, keep_alive, stun
from sip.agent import identity
from sip.call import info, refer_subscription, sdp
from sip.call.offer_answer import Capabilities, Negotiation, Unacceptable
from sip.event import dialog_info, message_summary, pidf, reg_info
from sip.server import authenticator
from sip.syntax import headers, reason, uri, xml
from sip.syntax.framing import StreamFramer
from sip.syntax.grammar import ParseError
from sip.syntax.message import MessageError, Request, Response, parse

TYPED = (
    "via",
    "vias",
    "from_",
    "to",
    "call_id",
    "cseq",
    "contacts",
    "routes",
    "record_routes",
    "max_forwards",
    "expires",
    "min_expires",
    "retry_after",
    "content_type",
)
PARTS = ("tag", "expires", "q", "rport", "received", "branch")


def message(data: bytes) -> None:
    """One datagram: read or refused, and what was read is written and read again as the same."""
    try:
        read = parse(data)
    except MessageError as error:
        if error.request is not None:
            Response.of(error.request, error.status, error.reason, "tag").to_bytes()
            read_all_of(error.request)
        return
    settled = read.to_bytes()
    again = parse(settled)
    assert again.to_bytes() == settled and again.body == read.body
    read_all_of(read)
    if isinstance(read, Request):
        try:
            again = parse(Response.of(read, 200, to_tag="t").to_bytes())
        except MessageError:
            # Whose a BYE is, its tags say alone; its From and To go back as they came.
            assert read.method in ("BYE", "CANCEL", "ACK")
        else:
            assert again.cseq.number == read.cseq.number


def read_all_of(read) -> None:
    for name in TYPED:
        try:
            value = getattr(read, name)
        except ParseError:
            continue
        for each in value if isinstance(value, list) else [value]:
            str(each)
            for part in PARTS:
                try:
                    getattr(each, part, None)
                except ParseError:
                    pass
    functions = [identity.is_private, identity.asserted, identity.diverted_from]
    functions += [identity.referred_by] if read.get("Referred-By") is not None else []
    functions += [reason.cause_of] if read.get("Reason") is not None else []
    for function in functions:
        try:
            function(read)
        except ParseError:
            pass


def stream(data: bytes) -> None:
    """Octets of a stream read the same in one piece and in many."""

    def framed(size):
        framer = StreamFramer(2000)
        messages = []
        try:
            for at in range(0, len(data), size):
                messages += framer.feed(data[at : at + size])
            framer.feed(b"")
        except MessageError as error:
            messages.append(error.status)
        return messages

    assert framed(7) == framed(len(data) or 1)


def address(data: bytes) -> None:
    """A URI, a name-addr, a Via, a challenge."""
    text = data.decode("latin-1")
    for read in (uri.parse, headers.parse_name_addr, headers.parse_contact, headers.parse_via):
        try:
            value = read(text)
        except ParseError:
            continue
        settled = str(value)
        assert str(read(settled)) == settled
        if read is uri.parse:
            assert read(settled) == value and isinstance(value.name, str) and isinstance(repr(value), str)
    for read in (
        headers.parse_valued,
        headers.parse_cseq,
        headers.parse_seconds,
        headers.qvalue,
        headers.parse_list,
        headers.parse_challenge,
    ):
        try:
            read(text)
        except ParseError:
            pass


def challenge(data: bytes) -> None:
    """What a server asks and what a client answers."""
    text = data.decode("latin-1").replace("\r", " ").replace("\n", " ")
    client = digest.Credentials("alice", "secret")
    server = authenticator.Authenticator("r", lambda user, algorithm: "0" * 32, bytes)
    response = Response(401, None, [("WWW-Authenticate", text)])
    request = Request("REGISTER", uri.parse("sip:x"), [("Authorization", text)])
    assert server.check(request, "Authorization", 0)[0] is None
    for _, value in client.answer(response, "REGISTER", "sip:x", b"", bytes) or ():
        assert headers.parse_challenge(value)[1]["username"] == "alice"


def description(data: bytes) -> None:
    """A session description, as an offer and as an answer."""
    try:
        session = sdp.parse(data)
    except sdp.SdpError:
        session = None
    if session is not None:
        try:
            settled = session.to_bytes()
        except ValueError:
            assert b"\r" in data.replace(b"\r\n", b"")
        else:
            assert sdp.parse(settled).to_bytes() == settled
    ours = Capabilities("192.0.2.1", 4000)
    answering = Negotiation(None, "1")
    try:
        answering.receive(data, ("PCMU", "PCMA"))
        answering.capabilities = ours
        sdp.parse(answering.answer())
    except (Unacceptable, ParseError):
        pass
    offering = Negotiation(ours, "1")
    offering.offer()
    try:
        offering.answered(data)
    except (Unacceptable, ParseError):
        pass


def voice(data: bytes) -> None:
    """Datagrams on the RTP and the RTCP port, each after an octet that tells its kind and length."""
    engines = [Engine()] if data[:1] < b"\xf0" else [Engine(native=False), Engine()]
    told = []
    for engine in engines:
        engine.open("PCMU", 0, event_payload_type=101, depth_ms=20)
        result = []
        at = 1
        now = 0
        while at < len(data) and now < 40 * 20:
            kind = data[at]
            packet = data[at + 1 : at + 1 + (kind & 63)]
            at += 1 + (kind & 63)
            now += 20
            if kind & 64:
                result.append(engine.receive_rtcp(packet, len(packet), now))
            else:
                if kind & 128:
                    packet = packet + bytes(160)
                result.append(engine.receive(packet, len(packet), now))
            frame = array("h", [0] * 160)
            engine.playout(frame)
            result.append(frame.tobytes())
        told.append((result, engine.digits(), engine.stats()))
    assert told[0] == told[-1]


def reports(data: bytes) -> None:
    counters = array("I", [0] * len(core.COUNTERS))
    reporter = rtcp.Reporter(1, "x")
    believed = reporter.receive(data, len(data), counters, 0)
    assert reporter.invalid == (0 if believed else 1)
    report = bytes(reporter.report(counters, 20))
    assert rtcp.is_compound(report, len(report))


def binding(data: bytes) -> None:
    """An answer of a STUN server, believed only with our identity."""
    for octets in (data, b"\1\1" + struct.pack(">H", len(data)) + b"\x21\x12\xa4\x42" + bytes(12) + data):
        try:
            found = stun.parse_response(octets, bytes(12))
        except stun.StunError:
            continue
        assert found is None or 0 <= found[1] < 65536
    endpoint = _Nothing()
    flow = keep_alive.KeepAlive(endpoint, "udp", ("192.0.2.9", 5060), None, True, endpoint.lost)
    flow.start(0)
    flow.heard_stun(data, 1)


class _Nothing:
    """The endpoint of a KeepAlive, as far as that asks for one."""

    def __init__(self):
        from sip.timers import Timers

        self.timers = Timers()
        self.flows = {}
        self.random = bytes

    def token(self, octets=8):
        return "0" * octets

    def transmit(self, data, destination, transport):
        pass

    def count(self, name):
        pass

    def emit(self, event):
        pass

    def lost(self, now):
        pass


def names(data: bytes) -> None:
    """An answer of a DNS server, and a client that hears it."""
    try:
        parsed = dns.parse(data)
    except dns.DnsError:
        pass
    else:
        assert len(parsed.records) + len(parsed.additional) <= 64
        parsed.found()
    server = ("192.0.2.53", 53)
    client = DnsClient(bytes, [server])
    client.lookup("a.b", dns.A, 0)
    sent = client.to_send(0)
    client.receive(sent[0], data, server, 0)
    client.receive(sent[0], sent[1][:2] + data[2:], server, 0)
    assert len(client._questions) <= 1 and len(client._kept) <= 48
    assert not x509.is_for(data, "pbx.test")


def bodies(data: bytes) -> None:
    """A body that a NOTIFY or INFO brings."""
    for read in (
        dialog_info.DialogTable().take,
        pidf.parse,
        reg_info.parse,
        message_summary.parse,
        xml.parse,
    ):
        try:
            read(data)
        except ParseError:
            pass
    for kind in ("application/dtmf-relay", "application/dtmf"):
        try:
            info.digit_of(kind, data)
        except ParseError:
            pass
    status, reason = refer_subscription.status_of(data)
    assert 0 <= status < 1000 and isinstance(reason, str)


# name: (function, longest input in octets)
TARGETS = {
    "message": (message, 2048),
    "stream": (stream, 2048),
    "address": (address, 256),
    "challenge": (challenge, 512),
    "description": (description, 1024),
    "phone": (phone_hears, 1024),
    "servers": (servers_hear, 1024),
    "voice": (voice, 1024),
    "reports": (reports, 256),
    "binding": (binding, 256),
    "names": (names, 512),
    "bodies": (bodies, 1024),
}
TARGETS.update(web_targets.TARGETS)
