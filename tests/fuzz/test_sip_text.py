"""Any text and octets at all: the SIP parsers raise their own errors only, settle at once, and stay quick."""

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from sip import digest
from sip.call import sdp
from sip.server import authenticator
from sip.syntax import grammar, headers, uri
from sip.syntax.framing import StreamFramer
from sip.syntax.grammar import ParseError
from sip.syntax.message import MessageError, Request, Response, parse

settings.register_profile("bakelite", deadline=None, max_examples=150)
settings.load_profile("bakelite")

MESSAGE = (
    "INVITE sip:b%C3%B6b:pw@[2001:db8::1]:5062;transport=tcp;lr SIP/2.0\r\n"
    "Via: SIP/2.0/TCP [2001:db8::2]:5060;branch=z9hG4bK1;rport;received=192.0.2.1, SIP / 2.0 / UDP h ;branch=2\r\n"
    'f: "A \\"quoted\\" näme" <sip:alice@atlanta.com;x=y?Subject=z>;tag=a;q="1;2"\r\n'
    "To: Bob Builder <tel:+1-201-555-0123;phone-context=x>\r\n"
    "i: a84b4c76e66710@pc33\r\n"
    "CSeq: 314159\r\n INVITE\r\n"
    'Contact: "x, y" <sip:a@h>;q=0.7;expires=60, *\r\n'
    "Route: <sip:a;lr>, <sip:b>\r\n"
    "Max-Forwards: 70\r\n"
    'Authorization: Digest username="a", realm="r, s", nonce="n", uri="sip:x", response="0", nc=00000001, qop=auth\r\n'
    "Expires: 3600\r\nMin-Expires: 60\r\nRetry-After: 5 (busy);duration=1\r\nDate: Sat, 13 Nov 2010 23:29:00 GMT\r\n"
    "Content-Type: application/sdp;charset=UTF-8\r\n"
    "X-Unknown: anything, at all\r\n"
    "Content-Length: 4\r\n\r\nbody"
).encode()
DESCRIPTION = (
    b"v=0\r\no=- 1 2 IN IP4 h\r\ns=x\r\ni=y\r\nc=IN IP4 224.2.1.1/127/3\r\nb=AS:1\r\nt=0 0\r\nr=7d\r\na=inactive\r\n"
    b"m=audio 1/2 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendonly\r\n"
)
CHALLENGE = 'Digest realm="r", nonce="n\\"", qop="auth,auth-int", algorithm=MD5-sess, opaque="", stale=true'
TYPED = (
    "via",
    "vias",
    "from_",
    "to",
    "call_id",
    "cseq",
    "contacts",
    "routes",
    "record_routes",
    "max_forwards",
    "expires",
    "min_expires",
    "retry_after",
    "content_type",
)
ODD = [
    '"',
    "\\",
    "<",
    ">",
    ";",
    ",",
    "=",
    ":",
    "@",
    "%",
    "%00",
    "?",
    "&",
    "/",
    " ",
    "\t",
    "\r\n",
    "\r\n ",
    "\x00",
    "é",
    "*",
    "[",
    "]",
    "99999999999",
    "-1",
    "",
    "SIP/2.0",
    "a" * 300,
]


@st.composite
def spoilt(draw, whole):
    """`whole` with a few pieces cut out, doubled, or replaced."""
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(whole)))
        end = min(len(whole), at + draw(st.integers(0, 12)))
        piece = draw(
            st.one_of(st.sampled_from(ODD).map(str.encode), st.binary(max_size=6), st.just(whole[at:end] * 2))
        )
        whole = whole[:at] + piece + whole[end:]
    return whole


def read_all_of(message):
    for name in TYPED:
        try:
            value = getattr(message, name)
        except ParseError:
            continue
        for each in value if isinstance(value, list) else [value]:
            str(each)
            if isinstance(each, (headers.NameAddr, headers.Via)):
                for part in ("tag", "expires", "q", "rport", "received", "branch"):
                    try:
                        getattr(each, part, None)
                    except ParseError:
                        pass


@given(
    st.one_of(
        st.binary(max_size=200),
        spoilt(MESSAGE),
        spoilt(MESSAGE.replace(b"INVITE sip", b"SIP/2.0 200 OK sip")),
    )
)
def test_any_octets_are_a_message_or_a_message_error(data):
    try:
        message = parse(data)
    except MessageError as error:
        assert error.status in (400, 414, 505, 513)
        if error.request is not None:
            Response.of(error.request, error.status, error.reason, "tag").to_bytes()
            read_all_of(error.request)
        return
    settled = message.to_bytes()
    again = parse(settled)
    assert again.to_bytes() == settled
    assert again.headers == [entry for entry in again.headers if entry] and again.body == message.body
    read_all_of(message)
    if isinstance(message, Request):
        assert parse(Response.of(message, 200, to_tag="t").to_bytes()).cseq.number == message.cseq.number


@given(st.lists(st.one_of(st.just(MESSAGE), st.just(b"\r\n\r\n"), spoilt(MESSAGE)), max_size=4), st.data())
def test_a_stream_reads_the_same_however_it_is_cut(pieces, data):
    stream = b"".join(pieces)

    def framed(chunks):
        framer = StreamFramer(limit=2000)
        messages = []
        try:
            for chunk in chunks:
                messages += framer.feed(chunk)
            framer.feed(b"")
        except MessageError as error:
            messages.append(error.status)
        return messages

    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    chunks = [stream[start:end] for start, end in zip([0] + cuts, cuts + [len(stream)])]
    assert framed(chunks) == framed([stream])


@given(
    st.one_of(
        st.text(max_size=40), spoilt(b"sip:al%41ce:pw@[::1]:5060;x=y;lr?a=b&c=d"), spoilt(b"tel:+1-2;ext=3")
    )
)
def test_any_text_is_a_uri_or_a_parse_error(text):
    if isinstance(text, bytes):
        text = text.decode("latin-1")
    try:
        parsed = uri.parse(text)
    except ParseError:
        return
    settled = str(parsed)
    again = uri.parse(settled)
    assert str(again) == settled and again == parsed and not (again != parsed)  # noqa: SIM202
    assert str(parsed.copy()) == settled
    assert isinstance(parsed.name, str) and isinstance(repr(parsed), str)


@given(st.text(min_size=1), st.text())
def test_whatever_a_person_types_makes_a_uri(user, display_name):
    made = uri.Uri("sip", "example.com", user=user)
    read = uri.parse(str(made))
    assert read == made
    if "%" not in user:
        assert read.name == user
    value = headers.parse_name_addr(str(headers.NameAddr(made, display_name)))
    assert value.display_name == display_name.replace("\r", " ").replace("\n", " ") and value.uri == made


@given(st.text())
def test_quoting_undoes_itself(text):
    assert grammar.unquote(grammar.quote(text)) == text.replace("\r", " ").replace("\n", " ")


@given(st.text(st.sampled_from(',;"\\<> a'), max_size=40))
def test_a_split_loses_nothing(text):
    try:
        parts = grammar.split(text, ",")
    except ParseError:
        return
    assert ",".join(parts).replace(" ", "") == text.replace(" ", "")


@given(st.one_of(st.binary(max_size=200), spoilt(DESCRIPTION)))
def test_any_octets_are_a_description_or_an_sdp_error(data):
    try:
        session = sdp.parse(data)
    except sdp.SdpError:
        return
    for media in session.media:
        session.address(media)
        for payload_type in media.formats:
            media.rtpmap(payload_type)
            media.fmtp(payload_type)
        assert media.ptime is None or media.ptime >= 0
        assert media.direction in sdp.DIRECTIONS
    try:
        settled = session.to_bytes()
    except ValueError:
        assert b"\r" in data.replace(b"\r\n", b"")
        return
    assert sdp.parse(settled).to_bytes() == settled


@given(st.lists(st.one_of(st.text(max_size=60), spoilt(CHALLENGE.encode())), max_size=3))
def test_any_challenge_is_answered_or_not(challenges):
    identity = digest.Credentials("alice", "secret")
    response = Response(401)
    server = authenticator.Authenticator("r", lambda user, algorithm: "0" * 32, bytes)
    for text in challenges:
        text = text if isinstance(text, str) else text.decode("latin-1")
        response.add("WWW-Authenticate", text)
        request = Request("REGISTER", uri.parse("sip:x"), [("Authorization", text)])
        assert server.check(request, "Authorization", 0)[0] is None
    answers = identity.answer(response, "REGISTER", "sip:x", b"", bytes)
    for _, value in answers or ():
        assert headers.parse_challenge(value)[1]["username"] == "alice"


def test_no_text_takes_more_than_one_walk():
    # A scan that starts over for each part would take minutes on these.
    size = 60000
    long_ones = [
        (grammar.unquote, '"' + "\\a" * size),
        (grammar.unquote, '"' + "\\a" * size + '"'),
        (lambda text: grammar.split(text, ","), "a" * size + '"' + "," * size + '"'),
        (lambda text: grammar.split(text, ","), '"' * size),
        (lambda text: grammar.split(text, ","), "<>" * size + ","),
        (lambda text: grammar.split(text, ","), '<"' * size + ","),
        (grammar.unescape, "%41" * size),
        (lambda text: grammar.number(text, "x"), "9" * size),
        (uri.parse, "sip:" + "a" * size + "@h"),
        (uri.parse, "sip:h" + ";a=b" * size),
        (uri.parse, "sip:h?" + "a=b&" * size),
        (headers.parse_name_addr, "a " * size + "<sip:h>"),
        (headers.parse_challenge, "Digest " + "a=b," * size),
        (lambda text: parse(text.encode()), "INVITE sip:h SIP/2.0\r\n" + "a:\r\n" * size),
        (lambda text: parse(text.encode()), "INVITE sip:h SIP/2.0\r\na:" + "\r\n " * size),
        (lambda text: parse(text.encode()), "\r\n" * size),
        (lambda text: sdp.parse(text.encode()), "v=0\r\n" + "a=x\r\n" * size),
        (lambda text: StreamFramer().feed(text.encode()), "\r\n\r\n" * size),
    ]
    for function, text in long_ones:
        start = time.monotonic()
        try:
            function(text)
        except ParseError:
            pass
        assert time.monotonic() - start < 2, text[:40]
