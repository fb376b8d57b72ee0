"""Cutting a TCP stream into messages (RFC 3261 §18.3, RFC 5626 §3.5.1)."""

from sip.syntax.framing import StreamFramer
from sip.syntax.message import MessageError, parse
from support.check import raises

HEAD = (
    b"OPTIONS sip:h SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:h>\r\n"
    b"Call-ID: 1\r\nCSeq: 1 OPTIONS\r\n"
)


def framed(body=b"", header=b"Content-Length: "):
    return HEAD + header + str(len(body)).encode() + b"\r\n\r\n" + body


def test_messages_come_out_whole_however_they_came_in():
    stream = framed(b"first") + b"\r\n" + framed() + b"\r\n\r\n" + framed(b"\r\n\r\nthird\r\n\r\n")
    stream += b"\r\n\r\n\r\n\r\n"
    for size in (1, 2, 3, 7, 100, len(stream)):
        framer = StreamFramer()
        messages = []
        for start in range(0, len(stream), size):
            messages += framer.feed(stream[start : start + size])
        bodies = [parse(message).body for message in messages]
        assert bodies == [b"first", b"", b"\r\n\r\nthird\r\n\r\n"], size
        assert framer.pings == 3, size


def test_content_length_in_any_writing():
    for header in (b"l:", b"L : ", b"CONTENT-LENGTH\t:\t", b"Content-Length:\r\n ", b"Language: x\r\nl: "):
        assert len(StreamFramer().feed(framed(b"body", header) * 2)) == 2, header
    # A name like it, or a value that mentions it, is not it.
    message = HEAD + b"Content-Lengthy: 9\r\nX: l: 9\r\nl: 0\r\n\r\n"
    assert StreamFramer().feed(message) == [message]


def test_an_unframeable_stream_ends():
    for header in (
        b"",
        b"Content-Length: x\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length:\r\n",
        b"Content-Length\r\n",
        b"l: 1\r\nContent-Length: 1\r\n",
        b"l: 0\r\nContent-Length: 5\r\n",
        b"l: 99999999999\r\n",
    ):
        framer = StreamFramer()
        error = raises(MessageError, framer.feed, HEAD + header + b"\r\n")
        assert error.status == 400 and error.request.cseq.method == "OPTIONS", header
        raises(MessageError, framer.feed, framed())


def test_what_came_before_the_trouble_is_not_lost():
    framer = StreamFramer()
    assert framer.feed(framed() + HEAD + b"\r\n") == [framed()]
    raises(MessageError, framer.feed, b"")


def test_the_limit():
    assert raises(MessageError, StreamFramer(1000).feed, b"x" * 1001).status == 513
    framer = StreamFramer(1000)
    assert framer.feed(framed(b"x" * (1000 - len(framed()) - 2))) != []
    error = raises(MessageError, framer.feed, HEAD + b"Content-Length: 1000\r\n\r\n")
    assert error.status == 513 and error.request is not None
    framer = StreamFramer(100)
    for _ in range(10000):
        assert framer.feed(b"\r\n\r\n") == []
    assert framer.pings == 10000


def test_blank_lines_and_nuls_between_messages_are_skipped():
    for blank, pings in (
        (b"\0", 0),
        (b"\r\n\0", 0),
        (b"\r\n\0\r\n\0", 0),
        (b"\0\0\r\n", 0),
        (b"\n", 0),
        (b"\r\n\r\n\0\r\n", 1),
        (b"\r\n\r\n\r\n", 1),
        (b"\r\0", 0),
        (b"\0" * 3000 + b"\r\n\r\n", 1),
    ):
        for size in (1, 10_000):
            framer = StreamFramer()
            octets = blank + framed(b"x") + blank + framed()
            found = []
            for at in range(0, len(octets), size):
                found += framer.feed(octets[at : at + size])
            assert found == [framed(b"x"), framed()], blank
            assert framer.pings == 2 * pings, blank
