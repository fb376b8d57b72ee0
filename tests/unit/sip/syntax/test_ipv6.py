"""One IPv6 address, one text (RFC 5952 §4)."""

from sip.sending import next_hop
from sip.syntax import ipv6
from sip.syntax.uri import parse

CASES = (
    ("0:0:0:0:0:0:0:1", "::1"),
    ("0:0:0:0:0:0:0:0", "::"),
    ("2001:DB8::0:1", "2001:db8::1"),
    ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
    ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
    ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
    ("fe80::", "fe80::"),
    ("0001:0002:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
    ("::ffff:192.0.2.1", "::ffff:c000:201"),
    ("no:address", "no:address"),
)


def test_every_spelling_has_one_text():
    for written, text in CASES:
        assert ipv6.canonical(written) == text, written
    assert ipv6.text(bytes(15) + b"\1") == "::1"


def test_a_uri_leads_to_the_address_that_answers_come_from():
    assert next_hop(parse("sip:201@[2001:DB8:0:0::1]")) == ("2001:db8::1", 5060)
    assert next_hop(parse("sips:201@[::0001]:5071")) == ("::1", 5071)
    assert next_hop(parse("sip:201@pbx.example.com;maddr=[0::2]")) == ("::2", 5060)
