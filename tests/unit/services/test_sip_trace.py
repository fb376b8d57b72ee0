"""SIP messages in the log: whole enough to help, and without what opens an account or a voice stream."""

from services.log import Log
from services.sip_trace import Trace, readable

REGISTER = (
    "REGISTER sip:pbx.example SIP/2.0\r\n"
    'Authorization: Digest username="201", nonce="n",\r\n'
    ' response="0123456789abcdef"\r\n'
    "CSeq: 2 REGISTER\r\n\r\n"
)
INVITE = (
    "INVITE sip:202@pbx.example SIP/2.0\r\n"
    'proxy-authorization : Digest response="0123456789abcdef"\r\n'
    "Content-Type: application/sdp\r\n\r\n"
    "v=0\r\nk=clear:hunter2\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0\r\na=rtpmap:0 PCMU/8000\r\n"
)
SECRETS = ("0123456789abcdef", "hunter2", "c2VjcmV0", "lunch at one")


def traced(*pieces):
    """What is in the log after (sent, text, transport) each."""
    log = Log("debug")
    for sent, text, transport in pieces:
        Trace(log)(sent, text.encode(), ("192.0.2.1", 5060), transport)
    return "\n".join([text for _, text in log.lines()])


def test_a_message_is_in_the_log_without_its_secrets():
    found = traced((True, REGISTER, "udp"), (False, INVITE, "udp"))
    for secret in SECRETS:
        assert secret not in found, found
    assert (
        "-> udp 192.0.2.1:5060 REGISTER sip:pbx.example SIP/2.0 | Authorization: Digest ... | CSeq" in found
    )
    assert "<- udp" in found and "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:..." in found
    assert "a=rtpmap:0 PCMU/8000" in found


def test_bodies_other_than_sdp_are_counted_only():
    text = "MESSAGE sip:201@x SIP/2.0\r\nContent-Type: text/plain\r\n\r\nlunch at one"
    assert readable(text)[-1] == "(12 characters of another body)"
    parts = "INVITE sip:x SIP/2.0\r\nContent-Type: multipart/mixed\r\n\r\n--a\r\n\r\nv=0\r\na=crypto:1 X inline:c2VjcmV0"
    assert "c2VjcmV0" not in str(readable(parts))


def test_pieces_of_a_stream_do_not_tell_what_their_line_began():
    for cut in range(1, len(INVITE)):
        found = traced((False, INVITE[:cut], "tcp"), (False, INVITE[cut:], "tcp"))
        for secret in SECRETS:
            assert secret not in found, (cut, found)


def test_keep_alives_and_bytes_that_are_no_text():
    log = Log("debug")
    trace = Trace(log)
    trace(False, b"\r\n\r\n", ("h", 1), "udp")
    trace(False, b"\xff\x00\x80", ("h", 1), "udp")
    trace(False, b"", ("h", 1), "tcp")
    assert len(log.lines()) == 1


def test_a_long_message_is_in_several_lines():
    found = traced((True, "INVITE sip:x SIP/2.0\r\n" + "X-Long: " + "y" * 2000 + "\r\n\r\n", "udp"))
    assert found.count("-> udp") == 3 and found.count("y") == 2000
