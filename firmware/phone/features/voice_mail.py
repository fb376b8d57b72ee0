"""Voicemail: how many messages wait on each line (RFC 3842), and calling the mailbox."""

from phone.dialplan import DialError
from sip.event import message_summary
from sip.event.subscriber import Subscriber
from sip.notices import MessagesWaiting, Notified
from sip.syntax.grammar import ParseError

_EXPIRES_S = 3600


class VoiceMail:
    """`line.messages` is the message_summary.Summary of a line's mailbox, None while it is unknown.

    unread   the number of new messages; 1 for a line whose server does not count them
    """

    noun = "voicemail"

    def __init__(self, features):
        self._features = features
        self._subscribers = []

    def begin(self, line, now: int) -> None:
        """Subscribe to message-summary at the line's server."""
        for subscriber in self._subscribers:
            if subscriber.account is line.account:
                subscriber.renew(now)
                return
        self._subscribers.append(
            Subscriber(
                self._features.user_agent,
                line.account,
                line.account.aor,
                package="message-summary",
                accept=message_summary.CONTENT_TYPE,
                expires=_EXPIRES_S,
                now=now,
                tag=self,
            )
        )

    @property
    def unread(self) -> int:
        return sum([waiting(line) for line in self._features.control.lines])

    def on_event(self, event, now: int) -> None:
        """MessagesWaiting, or Notified or SubscriptionChanged of one of our subscriptions."""
        if isinstance(event, MessagesWaiting):
            summary = event.summary
            account = event.account
        elif not isinstance(event, Notified) or not event.body:
            return
        else:
            account = event.subscriber.account
            try:
                summary = message_summary.parse(event.body)
            except ParseError:
                self._features.user_agent.endpoint.count("malformed_notify")
                return
        line = self._features.line_of(account)
        if line is not None and summary != line.messages:
            line.messages = summary
            self._features.show_waiting(now)
            self._features.notify("line", line)

    def dial(self, now: int, line=None):
        """Call the mailbox of `line`, or of `line_with_mailbox`; returns the Call. Raises DialError."""
        line = line or self.line_with_mailbox()
        number = None if line is None else self._features.options_of(line).voice_mail
        if number is None:
            raise DialError("No voicemail number")
        return self._features.control.dial(number, now, line)

    def line_with_mailbox(self):
        """The first line with new messages and a mailbox number, else the first with a number; or None."""
        known = [each for each in self._features.control.lines if self._features.options_of(each).voice_mail]
        for line in known:
            if waiting(line):
                return line
        return known[0] if known else None


def waiting(line) -> int:
    """The number of new messages of one line."""
    summary = line.messages
    if summary is None or not summary.waiting:
        return 0
    return summary.new or 1
