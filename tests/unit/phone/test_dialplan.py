"""From what was keyed in to the URI that is called."""

from phone.dialplan import DialError, DialPlan
from sip.agent.account import Account
from sip.syntax.uri import parse
from support.check import raises

ACCOUNT = Account(parse("sip:201@example.com:5070"), None)


def test_targets():
    for text, target in (
        ("202", "sip:202@example.com:5070"),
        ("+49 (30) 123-45.67/8", "sip:+493012345678@example.com:5070"),
        ("*97", "sip:*97@example.com:5070"),
        ("#31#202", "sip:%2331%23202@example.com:5070"),
        ("bob", "sip:bob@example.com:5070"),
        ("bob@elsewhere.example", "sip:bob@elsewhere.example"),
        ("sip:bob@elsewhere.example;transport=tcp", "sip:bob@elsewhere.example;transport=tcp"),
        ("SIPS:bob@elsewhere.example", "sips:bob@elsewhere.example"),
        ("tel:+49-30;phone-context=x", "sip:+4930@example.com:5070"),
        ("zoë", "sip:zo%C3%AB@example.com:5070"),
        ("50%", "sip:50%25@example.com:5070"),
        ("bob@[2001:db8::1]:5070", "sip:bob@[2001:db8::1]:5070"),
        ("sip:[::1]", "sip:[::1]"),
        ("1" * 255, "sip:" + "1" * 255 + "@example.com:5070"),
        (" 202 ", "sip:202@example.com:5070"),
    ):
        assert DialPlan().target(text, ACCOUNT) == parse(target), text


def test_a_domain_of_its_own_takes_the_place_of_the_lines():
    assert str(DialPlan("pbx.example").target("202", ACCOUNT)) == "sip:202@pbx.example"


def test_a_secure_lines_calls_are_secure():
    account = Account(parse("sips:201@example.com"), None)
    for text, target in (
        ("202", "sips:202@example.com"),
        ("bob@elsewhere.example", "sips:bob@elsewhere.example"),
        ("sip:bob@elsewhere.example", "sip:bob@elsewhere.example"),
    ):
        assert str(DialPlan().target(text, account)) == target
    assert str(DialPlan("pbx.example").target("202", account)) == "sips:202@pbx.example"


def test_what_cannot_be_called_is_said_in_words():
    for text, words in (
        ("", "Not a number"),
        ("()", "Not a number"),
        ("a b:c", "Not a number"),
        ("sip:", "Not an address"),
        ("@", "Not an address"),
        ("a@b@c", "Not an address"),
        ("bob@[::1", "Not an address"),
        ("sip:bob@host:99999", "Not an address"),
        ("sip:bob@host\r\nRoute: <sip:evil>", "Not an address"),
        ("bob@host\0", "Not an address"),
        ("sip:%zz@host", "Not an address"),
        ("tel:bob", "Not an address"),
        ("12\r\n34", "Not a number"),
        ("<202>", "Not a number"),
        ('"', "Not a number"),
        ("mailto:bob", "Not a number"),
        ("1" * 256, "Too long"),
    ):
        assert str(raises(DialError, DialPlan().target, text, ACCOUNT)) == words, text
