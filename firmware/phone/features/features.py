"""Features: the functions of the phone other than calls. Each part is loaded at its first use.

part                function
voice_mail          messages waiting in the mailboxes: RFC 3842
texts               short messages: RFC 3428
contacts            the state of contacts, on lamps and screen: RFC 4235, RFC 3856
shared_state        our state for others: RFC 4235, RFC 3903
registration_watch  the registrations of our lines: RFC 3680
"""

from sip.events import RegistrationChanged

# Part, which is also the name of its module -> class.
_CLASSES = {
    "voice_mail": "VoiceMail",
    "texts": "Texts",
    "contacts": "Contacts",
    "shared_state": "SharedState",
    "registration_watch": "RegistrationWatch",
}
# Topic of an event (sip.notices) -> the part that takes it; a subscription's `tag` is its part.
_PARTS = {"mailbox": "voice_mail", "message": "texts"}


class LineOptions:
    """The options of one line in phone.json; see docs/configuration.md."""

    voice_mail = None
    mwi = None
    presence = False
    share_calls = False
    watch_registration = False


def _save(thing):
    thing.save()


class Features:
    """The features of the lines of `control` (phone.call_control.CallControl); made once.

    control, storage   those of the phone
    dialplan           dialplan.DialPlan
    local_time         returns the local time as a tuple, or None
    options            an object with the names of LineOptions for each line, in the order of the lines
    watched            the contacts' settings: objects with `address`, `name`, `line`, `watch`, in key order
    pickup             the call pickup code, dialled before the number of a ringing contact, or None
    lamp               function: name of a lamp of the board -> hal.contract Lamp
    later              function (thing) that has `thing.save()` called later; None: save at once
    """

    def __init__(
        self,
        *,
        control,
        storage,
        dialplan,
        local_time,
        options=(),
        watched=(),
        pickup=None,
        lamp=None,
        later=None,
    ):
        self.control = control
        self.user_agent = control.user_agent
        self.storage = storage
        self.dialplan = dialplan
        self.local_time = local_time
        self.watched = watched
        self.pickup = pickup
        self.lamp = lamp
        self.later = later or _save
        self._options = options
        self._parts = {}
        control.listeners.append(self._on_change)
        if any(each.share_calls or each.presence for each in options):
            self.part("shared_state")
        if storage.read("texts.json") is not None:
            self.part("texts")

    def part(self, name: str):
        """The part of this name; loads it if necessary."""
        if name not in self._parts:
            module = __import__("phone.features." + name, None, None, (_CLASSES[name],))
            self._parts[name] = getattr(module, _CLASSES[name])(self)
        return self._parts[name]

    def loaded(self, name: str):
        """The part if it is loaded; None otherwise."""
        return self._parts.get(name)

    def options_of(self, line):
        """The options of a phone.line.Line."""
        at = line.number - 1
        return self._options[at] if at < len(self._options) else LineOptions

    def line_of(self, account):
        """The phone.line.Line of a sip Account."""
        for line in self.control.lines:
            if line.account is account:
                return line
        return None

    def notify(self, kind: str, thing) -> None:
        """Notify the listeners that `thing`, which a screen shows, has changed."""
        for listener in list(self.control.listeners):
            listener(kind, thing)

    def show_waiting(self, now: int) -> None:
        """Show on lamp and screen how many voice messages and texts wait."""
        count = 0
        news = []
        for name in ("voice_mail", "texts"):
            part = self._parts.get(name)
            if part is not None and part.unread:
                count += part.unread
                news.append("%d %s" % (part.unread, part.noun))
        self.control.show_messages(count, ", ".join(news), now)

    # Events

    def settle(self, now: int) -> None:
        """After any input: publish our state if it has changed."""
        part = self._parts.get("shared_state")
        if part is not None and part.due:
            part.tell(now)

    def shutdown(self, now: int) -> None:
        """Remove our publications; call this before UserAgent.shutdown."""
        if "shared_state" in self._parts:
            self._parts["shared_state"].shutdown(now)

    def on_event(self, event, now: int) -> None:
        """Take one event of the endpoint."""
        topic = event.topic
        if topic == "subscription":
            event.subscriber.tag.on_event(event, now)
        elif topic == "digits":
            self._on_digits(event)
        elif topic in _PARTS:
            self.part(_PARTS[topic]).on_event(event, now)
        elif isinstance(event, RegistrationChanged):
            self._on_registration(event.registration, now)

    def start(self, now: int) -> None:
        """The network is up: start the features of the lines that do not register."""
        for line in self.control.lines:
            if line.state == "off":
                self._begin(line, now)

    def _on_registration(self, registration, now):
        line = self.line_of(registration.account)
        if line is not None and registration.state == "failed":
            line.begun = None  # a server that was unreachable may have lost our subscriptions
        if line is None or registration.state != "registered":
            return
        at = str(registration.contact)
        if line.begun != at:
            # Features start with the first registration, and again when our address has changed.
            line.begun = at
            self._begin(line, now)

    def _begin(self, line, now):
        options = self.options_of(line)
        wanted = (
            ("voice_mail", options.mwi or options.mwi is None and options.voice_mail is not None),
            ("contacts", any(each.line == line.number for each in self.watched)),
            ("shared_state", options.presence),
            ("registration_watch", options.watch_registration),
        )
        for name, is_wanted in wanted:
            if is_wanted:
                self.part(name).begin(line, now)

    def _on_digits(self, event):
        for call in self.control.calls:
            if call.session is event.session:
                call.add_digits(event.digits)
                self.notify("call", call)

    def _on_change(self, kind, thing):
        if kind == "call" and "shared_state" in self._parts:
            self._parts["shared_state"].due = True
