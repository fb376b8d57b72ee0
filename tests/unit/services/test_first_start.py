"""The test of new settings at the first start: what counts as a line that works."""

import asyncio

from services import first_start, life
from services.first_start import FirstStart, Step
from support.web import Anything


def line(state, registration, reason=""):
    return Anything(state=state, registration=registration, reason=reason, status_text=lambda now: state)


def outcome(lines, address=("127.0.0.1", 5060)):
    """(whether all work, the steps of the lines) on a phone with this SIP address."""
    network = Anything(mac="020000000001")
    life = Anything(board=Anything(network=network), phone=Anything(lines=lines, address=address))
    first = FirstStart(life)
    first.steps = [Step("Network", "ok")] + [Step("line") for _ in lines]
    before = first_start._LINES_MS
    first_start._LINES_MS = 1
    try:
        works = asyncio.run(first._lines_work())
    finally:
        first_start._LINES_MS = before
    return works, [(step.state, step.text) for step in first.steps[1:]]


def test_the_access_points_password_has_twelve_of_32_characters():
    """A hash of the handshake can be attacked without the phone: 60 bits, of which each is as likely as not."""
    assert len(life._LETTERS) == len(set(life._LETTERS)) == 32 and not set("l1o0") & set(life._LETTERS)
    counted = {}
    for _ in range(100):
        password = life.Life(Anything(), None, None).wifi_password
        assert [len(part) for part in password.split("-")] == [4, 4, 4]
        for letter in password.replace("-", ""):
            counted[letter] = counted.get(letter, 0) + 1
    assert set(counted) == set(life._LETTERS)
    assert max(counted.values()) < 100, counted
    assert len(life.Life(Anything(), None, None).code) == 8


def test_lines_that_work():
    assert outcome([line("registered", 1)]) == (True, [("ok", "registered")])
    assert outcome([line("off", None)]) == (True, [("ok", "off")]), "register: false"


def test_a_line_that_never_registered_has_not_passed():
    assert outcome([line("off", 1)]) == (False, [("failed", "the server does not respond")])
    assert outcome([line("registering", 1)]) == (False, [("failed", "the server does not respond")])
    assert outcome([line("failed", 1, "wrong password")]) == (False, [("failed", "wrong password")])


def test_without_a_sip_port_no_line_works():
    closed = (False, [("failed", "the SIP port cannot be opened")])
    assert outcome([line("off", None)], None) == closed
    assert outcome([line("off", 1)], None) == closed
