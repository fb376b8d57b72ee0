"""The scanners that every header stands on."""

# micropython-heap: 1M: scans texts of 120,000 characters

from sip.syntax import grammar
from sip.syntax.grammar import ParseError
from support.check import raises


def test_split_leaves_quotes_and_angle_brackets_whole():
    for text, separator, parts in (
        ("a", ",", ["a"]),
        ("", ",", [""]),
        ("a, b ,\tc", ",", ["a", "b", "c"]),
        ('"a,b" <x>, c', ",", ['"a,b" <x>', "c"]),
        ("<sip:a,b@h>,<c>", ",", ["<sip:a,b@h>", "<c>"]),
        (r'"a\",b",c', ",", [r'"a\",b"', "c"]),
        (r'"a\\",b', ",", [r'"a\\"', "b"]),
        ('"<", ">"', ",", ['"<"', '">"']),
        ('<">,a', ",", ['<">', "a"]),
        ('x;y="a;b";z', ";", ["x", 'y="a;b"', "z"]),
        (",,", ",", ["", "", ""]),
        (',"', ",", ["", '"']),
        ("<a,b", ",", None),
        ('"a;b', ";", None),
        ('"a,b', ",", ['"a', "b"]),
        ('<y>, ""a" <x>', ",", ["<y>", '""a" <x>']),
        ('<x;y="a>,b">, c', ",", ['<x;y="a>,b">', "c"]),
        ('<x;y="a>, b', ",", ['<x;y="a>', "b"]),
    ):
        if parts is None:
            raises(ParseError, grammar.split, text, separator)
        else:
            assert grammar.split(text, separator) == parts, text


def test_split_is_bounded():
    assert len(grammar.split("a," * 127 + "a", ",")) == 128
    raises(ParseError, grammar.split, "a," * 128 + "a", ",")
    raises(ParseError, grammar.split, '"",' * 128 + "a", ",")


def test_quoting():
    for plain, quoted in (
        ("", '""'),
        ("Bob", '"Bob"'),
        ('say "hi"', r'"say \"hi\""'),
        ("back\\slash", r'"back\\slash"'),
        ("Jörg 日本", '"Jörg 日本"'),
    ):
        assert grammar.quote(plain) == quoted
        assert grammar.unquote(quoted) == plain
    assert grammar.quote("a\r\nb") == '"a  b"'
    assert grammar.unquote(r'"\a\b\0"') == "ab0"
    assert grammar.unquote("bare") == "bare"
    for text in ('"', '"a', '"a\\"', '"a"b'):
        raises(ParseError, grammar.unquote, text)


def test_numbers():
    for text, value in (
        ("0", 0),
        ("7", 7),
        ("0068", 68),
        ("000", 0),
        ("4294967295", 4294967295),
        ("0" * 50 + "1", 1),
    ):
        assert grammar.number(text, "x") == value
    for text in ("", "-1", "+1", " 1", "1 ", "1_0", "0x1", "١", "²", "4294967296", "9" * 5000, "1.0", "a"):
        raises(ParseError, grammar.number, text, "x")
    assert "hops is not" in str(raises(ParseError, grammar.number, "256", "hops", 255))


def test_tokens():
    for text in ("INVITE", "a-.!%*_+`'~9", "x" * 5000):
        assert grammar.is_token(text)
    for text in ("", "a b", "a;", "a\x00", "é", '"', "a" * 5000 + ",", "(x)", "a/b", "[", "a\n"):
        assert not grammar.is_token(text)


def test_parameters_keep_order_and_quotes():
    params = grammar.parameters('B=1; a ; c = "x;\\"y" ;d=[::1];A=2')
    assert list(params.items()) == [("b", "1"), ("a", None), ("c", '"x;\\"y"'), ("d", "[::1]")]
    assert grammar.format_parameters(params) == ';b=1;a;c="x;\\"y";d=[::1]'
    assert grammar.format_parameters({"x": "a;b"}) == ';x="a;b"'
    assert grammar.format_parameters({"x": 5}) == ";x=5"


def test_a_parameter_that_cannot_be_read_has_no_effect():
    for text in ("", ";", "=b", "a=b c", 'a="b"c', "a b=c", "a=<b>", "a=\x01", "a=\u00e9"):
        assert not grammar.parameters(text), text
        assert list(grammar.parameters("x=1;" + text + ";y").items()) == [("x", "1"), ("y", None)], text
    assert list(grammar.parameters("a;").items()) == [("a", None)]
    assert list(grammar.parameters("a=").items()) == [("a", "")]
    # Unless nobody can say where it ends, or it tells who is meant.
    for text in ('a="b', "tag=a b", 'branch="b"c', "tag=<b>"):
        raises(ParseError, grammar.parameters, text)


def test_escapes():
    for text, plain in (("a", "a"), ("%41%62", "Ab"), ("%C3%A9", "é"), ("a%00b", "a\x00b"), ("%25", "%")):
        assert grammar.unescape(text) == plain
    for text in ("%", "%4", "%4g", "%+1", "% 1", "%ff", "a%"):
        raises(ParseError, grammar.unescape, text)


def test_hosts():
    for text, result in (
        ("h", ("h", None)),
        ("Example.COM:5060", ("example.com", 5060)),
        ("h : 5060", ("h", 5060)),
        ("[2001:DB8::1]", ("2001:db8::1", None)),
        ("[::1]:1", ("::1", 1)),
        ("under_score", ("under_score", None)),
    ):
        assert grammar.host_port(text) == result
    for text in ("", ":1", "a b", "h:x", "[::1", "[]", "[x]", "[::1]1", "a/b", "h:65536", "é", "h@"):
        raises(ParseError, grammar.host_port, text)


def test_addresses():
    for text, groups in (
        ("::", [0] * 8),
        ("::1", [0] * 7 + [1]),
        ("1::", [1] + [0] * 7),
        ("1:2:3:4:5:6:7:8", [1, 2, 3, 4, 5, 6, 7, 8]),
        ("1:2:3:4:5:6:7::", [1, 2, 3, 4, 5, 6, 7, 0]),
        ("2001:DB8::8:800:200C:417A", [0x2001, 0xDB8, 0, 0, 8, 0x800, 0x200C, 0x417A]),
        ("::13.1.68.3", [0] * 6 + [0x0D01, 0x4403]),
        ("1:2:3:4:5:6:1.2.3.4", [1, 2, 3, 4, 5, 6, 0x0102, 0x0304]),
    ):
        assert grammar.ipv6(text) == groups, text
    for text in (
        "",
        ":",
        ":::",
        "1",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4::5:6:7:8",
        "1:",
        ":1",
        "::1.2.3",
        "1.2.3.4",
        "::1.2.3.4.5",
        "::g",
        "fe80::1%1",
        ":" * 60,
    ):
        raises(ParseError, grammar.ipv6, text)
