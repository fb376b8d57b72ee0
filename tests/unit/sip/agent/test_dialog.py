from sip.agent.dialog import Dialog, key_of
from sip.syntax.grammar import ParseError
from sip.syntax.message import parse
from support.check import raises

INVITE = (
    "INVITE sip:bob@192.0.2.4 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"
    "Record-Route: <sip:p2.example.com;lr>, <sip:p1.example.com;lr>\r\n"
    'From: "Alice" <sip:alice@example.com>;tag=a1\r\n'
    "To: <sip:bob@example.net>\r\n"
    "Call-ID: c1\r\nCSeq: 17 INVITE\r\nContact: <sip:alice@192.0.2.1>\r\n\r\n"
)
OK = (
    "SIP/2.0 200 OK\r\n"
    "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"
    "Record-Route: <sip:p2.example.com;lr>, <sip:p1.example.com;lr>\r\n"
    'From: "Alice" <sip:alice@example.com>;tag=a1\r\n'
    "To: <sip:bob@example.net>;tag=b1\r\n"
    "Call-ID: c1\r\nCSeq: 17 INVITE\r\nContact: <sip:bob@192.0.2.4:5070;transport=tcp?x=y>\r\n\r\n"
)


def invite(*changes):
    return edited(INVITE, changes)


def ok(*changes):
    return edited(OK, changes)


def edited(text, changes):
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return parse(text.encode())


def test_callee():
    dialog = Dialog.of_request(invite(), "b1")
    assert dialog.key == ("c1", "b1", "a1")
    assert str(dialog.target) == "sip:alice@192.0.2.1"
    bye = dialog.request("BYE")
    assert str(bye.uri) == "sip:alice@192.0.2.1"
    assert [str(each.uri) for each in bye.routes] == ["sip:p2.example.com;lr", "sip:p1.example.com;lr"]
    assert bye.get("From") == "<sip:bob@example.net>;tag=b1"
    assert bye.get("To") == '"Alice" <sip:alice@example.com>;tag=a1'
    assert (bye.call_id, bye.cseq.number, bye.cseq.method) == ("c1", 1, "BYE")
    assert dialog.request("INVITE").cseq.number == 2


def test_caller():
    dialog = Dialog.of_response(invite(), ok())
    assert dialog.key == ("c1", "a1", "b1")
    bye = dialog.request("BYE")
    # Headers have no place in a Request-URI.
    assert str(bye.uri) == "sip:bob@192.0.2.4:5070;transport=tcp"
    assert [str(each.uri) for each in bye.routes] == ["sip:p1.example.com;lr", "sip:p2.example.com;lr"]
    assert bye.cseq.number == 18
    ack = dialog.ack(17)
    assert (ack.cseq.number, ack.cseq.method) == (17, "ACK")
    assert dialog.local_sequence == 18


def test_both_ends_know_it_by_the_same_key():
    request = Dialog.of_response(invite(), ok()).request("BYE")
    assert key_of(request) == Dialog.of_request(invite(), "b1").key


def test_a_response_without_contact_or_tag():
    dialog = Dialog.of_response(
        invite(), ok(("Contact: <sip:bob@192.0.2.4:5070;transport=tcp?x=y>\r\n", ""), (";tag=b1", ""))
    )
    assert dialog.key == ("c1", "a1", "")
    assert str(dialog.target) == "sip:bob@192.0.2.4"


def test_the_route_set_is_settled_by_the_2xx():
    early = Dialog.of_response(invite(), ok())
    early.confirm(ok(("p2.example.com", "p3.example.com"), ("192.0.2.4:5070", "192.0.2.5")))
    assert [str(each.uri) for each in early.routes] == ["sip:p1.example.com;lr", "sip:p3.example.com;lr"]
    assert early.target.host == "192.0.2.5"
    # Later ones, of a re-INVITE, only move the target (§12.2).
    early.confirm(ok(("p2.example.com", "p4.example.com")))
    early.refresh(ok(("192.0.2.4:5070", "192.0.2.6")))
    assert [str(each.uri) for each in early.routes] == ["sip:p1.example.com;lr", "sip:p3.example.com;lr"]
    assert early.target.host == "192.0.2.6"


def test_the_contact_must_be_one_and_of_use():
    contact = "Contact: <sip:alice@192.0.2.1>\r\n"
    for other in (
        "",
        "Contact: *\r\n",
        "Contact: <sip:a@192.0.2.1>, <sip:b@192.0.2.1>\r\n",
        "Contact: <tel:+15551234>\r\n",
        "Contact: <mailto:alice@example.com>\r\n",
    ):
        raises(ParseError, Dialog.of_request, invite((contact, other)), "b1")
    dialog = Dialog.of_request(invite(), "b1")
    raises(ParseError, dialog.refresh, invite((contact, "Contact: *\r\n")))
    assert str(dialog.target) == "sip:alice@192.0.2.1"
    dialog.refresh(invite((contact, "")))
    assert str(dialog.target) == "sip:alice@192.0.2.1"


def test_order():
    dialog = Dialog.of_request(invite(), "b1")
    results = [
        dialog.in_order(invite(("CSeq: 17", "CSeq: %d" % number))) for number in (16, 17, 18, 18, 30, 29)
    ]
    assert results == [False, False, True, False, True, False]
    caller = Dialog.of_response(invite(), ok())
    assert caller.in_order(invite(("CSeq: 17", "CSeq: 0")))
