"""Bodies of several parts, and the session description among them."""

# micropython-heap: 512k: a network and both its ends live in one process, call after call

from sip.call.offer_answer import description as sdp_of
from sip.limits import NESTING, PARTS
from sip.syntax import multipart
from sip.syntax.grammar import ParseError
from sip.syntax.message import Request
from sip.syntax.multipart import TooMuch
from support.check import raises
from support.descriptions import description
from support.network import Network
from support.phones import Peer, Phone

MIXED = "multipart/mixed;boundary=b"
SDP = description()


def body(*parts, end=b"--b--\r\n"):
    """Parts as (header lines, octets)."""
    octets = b""
    for head, content in parts:
        octets += b"--b\r\n" + head + b"\r\n" + content + b"\r\n"
    return octets + end


def part(kind, content, more=b""):
    return b"Content-Type: " + kind + b"\r\n" + more, content


def read(octets, kind=MIXED):
    return [
        (each.content_type, each.body, each.handling == "optional") for each in multipart.parts(kind, octets)
    ]


def test_parts():
    assert read(body(part(b"a/b", b"1"), part(b"C/D ; x=y", b"\x00\r\n\xff"))) == [
        ("a/b", b"1", False),
        ("c/d", b"\x00\r\n\xff", False),
    ]
    for octets, expected in (
        (b"preamble\r\n" + body(part(b"a/b", b"1")) + b"epilogue", [("a/b", b"1", False)]),
        (body((b"", b"1")), [("text/plain", b"1", False)]),
        (body((b"", b"")), [("text/plain", b"", False)]),
        (b"--b \t\r\n\r\nx\r\n--b--  ", [("text/plain", b"x", False)]),
        # What begins like the delimiter is none.
        (body((b"", b"--bc\r\n--b-")), [("text/plain", b"--bc\r\n--b-", False)]),
        (
            body(part(b"a/b", b"1", b"Content-Disposition: x;\r\n handling=OPTIONAL\r\n")),
            [("a/b", b"1", True)],
        ),
        (
            body(part(b"a/b", b"1", b"content-transfer-encoding: base64\r\n")),
            [("application/octet-stream", b"1", False)],
        ),
    ):
        assert read(octets) == expected, octets
    assert read(b"--a b\r\n\r\nx\r\n--a b--", 'multipart/mixed; boundary="a b"') == [
        ("text/plain", b"x", False)
    ]


def test_what_is_no_multipart():
    for octets in (
        b"",
        b"x",
        b"--b",
        b"--b\r\n",
        b"--b--",
        b"--b\r\n\r\nx",
        b"--b\r\n\r\nx\r\n--c--",
        b"--b\r\nA: b\r\n--b--",
        b"--b\r\nX\xff: y\r\n\r\nx\r\n--b--",
        b"--b\r\nContent-Type: \r\n\r\nx\r\n--b--",
    ):
        raises(ParseError, multipart.parts, MIXED, octets)
    for kind in (
        "multipart/mixed",
        "multipart/mixed;boundary",
        'multipart/mixed;boundary=""',
        MIXED + "b" * 70,
    ):
        raises(ParseError, multipart.parts, kind, body((b"", b"x")))


def test_limits():
    for count, fits in ((PARTS - 1, True), (PARTS, True), (PARTS + 1, False)):
        octets = body(*[(b"", b"x")] * count)
        if fits:
            assert len(read(octets)) == count
        else:
            assert raises(TooMuch, read, octets).status == 413
    # Also those of inner multiparts count.
    inner = body(*[(b"", b"x")] * (PARTS // 2 + 1))
    inner = inner.replace(b"--b", b"--i")
    raises(TooMuch, read, body(*[part(b"multipart/mixed;boundary=i", inner)] * 2))


def within(depth, boundary=0):
    """A body of `depth` multiparts within each other, and its boundary."""
    word = b"w" * (boundary + 1) + b"."
    if depth == 1:
        return b"--" + word + b"\r\n\r\nx\r\n--" + word + b"--\r\n"
    inner = b"w" * (boundary + 2) + b"."
    return (
        b"--"
        + word
        + b"\r\nContent-Type: multipart/mixed;boundary="
        + inner
        + b"\r\n\r\n"
        + within(depth - 1, boundary + 1)
        + b"\r\n--"
        + word
        + b"--\r\n"
    )


def test_nesting():
    for depth in range(1, NESTING + 1):
        assert read(within(depth), "multipart/mixed;boundary=w.") == [("text/plain", b"x", False)], depth
    assert raises(TooMuch, read, within(NESTING + 1), "multipart/mixed;boundary=w.").status == 413


REQUIRED = b"Content-Disposition: signal;handling=Required\r\n"
OPTIONAL = b"Content-Disposition: signal;handling=optional\r\n"

# (type, parts, whether it can be read, whether it has SDP)
BODIES = (
    ("mixed", [part(b"application/sdp", SDP)], True, True),
    ("mixed", [part(b"application/sdp", SDP), part(b"application/isup", b"\x00", OPTIONAL)], True, True),
    ("mixed", [part(b"application/sdp", SDP), part(b"application/isup", b"\x00")], True, True),
    (
        "mixed",
        [part(b"application/sdp", SDP), part(b"application/isup", b"\x00", b"Content-Disposition: ;\r\n")],
        True,
        True,
    ),
    ("mixed", [part(b"application/sdp", SDP), part(b"application/isup", b"\x00", REQUIRED)], False, False),
    ("mixed", [part(b"application/isup", b"\x00")], False, False),
    ("mixed", [part(b"application/isup", b"\x00", OPTIONAL)], True, False),
    ("alternative", [part(b"text/plain", b"x"), part(b"application/sdp", SDP)], True, True),
    ("alternative", [part(b"application/sdp", b"v=1"), part(b"application/sdp", SDP)], True, True),
    ("alternative", [part(b"text/plain", b"x")], False, False),
    ("related", [part(b"application/sdp", SDP), part(b"image/png", b"x")], True, True),
)


def test_the_description_among_the_parts():
    for kind, parts, readable, has in BODIES:
        message = Request("INVITE", None, [("Content-Type", "multipart/%s;boundary=b" % kind)], body(*parts))
        found = multipart.body_of(message, "application/sdp")
        assert (found is not None) == readable and bool(found) == has, (kind, parts)
        assert sdp_of(message) == (SDP if has else b"")
    broken = Request("INVITE", None, [("Content-Type", MIXED)], b"x")
    assert sdp_of(broken) == b""


def test_a_call_whose_offer_is_a_part():
    for kind, parts, readable, _ in BODIES:
        network = Network()
        Phone(network, "alice", "192.0.2.1", answers="answers")
        peer = Peer(network)
        peer.request(
            "INVITE",
            "sip:alice@192.0.2.1",
            ("192.0.2.1", 5060),
            body=body(*parts),
            Content_Type="multipart/%s;boundary=b" % kind,
        )
        network.settle()
        assert (200 if readable else 415) in peer.kinds(), (kind, parts)


def test_a_body_that_is_too_much_or_nothing_is_refused():
    for content, octets, status in (
        (MIXED, b"x", 400),
        (MIXED, body(*[(b"", b"x")] * (PARTS + 1)), 413),
        ("multipart/mixed;boundary=w.", within(NESTING + 1), 413),
    ):
        network = Network()
        phone = Phone(network, "alice", "192.0.2.1")
        peer = Peer(network)
        peer.request("INVITE", "sip:alice@192.0.2.1", ("192.0.2.1", 5060), body=octets, Content_Type=content)
        network.settle()
        assert peer.kinds() == [status] and not phone.user_agent.sessions, status
