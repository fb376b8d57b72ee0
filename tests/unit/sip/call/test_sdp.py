"""Session descriptions: tolerant reading, strict writing (RFC 4566, RFC 8866)."""

from sip.call import sdp
from sip.call.sdp import Connection, Media, Origin, SdpError, Session
from support.check import raises

# An offer of our own making, in the form in which we write
OFFER = (
    b"v=0\r\n"
    b"o=- 3724394400 3724394405 IN IP4 198.51.100.1\r\n"
    b"s=-\r\n"
    b"i=A talk\r\n"
    b"c=IN IP4 198.51.100.1\r\n"
    b"b=AS:128\r\n"
    b"t=0 0\r\n"
    b"a=tool:none\r\n"
    b"m=audio 49170 RTP/AVP 9 0 8 101\r\n"
    b"i=Voice\r\n"
    b"c=IN IP6 2001:db8::1\r\n"
    b"b=TIAS:64000\r\n"
    b"a=rtpmap:9 G722/8000\r\n"
    b"a=rtpmap:101 telephone-event/8000\r\n"
    b"a=fmtp:101 0-15\r\n"
    b"a=ptime:20\r\n"
    b"a=rtcp-mux\r\n"
    b"a=sendrecv\r\n"
    b"m=video 51372/2 RTP/AVP 99\r\n"
    b"a=rtpmap:99 H264/90000\r\n"
    b"a=recvonly\r\n"
    b"m=image 0 udptl t38\r\n"
)


def described(*lines):
    return ("v=0\no=- 1 1 IN IP4 h\ns=-\nt=0 0\n" + "\n".join(lines) + "\n").encode()


def test_every_part_is_read_and_written_back():
    session = sdp.parse(OFFER)
    origin = session.origin
    assert (origin.user, origin.session_id, origin.version) == ("-", "3724394400", "3724394405")
    assert (origin.network, origin.family, origin.address) == ("IN", "IP4", "198.51.100.1")
    assert (session.name, session.times, session.others) == ("-", [("0", "0")], [("i", "A talk")])
    assert session.bandwidths == [("AS", "128")] and session.attribute("tool") == "none"
    audio, video, image = session.media
    assert (audio.kind, audio.port, audio.protocol, audio.formats) == (
        "audio",
        49170,
        "RTP/AVP",
        ["9", "0", "8", "101"],
    )
    assert (audio.title, audio.bandwidths, audio.direction, audio.ptime) == (
        "Voice",
        [("TIAS", "64000")],
        "sendrecv",
        20,
    )
    assert (audio.attribute("rtcp-mux"), audio.attribute("mid"), audio.maxptime) == ("", None, None)
    assert (session.address(audio), session.address(video)) == ("2001:db8::1", "198.51.100.1")
    assert (video.kind, video.count, video.direction) == ("video", 2, "recvonly")
    assert (image.port, image.formats) == (0, ["t38"])
    assert session.to_bytes() == OFFER


def test_payload_types():
    audio = sdp.parse(OFFER).media[0]
    assert audio.rtpmap(0) == ("PCMU", 8000, 1)
    assert audio.rtpmap("8") == ("PCMA", 8000, 1)
    assert audio.rtpmap(101) == ("telephone-event", 8000, 1)
    assert audio.rtpmap(100) is None and audio.rtpmap("t38") is None
    assert audio.fmtp(101) == "0-15" and audio.fmtp(0) is None
    session = sdp.parse(
        described(
            "m=audio 1 RTP/AVP 0 96 97 98 99",
            "a=rtpmap: 0  pcma/8000",
            "a=rtpmap:96 OPUS/48000/2",
            "a=rtpmap:97 x",
            "a=rtpmap:98 y/z",
            "a=rtpmap",
            "a=rtpmap:99",
        )
    )
    audio = session.media[0]
    assert audio.rtpmap(0) == ("PCMA", 8000, 1)  # an rtpmap overrides the static table
    assert audio.rtpmap(96) == ("opus", 48000, 2)
    assert audio.rtpmap(97) is None and audio.rtpmap(98) is None and audio.rtpmap(99) is None


def test_directions():
    for session_level, media_level, direction in (
        ([], [], "sendrecv"),
        (["a=inactive"], [], "inactive"),
        (["a=inactive"], ["a=sendonly"], "sendonly"),
        ([], ["a=recvonly"], "recvonly"),
        ([], ["a=sendonly", "a=recvonly"], "sendonly"),
    ):
        session = sdp.parse(described(*session_level + ["m=audio 1 RTP/AVP 0"] + media_level))
        assert session.media[0].direction == direction
        again = sdp.parse(session.to_bytes())
        assert again.media[0].direction == direction and again.to_bytes() == session.to_bytes()


def test_reading_is_tolerant():
    for text in (
        b"v=0\no=- 1 1 IN IP4 h\nm=audio 1 RTP/AVP 0",
        b"\r\n\nv=0 \r\no= -  1 1 IN IP4 h \r\n\r\nm= audio  1  RTP/AVP  0 \r\n",
        b"v=0\r\no=- 1 1 IN IP4 h\r\nq=what\r\ns=\r\nt=0 0\r\nm=AUDIO 1 RTP/AVP 0\r\nz=\r\n",
        b"v=0\r\ns=caf\xe9\r\nt=0 0\r\no=- 1 1 IN IP4 h\r\nm=audio 1 RTP/AVP 0\r\n",
    ):
        session = sdp.parse(text)
        assert (session.media[0].kind, session.media[0].port, session.media[0].formats) == ("audio", 1, ["0"])
        written = session.to_bytes()
        assert written.startswith(b"v=0\r\no=- 1 1 IN IP4 h\r\ns=") and b"\r\nt=0 0\r\n" in written
        assert sdp.parse(written).to_bytes() == written
    held = sdp.parse(described("c=IN IP4 0.0.0.0", "m=audio 1 RTP/AVP 0"))
    assert held.address(held.media[0]) == "0.0.0.0"
    multicast = sdp.parse(described("c=IN IP4 224.2.1.1/127/3", "m=audio 1 RTP/AVP 0"))
    assert multicast.address(multicast.media[0]) == "224.2.1.1"
    assert b"c=IN IP4 224.2.1.1/127/3\r\n" in multicast.to_bytes()
    assert sdp.parse(described()).media == []


REFUSED = [
    b"",
    b"\r\n",
    b"v=1\r\n",
    b"o=- 1 1 IN IP4 h\r\n",
    b"hello\r\n",
    b"hello\r\nv=0\r\n",
    b"=x",
    b"vv=0",
    described("m=audio 1 RTP/AVP 0", "c=IN IP4"),
    described("m=audio 1 RTP/AVP 0", "c=IN IP4 /127"),
    described("m=audio"),
    described("m=audio 1 RTP/AVP"),
    described("m=audio x RTP/AVP 0"),
    described("m=audio 65536 RTP/AVP 0"),
    described("m=audio -1 RTP/AVP 0"),
    described("m=audio 1/x RTP/AVP 0"),
    described("t=0 0\r1"),
    described(*["a=x"] * 600),
    described(*["m=audio 1 RTP/AVP 0"] * 40),
    bytes(range(256)),
]


def test_what_is_no_description_is_refused():
    for text in REFUSED:
        raises(SdpError, sdp.parse, text)
    assert "line 5" in str(raises(SdpError, sdp.parse, described("m=audio x RTP/AVP 0")))


def test_what_nobody_needs_may_be_malformed():
    audio = "m=audio 4000 RTP/AVP 0"
    for lines in (
        ("o=- 1 1 IN IP4", "s=-", "t=0 0"),
        ("o=a b c 1 1 IN IP4 h", "s=", "t=now"),
        ("o=", "s", "t=", "z=", "k=x", "b=x", "i"),
        ("nonsense", "=x", "aa=b", "c=IN IP4"),
        (),
    ):
        session = sdp.parse(
            (
                "v=0\r\n"
                + "".join([line + "\r\n" for line in lines])
                + "m=video x\r\nc=IN\r\n"
                + audio
                + "\r\nc=IN IP4 192.0.2.9\r\nrubbish\r\n"
            ).encode()
        )
        video, voice = session.media
        assert (video.kind, video.port, voice.port) == ("video", 0, 4000), lines
        assert session.address(voice) == "192.0.2.9"
        assert sdp.parse(session.to_bytes()).media[1].port == 4000
    assert sdp.parse(("v=0\nc=IN IP4\n" + audio + "\n").encode()).connection is None


def test_a_description_made_here():
    session = Session(Origin("192.0.2.1", session_id=7, version=8), Connection("192.0.2.1"))
    audio = Media("audio", 4000, direction="sendonly")
    audio.add_format(0, "PCMU")
    audio.add_format(96, "opus", 48000, 2, "useinbandfec=1")
    audio.attributes.append(("ptime", "20"))
    session.media += [audio, Media("video", 0, "RTP/SAVPF", [99])]
    assert session.to_bytes() == (
        b"v=0\r\no=- 7 8 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
        b"m=audio 4000 RTP/AVP 0 96\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:96 opus/48000/2\r\n"
        b"a=fmtp:96 useinbandfec=1\r\na=ptime:20\r\na=sendonly\r\nm=video 0 RTP/SAVPF 99\r\n"
    )
    assert str(Connection("2001:db8::1")) == "IN IP6 2001:db8::1"
    audio.attributes.append(("x", "a\r\nm=evil"))
    raises(ValueError, session.to_bytes)
