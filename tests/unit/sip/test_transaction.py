"""What all server transactions have in common: what they keep, and what their states forbid."""

from sip.events import LocalError
from sip.transaction import TransactionUser
from support.check import raises
from support.link import (
    A,
    Core,
    Link,
    User,
)

T1 = 500
_64_T1 = 32000


def test_what_only_waits_for_repetitions_keeps_little_of_the_request():
    for method, status, again in (("OPTIONS", 200, [200]), ("INVITE", 486, []), ("INVITE", 200, [])):
        link = Link()
        link.b.core = Core(status)
        link.request(method, User())
        server = link.server()
        if status == 200 and method == "INVITE":
            assert server.request.max_forwards == 70
            server.settle()
        names = [name for name, _ in server.request.headers]
        assert sorted(names) == ["CSeq", "Call-ID", "From", "To", "Via"], (method, status, names)
        assert type(server.user) is TransactionUser
        sent = len(link.log)
        link.b.receive(link.sent[0], A, "udp", link.now)
        link.settle()
        assert [entry[2] for entry in link.log[sent:]] == again, (method, status)


def test_a_response_that_the_state_forbids_raises_and_changes_nothing():
    cases = (
        ("INVITE", (486,), 180, "confirmed"),
        ("INVITE", (486,), 200, "confirmed"),
        ("INVITE", (200,), 180, "accepted"),
        ("INVITE", (200,), 486, "accepted"),
        ("OPTIONS", (200,), 200, "completed"),
        ("OPTIONS", (404,), 100, "completed"),
    )
    for method, before, status, state in cases:
        link = Link()
        link.b.core = Core(*before)
        link.request(method)
        sent = len(link.log)
        raises(LocalError, link.server().reply, status, link.now)
        link.settle()
        assert link.server().state == state and len(link.log) == sent


def test_a_response_with_a_line_break_raises_and_changes_nothing():
    link = Link()
    link.request("INVITE")
    response = link.server().response(200)
    response.add("Subject", "a\r\nVia: evil")
    raises(ValueError, link.server().respond, response, link.now)
    assert link.server().state == "proceeding"
