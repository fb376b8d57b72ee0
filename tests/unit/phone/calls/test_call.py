"""A call as the person sees it: its table, its times, its names."""

from phone import words
from phone.calls.call import TALKING, Call
from phone.line import Line
from sip.agent.account import Account
from sip.syntax.headers import parse_name_addr
from sip.syntax.uri import parse

STATES = ("dialing", "ringing", "early", "active", "held", "remote_held", "ended")


class Session:
    id = 7


def new_call(direction="out", remote="<sip:202@example.com>"):
    line = Line(1, Account(parse("sip:201@example.com"), None), "201")
    return Call(line, Session(), direction, parse_name_addr(remote))


def steps(call, *events):
    """The states after each event."""
    states = []
    for event in events:
        assert call.step(event), event
        states.append(call.state)
    return states


def test_an_outgoing_call_goes_its_way():
    call = new_call()
    events = ("rings", "early media", "answered", "remote hold", "remote resume", "hold", "resume", "end")
    states = ["ringing", "early", "active", "remote_held", "active", "held", "active", "ended"]
    assert call.state == "dialing" and steps(call, *events) == states


def test_what_the_table_does_not_have_changes_nothing():
    for state in STATES:
        for event in ("rings", "early media", "answered", "hold", "resume", "remote hold", "remote resume"):
            call = new_call()
            call.state = state
            assert call.step(event) == (call.state != state)
        assert call.talking == (call.state in TALKING)
    call.state = "ended"
    assert not call.step("end")


def test_ringing_here_is_answered():
    call = new_call("in")
    assert call.state == "ringing" and not call.answered
    assert call.step("answered") and call.state == "active"


def test_its_time_runs_from_the_answer_to_the_end_even_as_the_ticks_wrap():
    call = new_call()
    assert call.seconds(5) == 0
    last = (1 << 30) - 1500
    call.answer(last)
    call.step("answered")
    assert call.answered and call.seconds(last) == 0
    assert call.seconds(600) == 2
    call.end(200, True, 1600)
    assert call.seconds(99_000) == 3 and call.reason == "Call ended"


def test_names_and_numbers():
    for remote, name, number in (
        ("<sip:202@example.com>", "202", "202"),
        ("<sip:202@EXAMPLE.com;user=phone>", "202", "202"),
        ('"Zoë Müller" <sip:+4930123@example.com>', "Zoë Müller", "+4930123"),
        ("<sip:bob@elsewhere.example>", "bob@elsewhere.example", "bob@elsewhere.example"),
        ("<sip:%2331@example.com>", "#31", "#31"),
        ("<tel:+15550100>", "+15550100", "+15550100"),
        ('"\ue000 Bank" <sip:1@example.com>', "Bank", "1"),
        ('" " <sip:1@example.com>', "1", "1"),
        ('"' + "x" * 100 + '" <sip:1@example.com>', "x" * 64, "1"),
        ("<sip:" + "1" * 300 + "@example.com>", "1" * 64, ""),
        ("<tel:+1-555-0100;phone-context=x>", "+1-555-0100", "+1-555-0100"),
        ("<sips:bob@elsewhere.example>", "sips:bob@elsewhere.example", "sips:bob@elsewhere.example"),
        (
            "<sip:bob:secret@[2001:db8::1]:5070;transport=TCP;user=ip?Subject=x>",
            "bob@[2001:db8::1]:5070;transport=tcp",
            "bob@[2001:db8::1]:5070;transport=tcp",
        ),
        ("<sip:10.0.0.7>", "10.0.0.7", "10.0.0.7"),
        ("<mailto:bob@example.com>", "mailto:bob@example.com", ""),
        # Nobody, in the ways in which servers say so.
        ('"Anonymous" <sip:anonymous@anonymous.invalid>', "Private", ""),
        ('"Anonymous" <sip:Anonymous@example.com>', "Private", ""),
        ("<sip:anonymous.invalid>", "Private", ""),
        ("<sip:c8oqz84zk7z@anonymous.invalid>", "Private", ""),
        # A number of ours that would be dialled elsewhere.
        (
            "<sip:100%40evil.example@example.com>",
            "100%40evil.example@example.com",
            "100%40evil.example@example.com",
        ),
        # Text that turns itself around, or hides, or is none.
        ('"\u202e1234\u202c\u200f" <sip:1@example.com>', "1234", "1"),
        ('"\u200b\u2066\ufeff" <sip:1@example.com>', "1", "1"),
        ('"a\tb\x7f\x85c" <sip:1@example.com>', "abc", "1"),
        ("<sip:%E2%80%AE1234@example.com>", "1234", ""),
        ("<sip:%EE%80%80@example.com>", "Unknown", ""),
    ):
        call = new_call("in", remote)
        assert (call.name, call.number) == (name, number), remote


def test_numbers_of_our_own_server_by_whatever_name():
    class Registration:
        servers = ("10.0.0.6", "pbx2.example.com")

    account = Account(
        parse("sip:201@example.com"),
        None,
        registrar=parse("sip:sip.example.com:5070"),
        proxy=parse("sip:10.0.0.5"),
    )
    line = Line(1, account, "201", name_of=lambda number: {"202": "Reception"}.get(number))
    line.registration = Registration()
    for host, is_ours in (
        ("example.com", True),
        ("sip.example.com", True),
        ("10.0.0.5", True),
        ("10.0.0.6", True),
        ("pbx2.example.com", True),
        ("10.0.0.7", False),
        ("ple.com", False),
    ):
        call = Call(line, Session(), "in", parse_name_addr("<sip:202@%s:5060>" % host))
        if is_ours:
            assert (call.name, call.number) == ("Reception", "202"), host
        else:
            assert call.name == call.number == "202@%s:5060" % host, host


def test_a_call_that_is_lost_during_a_transfer_is_not_transferred():
    for status, reason in ((200, "Transferred"), (408, "Connection lost"), (481, "Connection lost")):
        call = new_call()
        call.answer(0)
        call.moving = True
        call.end(status, True, 10)
        assert call.reason == reason


def test_trouble_with_the_own_registration_is_told_as_such():
    for trouble, status, answered, said in (
        ("", 408, False, "No answer"),
        ("No answer from server", 408, False, "No answer from server"),
        ("No answer from server", 503, False, "No answer from server"),
        ("No answer from server", 404, False, "Number not found"),
        ("No answer from server", 408, True, "Connection lost"),
    ):
        call = new_call()
        call.line.reason = trouble
        if answered:
            call.answer(0)
        call.end(status, True, 10)
        assert call.reason == said, (trouble, status)


def test_every_status_has_words():
    for status in range(300, 700):
        for remote in (False, True):
            # They stand in the header: 21 cells.
            assert 0 < len(words.of_call(status, remote)) <= 21, status
        assert words.of_registration(status), status
    for status, said in (
        (200, "Call ended"),
        (403, "Not allowed"),
        (404, "Number not found"),
        (408, "No answer"),
        (480, "Not available"),
        (486, "Busy"),
        (488, "No common codec"),
        (503, "Service unavailable"),
        (499, "Call failed"),
        (599, "Server error"),
    ):
        assert words.of_call(status, True) == said
    for status, said in (
        (486, "Rejected"),
        (500, "Call failed"),
        (480, "Not available"),
        (200, "Call ended"),
    ):
        assert words.of_call(status, False) == said
    for status in (408, 481, 500, 503, 504):
        assert words.of_call(status, True, True) == "Connection lost"
    assert words.of_call(488, True, True) == "No common codec"
    assert words.of_call(487, True) == "Missed call" and words.of_call(487, False) == "Cancelled"
    assert words.of_registration(401) == words.of_registration(407) == "Wrong user or password"
    assert words.of_registration(0) == ""


def test_tones_of_ended_calls():
    for status, tone in (
        (200, "busy"),
        (486, "busy"),
        (600, "busy"),
        (404, "congestion"),
        (503, "congestion"),
    ):
        assert words.tone(status) == tone
