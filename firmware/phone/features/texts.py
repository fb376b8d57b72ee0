"""Texts: short messages, received and sent (RFC 3428); the latest are kept over a restart."""

import json

from compat import const
from phone.dialplan import DialError
from sip.event import instant_message
from sip.events import LocalError
from sip.notices import MessageReceived

_NAME = "texts.json"
_MAX_COUNT = const(20)
_MAX_OCTETS = const(6000)  # of all texts together: they are in memory
_STATES = ("new", "read", "sending", "sent", "failed")
MAX_LENGTH = instant_message.MAX_LENGTH


class Text:
    """One message.

    `state` is "new" or "read" (received), "sending", "sent" or "failed" (ours); `name` and `number` are those
    of the other side, `at` is the local time (year, month, day, hour, minute) or None.
    """

    def __init__(self, state: str, name: str, number: str, text: str, at=None):
        self.state = state
        self.name = name
        self.number = number
        self.text = text
        self.at = at


class Texts:
    """`entries` are the texts, newest first; `unread` counts the new ones."""

    noun = "new text"

    def __init__(self, features):
        self._features = features
        self.entries = []
        self._sending = []  # (instant_message.Message, Text)
        self._load()

    @property
    def unread(self) -> int:
        return len([text for text in self.entries if text.state == "new"])

    def send(self, number: str, text: str, now: int, line=None) -> Text:
        """Send `text` to `number`, which the dial plan resolves as for a call. Raises DialError."""
        control = self._features.control
        line = line or control.default_line
        if line is None:
            raise DialError("No account set up")
        target = self._features.dialplan.target(number, line.account)
        try:
            message = instant_message.send(self._features.user_agent, line.account, target, text, now)
        except LocalError:
            raise DialError("No network" if text and len(text.encode()) <= MAX_LENGTH else "Too long")
        entry = Text("sending", number, number, text, self._at())
        self._sending.append((message, entry))
        self._add(entry, now)
        return entry

    def see(self, entry: Text, now: int) -> None:
        """The person has read `entry`."""
        if entry.state == "new":
            entry.state = "read"
            self._changed(now)

    def remove(self, entry: Text, now: int) -> None:
        if entry in self.entries:
            self.entries.remove(entry)
            self._changed(now)

    def on_event(self, event, now: int) -> None:
        """MessageReceived or MessageDelivered."""
        if isinstance(event, MessageReceived):
            line = self._features.line_of(event.account)
            if line is not None:
                from phone.names import name_and_number  # let go of after the last call, so not kept here

                name, number = name_and_number(event.sender, line)
                self._add(Text("new", name, number, event.text, self._at()), now)
                self._features.notify("text", self.entries[0])
            return
        for pair in list(self._sending):
            if pair[0] is event.message:
                self._sending.remove(pair)
                pair[1].state = "sent" if event.status < 300 else "failed"
                self._changed(now)
                self._features.notify("text", pair[1])

    def _at(self):
        at = self._features.local_time()
        return at[:5] if at else None

    def _add(self, entry, now):
        self.entries.insert(0, entry)
        octets = 0
        for at, each in enumerate(self.entries):
            octets += len(_row(each))
            if at >= _MAX_COUNT or at and octets > _MAX_OCTETS:
                del self.entries[at:]
                break
        self._changed(now)

    def _changed(self, now):
        self._features.later(self)
        self._features.show_waiting(now)
        self._features.notify("texts", self)

    def save(self) -> None:
        """Store the texts."""
        pieces = []
        for entry in self.entries:
            pieces += [b",", _row(entry)] if pieces else [_row(entry)]
        try:
            self._features.storage.write(_NAME, b"[", *pieces, b"]")
        except OSError:
            pass  # a full or broken storage loses the list at the next start

    def _load(self):
        try:
            octets = self._features.storage.read(_NAME)
            rows = json.loads(octets) if octets else []
            self.entries = [_text(row) for row in rows[:_MAX_COUNT]]
        except (OSError, ValueError, TypeError, KeyError, RuntimeError):
            self.entries = []  # malformed or truncated: start with an empty list


def _row(entry):
    fields = [entry.state, entry.name, entry.number, entry.text, entry.at]
    return json.dumps(fields, separators=(",", ":")).encode()


def _text(row):
    state, name, number, text, at = row
    if state not in _STATES or not all(isinstance(each, str) for each in (name, number, text)):
        raise ValueError("not a text")
    if at is not None and (len(at) != 5 or not all(isinstance(part, int) for part in at)):
        raise ValueError("not a time")
    # A text that was being sent when the phone stopped counts as not delivered.
    return Text("failed" if state == "sending" else state, name, number, text, tuple(at) if at else None)
