"""What calls a resource has: application/dialog-info+xml (RFC 4235), read and written."""

from compat import const, is_digits
from sip.syntax import uri, xml
from sip.syntax.grammar import ParseError

CONTENT_TYPE = "application/dialog-info+xml"
_MAX_DIALOGS = const(32)
_STATES = ("trying", "proceeding", "early", "confirmed", "terminated")
_RINGING = ("trying", "proceeding", "early")
_MAX_LENGTH = const(255)
_MAX_NAME = const(64)


class DialogEntry:
    """One dialog of a resource (§4.1.2).

    id                      as the notifier names it
    state                   one of trying proceeding early confirmed terminated
    direction               "initiator", "recipient" or None: the part that the resource has
    call_id                 with local_tag and remote_tag what a Replaces needs, each maybe None
    remote                  sip.syntax.uri.Uri of the other side, or None
    remote_name             its name, or ""
    target                  sip.syntax.uri.Uri at which the other side is in this dialog, or None
    """

    def __init__(self, identifier: str, state: str, direction=None):
        self.id = identifier
        self.state = state
        self.direction = direction
        self.call_id = None
        self.local_tag = None
        self.remote_tag = None
        self.remote = None
        self.remote_name = ""
        self.target = None

    def replaces(self) -> "str | None":
        """The Replaces of who calls the other side in the place of this resource; None if that is not known.

        What is remote from here is local there (RFC 3891 §3).
        """
        if not (self.call_id and self.local_tag and self.remote_tag):
            return None
        early = "" if self.state == "confirmed" else ";early-only"
        return "%s;to-tag=%s;from-tag=%s%s" % (self.call_id, self.remote_tag, self.local_tag, early)


class DialogTable:
    """The dialogs of one resource, kept up with its notifications (§4.3).

    dialogs   DialogEntry objects of those that live
    state     "idle", "ringing" (somebody calls it), "calling" (it calls) or "busy"
    """

    def __init__(self):
        self.dialogs = []
        self._version = None

    def take(self, body) -> bool:
        """Take a notification; whether it is in order: if not, a SUBSCRIBE must ask for all. ParseError."""
        root = xml.parse(body)
        if root.name != "dialog-info":
            raise ParseError("no dialog-info")
        known = self._version
        version = root.get("version") or ""
        # Without one it is the next.
        number = int(version) if is_digits(version, 10) else -1 if known is None else known + 1
        entries = [_entry(element) for element in root.all("dialog")[:_MAX_DIALOGS]]
        if (root.get("state") or "").lower() != "partial":
            # A server that restarted counts from 0 again: its full state is believed.
            self.dialogs = []
        elif known is None or number > known + 1:
            return False
        elif number <= known:
            return True  # nothing new
        self._version = number
        for entry in entries:
            if entry is None:
                continue
            self.dialogs = [each for each in self.dialogs if each.id != entry.id]
            if entry.state != "terminated" and len(self.dialogs) < _MAX_DIALOGS:
                self.dialogs.append(entry)
        return True

    def forget(self) -> None:
        """Nothing is known any more."""
        self.dialogs = []
        self._version = None

    @property
    def state(self) -> str:
        states = [_lamp_of(entry) for entry in self.dialogs]
        for state in ("ringing", "busy", "calling"):
            if state in states:
                return state
        return "idle"

    def ringing(self) -> "DialogEntry | None":
        """A dialog that somebody else may pick up, with what a Replaces needs first; None without one."""
        found = None
        for entry in self.dialogs:
            if _lamp_of(entry) == "ringing":
                if entry.replaces():
                    return entry
                found = found or entry
        return found


def _lamp_of(entry):
    if entry.state not in _RINGING:
        return "busy"
    # Some servers leave out the direction: an early dialog then counts as ringing.
    return "calling" if entry.direction == "initiator" else "ringing"


def _entry(element):
    """The DialogEntry of an element; None where its state is none that we know."""
    state = element.find("state")
    word = "" if state is None else state.text.strip(" \t\r\n").lower()
    identifier = element.get("id") or element.get("call-id") or "-"
    if word not in _STATES:
        return None
    entry = DialogEntry(identifier[:_MAX_LENGTH], word, element.get("direction"))
    entry.call_id = _word(element.get("call-id"))
    entry.local_tag = _word(element.get("local-tag"))
    entry.remote_tag = _word(element.get("remote-tag"))
    remote = element.find("remote")
    if remote is not None:
        identity = remote.find("identity")
        if identity is not None:
            entry.remote = _uri(identity.text.strip(" \t\r\n"))
            entry.remote_name = (identity.get("display") or "")[:_MAX_NAME]
        target = remote.find("target")
        if target is not None:
            entry.target = _uri(target.get("uri"))
    return entry


def _uri(text):
    if not text or len(text) > _MAX_LENGTH:
        return None
    try:
        parsed = uri.parse(text)
    except ParseError:
        return None
    return parsed if parsed.scheme in ("sip", "sips") else None


def _word(text):
    """What goes into a header of ours later: one word, or nothing."""
    if not text or len(text) > _MAX_LENGTH or any(not "!" <= c <= "~" or c in ';,"<>' for c in text):
        return None
    return text


def build(entity: str, version: int, sessions) -> bytes:
    """The full state of the resource `entity` with these session.Session objects (§4)."""
    parts = [
        '<?xml version="1.0"?>\n<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="%d" '
        'state="full" entity="%s">' % (version, xml.escape(entity))
    ]
    for session in sessions:
        state = _STATE_OF.get(session.state)
        if state is not None:
            parts.append(_dialog(session, state))
    parts.append("</dialog-info>\n")
    return "".join(parts).encode()


def _dialog(session, state):
    dialog = session.dialog
    attributes = [("id", str(session.id)), ("call-id", dialog.call_id), ("local-tag", dialog.local.tag)]
    if dialog.remote.tag:
        attributes.append(("remote-tag", dialog.remote.tag))
    attributes.append(("direction", "initiator" if session.direction == "out" else "recipient"))
    pairs = " ".join(['%s="%s"' % (name, xml.escape(value)) for name, value in attributes if value])
    return "<dialog %s><state>%s</state>%s</dialog>" % (pairs, state, _remote(session))


def _remote(session):
    peer = session.identity
    if peer is None:
        return ""  # it wants not to be named
    display = ' display="%s"' % xml.escape(peer.display_name) if peer.display_name else ""
    return '<remote><identity%s>%s</identity><target uri="%s"/></remote>' % (
        display,
        xml.escape(str(peer.uri)),
        xml.escape(str(session.dialog.target)),
    )


# State of a session -> that of its dialog (§3.7.1)
_STATE_OF = {
    "calling": "trying",
    "early": "early",
    "incoming": "proceeding",
    "ringing": "early",
    "answering": "early",
    "accepted": "confirmed",
    "established": "confirmed",
}
