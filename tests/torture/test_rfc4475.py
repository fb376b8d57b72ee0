"""The 49 torture messages of RFC 4475, where a copy lies beside the repository.

They are the IETF Trust's texts and no part of this project, and no package brings them: without a copy this
file is skipped, even where all else is required. `tests/unit/sip/test_torture.py` has our own.
"""

import pytest

from sip.syntax.framing import StreamFramer
from sip.syntax.grammar import ParseError
from sip.syntax.message import MessageError, Request, Response, parse
from support.mirror import ROOT

FOLDER = ROOT.parent / "shared" / "data" / "rfc4475"
if not FOLDER.exists():
    pytest.skip("no copy of RFC 4475's messages in " + str(FOLDER), allow_module_level=True)

# What the parser must refuse, and with which status (None: dropped). All else must parse; what its section
# then asks for (405, 416, 420 …) is the business of the layers above.
REFUSED = {
    "badinv01": 400,
    "clerr": 400,
    "ncl": 400,
    "scalar02": 400,
    "scalarlg": None,
    "quotbal": 400,
    "ltgtruri": 400,
    "lwsruri": 400,
    "lwsstart": 400,
    "trws": 400,
    "escruri": 400,
    "badaspec": 400,
    "baddn": 400,
    "badvers": 505,
    "mismatch01": 400,
    "mismatch02": 400,
    "bigcode": None,
    "insuf": 400,
    "multi01": 400,
    "mcl01": 400,
}

# Their sections let an element ignore the header, or leave the choice to who uses it.
ACCEPTED = {"baddate", "regbadct"}


def messages():
    rows = (FOLDER / "MANIFEST.tsv").read_text().splitlines()
    return [(row.split("\t")[0].partition(".")[0], row.split("\t")[2], row) for row in rows if row]


def data(name):
    return (FOLDER / (name + ".dat")).read_bytes()


def test_all_are_there():
    assert len(messages()) == 49
    assert {name for name, kind, _ in messages() if kind == "invalid-syntax"} <= set(REFUSED) | ACCEPTED


def test_each_parses_or_is_refused_as_its_section_says():
    for name, _, row in messages():
        if name in REFUSED:
            with pytest.raises(MessageError) as caught:
                parse(data(name))
            error = caught.value
            if REFUSED[name] is None:
                assert error.request is None, row
            else:
                assert error.status == REFUSED[name], row
                answer = Response.of(error.request, error.status, error.reason, "tag")
                assert answer.get("Via") == error.request.get("Via"), row
                assert answer.to_bytes(), row
        else:
            message = parse(data(name))
            assert parse(message.to_bytes()).to_bytes() == message.to_bytes(), row


def test_no_header_of_any_raises_more_than_a_parse_error():
    for name, _, row in messages():
        try:
            message = parse(data(name))
        except MessageError as error:
            message = error.request
        for attribute in dir(message) if message else ():
            try:
                getattr(message, attribute)
            except ParseError as error:
                assert str(error), row


def test_what_the_difficult_ones_say():
    wsinv = parse(data("wsinv"))
    assert (wsinv.max_forwards, wsinv.cseq.number, wsinv.to.tag, wsinv.from_.tag) == (
        68,
        9,
        "1918181833n",
        "98asjd8",
    )
    assert wsinv.from_.display_name == 'J Rosenberg \\"'
    assert [(via.transport, via.host) for via in wsinv.vias] == [
        ("UDP", "192.0.2.2"),
        ("TCP", "spindle.example.com"),
        ("UDP", "192.168.255.111"),
    ]
    assert wsinv.get("NewFangledHeader").split() == [
        "newfangled",
        "value",
        "continued",
        "newfangled",
        "value",
    ]
    assert [str(contact.uri) for contact in wsinv.contacts] == ["sip:jdrosen@example.com"]
    assert wsinv.contacts[0].display_name == 'Quoted string ""' and wsinv.contacts[0].q == 330

    intmeth = parse(data("intmeth"))
    assert intmeth.method == "!interesting-Method0123456789_*+`.%indeed'~"
    assert intmeth.uri.user == "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*"
    assert intmeth.to.display_name == "BEL:\x07 NUL:\x00 DEL:\x7f"
    assert intmeth.from_.display_name == "token1~` token2'+_ token3*%!.-"

    esc01 = parse(data("esc01"))
    assert (esc01.uri.name, esc01.uri.host) == ("sips:user@example.com", "example.net")
    escnull = parse(data("escnull"))
    assert [contact.uri.name for contact in escnull.contacts] == ["\x00", "\x00\x00"]
    semiuri = parse(data("semiuri"))
    assert semiuri.uri.name == "user;par=u@example.net"
    assert parse(data("lwsdisp")).from_.display_name == "caller"
    assert parse(data("unreason")).reason.startswith("= 2**3 * 5**2 ")
    assert parse(data("noreason")).reason == ""
    assert parse(data("dblreq")).body == b""
    assert parse(data("unkscm")).uri.scheme == "nobodyknowsthisscheme"
    one, other = parse(data("cparam01")).contacts[0], parse(data("cparam02")).contacts[0]
    assert "unknownparam" in one.params and "unknownparam" in other.uri.params
    assert parse(data("regescrt")).contacts[0].uri.headers[0][0] == "Route"


def test_a_stream_holds_those_that_say_how_long_they_are():
    for name, kind, row in messages():
        if kind != "valid-syntax" or isinstance(parse(data(name)), Response) or name == "dblreq":
            continue
        framer = StreamFramer()
        framed = framer.feed(data(name) * 2)
        assert len(framed) == 2 and isinstance(parse(framed[1]), Request), row
    # Two requests in one datagram are one, but two in one stream.
    assert len(StreamFramer().feed(data("dblreq"))) == 2
