"""Each of the 49 messages of RFC 4475 into a whole element: the answer that its section asks for.

A row: file, section, element, the answers' statuses ("dropped": none), and what else must hold. Where a section
lets the element choose, our rule decides: what can be understood safely is accepted; what is ambiguous about who,
where or how long is refused.
"""

import pytest

from support.mirror import ROOT
from support.torture import into

FOLDER = ROOT.parent / "shared" / "data" / "rfc4475"
if not FOLDER.exists():
    pytest.skip("no copy of RFC 4475's messages in " + str(FOLDER), allow_module_level=True)

DROPPED = []


def rings_with_audio(outcome):
    assert outcome.call is not None and outcome.call.negotiation.state == "received"


def has(header, value):
    def check(outcome):
        assert outcome.answers[-1].get(header) == value, outcome.octets

    return check


def lists_all(header, *values):
    def check(outcome):
        assert outcome.answers[-1].all(header) == list(values), outcome.octets

    return check


def binds(*contacts):
    def check(outcome):
        assert sorted(outcome.bindings) == sorted(contacts), outcome.bindings

    return check


def well_formed(outcome):
    assert "malformed" not in outcome.counters, outcome.counters


def for_nobody(outcome):
    assert sum(outcome.counters.values()) == 1 and "malformed" not in outcome.counters, outcome.counters


def malformed(outcome):
    assert outcome.counters == {"malformed": 1}


def forwards(outcome):
    assert len(outcome.forwarded) == 1


ANY = None
ROWS = [
    # 3.1.1 valid
    ("wsinv", "3.1.1.1", "phone", [481], well_formed),
    ("intmeth", "3.1.1.2", "phone", [405], well_formed),
    ("intmeth", "3.1.1.2", "proxy", [480], well_formed),
    ("esc01", "3.1.1.3", "phone", [180], rings_with_audio),
    (
        "escnull",
        "3.1.1.4",
        "registrar",
        [200],
        binds("sip:%00@host5.example.com", "sip:%00%00@host5.example.com"),
    ),
    ("esc02", "3.1.1.5", "phone", [405], well_formed),
    ("esc02", "3.1.1.5", "registrar", [403, 404, 405], binds()),
    ("lwsdisp", "3.1.1.6", "phone", [200], well_formed),
    ("longreq", "3.1.1.7", "phone", [180], rings_with_audio),
    ("dblreq", "3.1.1.8", "registrar", [200], binds("sip:j.user@host.example.com")),
    ("semiuri", "3.1.1.9", "phone", [200], well_formed),
    ("transports", "3.1.1.10", "phone", [200], well_formed),
    ("mpart01", "3.1.1.11", "phone", [415], well_formed),
    ("unreason", "3.1.1.12", "phone", DROPPED, for_nobody),
    ("noreason", "3.1.1.13", "phone", DROPPED, for_nobody),
    # 3.1.2 invalid
    ("badinv01", "3.1.2.1", "phone", [400], malformed),
    ("clerr", "3.1.2.2", "phone", [400], malformed),
    ("ncl", "3.1.2.3", "phone", [400], malformed),
    ("scalar02", "3.1.2.4", "registrar", [400], malformed),
    ("scalarlg", "3.1.2.5", "phone", DROPPED, malformed),
    ("quotbal", "3.1.2.6", "phone", [400], malformed),
    ("ltgtruri", "3.1.2.7", "phone", [400], malformed),
    ("lwsruri", "3.1.2.8", "phone", [400], malformed),
    ("lwsstart", "3.1.2.9", "phone", [400], malformed),
    ("trws", "3.1.2.10", "phone", [400], malformed),
    ("escruri", "3.1.2.11", "phone", [400], malformed),
    ("baddate", "3.1.2.12", "phone", [180], well_formed),
    ("regbadct", "3.1.2.13", "registrar", [400], binds()),
    ("badaspec", "3.1.2.14", "phone", [400], malformed),
    ("baddn", "3.1.2.15", "phone", [400], malformed),
    ("badvers", "3.1.2.16", "phone", [505], malformed),
    ("mismatch01", "3.1.2.17", "phone", [400], malformed),
    ("mismatch02", "3.1.2.18", "phone", [400], malformed),
    ("bigcode", "3.1.2.19", "phone", DROPPED, malformed),
    # 3.2 transaction layer
    ("badbranch", "3.2.1", "phone", [200], well_formed),
    # 3.3 application layer
    ("insuf", "3.3.1", "phone", [400], malformed),
    ("unkscm", "3.3.2", "phone", [416], well_formed),
    ("novelsc", "3.3.3", "phone", [416], well_formed),
    ("unksm2", "3.3.4", "registrar", [404], binds()),
    (
        "bext01",
        "3.3.5",
        "phone",
        [420],
        lists_all("Unsupported", "nothingSupportsThis", "nothingSupportsThisEither"),
    ),
    (
        "bext01",
        "3.3.5",
        "proxy",
        [420],
        lists_all("Unsupported", "noProxiesSupportThis", "norDoAnyProxiesSupportThis"),
    ),
    ("invut", "3.3.6", "phone", [415], well_formed),
    ("regaut01", "3.3.7", "registrar", [401], binds()),
    ("multi01", "3.3.8", "phone", [400], malformed),
    ("mcl01", "3.3.9", "phone", [400], malformed),
    ("bcast", "3.3.10", "phone", DROPPED, for_nobody),
    ("zeromf", "3.3.11", "phone", [200], well_formed),
    ("zeromf", "3.3.11", "proxy", [483, 200], well_formed),
    ("cparam01", "3.3.12", "registrar", [200], binds("sip:+19725552222@gw1.example.net")),
    ("cparam02", "3.3.13", "registrar", [200], binds("sip:+19725552222@gw1.example.net;unknownparam")),
    ("regescrt", "3.3.14", "registrar", [200], binds("sip:user@example.com?Route=%3Csip:sip.example.com%3E")),
    ("sdp01", "3.3.15", "phone", [406], well_formed),
    # 3.4 of old
    ("inv2543", "3.4.1", "phone", [180], rings_with_audio),
]


def sections():
    rows = (FOLDER / "MANIFEST.tsv").read_text().splitlines()
    return {row.split("\t")[0].partition(".")[0]: row.split("\t")[1] for row in rows if row}


def test_every_message_has_a_row():
    assert {name: section for name, section, *_ in ROWS} == sections() and len(sections()) == 49


@pytest.mark.parametrize(
    ("name", "section", "element", "statuses", "check"), ROWS, ids=lambda value: str(value)[:12]
)
def test_the_answer(name, section, element, statuses, check):
    passwords = {"j.user": "secret"} if name == "regaut01" else None
    outcome = into(element, (FOLDER / (name + ".dat")).read_bytes(), passwords=passwords)
    if statuses:
        # Several: the section leaves the choice, and this is what lies within it.
        assert len(outcome.statuses) == 1 and outcome.statuses[0] in statuses, (section, outcome.octets)
    else:
        assert outcome.statuses == [], section
    assert "internal_errors" not in outcome.counters
    check(outcome)
