"""Header names and structured values (RFC 3261 §20)."""

from sip.syntax import headers
from sip.syntax.grammar import ParseError
from sip.syntax.headers import NameAddr, Via
from sip.syntax.uri import Uri
from support.check import raises


def test_names():
    for name, canonical in (
        ("v", "Via"),
        ("VIA", "Via"),
        ("f", "From"),
        ("t", "To"),
        ("i", "Call-ID"),
        ("call-id", "Call-ID"),
        ("m", "Contact"),
        ("l", "Content-Length"),
        ("c", "Content-Type"),
        ("e", "Content-Encoding"),
        ("s", "Subject"),
        ("k", "Supported"),
        ("o", "Event"),
        ("u", "Allow-Events"),
        ("r", "Refer-To"),
        ("b", "Referred-By"),
        ("x", "Session-Expires"),
        ("cseq", "CSeq"),
        ("www-authenticate", "WWW-Authenticate"),
        ("mime-version", "MIME-Version"),
        ("sip-etag", "SIP-ETag"),
        ("X-Own", "X-Own"),
        ("x-own", "x-own"),
    ):
        assert headers.canonical(name) == canonical
    assert headers.known("V") == headers.known("via") == "Via" and headers.known("X-Own") is None
    assert headers.is_list("Via") and not headers.is_list("From") and not headers.is_list("Authorization")


# (text, display name, URI, parameters, as written back when that differs)
NAME_ADDRS = [
    ("<sip:a@h>", None, "sip:a@h", [], None),
    ("sip:a@h", None, "sip:a@h", [], "<sip:a@h>"),
    ("sip:a@h;tag=1", None, "sip:a@h", [("tag", "1")], "<sip:a@h>;tag=1"),
    ("<sip:a@h;lr>;tag=1", None, "sip:a@h;lr", [("tag", "1")], None),
    (
        '"A. G. Bell" <sip:agb@bell-telephone.com>;tag=a48s',
        "A. G. Bell",
        "sip:agb@bell-telephone.com",
        [("tag", "a48s")],
        None,
    ),
    (
        "Anonymous <sip:c8oqz84zk7z@privacy.org>;tag=hyh8",
        "Anonymous",
        "sip:c8oqz84zk7z@privacy.org",
        [("tag", "hyh8")],
        '"Anonymous" <sip:c8oqz84zk7z@privacy.org>;tag=hyh8',
    ),
    (
        "The Operator <sip:o@h> ; tag = 2",
        "The Operator",
        "sip:o@h",
        [("tag", "2")],
        '"The Operator" <sip:o@h>;tag=2',
    ),
    ("caller<sip:c@h>", "caller", "sip:c@h", [], '"caller" <sip:c@h>'),
    ("Jörg <sip:j@h>", "Jörg", "sip:j@h", [], '"Jörg" <sip:j@h>'),
    ('""<sip:a@h>', "", "sip:a@h", [], '"" <sip:a@h>'),
    (r'"a \"b\" \\c" <sip:a@h>', r'a "b" \c', "sip:a@h", [], None),
    ('"<sip:x@y>, z" <sip:a@h>', "<sip:x@y>, z", "sip:a@h", [], None),
    ("<sip:a@h?x=1>;q=0.5", None, "sip:a@h?x=1", [("q", "0.5")], None),
    (
        '<sip:a@h>;+sip.instance="<urn:uuid:1>";b',
        None,
        "sip:a@h",
        [("+sip.instance", '"<urn:uuid:1>"'), ("b", None)],
        None,
    ),
    ("<tel:+1-2>", None, "tel:+1-2", [], None),
    ("<http://x/y?z>", None, "http://x/y?z", [], None),
    ("<sip:a@[::1]:5>;tag=a=b", None, "sip:a@[::1]:5", [("tag", "a=b")], None),
]


def test_name_addr():
    for text, display, uri, params, written in NAME_ADDRS:
        value = headers.parse_name_addr(text)
        assert value.display_name == display, text
        assert str(value.uri) == uri, text
        assert list(value.params.items()) == params, text
        assert str(value) == (written or text)
        assert str(headers.parse_name_addr(str(value))) == str(value)
    for text in (
        "",
        "<>",
        "<sip:a@h",
        "sip:a@h>",
        '"x" sip:a@h',
        '"x',
        "<sip:a@h> x",
        "<sip:a@h>x=1",
        "< sip:a@h>",
        "sip:a@h?x=1",
        "sip:a,b@h",
        "x",
        "a;b",
        '"a" <sip:a@h>" <sip:b@h>',
        '<sip:a@h>;tag=a"b',
        '<sip:a@h>;tag="a"b',
        "<sip:a@h>;tag=a b",
        "<sip:a@h>>",
    ):
        raises(ParseError, headers.parse_name_addr, text)


def test_name_addr_made_here_cannot_break_out_of_its_quotes():
    value = NameAddr(Uri("sip", "h", user="a"), 'x" <sip:evil@h>\r\nX: y')
    again = headers.parse_name_addr(str(value))
    assert str(again.uri) == "sip:a@h"
    assert again.display_name == 'x" <sip:evil@h>  X: y'


def test_contact_parameters():
    parse = headers.parse_contact
    assert parse("*") is headers.WILDCARD and str(headers.WILDCARD) == "*"
    for text, q, expires in (
        ("", 1000, None),
        (";q=0.7", 700, None),
        (";q=1.000;expires=60", 1000, 60),
        (";q=0;expires=0", 0, 0),
        (";expires=never", 1000, None),
        (";q=0.", 0, None),
    ):
        contact = parse("<sip:a@h>" + text)
        assert (contact.q, contact.expires) == (q, expires), text
    for text in ("2", "1.1", "0.1234", "", "-1", ".5", "x"):
        raises(ParseError, headers.qvalue, text)


def test_via():
    for text, transport, sent_by, params in (
        ("SIP/2.0/UDP h", "UDP", "h", []),
        (
            "SIP/2.0/TCP h:5060;branch=z9hG4bK1;rport",
            "TCP",
            "h:5060",
            [("branch", "z9hG4bK1"), ("rport", None)],
        ),
        (
            "SIP/2.0/TLS [2001:db8::1]:5061;received=[2001:db8::2]",
            "TLS",
            "[2001:db8::1]:5061",
            [("received", "[2001:db8::2]")],
        ),
        ("SIP/2.0/UDP [::1];received=2001:db8::2", "UDP", "[::1]", [("received", "2001:db8::2")]),
        ("SIP/2.0/UNKNOWN h;maddr=224.2.0.1;ttl=16", "UNKNOWN", "h", [("maddr", "224.2.0.1"), ("ttl", "16")]),
        ("SIP/7.0/UDP h", "UDP", "h", []),
    ):
        via = headers.parse_via(text)
        assert (via.transport, via.sent_by, list(via.params.items())) == (transport, sent_by, params)
        assert str(via) == text
    via = headers.parse_via(
        "sip / 2.0 /\tudp  first.example.com : 4000 ; ttl=16 ; branch=z9hG4bKa7c6a8dlze.1"
    )
    assert str(via) == "SIP/2.0/UDP first.example.com:4000;ttl=16;branch=z9hG4bKa7c6a8dlze.1"
    for text in (
        "",
        "SIP/2.0/UDP",
        "SIP/2.0 h",
        "SIP/2.0/ h",
        "h",
        "SIP/2.0/UDP h;branch=a b",
        "//UDP h",
        "SIP/2.0/UDP h x",
        "SIP/2.0/UDP [::1",
        "SIP/2.0/UDP h:0x1",
        "SIP/2.0/U;P h",
        "/2.0/UDP h",
    ):
        raises(ParseError, headers.parse_via, text)


def test_via_as_a_server_completes_it():
    via = Via("UDP", "pc", 5062, headers.parse_via("SIP/2.0/UDP x;branch=1;rport").params)
    assert via.rport is None and "rport" in via.params and via.received is None
    via.params["rport"] = 4000
    via.params["received"] = "192.0.2.1"
    assert str(via) == "SIP/2.0/UDP pc:5062;branch=1;rport=4000;received=192.0.2.1"
    again = headers.parse_via(str(via))
    assert (again.rport, again.received, again.branch) == (4000, "192.0.2.1", "1")
    assert headers.parse_via("SIP/2.0/UDP x;received=[::1]").received == "::1"


def test_cseq():
    cseq = headers.parse_cseq("0009\t INVITE")
    assert (cseq.number, cseq.method, str(cseq)) == (9, "INVITE", "9 INVITE")
    assert headers.parse_cseq("2147483647 A").number == 2147483647
    for text in ("", "1", "INVITE", "1 A B", "-1 A", "2147483648 A", "1 A;B", "99999999999999999999 A"):
        raises(ParseError, headers.parse_cseq, text)


def test_valued():
    value = headers.parse_valued('Text/Plain ; charset = "UTF-8"')
    assert (value.value, list(value.params.items())) == ("Text/Plain", [("charset", '"UTF-8"')])
    assert str(value) == 'Text/Plain;charset="UTF-8"'
    assert headers.parse_valued("application / sdp").value == "application/sdp"
    assert headers.parse_valued("active;expires=60").params["expires"] == "60"
    for text in ("", ";", "a b"):
        raises(ParseError, headers.parse_valued, text)


def test_seconds():
    for text, value in (
        ("0", 0),
        ("3600", 3600),
        ("18000;duration=3600", 18000),
        ("120 (I'm in a meeting)", 120),
    ):
        assert headers.parse_seconds(text) == value
    for text in ("", "-1", "x", "4294967296", "1.5"):
        raises(ParseError, headers.parse_seconds, text)


def test_challenges():
    scheme, params = headers.parse_challenge(
        'DIGEST realm = "a, b" ,\tnonce="q\\"n", qop="auth,auth-int",stale=FALSE, opaque=""'
    )
    assert scheme == "digest"
    assert sorted(params.items()) == [
        ("nonce", 'q"n'),
        ("opaque", ""),
        ("qop", "auth,auth-int"),
        ("realm", "a, b"),
        ("stale", "FALSE"),
    ]
    # What is no parameter has no effect.
    params = headers.parse_challenge("Digest realm=a, userhash, nonce=b,, x")[1]
    assert sorted(params.items()) == [("nonce", "b"), ("realm", "a")]
    for text in (
        "",
        "Digest",
        "Digest x",
        'Digest realm="x',
        "Digest ,",
        "Digest a=1, a=2",
        "=",
        "Digest =1",
    ):
        raises(ParseError, headers.parse_challenge, text)


def test_lists():
    assert headers.parse_list("INVITE, ACK ,,BYE") == ["INVITE", "ACK", "BYE"]
    assert headers.parse_list("") == []


# (text, display name, URI, tag or None): not in the grammar, and beyond doubt
ODD_ADDRESSES = [
    ("Smith, John <sip:a@h>;tag=1", "Smith, John", "sip:a@h", "1"),
    ("Dr. Meier (Praxis) <sip:a@h>", "Dr. Meier (Praxis)", "sip:a@h", None),
    ("user@example.com <sip:a@h>", "user@example.com", "sip:a@h", None),
    ("O'Neil & Sons <sip:a@h>", "O'Neil & Sons", "sip:a@h", None),
    ('""John"" <sip:a@h>;tag=1', "John", "sip:a@h", "1"),
    ('""John" <sip:a@h>', "John", "sip:a@h", None),
    ('"John "Johnny" Doe" <sip:a@h>', "John Johnny Doe", "sip:a@h", None),
    ('John "<sip:x@y>" Doe <sip:a@h>', "John <sip:x@y> Doe", "sip:a@h", None),
    ('"x"y <sip:a@h>', "xy", "sip:a@h", None),
    ("<sip:a@h>;", None, "sip:a@h", None),
    ("<sip:a@h>;;tag=1;", None, "sip:a@h", "1"),
    ("<sip:a@h;lr;>;tag=1", None, "sip:a@h;lr;", "1"),
    ("<sip:a@h>;tag=", None, "sip:a@h", None),
    ("<sip:a@h>;odd name=1;tag=2", None, "sip:a@h", "2"),
    ("<sip:@h>;tag=1", None, "sip:@h", "1"),
    ('<sip:h;x="a>b">;tag=1', None, 'sip:h;x="a>b"', "1"),
    ('sip:a@h;+sip.instance="<urn:x>";tag=1', None, "sip:a@h", "1"),
    ("sip:a@h;lr;tag=1", None, "sip:a@h;lr", "1"),
]


def test_addresses_that_are_beyond_doubt():
    for text, display, uri, tag in ODD_ADDRESSES:
        value = headers.parse_name_addr(text)
        assert (value.display_name, str(value.uri), value.tag) == (display, uri, tag), text
        again = headers.parse_name_addr(str(value))
        assert (again.display_name, str(again.uri), again.tag) == (display, uri, tag), text


def test_the_parameters_of_a_route_without_brackets_are_its_uris():
    assert str(headers.parse_route("sip:h;transport=tcp;lr")) == "<sip:h;transport=tcp;lr>"
    assert str(headers.parse_route("<sip:h;lr>;x=1")) == "<sip:h;lr>;x=1"
    assert not headers.parse_contact("sip:h;transport=tcp").uri.params


def test_a_life_in_quotation_marks():
    assert headers.parse_contact('<sip:a@h>;expires="60"').expires == 60
