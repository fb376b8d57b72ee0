"""URIs: every part, what is refused, and the equality tables of RFC 3261 §19.1.4 and RFC 3966 §4."""

from sip.syntax.grammar import ParseError
from sip.syntax.uri import Uri, parse, same_user
from support.check import raises

# (text, scheme, user, password, host, port, params, headers)
PARTS = [
    ("sip:alice@atlanta.com", "sip", "alice", None, "atlanta.com", None, [], []),
    (
        "sip:alice:secretword@atlanta.com;transport=tcp",
        "sip",
        "alice",
        "secretword",
        "atlanta.com",
        None,
        [("transport", "tcp")],
        [],
    ),
    (
        "sips:alice@atlanta.com?subject=project%20x&priority=urgent",
        "sips",
        "alice",
        None,
        "atlanta.com",
        None,
        [],
        [("subject", "project%20x"), ("priority", "urgent")],
    ),
    (
        "sip:+1-212-555-1212:1234@gateway.com;user=phone",
        "sip",
        "+1-212-555-1212",
        "1234",
        "gateway.com",
        None,
        [("user", "phone")],
        [],
    ),
    ("sips:1212@gateway.com", "sips", "1212", None, "gateway.com", None, [], []),
    ("sip:alice@192.0.2.4", "sip", "alice", None, "192.0.2.4", None, [], []),
    (
        "sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com",
        "sip",
        None,
        None,
        "atlanta.com",
        None,
        [("method", "REGISTER")],
        [("to", "alice%40atlanta.com")],
    ),
    ("sip:alice;day=tuesday@atlanta.com", "sip", "alice;day=tuesday", None, "atlanta.com", None, [], []),
    ("sip:[2001:db8::9:1]:5070;lr", "sip", None, None, "2001:db8::9:1", 5070, [("lr", None)], []),
    ("sip:a@[::ffff:192.0.2.1]", "sip", "a", None, "::ffff:192.0.2.1", None, [], []),
    ("sip:x?y/z@h", "sip", "x?y/z", None, "h", None, [], []),
    ("sip:a:@h", "sip", "a", "", "h", None, [], []),
    ("sip:a@h;b=1;a=2;c", "sip", "a", None, "h", None, [("b", "1"), ("a", "2"), ("c", None)], []),
    ("tel:+1-201-555-0123", "tel", "+1-201-555-0123", None, None, None, [], []),
    (
        "tel:7042;phone-context=example.com",
        "tel",
        "7042",
        None,
        None,
        None,
        [("phone-context", "example.com")],
        [],
    ),
    (
        "tel:863-1234;phone-context=+1-914-555",
        "tel",
        "863-1234",
        None,
        None,
        None,
        [("phone-context", "+1-914-555")],
        [],
    ),
]


def test_every_part_is_read_and_written_back():
    for text, scheme, user, password, host, port, params, headers in PARTS:
        uri = parse(text)
        parts = (uri.scheme, uri.user, uri.password, uri.host, uri.port)
        assert parts == (scheme, user, password, host, port), text
        assert list(uri.params.items()) == params, text
        assert uri.headers == headers, text
        assert str(uri) == text
        assert uri == parse(text)


def test_host_scheme_and_parameter_names_turn_to_lower_case():
    assert str(parse("SIP:Alice@AtlanTa.COM;Transport=TCP")) == "sip:Alice@atlanta.com;transport=TCP"


def test_unknown_schemes_are_kept_whole():
    for text in (
        "http://www.example.com/x?y#z",
        "soap.beep://192.0.2.103:3002",
        "isbn:2983792873",
        "urn:service:sos",
    ):
        uri = parse(text)
        assert uri.opaque == text.partition(":")[2]
        assert str(uri) == text
        assert uri == parse(text)


REFUSED = [
    "",
    "sip",
    "sip:",
    ":a@h",
    "sip::x@h",
    "sip:a@",
    "sip:a@h:port",
    "sip:a@h:65536",
    "sip:a@h:-1",
    "sip:a b@h",
    "sip:a@h ",
    " sip:a@h",
    "<sip:a@h>",
    "sip:a@h;=x",
    "sip:a@b@c",
    "sip:a@[::1",
    "sip:a@::1",
    "sip:a@[::1]x",
    "sip:a@[1:2:3]",
    "sip:a@[12345::]",
    "sip:a@[1::2::3]",
    "sip:a@[::g]",
    "sip:a@[::1.2.3.256]",
    "sip:a@h?",
    "sip:a@h?x",
    "sip:a@h?=y",
    "sip:%4@h",
    "sip:%zz@h",
    "sip:a@h;x=%",
    "sip:a\r\n@h",
    "sip:a@h\x00",
    "sip:a@é",
    'sip:"a"@h',
    'sip:a@h;x="y',
    'sip:a@h;x="y"z',
    'sip:a@h;x="y";a b=c',
    'sip:a@h;x="y\x07"',
    'sip:a="b"@h',
    'sip:a?b=c;x="y"',
    'sip:a;x="y"?b=c',
    'tel:+1;x=";y',
    'sip:a\\b@h;x="y"',
    "sip:a@h_{}",
    "1sip:a@h",
    "tel:",
    "tel:+",
    "tel:+abc",
    "tel:xyz",
    "tel:;phone-context=+1",
    "sip:a@h" + "." + "x" * 300,
]


def test_what_is_no_uri_is_refused():
    for text in REFUSED:
        raises(ParseError, parse, text)


def test_what_is_beyond_doubt_is_read_and_written_as_it_came():
    for text, host, name, params in (
        ("sip:@h", "h", "", {}),
        ("sip:a@h;", "h", "a", {"": None}),
        ("sip:a@h;lr;", "h", "a", {"lr": None, "": None}),
        ("sip:a@h;;gw=a", "h", "a", {"": None, "gw": "a"}),
        ("sip:a@h;x=;lr", "h", "a", {"x": "", "lr": None}),
        ('sip:10.0.0.1;thinfo="YWJj=="', "10.0.0.1", "", {"thinfo": '"YWJj=="'}),
        ('sip:a@h;lr;x="a@b;c>?d";y', "h", "a", {"lr": None, "x": '"a@b;c>?d"', "y": None}),
        ('sip:a@h:5070;X="say \\"y\\""', "h", "a", {"x": '"say \\"y\\""'}),
    ):
        uri = parse(text)
        assert (uri.host, uri.name, dict(uri.params)) == (host, name, params), text
        assert str(uri).lower() == text.lower() and str(parse(str(uri))) == str(uri)
        assert uri == parse(text)
    assert str(parse("sip:a@h:;lr")) == "sip:a@h;lr"
    uri = parse("sip:j\u00f6rg@h")
    assert (uri.name, str(uri)) == ("j\u00f6rg", "sip:j%C3%B6rg@h")


def test_a_user_is_the_same_one_in_any_escaping_but_not_in_any_case():
    for one, other, same in (
        ("a", "a", True),
        ("a", "%61", True),
        ("a", "A", False),
        ("%23", "%23", True),
        ("#1", "%231", True),
        ("a%3b", "a%3B", True),
        ("a;b", "a%3Bb", False),
        ("", None, True),
        (None, "a", False),
    ):
        assert same_user(one, other) is same, (one, other)


# RFC 3261 §19.1.4, all examples
EQUAL = [
    ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtlanTa.CoM;Transport=tcp"),
    ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
    ("sip:carol@chicago.com", "sip:carol@chicago.com;security=on"),
    ("sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on"),
    (
        "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
        "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
    ),
    (
        "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
        "sip:alice@atlanta.com?priority=urgent&subject=project%20x",
    ),
]
DIFFERENT = [
    ("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"),
    ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"),
    ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"),
    ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"),
]

# What its rules say beyond the examples
EQUAL += [
    ("sip:a@[2001:db8::1]", "sip:a@[2001:DB8:0:0:0:0:0:1]"),
    ("sip:a@[::ffff:192.0.2.1]", "sip:a@[::FFFF:C000:0201]"),
    ("sip:a%7Eb@h", "sip:a~b@h"),
    ("sip:%2a21%23@h", "sip:*21%23@h"),
    ("sip:a%3bb@h", "sip:a%3Bb@h"),
    ("sip:a@h;lr", "sip:a@h"),
    ("SIP:h", "sip:H"),
]
DIFFERENT += [
    ("sip:a@h", "sips:a@h"),
    ("sip:a@h", "sip:h"),
    ("sip:a:b@h", "sip:a@h"),
    ("sip:a:b@h", "sip:a:B@h"),
    ("sip:a%3Bb@h", "sip:a;b@h"),
    ("sip:a@h;user=phone", "sip:a@h"),
    ("sip:a@h;ttl=1", "sip:a@h"),
    ("sip:a@h;method=INVITE", "sip:a@h"),
    ("sip:a@h;maddr=h", "sip:a@h"),
    ("sip:a@h;x=1", "sip:a@h;x"),
    ("sip:a@h?x=1&y=2", "sip:a@h?x=1&z=2"),
    ("sip:a@[::1]", "sip:a@[::2]"),
    ("sip:1@h", "tel:1"),
    ("http://a", "https://a"),
]

# RFC 3966 §3, §4
EQUAL += [
    ("tel:+1-201-555-0123", "tel:+12015550123"),
    ("tel:+1(201)555.0123", "tel:+12015550123"),
    ("tel:7042;phone-context=Example.com", "tel:7042;phone-context=example.COM"),
    ("tel:1;ext=1-2;phone-context=+1-9", "tel:1;phone-context=+19;ext=12"),
    ("tel:*a;phone-context=x", "tel:*A;phone-context=x"),
    ("tel:*21#;phone-context=x", "tel:%2A21%23;phone-context=x"),
]
DIFFERENT += [
    ("tel:+12015550123", "tel:12015550123"),
    ("tel:7042;phone-context=example.com", "tel:7042;phone-context=example.org"),
    ("tel:7042;phone-context=example.com", "tel:7042"),
    ("tel:1;ext=1", "tel:1;isub=1"),
]


def test_equality():
    for one, other in EQUAL:
        assert parse(one) == parse(other), (one, other)
        assert parse(other) == parse(one), (other, one)
        assert not (parse(one) != parse(other)), (one, other)  # noqa: SIM202
    for one, other in DIFFERENT:
        assert parse(one) != parse(other), (one, other)
        assert parse(other) != parse(one), (other, one)
    assert parse("sip:a@h") != "sip:a@h"
    # What is no UTF-8 is equal to itself, also once it was written.
    odd = parse("sip:a@h?x=b=%82")
    assert parse(str(odd)) == odd


def test_a_uri_made_here_is_escaped_once():
    # (user as a person typed it, as written)
    for user, written in (
        ("201", "201"),
        ("*21#", "*21%23"),
        ("a b", "a%20b"),
        ("jörg", "j%C3%B6rg"),
        ("100%", "100%25"),
        ("a%20b", "a%20b"),
        ("a@b", "a%40b"),
        ("a\r\nX: y", "a%0D%0AX%3A%20y"),
    ):
        text = str(Uri("sip", "h", user=user))
        assert text == "sip:" + written + "@h", text
        assert str(parse(text)) == text
    assert str(Uri("sip", "h", params={"x": "a;b"})) == "sip:h;x=a%3Bb"
    assert str(Uri("tel", None, user="*21#")) == "tel:*21#"
    assert str(Uri("sip", "::1", port=5060)) == "sip:[::1]:5060"


def test_the_name_is_for_people():
    assert parse("sip:j%C3%B6rg%20%2A@h").name == "jörg *"
    assert parse("sip:%FF@h").name == "%FF"
    assert parse("sip:h").name == ""
    assert parse("tel:+1-2").name == "+1-2"


def test_helpers():
    uri = parse("sip:h;transport=TCP;lr")
    assert uri.transport == "tcp" and uri.lr
    assert parse("sip:h").transport is None and not parse("sip:h").lr


def test_what_is_read_leniently_is_itself_when_read_again():
    for text in ('tel:1;`;`r="r="', 'sip:a@h;`="x";y', 'sip:a@h;b="|"', 'tel:2;b="a";tag=\xc5;r'):
        uri = parse(text)
        assert parse(str(uri)) == uri and str(parse(str(uri))) == str(uri), text


def test_a_copy_is_its_own():
    uri = parse("sip:a:b@h:1;x=y?z=1")
    copy = uri.copy()
    assert str(copy) == str(uri)
    copy.params["x"] = "changed"
    copy.headers.append(("w", "2"))
    assert str(uri) == "sip:a:b@h:1;x=y?z=1"


def test_a_password_is_not_shown():
    assert "word" not in repr(parse("sip:a:word@h")) and "word" not in "%r" % [parse("sip:a:word@h")]
    assert "word" not in str(raises(ParseError, parse, "sip:a:word@h:x"))
