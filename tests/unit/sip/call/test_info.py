"""Digits by INFO within a call."""

# micropython-heap: 512k: a network and both its ends live in one process

from sip.call.info import digit_of
from sip.notices import DigitsReceived
from sip.syntax.grammar import ParseError
from support.check import raises
from support.talk import Talk

RELAY = "application/dtmf-relay"
DTMF = "application/dtmf"


def test_digits():
    for content, body, digit in (
        (RELAY, b"Signal=5\r\nDuration=160\r\n", "5"),
        (RELAY, b"Signal= *\r\nDuration= 250\r\n", "*"),
        (RELAY, b"signal = #\n", "#"),
        (RELAY, b"Duration=160\r\nSignal=d", "D"),
        (RELAY, b"Signal=10\r\n", "*"),
        (RELAY, b"Signal=11\r\n", "#"),
        (RELAY, b"Signal=15\r\n", "D"),
        (RELAY, b"Signal=16\r\n", ""),
        (RELAY, b"Signal=hf\r\n", ""),
        (RELAY, b"Signal=\r\n", ""),
        (DTMF, b"7", "7"),
        (DTMF, b" 0\r\n", "0"),
        (DTMF, b"12", "A"),
        (DTMF, b"\xff", ""),
    ):
        assert digit_of(content, body) == digit, body
    for content, body in ((RELAY, b""), (RELAY, b"5"), (RELAY, b"Duration=1"), (DTMF, b"1" * 257)):
        raises(ParseError, digit_of, content, body)


def test_info():
    talk = Talk()
    for content, body, status, digits in (
        (RELAY, b"Signal=5\r\nDuration=160\r\n", 200, ["5"]),
        (DTMF, b"*", 200, ["*"]),
        (RELAY, b"Signal=flash\r\n", 200, []),
        (RELAY, b"nothing", 400, []),
        ("application/media_control+xml", b"<x/>", 415, []),
        (None, b"", 200, []),
    ):
        talk.next("INFO", body, Content_Type=content)
        assert talk.settle() == [status], body
        assert [(each.session, each.digits) for each in talk.phone.take(DigitsReceived)] == [
            (talk.session, digit) for digit in digits
        ]
    talk.next("INFO", b"1", Content_Type=DTMF, Info_Package="nothing")
    assert talk.settle() == [469]
    assert talk.session.state == "established"
