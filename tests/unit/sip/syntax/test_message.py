"""Messages: what is read, kept, refused, and written (RFC 3261 §7, §8.2.6, §18.3)."""

# micropython-heap: 400k: messages with hundreds of headers, and copies of them

from sip.syntax import headers
from sip.syntax.grammar import ParseError
from sip.syntax.message import MessageError, Request, Response, parse
from sip.syntax.uri import parse as uri
from support.check import raises

# RFC 3261's names and hosts, our own message; already in the form in which we write
INVITE = (
    b"INVITE sip:bob@biloxi.com SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bK776asdhds;rport\r\n"
    b"Max-Forwards: 70\r\n"
    b"To: Bob <sip:bob@biloxi.com>\r\n"
    b"From: Alice <sip:alice@atlanta.com>;tag=1928301774\r\n"
    b"Call-ID: a84b4c76e66710@pc33.atlanta.com\r\n"
    b"CSeq: 314159 INVITE\r\n"
    b"Contact: <sip:alice@pc33.atlanta.com>\r\n"
    b"X-Own-Header: kept, as; it=is\r\n"
    b"Content-Type: application/sdp\r\n"
    b"Content-Length: 5\r\n"
    b"\r\n"
    b"v=0\r\n"
)


def edited(old, new, message=INVITE):
    assert old in message
    return message.replace(old, new)


def without(name):
    lines = [line for line in INVITE.split(b"\r\n") if not line.startswith(name + b":")]
    return b"\r\n".join(lines)


def test_a_request():
    request = parse(INVITE)
    assert isinstance(request, Request)
    assert (request.method, str(request.uri)) == ("INVITE", "sip:bob@biloxi.com")
    assert (request.via.transport, request.via.host, request.via.branch) == (
        "UDP",
        "pc33.atlanta.com",
        "z9hG4bK776asdhds",
    )
    assert (request.from_.display_name, request.from_.tag) == ("Alice", "1928301774")
    assert (request.to.display_name, request.to.tag) == ("Bob", None)
    assert request.call_id == "a84b4c76e66710@pc33.atlanta.com"
    assert (request.cseq.number, request.cseq.method) == (314159, "INVITE")
    assert [str(contact) for contact in request.contacts] == ["<sip:alice@pc33.atlanta.com>"]
    assert (request.max_forwards, request.expires, request.content_type) == (70, None, "application/sdp")
    assert request.routes == [] and request.record_routes == []
    assert request.get("x-own-header") == "kept, as; it=is"
    assert request.body == b"v=0\r\n"
    assert request.to_bytes() == INVITE


def test_a_response():
    text = edited(b"INVITE sip:bob@biloxi.com SIP/2.0", "SIP/2.0 200 Très bien".encode())
    response = parse(text)
    assert isinstance(response, Response)
    assert (response.status, response.reason) == (200, "Très bien")
    assert response.to_bytes() == text
    for start, status, reason in (
        (b"SIP/2.0 100 ", 100, ""),
        (b"SIP/2.0 699", 699, ""),
        (b"sip/2.0 180 a b", 180, "a b"),
    ):
        response = parse(edited(b"INVITE sip:bob@biloxi.com SIP/2.0", start))
        assert (response.status, response.reason) == (status, reason)


def test_any_way_of_writing_reads_the_same():
    compact = (
        b"\r\n\r\nINVITE sip:bob@biloxi.com sip/2.0\r\n"
        b"cseq:\r\n  314159\r\n\tINVITE\r\n"
        b"L : 5\r\n"
        b"i:a84b4c76e66710@pc33.atlanta.com\r\n"
        b"f : Alice\r\n <sip:alice@atlanta.com>;\r\n  tag = 1928301774\r\n"
        b"t:Bob <sip:bob@biloxi.com>\r\n"
        b"MAX-FORWARDS: \t 0070 \r\n"
        b"m:<sip:alice@pc33.atlanta.com>\r\n"
        b"c:Application/SDP\r\n"
        b"v: SIP / 2.0 / UDP pc33.atlanta.com ;branch=z9hG4bK776asdhds ; rport\r\n"
        b"\r\n"
        b"v=0\r\n"
    )
    one, other = parse(INVITE), parse(compact)
    for attribute in ("method", "uri", "call_id", "max_forwards", "content_type", "body"):
        assert getattr(one, attribute) == getattr(other, attribute), attribute
    for attribute in ("via", "from_", "to", "cseq"):
        assert str(getattr(one, attribute)) == str(getattr(other, attribute)), attribute
    settled = other.to_bytes()
    assert (
        b"\r\nVia: " in settled
        and b"\r\nFrom: Alice <sip:alice@atlanta.com>; tag = 1928301774\r\n" in settled
    )
    assert parse(settled).to_bytes() == settled


def test_octets_that_are_not_utf8_pass_through():
    text = edited(b"kept, as; it=is", b"\xff\xfe caf\xe9")
    request = parse(text)
    assert request.get("X-Own-Header") == "\xff\xfe caf\xe9"
    assert request.to_bytes() == text
    latin = parse(edited(b"Alice", b'"Andr\xe9"', text))
    assert latin.from_.display_name == "André"
    assert b'From: "Andr\xe9" <sip:alice@atlanta.com>' in Response.of(latin, 200).to_bytes()
    utf8 = edited(b"Alice", '"日本 André"'.encode())
    assert parse(utf8).from_.display_name == "日本 André"
    assert parse(utf8).to_bytes() == utf8
    assert parse(utf8).copy().to_bytes() == utf8


def test_comma_lists_are_taken_apart_where_the_header_is_one():
    text = edited(
        b"Max-Forwards: 70\r\n",
        b'Route: <sip:a;lr>, "x, y" <sip:b>\r\nroute: <sip:c>\r\nSubject: a, b\r\nAllow: INVITE , ACK,\r\n'
        b'Proxy-Authorization: Digest username="a", realm="b"\r\n',
    )
    request = parse(text)
    assert [str(route.uri) for route in request.routes] == ["sip:a;lr", "sip:b", "sip:c"]
    assert request.all("Subject") == ["a, b"]
    assert request.all("Allow") == ["INVITE", "ACK"]
    assert request.all("Proxy-Authorization") == ['Digest username="a", realm="b"']
    assert request.all("Require") == [] and request.get("Require") is None


def test_changing_headers():
    request = Request("OPTIONS", uri("sip:h"), [("v", "one, two"), ("X-A", "1"), ("Via", "three")])
    assert request.headers == [["Via", "one, two"], ["X-A", "1"], ["Via", "three"]]
    assert request.pop("Via") == "one"
    assert request.pop("Via") == "two"
    assert request.headers == [["X-A", "1"], ["Via", "three"]]
    request.insert("Via", "zero")
    request.insert("Route", "<sip:r>")
    request.add("x-a", 2)
    assert request.headers == [
        ["Route", "<sip:r>"],
        ["X-A", "1"],
        ["Via", "zero"],
        ["Via", "three"],
        ["x-a", "2"],
    ]
    assert request.all("X-A") == ["1", "2"]
    request.set("x-A", 3)
    assert request.headers == [["Route", "<sip:r>"], ["X-A", "3"], ["Via", "zero"], ["Via", "three"]]
    request.remove("via")
    request.set("Expires", 60)
    assert request.headers == [["Route", "<sip:r>"], ["X-A", "3"], ["Expires", "60"]]
    assert request.pop("Via") is None
    assert (
        request.to_bytes()
        == b"OPTIONS sip:h SIP/2.0\r\nRoute: <sip:r>\r\nX-A: 3\r\nExpires: 60\r\nContent-Length: 0\r\n\r\n"
    )


def test_a_typed_value_follows_its_text():
    request = parse(INVITE)
    assert request.max_forwards == 70
    request.set("Max-Forwards", 69)
    assert request.max_forwards == 69
    request.insert("Via", "SIP/2.0/TCP proxy")
    assert [via.host for via in request.vias] == ["proxy", "pc33.atlanta.com"] and request.via.host == "proxy"
    request.pop("Via")
    assert request.via.host == "pc33.atlanta.com"
    request.remove("Contact")
    assert request.contacts == []
    request.add("Contact", "*")
    assert request.contacts == [headers.WILDCARD]


def test_a_wrong_header_is_named_when_it_is_used():
    request = parse(
        edited(b"X-Own-Header: kept, as; it=is", b"Route: <nonsense\r\nMin-Expires: soon\r\nExpires: soon")
    )
    assert str(raises(ParseError, lambda: request.routes)).startswith("Route: ")
    assert str(raises(ParseError, lambda: request.min_expires)).startswith("Min-Expires: ")
    assert request.expires == 3600


def test_a_line_break_cannot_be_smuggled_into_a_header():
    for value in ("a\r\nX: y", "a\nX: y", "a\rb"):
        request = parse(INVITE)
        request.add("Subject", value)
        raises(ValueError, request.to_bytes)
    raises(ValueError, Response(200, "a\r\nb").to_bytes)


def test_a_copy_is_its_own():
    request = parse(INVITE)
    copy = request.copy()
    assert copy.to_bytes() == INVITE
    copy.set("CSeq", "1 ACK")
    copy.uri.user = "carol"
    copy.headers[0][1] = "changed"
    assert request.to_bytes() == INVITE
    response = Response.of(request, 200)
    assert response.copy().to_bytes() == response.to_bytes()


def test_responses_carry_what_the_request_had():
    text = edited(
        b"Max-Forwards: 70\r\n", b"Via: SIP/2.0/TCP other\r\nTimestamp: 54\r\nRecord-Route: <sip:p;lr>\r\n"
    )
    response = Response.of(parse(text), 180, to_tag="7")
    assert response.headers == [
        ["Via", "SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bK776asdhds;rport"],
        ["Via", "SIP/2.0/TCP other"],
        ["To", "Bob <sip:bob@biloxi.com>;tag=7"],
        ["From", "Alice <sip:alice@atlanta.com>;tag=1928301774"],
        ["Call-ID", "a84b4c76e66710@pc33.atlanta.com"],
        ["CSeq", "314159 INVITE"],
    ]
    assert (response.status, response.reason) == (180, "Ringing")
    assert Response.of(parse(text), 100).get("Timestamp") == "54"
    tagged = parse(edited(b"To: Bob <sip:bob@biloxi.com>", b"To: Bob <sip:bob@biloxi.com>;tag=old"))
    assert Response.of(tagged, 200, to_tag="7").to.tag == "old"
    bare = parse(edited(b"To: Bob <sip:bob@biloxi.com>", b"To: sip:bob@biloxi.com"))
    assert Response.of(bare, 200, to_tag="7").to.tag == "7"
    assert Response(299).reason == "" and Response(200, "Fine").reason == "Fine"


def test_content_length():
    assert parse(edited(b"Content-Length: 5\r\n", b"")).body == b"v=0\r\n"
    assert parse(INVITE + b"trailing octets").body == b"v=0\r\n"
    assert parse(edited(b"Content-Length: 5", b"Content-Length: 0")).body == b""
    for value in (b"6", b"-1", b"five", b"", b"99999999999", b"5, 5"):
        error = raises(MessageError, parse, edited(b"Content-Length: 5", b"Content-Length: " + value))
        assert error.status == 400 and error.request is not None
    request = parse(INVITE)
    request.body = b""
    assert b"Content-Length: 0\r\n\r\n" in request.to_bytes()


# (what is wrong, the message, status, whether it can be answered)
REFUSED = [
    ("nothing", b"", 400, False),
    ("line breaks only", b"\r\n\r\n\r\n", 400, False),
    ("noise", bytes(range(256)), 400, False),
    ("one word", b"INVITE\r\n\r\n", 400, False),
    ("another protocol", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 400, False),
    ("two spaces", edited(b"INVITE sip", b"INVITE  sip"), 400, True),
    ("space at the end", edited(b"SIP/2.0\r\nVia", b"SIP/2.0 \r\nVia"), 400, True),
    ("space in the URI", edited(b"bob@biloxi.com SIP", b"bob@biloxi.com; lr SIP"), 400, True),
    ("URI in brackets", edited(b"sip:bob@biloxi.com SIP", b"<sip:bob@biloxi.com> SIP"), 400, True),
    ("headers in the URI", edited(b"bob@biloxi.com SIP", b"bob@biloxi.com?Route=x SIP"), 400, True),
    ("method no token", edited(b"INVITE sip", b"INV(TE sip"), 400, False),
    ("version", edited(b"SIP/2.0\r\nVia", b"SIP/3.0\r\nVia"), 505, True),
    ("no Via", without(b"Via"), 400, False),
    ("no From", without(b"From"), 400, True),
    ("no To", without(b"To"), 400, True),
    ("no Call-ID", without(b"Call-ID"), 400, True),
    ("no CSeq", without(b"CSeq"), 400, True),
    ("Via unreadable", edited(b"SIP/2.0/UDP pc33", b"SIP/2.0/UDP ;; pc33"), 400, False),
    ("From unreadable", edited(b"Alice <sip:alice", b'"Alice <sip:alice'), 400, True),
    ("To unreadable", edited(b"<sip:bob@biloxi.com>", b"<sip:bob@biloxi.com"), 400, True),
    ("Call-ID of two words", edited(b"a84b4c76e66710@", b"a84b4c 76e66710@"), 400, True),
    ("CSeq too large", edited(b"314159", b"36893488147419103232"), 400, True),
    ("CSeq of another method", edited(b"314159 INVITE", b"314159 BYE"), 400, True),
    ("two From", edited(b"CSeq", b"f: <sip:eve@h>\r\nCSeq"), 400, True),
    ("two Call-ID", edited(b"CSeq", b"i: x\r\nCSeq"), 400, True),
    ("two CSeq", edited(b"CSeq", b"CSeq: 1 INVITE\r\nCSeq"), 400, True),
    ("two Content-Length", edited(b"CSeq", b"l: 5\r\nCSeq"), 400, True),
    ("fold before any header", edited(b"SIP/2.0\r\nVia", b"SIP/2.0\r\n x\r\nVia"), 400, True),
    ("stray line feed", edited(b": 70", b": 70\nX: y"), 400, True),
    ("stray return", edited(b": 70", b": 70\rX: y"), 400, True),
    ("no empty line", INVITE[: INVITE.index(b"\r\n\r\n") + 2], 400, True),
    ("too many headers", edited(b"CSeq", b"X: y\r\n" * 200 + b"CSeq"), 513, True),
    ("too many Vias", edited(b"pc33.atlanta.com;", b"a, SIP/2.0/UDP " * 200 + b"b;"), 400, True),
    ("ACK", edited(b"314159 INVITE", b"314159 ACK x", edited(b"INVITE sip", b"ACK sip")), 400, False),
]


def test_what_cannot_be_accepted():
    for what, message, status, answerable in REFUSED:
        error = raises(MessageError, parse, message)
        assert error.status == status, what
        assert error.reason, what
        assert (error.request is not None) == answerable, what
        if answerable:
            response = Response.of(error.request, error.status, error.reason, "tag")
            assert "branch=z9hG4bK776asdhds" in response.get("Via")
            assert parse_or_refuse(response.to_bytes()), what


def parse_or_refuse(data):
    try:
        parse(data)
    except MessageError as error:
        # Only what the request lacked may be lacking.
        return error.reason.split(" ")[0] in ("No", "Bad")
    return True


def test_responses_that_are_wrong_are_dropped():
    for start in (
        b"SIP/2.0 99 x",
        b"SIP/2.0 700 x",
        b"SIP/2.0 4294967301 x",
        b"SIP/2.0 2000",
        b"SIP/2.0",
        b"SIP/2.0 abc x",
        b"SIP/3.0 200 OK",
        b"SIP/2.0  200 OK",
        b"SIP/2.0 -20 x",
    ):
        error = raises(MessageError, parse, edited(b"INVITE sip:bob@biloxi.com SIP/2.0", start))
        assert error.request is None, start
    response = edited(b"INVITE sip:bob@biloxi.com SIP/2.0", b"SIP/2.0 200 OK")
    for old, new in (
        (b"CSeq: 314159", b"CSeq: 9223372036854775808"),
        (b"Call-ID:", b"X:"),
        (b"Length: 5", b"Length: 9"),
    ):
        assert raises(MessageError, parse, edited(old, new, response)).request is None


def test_one_bad_contact_in_a_response_hides_no_other():
    response = parse(
        edited(
            b"INVITE sip:bob@biloxi.com SIP/2.0",
            b"SIP/2.0 200 OK",
            edited(b"<sip:alice@pc33.atlanta.com>", b"<sip:a@h>, <sip: nonsense>, <sip:b@h>"),
        )
    )
    assert [str(contact.uri) for contact in response.contacts] == ["sip:a@h", "sip:b@h"]


def test_views_and_arrays_are_read_too():
    assert parse(bytearray(INVITE)).to_bytes() == INVITE
    assert parse(memoryview(INVITE)).to_bytes() == INVITE
