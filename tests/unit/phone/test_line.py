"""A line: what the person may know of its registration."""

from phone.line import Line
from sip.agent.account import Account
from sip.syntax.uri import parse

ACCOUNT = Account(parse("sip:201@example.com"), None)


class Registration:
    state = "registering"
    status = 0
    trouble = ""
    retry_at = None
    renewals = 0

    def renew(self, now):
        self.renewals += 1


class Agent:
    def __init__(self):
        self.added = []

    def add(self, account):
        self.added.append(account)

    def register(self, account, now):
        return Registration()


def test_it_registers_once_and_then_anew():
    line = Line(1, ACCOUNT, "201")
    agent = Agent()
    assert line.state == "off" and line.usable
    line.register(agent, 0)
    line.register(agent, 1)
    assert line.registration.renewals == 1 and not agent.added


def test_a_line_that_is_not_to_be_registered_takes_calls_all_the_same():
    line = Line(1, ACCOUNT, "201", register=False)
    agent = Agent()
    line.register(agent, 0)
    assert agent.added == [ACCOUNT] and line.registration is None and line.usable
    assert line.retry_s(0) is None


def test_it_tells_what_is_new_and_why():
    line = Line(1, ACCOUNT, "201")
    line.register(Agent(), 0)
    for state, status, reason, is_new, usable in (
        ("registering", 0, "", True, False),
        ("failed", 401, "Wrong user or password", True, False),
        ("failed", 401, "Wrong user or password", False, False),
        ("failed", 408, "No answer from server", True, False),
        ("registering", 408, "No answer from server", True, False),
        ("registered", 200, "", True, True),
        ("registered", 200, "", False, True),
        ("failed", 503, "Server unreachable", True, False),
        ("failed", 599, "Server error", True, False),
        ("failed", 300, "Account has moved", True, False),
    ):
        line.registration.state, line.registration.status = state, status
        assert line.update() == is_new, (state, status)
        assert (line.state, line.reason, line.usable) == (state, reason, usable)


def test_what_tls_found_stands_in_the_place_of_general_words():
    line = Line(1, ACCOUNT, "201")
    line.register(Agent(), 0)
    line.registration.state, line.registration.status = "failed", 503
    line.registration.trouble = "Certificate of a ended on 2026-01-02; the phone's date is 2026-11-27"
    assert line.update() and line.reason == line.registration.trouble
    line.registration.trouble = ""
    assert line.update() and line.reason == "Server unreachable"
    line.registration.state, line.registration.status, line.registration.trouble = "registered", 200, "old"
    assert line.update() and line.reason == ""


def test_the_countdown_never_says_less_than_there_is():
    line = Line(1, ACCOUNT, "201")
    line.register(Agent(), 0)
    for retry_at, now, seconds in (
        (None, 0, None),
        (5000, 0, 5),
        (5000, 1, 5),
        (5000, 4001, 1),
        (5000, 5000, 0),
        (5000, 9000, 0),
        (3000, (1 << 30) - 1000, 4),
    ):
        line.registration.retry_at = retry_at
        assert line.retry_s(now) == seconds, (retry_at, now)


def test_no_line_is_registered_while_there_is_no_network():
    line = Line(1, ACCOUNT, "201")
    line.register(Agent(), 0)
    line.registration.state = "registered"
    line.update()
    for offline, text in ((True, "no network"), (False, "registered")):
        line.offline = offline
        assert line.status_text(0) == text
    unregistered = Line(2, ACCOUNT, "202", register=False)
    unregistered.offline = True
    assert unregistered.status_text(0) == ""
