"""The reader of XML: what it takes, what it refuses, and that it never expands anything."""

# micropython-heap: 512k: builds hostile documents up to the limits

from sip.syntax import xml
from sip.syntax.grammar import ParseError
from support.check import raises


def test_a_document():
    root = xml.parse(
        b'\xef\xbb\xbf<?xml version="1.0" encoding="UTF-8"?>\n<!-- one --><a xmlns="urn:a" xmlns:b=\'urn:b\' x="1 &lt; 2">'
        b"one<b:c y='&#x41;&#66;'/>&amp;<![CDATA[<two>&]]>\n<d> <b:e xmlns:b='urn:other'>\xc3\xa4</b:e></d></a> <!-- end -->"
    )
    assert (root.name, root.namespace, root.attributes) == ("a", "urn:a", {"x": "1 < 2"})
    assert root.text == "one&<two>&\n"
    assert [(child.name, child.namespace) for child in root.children] == [("c", "urn:b"), ("d", "urn:a")]
    assert root.find("c").get("y") == "AB" and root.find("c").get("z") is None
    inner = root.find("d").find("e")
    assert (inner.namespace, inner.text) == ("urn:other", "\xe4") and root.find("d").said("e") == "\xe4"
    assert root.find("nothing") is None and root.said("nothing") == "" and len(root.all("c")) == 1


BAD = (
    b"",
    b" ",
    b"text",
    b"<a>",
    b"<a",
    b"<",
    b"</a>",
    b"<a></b>",
    b"<a/><b/>",
    b"<a/>text",
    b"<a><b></a></b>",
    b"<1/>",
    b"<a b/>",
    b"<a b=c/>",
    b"<a b='1' b='2'/>",
    b"<a b='1'c='2'/>",
    b"<a b='<'/>",
    b"<a b='1/>",
    b"< a/>",
    b"<a>&nbsp;</a>",
    b"<a>&</a>",
    b"<a>&amp</a>",
    b"<a>&#0;</a>",
    b"<a>&#xD800;</a>",
    b"<a>&#x110000;</a>",
    b"<a>&#;</a>",
    b"<a>&#x;</a>",
    b"<a>&#1_0;</a>",
    b"<a>\x00</a>",
    b"<a b='\x01'/>",
    b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    b"<!DOCTYPE a><a/>",
    b"<a><!ENTITY b 'c'></a>",
    b"<?php x?><a/>",
    b"<a><?x y?></a>",
    b"<b:a/>",
    b"<:a/>",
    b"<a:/>",
    b"<!-- a -- b --><a/>",
    b"<!-- <a/>",
    b"<a><![CDATA[x</a>",
    b"<?xml version='1.0' encoding='UTF-7'?><a/>",
    b"\0<\0a\0/\0>",
    b"<?xml version='1.0' encoding='ISO-8859-1'?>\xff<a/>",
    b"<a><!-- --",
    b"<" + b"a" * 65 + b"/>",
    b"<a b='&#x41'/>",
)


def test_latin_1_where_it_says_so_or_is_nothing_else():
    for octets, text in (
        (b"<?xml version='1.0' encoding='ISO-8859-1'?><a>B\xfcro</a>", "B\u00fcro"),
        (b'<?xml version="1.0" encoding="latin1" ?><a>\xc3\xa9</a>', "\u00c3\u00a9"),
        (b'<?xml version="1.0" encoding="US-ASCII"?><a>x</a>', "x"),
        (b'<?xml version="1.0" encoding="utf-8"?><a>\xc3\xa9</a>', "\u00e9"),
        (b'<?xml version="1.0"?><a>\xc3\xa9</a>', "\u00e9"),
        (b"<a>\xff</a>", "\u00ff"),
    ):
        assert xml.parse(octets).text == text, octets


def test_what_servers_write_all_the_same():
    for octets, text in (
        (b"\r\n<?xml version='1.0'?><a>x</a>", "x"),
        (b"<a>x</a>\r\n\0\0", "x"),
        (b"<?xml version='1.0' encoding='utf-16'?><a>\xc3\xa9</a>", "\u00e9"),
        (b"<a>A & B &amp; C</a>", "A & B & C"),
        (b"<a>&  &#65;& </a>", "&  A& "),
    ):
        assert xml.parse(octets).text == text, octets


def test_bad():
    for document in BAD:
        raises(ParseError, xml.parse, document)


def test_limits():
    def nested(depth):
        return b"<a>" * depth + b"</a>" * depth

    def wide(count):
        return b"<a>" + b"<b/>" * (count - 1) + b"</a>"

    def described(count):
        return ("<a " + " ".join(["b%d='1'" % n for n in range(count)]) + "/>").encode()

    def long(octets):
        return b"<a>" + b"x" * (octets - 7) + b"</a>"

    for make, most in ((nested, 12), (wide, 400), (described, 16), (long, xml.MAX_OCTETS)):
        xml.parse(make(most - 1))
        xml.parse(make(most))
        raises(ParseError, xml.parse, make(most + 1))
    # However deep: no recursion, so no stack to overflow.
    raises(ParseError, xml.parse, nested(2000))


def test_escape():
    text = 'a<b>&"c"\x00\x1b\n\t\xe4'
    assert xml.parse(('<a b="%s"/>' % xml.escape(text)).encode()).get("b") == 'a<b>&"c"\n\t\xe4'
