"""application/simple-message-summary."""

from sip.event.message_summary import Summary, parse
from sip.syntax.grammar import ParseError
from support.check import raises

RFC_3842 = b"""Messages-Waiting: yes\r
Message-Account: sip:alice@vmail.example.com\r
Voice-Message: 4/8 (1/2)\r
\r
To: <alice@atlanta.example.com>\r
From: <bob@biloxi.example.com>\r
Subject: carpool tomorrow?\r
Voice-Message: 9/9\r
"""

GOOD = (
    (RFC_3842, Summary(True, "sip:alice@vmail.example.com", 4, 8, 1)),
    (b"Messages-Waiting: no\r\n", Summary(False)),
    (b"\r\nmessages-waiting :YES\nvoice-message:\t3/0 (0/0)", Summary(True, None, 3)),
    (b"Messages-Waiting: yes\r\nFax-Message: 2/4\r\n", Summary(True)),
    (b"Messages-Waiting: yes\r\nVoice-Message: 1\r\n", Summary(True, None, 1)),
    (b"Messages-Waiting: yes\r\nVoice-Message: 99999999999999999999/0", Summary(True, None, 9999)),
    (b"Messages-Waiting: yes\r\nMessage-Account: \xff\r\n", Summary(True, "\xff")),
    # What is met, and yet beyond doubt.
    (b"Message-Waiting: yes\r\n", Summary(True)),
    (b"Voice-Message: 1/0\r\n", Summary(True, None, 1)),
    (b"Voice-Message: 2/8 (0/1)\nMessages-Waiting: no", Summary(False, None, 2, 8)),
    (b"Messages-Waiting: yes\r\nVoice-Message: a/0", Summary(True)),
    (b"Messages-Waiting: yes\r\nVoice-Message: 1/-1", Summary(True)),
    (b"Messages-Waiting: yes\r\nVoice-Message: \xc2\xb2/0", Summary(True)),
    (b"Messages-Waiting: yes\r\nVoice-Message: 1/0 (x)", Summary(True, None, 1)),
)
BAD = (
    b"",
    b"\r\n\r\n",
    b"Voice-Message: 0/3\r\n",
    b"Voice-Message: x/3\r\n",
    b"Messages-Waiting: maybe\r\n",
    b"Messages-Waiting\r\n",
    b"\r\nFax-Message: 1/0\r\n\r\nMessages-Waiting: yes\r\n",
)


def test_good():
    for body, summary in GOOD:
        assert parse(body) == summary, body


def test_bad():
    for body in BAD:
        raises(ParseError, parse, body)
