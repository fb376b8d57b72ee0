"""Contacts: their state on lamps and screen, and the pickup of their calls (RFC 4235, 3856)."""

from phone.dialplan import DialError
from sip.event import dialog_info, pidf
from sip.event.subscriber import Subscriber
from sip.notices import SubscriptionChanged
from sip.syntax import uri
from sip.syntax.grammar import ParseError

_EXPIRES_S = 3600
_RINGS_MS = (250, 250)

# State -> word on the screen.
WORDS = {
    "unknown": "",
    "idle": "free",
    "ringing": "ringing",
    "calling": "calling",
    "busy": "on the phone",
    "available": "available",
    "away": "away",
    "offline": "offline",
    "refused": "not allowed",
}
# Words of RPID (RFC 4480) that stand for more than "available".
_AWAY = ("away", "appointment", "holiday", "meal", "meeting", "permanent-absence", "sleeping", "vacation")
_BUSY = ("on-the-phone", "busy")


class Contact:
    """One contact.

    name, address   as phone.json has them
    state           a key of WORDS
    note            the note in the contact's presence document, or ""
    """

    line = None
    subscriber: "Subscriber"
    table: "dialog_info.DialogTable"  # None unless the contact's calls are watched

    def __init__(self, name: str, address: str, watch: str, lamp):
        self.name = name
        self.address = address
        self.watch = watch
        self.state = "unknown"
        self.note = ""
        self.lamp = lamp
        self.line = None
        self.subscriber = None
        self.table = None


class Contacts:
    """`entries` are the Contacts, in the order of phone.json; the first has the lamp "contact1" and so on."""

    def __init__(self, features):
        self._features = features
        self.entries = []
        for number, each in enumerate(features.watched):
            lamp = features.lamp("contact%d" % (number + 1)) if features.lamp else None
            self.entries.append(Contact(each.name or each.address, each.address, each.watch, lamp))

    def begin(self, line, now: int) -> None:
        """Subscribe to the contacts of this line."""
        for contact, settings in zip(self.entries, self._features.watched):
            if settings.line != line.number:
                continue
            contact.line = line
            if contact.watch == "nothing":
                continue
            if contact.subscriber is not None:
                contact.subscriber.renew(now)
                continue
            try:
                target = self._features.dialplan.target(contact.address, line.account)
            except DialError:
                continue  # the address in phone.json is wrong; the other contacts work
            self._subscribe(contact, target, now)

    def _subscribe(self, contact, target, now):
        if contact.watch == "calls":
            contact.table = dialog_info.DialogTable()
            name, content_type = "dialog", dialog_info.CONTENT_TYPE
        else:
            name, content_type = "presence", pidf.CONTENT_TYPE
        user_agent, account = self._features.user_agent, contact.line.account
        contact.subscriber = Subscriber(
            user_agent,
            account,
            target,
            package=name,
            accept=content_type,
            expires=_EXPIRES_S,
            now=now,
            tag=self,
        )

    # Events

    def on_event(self, event, now: int) -> None:
        """Notified or SubscriptionChanged of one of our subscriptions."""
        for contact in self.entries:
            if contact.subscriber is event.subscriber:
                if isinstance(event, SubscriptionChanged):
                    self._on_subscription(contact, now)
                elif event.body:
                    self._on_notify(contact, event, now)
                elif contact.table is not None and contact.subscriber.state == "active":
                    # Some servers send an empty NOTIFY for a contact without calls.
                    contact.table.forget()
                    self._set(contact, "idle", "", now)
                return

    def _on_subscription(self, contact, now):
        subscriber = contact.subscriber
        if subscriber.state == "terminated":
            self._set(contact, "refused" if subscriber.status in (401, 403, 407, 603) else "unknown", "", now)
        elif subscriber.state == "waiting":
            if contact.table is not None:
                contact.table.forget()
            self._set(contact, "unknown", "", now)

    def _on_notify(self, contact, event, now):
        try:
            if contact.table is None:
                state, note = _seen(event.body)
            else:
                if not contact.table.take(event.body):
                    contact.subscriber.renew(now)  # a version is missing: ask for the full state
                    return
                state, note = contact.table.state, ""
        except ParseError:
            self._features.user_agent.endpoint.count("malformed_notify")
            return
        self._set(contact, state, note, now)

    def _set(self, contact, state, note, now):
        if (state, note) == (contact.state, contact.note):
            return
        contact.state, contact.note = state, note
        if contact.lamp is not None:
            if state == "ringing":
                contact.lamp.blink(_RINGS_MS[0], _RINGS_MS[1], now)
            elif state in ("busy", "calling"):
                contact.lamp.on()
            else:
                contact.lamp.off()
        self._features.notify("contact", contact)

    # For the person

    def call(self, contact: Contact, now: int):
        """Call the contact, or pick up the call that rings there; returns the Call. Raises DialError."""
        control = self._features.control
        if contact.state != "ringing":
            return control.dial(contact.address, now, contact.line)
        if self._features.pickup:
            return control.dial(self._features.pickup + contact.address, now, contact.line)
        entry = contact.table.ringing()
        replaces = entry.replaces()
        if replaces is None:
            raise DialError("No call pickup code")  # the web interface's name of dialplan.pickup
        target = entry.target or entry.remote or contact.subscriber.uri
        return control.dial(str(bare(target)), now, contact.line, [("Replaces", replaces)])


def bare(target):
    """`target`, which came from the network, without its headers."""
    if not target.headers:
        return target
    copy = uri.parse(str(target))
    copy.headers = []
    return copy


def _seen(body):
    """(state, note) of a presence document."""
    presence = pidf.parse(body)
    state = {True: "available", False: "offline", None: "unknown"}[presence.open]
    if any(word in _BUSY for word in presence.activities):
        state = "busy"
    elif any(word in _AWAY for word in presence.activities):
        state = "away"
    return state, presence.note
