"""A month on the desk: the tick wraps twice and more, clocks jump, and the phone is where it was."""

# cpython-only: a month takes MicroPython longer than a test may

from compat import ticks_add
from sip.agent.account import Account
from sip.event import message_summary
from sip.event.subscriber import Subscriber
from sip.notices import Notified
from sip.syntax import uri
from support.agents import StateAgent, Told
from support.desk import Office

HOUR = 3_600_000
DAY = 24 * HOUR
STEP = 600_000
MAILBOX = "sip:mailbox@192.0.2.50"


def summary(new):
    return b"Messages-Waiting: yes\r\nVoice-Message: %d/0\r\n" % new


class Month:
    def __init__(self):
        self.office = Office("201", "202")
        self.network = self.office.network
        package = Told("message-summary", message_summary.CONTENT_TYPE, summary(1))
        self.mailbox = StateAgent(
            self.network, "vmail", "192.0.2.50", Account(uri.parse(MAILBOX), None), package
        )
        self.desk = self.office.desks[0]
        self.body = b""  # of the latest NOTIFY
        agent = self.desk.control.user_agent
        self.subscriber = Subscriber(
            agent,
            self.desk.line.account,
            uri.parse(MAILBOX),
            package="message-summary",
            accept=message_summary.CONTENT_TYPE,
            expires=3600,
            now=self.network.now,
        )
        self.registers = 0
        self.gaps = 0
        self.network.on_message = self.on_message

    def on_message(self, parsed, one, two):
        if one == "201" and getattr(parsed, "method", "") == "REGISTER":
            self.registers += 1

    def run(self, ms):
        """Let time pass; count the moments at which one of the phones could not be called."""
        while ms > 0:
            self.office.run(min(ms, STEP), STEP)
            ms -= STEP
            self.network.ladder = []
            for desk in self.office.desks:
                for event in desk.node.events:
                    if isinstance(event, Notified):
                        self.body = event.body
                desk.node.events = []
                if not self.office.server.registrar.lookup(desk.name):
                    self.gaps += 1

    def sleep(self, ms):
        """Nobody looks at the clock for so long: the chip was busy, or the machine under it slept."""
        self.network.now = ticks_add(self.network.now, ms)

    def state(self):
        return [desk.line.state for desk in self.office.desks] + [self.subscriber.state]

    def call(self):
        one, two = self.office.desks
        self.office.call()
        one.put_down()
        self.office.run_until(lambda: not two.control.calls)
        two.put_down()
        self.office.run(3000)

    def sizes(self):
        endpoints = [desk.node.endpoint for desk in self.office.desks] + [self.office.server.endpoint]
        return [(len(each.timers), len(each._servers), len(each._clients)) for each in endpoints]


FINE = ["registered", "registered", "active"]


def test_thirty_days():
    month = Month()
    month.run(HOUR)
    before = month.sizes()
    for day in range(30):
        month.run(DAY)
        month.mailbox.tell(summary(day))
        month.run(1000)
        assert month.state() == FINE, day
        assert message_summary.parse(month.body).new == day
        if day % 7 == 3:
            month.call()
    assert month.gaps == 0
    # Refreshed before each hour is over, and not much more often.
    assert 30 * 24 <= month.registers <= 30 * 24 * 2.5, month.registers
    month.run(HOUR)
    for is_now, was in zip(month.sizes(), before):
        assert sum(is_now) <= sum(was) + 3, (is_now, was)  # a refresh may be under way
    for desk in month.office.desks:
        assert "internal_errors" not in desk.node.endpoint.counters


def test_clocks_that_jump():
    month = Month()
    for number, hours in enumerate((1, 3, 23, 24 * 3, 24 * 6, 1, 24 * 6, 24 * 6)):
        month.sleep(hours * HOUR)
        # What was bound and subscribed has expired meanwhile; a minute or two later all is well again.
        month.run(3 * STEP // 10)
        assert month.state() == FINE, hours
        assert all(month.office.server.registrar.lookup(desk.name) for desk in month.office.desks), hours
        month.mailbox.tell(summary(number))
        month.run(1000)
        assert message_summary.parse(month.body).new == number, hours
        month.call()
    for desk in month.office.desks:
        assert "internal_errors" not in desk.node.endpoint.counters
