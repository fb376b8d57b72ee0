"""From what was keyed in to the URI that is called."""

from phone.dialplan import DialError, DialPlan
from sip.uri import parse
from sip.user_agent import Account
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
        ("tel:+4930", "tel:+4930"),
        (" 202 ", "sip:202@example.com:5070"),
    ):
        assert DialPlan().target(text, ACCOUNT) == parse(target), text


def test_a_domain_of_its_own_takes_the_place_of_the_lines():
    assert str(DialPlan("pbx.example").target("202", ACCOUNT)) == "sip:202@pbx.example"


def test_what_cannot_be_called_is_said_in_words():
    for text, words in (
        ("", "Not a number"),
        ("()", "Not a number"),
        ("a b:c", "Not a number"),
        ("sip:", "Not an address"),
        ("@", "Not an address"),
    ):
        assert str(raises(DialError, DialPlan().target, text, ACCOUNT)) == words, text
