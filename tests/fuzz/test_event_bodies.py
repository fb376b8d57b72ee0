"""Bodies of NOTIFYs, MESSAGEs and INFOs that anybody may have written: ParseError or a value, at once, and bounded."""

import time

from fuzz.test_sip_text import spoilt
from hypothesis import given
from hypothesis import strategies as st

from sip.call import info
from sip.event import dialog_info, message_summary, pidf, reg_info
from sip.syntax import xml
from sip.syntax.grammar import ParseError

DIALOGS = (
    b'<?xml version="1.0"?><d:dialog-info xmlns:d="urn:ietf:params:xml:ns:dialog-info" version="3" state="full" '
    b'entity="sip:a@h"><!-- x --><d:dialog id="1" call-id="c" local-tag="l" remote-tag="r" direction="recipient">'
    b'<d:state event="x">early</d:state><d:remote><d:identity display="A &amp; B&#x41;">sip:b@h</d:identity>'
    b'<d:target uri="sip:b@192.0.2.1"/></d:remote></d:dialog><![CDATA[x]]></d:dialog-info>'
)
PRESENCE = pidf.build("sip:a@h", pidf.Presence(True, ["on-the-phone"], "Lunch"))
REGISTRATIONS = (
    b'<reginfo xmlns="urn:ietf:params:xml:ns:reginfo" version="1" state="partial"><registration aor="sip:j@h" id="a" '
    b'state="active"><contact id="7" state="active" event="registered"><uri>sip:j@h</uri></contact></registration></reginfo>'
)
MAILBOX = b"Messages-Waiting: yes\r\nMessage-Account: sip:a@h\r\nVoice-Message: 2/8 (0/2)\r\n\r\n"
DIGIT = b"Signal=5\r\nDuration=160\r\n"


def take(body):
    table = dialog_info.DialogTable()
    table.take(body)
    assert table.state in ("idle", "ringing", "calling", "busy")
    entry = table.ringing()
    if entry is not None and entry.replaces():
        assert " " not in entry.replaces() and "\r" not in entry.replaces()


READERS = (
    (take, DIALOGS),
    (pidf.parse, PRESENCE),
    (reg_info.parse, REGISTRATIONS),
    (message_summary.parse, MAILBOX),
    (lambda body: info.digit_of("application/dtmf-relay", body), DIGIT),
    (xml.parse, DIALOGS),
)


def read(reader, body):
    began = time.monotonic()
    try:
        reader(body)
    except ParseError:
        pass
    assert time.monotonic() - began < 2


@given(st.data())
def test_spoilt_bodies(data):
    for reader, body in READERS:
        read(reader, data.draw(spoilt(body)))


@given(st.binary(max_size=300))
def test_any_octets(body):
    for reader, _ in READERS:
        read(reader, body)


@given(
    st.lists(
        st.sampled_from(
            [
                "<a",
                "<a>",
                "</a>",
                "/>",
                ">",
                " b='",
                "'",
                "&lt;",
                "&#",
                ";",
                "<![CDATA[",
                "]]>",
                "<!--",
                "-->",
                "x",
                "<!DOCTYPE",
                "<?xml ",
                "?>",
                "xmlns:c='u'",
                "<c:d",
                "&a;",
                "\x00",
                "é",
            ]
        ),
        max_size=60,
    )
)
def test_pieces_of_xml(pieces):
    read(xml.parse, "".join(pieces).encode())


def test_the_largest_hostile_documents_are_settled_at_once():
    for body in (
        b"<a>" * 5000,
        b"<a " + b"b='1' " * 2000,
        b"<" * 16000,
        b"<a>" + b"&" * 16000,
        b"<a>" + b"<!---->" * 2300,
        b"<a>" + b"<![CDATA[]]>" * 1300,
        b"<!--" + b"-" * 16000,
        b" " * 16384,
        b"<a b='" + b"&lt;" * 4000,
        b"<a>" + b"<b>x</b>" * 2000,
    ):
        read(xml.parse, body)
