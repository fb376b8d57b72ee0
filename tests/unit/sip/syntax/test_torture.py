"""Whole messages that are hard to read, hard to refuse, or meant to mislead: all of our own making."""

from sip.syntax.message import MessageError, Request, Response, parse
from support.check import raises

HEAD = (
    "Via: SIP/2.0/UDP a.example;branch=z9hG4bK-{0}\r\nFrom: <sip:a@a.example>;tag={0}\r\nTo: <sip:b@b.example>\r\n"
    "Call-ID: {0}\r\n"
)


def request(line, extra="", method=None, name="x"):
    method = line.split(" ")[0] if method is None else method
    return (line + "\r\n" + HEAD.format(name) + "CSeq: 1 " + method + "\r\n" + extra + "\r\n").encode()


def test_a_response_that_looks_like_a_request_and_the_reverse():
    assert isinstance(parse(request("SIP/2.0 200 INVITE sip:x SIP/2.0", method="INVITE")), Response)
    # A method may be any token, and a token may begin like a version.
    assert isinstance(parse(request("SIP2.0 sip:x SIP/2.0")), Request)


def test_a_header_in_a_body_is_no_header():
    body = "Via: SIP/2.0/UDP evil\r\n\r\nRoute: <sip:evil>\r\n"
    message = parse(
        request("MESSAGE sip:x SIP/2.0", "Content-Length: {}\r\n".format(len(body))) + body.encode()
    )
    assert len(message.vias) == 1 and message.routes == [] and message.body == body.encode()


def test_a_header_in_a_fold_or_a_quoted_string_is_no_header():
    message = parse(
        request("OPTIONS sip:x SIP/2.0", 'Subject: a\r\n Route: <sip:evil>\r\n\tb\r\nX: "\\\r\n Y: z"\r\n')
    )
    assert message.routes == [] and message.get("Y") is None
    assert message.get("Subject") == "a Route: <sip:evil> b"


def test_the_uri_of_a_display_name_is_not_the_uri():
    message = parse(
        request("OPTIONS sip:x SIP/2.0").replace(
            b"From: <sip:a@a.example>", b'From: "<sip:president@example.org>;tag=y" <sip:a@a.example>'
        )
    )
    assert (message.from_.uri.host, message.from_.tag) == ("a.example", "x")


def test_the_tag_of_a_uri_is_not_the_tag():
    message = parse(
        request("OPTIONS sip:x SIP/2.0").replace(b"To: <sip:b@b.example>", b"To: <sip:b@b.example;tag=u>")
    )
    assert message.to.tag is None
    assert Response.of(message, 200, to_tag="new").to.tag == "new"
    bare = parse(
        request("OPTIONS sip:x SIP/2.0").replace(b"To: <sip:b@b.example>", b"To: sip:b@b.example;tag=h")
    )
    assert bare.to.tag == "h" and "tag" not in bare.to.uri.params


def test_a_comma_is_not_always_a_list():
    message = parse(
        request(
            "OPTIONS sip:x SIP/2.0",
            'Contact: "Bell, Alexander" <sip:a;x="@h>\r\n'.replace('"@', "%22@")
            + 'm: <sip:a,b@h>;y="<,>", <sip:c@h>\r\nDate: Sat, 13 Nov 2010 23:29:00 GMT\r\n'
            + 'WWW-Authenticate: Digest realm="a, b", nonce="c"\r\n',
        )
    )
    assert [contact.uri.name for contact in message.contacts] == ['a;x="', "a,b", "c"]
    assert message.all("Date") == ["Sat, 13 Nov 2010 23:29:00 GMT"]
    assert len(message.all("WWW-Authenticate")) == 1


def test_every_header_in_one_message_and_none_lost():
    names = ("Subject", "X-One", "x-two", "P-Odd.Name!%*_+`'~", "Accept", "Organization", "User-Agent")
    extra = "".join("{}: {}\r\n".format(name, at) for at, name in enumerate(names * 5))
    message = parse(request("OPTIONS sip:x SIP/2.0", extra))
    assert [entry[0] for entry in message.headers[5:]] == list(names * 5)
    assert message.all("P-ODD.NAME!%*_+`'~") == ["3", "10", "17", "24", "31"]
    assert parse(message.to_bytes()).headers[:-1] == message.headers


def test_empty_headers_are_kept():
    message = parse(request("OPTIONS sip:x SIP/2.0", "Supported:\r\nSubject: \r\nX:\r\n"))
    assert message.get("Supported") == "" and message.all("Supported") == []
    assert b"\r\nSubject: \r\n" in message.to_bytes()


def test_long_parts_are_read_or_refused_but_never_break():
    long = "x" * 1500
    assert parse(request("OPTIONS sip:" + long + "@h SIP/2.0")).uri.user == long
    assert parse(request("OPTIONS sip:x SIP/2.0", "Subject: " + long + "\r\n")).get("Subject") == long
    assert parse(request(long + " sip:x SIP/2.0")).method == long
    assert parse(request("OPTIONS sip:x SIP/2.0", name=long)).via.branch == "z9hG4bK-" + long
    assert (
        raises(MessageError, parse, request("OPTIONS sip:" + long + " SIP/2.0")).reason == "Bad Request-URI"
    )


def test_controls_and_odd_letters_pass_where_they_may_stand():
    message = parse(
        request("OPTIONS sip:x SIP/2.0", "Subject: \x01\x7f\t日本\u200f\r\n").replace(
            b"From: <", 'From: "\\\x00\\\x07 ☎" <'.encode()
        )
    )
    assert message.from_.display_name == "\x00\x07 ☎"
    assert message.get("Subject") == "\x01\x7f\t日本\u200f"
    assert parse(message.to_bytes()).headers == message.headers + [["Content-Length", "0"]]


def test_old_peers_without_tag_or_branch_are_read():
    message = parse(
        b"INVITE sip:UserB@h SIP/2.0\r\nVia: SIP/2.0/UDP iftgw.there.com\r\nFrom: <sip:+1@iftgw;user=phone>\r\n"
        b"To: sip:UserB@h\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n\r\n"
    )
    assert message.via.branch is None and message.from_.tag is None and message.max_forwards is None


def test_nothing_from_a_refused_message_reaches_the_answer_but_what_must():
    spoilt = request(
        "OPTIONS sip:x SIP/2.0",
        "Content-Length: x\r\nContact: <sip:secret@h>\r\nSubject: secret\r\nAuthorization: secret\r\n",
    )
    error = raises(MessageError, parse, spoilt)
    answer = Response.of(error.request, error.status, error.reason, "t").to_bytes()
    assert b"secret" not in answer and answer.startswith(
        b"SIP/2.0 400 Bad Content-Length\r\nVia: SIP/2.0/UDP a.example"
    )
