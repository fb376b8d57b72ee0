"""How a phone that is not set up finds its settings: SIP plug and play, then DNS-SD. Loaded for that only.

Plug and play, as PBXs do it: the phone sends a SUBSCRIBE for its device profile to 224.0.1.75
(sip.mcast.net). A provisioning server answers with a NOTIFY that holds the profile's URL (RFC 6080 §5, §6).
DNS-SD (RFC 6763): a service of the type _bakelite._tcp.local has a TXT record "url=…"; the phone asks for it
by one-shot multicast DNS (RFC 6762 §5.1).

The answers are not authenticated: so only a phone without lines asks, and it keeps the URL that it found.
"""

import compat
from compat import const, ticks_diff
from net import dns
from net.http import HttpError, Url
from net.udp import free_socket
from sip.syntax.grammar import ParseError, quote
from sip.syntax.headers import COOKIE, CSeq, NameAddr, Via, parse_valued
from sip.syntax.message import Request, Response, parse
from sip.syntax.uri import Uri

SIP_GROUP = ("224.0.1.75", 5060)
DNS_GROUP = ("224.0.0.251", 5353)
SERVICE = "_bakelite._tcp.local"

_ASKED_AT_MS = (0, 500, 1500)  # datagrams get lost
_PATIENCE_MS = const(4000)
_LOOK_MS = const(20)
_MAX_SIZE = const(2048)
_MAX_HEARD = const(50)  # datagrams per question: more end the question
_MAX_URL = const(256)


async def find(host: str, mac: str, product: str) -> "str | None":
    """The URL that a server on the network gives, or None. `host` is ours, `product` is "name/version"."""
    url = await ask(ProfileQuestion(mac, product), host, SIP_GROUP)
    return url or await ask(ServiceQuestion(), host, DNS_GROUP)


async def ask(question, host, group) -> "str | None":
    """Send `question` to the `group`, (host, port); the URL, or None when the time is over."""
    try:
        sock = free_socket(host, _MAX_SIZE)
    except OSError:
        return None
    try:
        question.begin(host, sock.port)
        return await _converse(question, sock, compat.socket_address(group[0], group[1]))
    except OSError:
        return None  # no route to the group
    finally:
        sock.close()


async def _converse(question, sock, group):
    start = compat.ticks_ms()
    sent = heard = 0
    while heard < _MAX_HEARD:
        passed = ticks_diff(compat.ticks_ms(), start)
        if passed >= _PATIENCE_MS:
            return None
        if sent < len(_ASKED_AT_MS) and passed >= _ASKED_AT_MS[sent]:
            sock.send(question.to_bytes(), group)
            sent += 1
        received = sock.receive()
        if received is None:
            await compat.sleep(_LOOK_MS)
            continue
        heard += 1
        data, source = received
        reply, url = question.receive(data)
        if reply is not None:
            sock.send(reply, compat.socket_address(source[0], source[1]))
        if url is not None:
            return url
    return None


def proper(url) -> "str | None":
    """`url` if it is a valid http or https URL, else None."""
    try:
        return str(Url(url)) if len(url) <= _MAX_URL else None
    except HttpError:
        return None


class ProfileQuestion:
    """The SUBSCRIBE, and the parsing of its answers. No I/O."""

    def __init__(self, mac: str, product: str):
        self._mac = mac.replace(":", "").lower()
        self._product = product
        self._call_id = _token()
        self._tag = _token()
        self._host = ""
        self._port = 0

    def begin(self, host: str, port: int) -> None:
        """The address at which answers reach us."""
        self._host, self._port = host, port

    def to_bytes(self) -> bytes:
        who = Uri("sip", SIP_GROUP[0], user="MAC%3a" + self._mac)
        request = Request("SUBSCRIBE", who)
        via = {"branch": COOKIE + _token(), "rport": None}
        request.add("Via", Via("UDP", self._host, self._port, via))
        request.add("Max-Forwards", "1")
        request.add("From", NameAddr(who, None, {"tag": self._tag}))
        request.add("To", NameAddr(who))
        request.add("Call-ID", self._call_id)
        request.add("CSeq", CSeq(1, "SUBSCRIBE"))
        request.add("Contact", NameAddr(Uri("sip", self._host, user=self._mac, port=self._port)))
        name, _, version = self._product.partition("/")
        described = ";".join(
            [
                "profile-type=" + quote("device"),
                "vendor=" + quote(name),
                "model=" + quote(name),
                "version=" + quote(version),
            ]
        )
        request.add("Event", "ua-profile;" + described)
        request.add("Accept", "message/external-body, application/url")
        request.add("Expires", "0")
        return request.to_bytes()

    def receive(self, data) -> tuple:
        """(what to answer or None, the URL or None)."""
        try:
            request = parse(data)
            if not isinstance(request, Request) or request.method != "NOTIFY":
                return None, None
            if request.call_id != self._call_id or request.to.tag != self._tag:
                return None, None
            return Response.of(request, 200).to_bytes(), proper(_profile_url(request) or "")
        except ParseError:
            return None, None


def _profile_url(request):
    """The URL in the NOTIFY: in an external-body (RFC 6080 §6.5), or in the body itself, as PBXs send it."""
    from sip.event.unsolicited import profile_url

    kind = parse_valued(request.get("Content-Type") or "").value.lower()
    if kind == "application/url":
        return compat.decode(request.body[: _MAX_URL + 2]).strip()
    return profile_url(request)


class ServiceQuestion:
    """The DNS question for SERVICE, and the parsing of its answers. No I/O."""

    def __init__(self):
        self._name = SERVICE
        self._kind = dns.PTR
        self._identity = int.from_bytes(compat.urandom(2), "big")

    def begin(self, host: str, port: int) -> None:
        """Unused: the question does not hold our address."""

    def to_bytes(self) -> bytes:
        return dns.query(self._identity, self._name, self._kind, False)

    def receive(self, data) -> tuple:
        """(the next question or None, the URL or None)."""
        try:
            answer = dns.parse(data)
        except dns.DnsError:
            return None, None
        if answer.identity != self._identity:
            return None, None
        records = answer.records + answer.additional
        for name, kind, _, value in records:
            if kind == dns.TXT and name.endswith(SERVICE):
                for text in value:
                    if text[:4].lower() == "url=":
                        return None, proper(text[4:])
        for name, kind, _, value in records:
            if kind == dns.PTR and name == SERVICE and self._kind == dns.PTR and value.endswith(SERVICE):
                self._name, self._kind = value, dns.TXT
                return self.to_bytes(), None
        return None, None


def _token():
    return "".join(["%02x" % octet for octet in compat.urandom(8)])
