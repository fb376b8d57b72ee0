"""The name server of the phone's own wireless network: RFC 1035's octets in and out, and rubbish."""

from services.captive import answer

NAME = b"\x0cconnectivity\x07example\x03com\0"
QUERY = b"\x12\x34\x01\0\0\1\0\0\0\0\0\0" + NAME


def test_every_name_is_the_phone():
    assert answer(QUERY + b"\0\1\0\1", "192.168.4.1") == (
        b"\x12\x34\x85\0\0\1\0\1\0\0\0\0"
        + NAME
        + b"\0\1\0\1"
        + b"\xc0\x0c\0\1\0\1\0\0\0\x0a\0\4\xc0\xa8\x04\x01"
    )


def test_other_kinds_have_no_answer():
    assert answer(QUERY + b"\0\x1c\0\1", "192.168.4.1") == (
        b"\x12\x34\x85\0\0\1\0\0\0\0\0\0" + NAME + b"\0\x1c\0\1"
    )


def test_what_is_no_query_is_dropped():
    whole = QUERY + b"\0\1\0\1"
    for octets in (
        b"",
        whole[:12],
        whole[:16],
        b"\x12\x34\x81" + whole[3:],
        whole[:4] + b"\0\2" + whole[6:],
        whole[:12] + b"\xff" * 300,
        whole[:12] + b"\x3f" * 20,
        whole[:12] + b"\1a" * 200 + b"\0\0\1\0\1",
    ):
        assert answer(octets, "192.168.4.1") is None, octets
    for length in range(len(whole)):
        answer(whole[:length], "192.168.4.1")
