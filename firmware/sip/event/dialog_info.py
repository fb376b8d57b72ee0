"""The dialogs of a resource: application/dialog-info+xml (RFC 4235), read and written."""

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
    direction               the role of the resource: "initiator", "recipient" or None
    call_id                 with local_tag and remote_tag: for a Replaces; each may be None
    remote                  sip.syntax.uri.Uri of the other side, or None
    remote_name             display name of the other side, or ""
    target                  sip.syntax.uri.Uri of the other side's remote target, or None
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
        """The Replaces with which a call to the other side replaces this resource; None if unknown.

        To-tag and from-tag are as seen by the other side (RFC 3891 §3).
        """
        if not (self.call_id and self.local_tag and self.remote_tag):
            return None
        early = "" if self.state == "confirmed" else ";early-only"
        return "%s;to-tag=%s;from-tag=%s%s" % (self.call_id, self.remote_tag, self.local_tag, early)


class DialogTable:
    """The dialogs of one resource, updated by its notifications (§4.3).

    dialogs   DialogEntry objects of dialogs that are not terminated
    state     "idle", "ringing" (somebody calls it), "calling" (it calls) or "busy"
    """

    def __init__(self):
        self.dialogs = []
        self._version = None

    def take(self, body) -> bool:
        """Take a notification. Returns False if one is missing: a SUBSCRIBE must fetch the full state.

        Raises ParseError.
        """
        root = xml.parse(body)
        if root.name != "dialog-info":
            raise ParseError("no dialog-info")
        known = self._version
        version = root.get("version") or ""
        # A missing version counts as the next.
        number = int(version) if is_digits(version, 10) else -1 if known is None else known + 1
        entries = [_entry(element) for element in root.all("dialog")[:_MAX_DIALOGS]]
        if (root.get("state") or "").lower() != "partial":
            # Full state is taken with any version: a restarted server counts from 0 again.
            self.dialogs = []
        elif known is None or number > known + 1:
            return False
        elif number <= known:
            return True  # an old notification
        self._version = number
        for entry in entries:
            if entry is None:
                continue
            self.dialogs = [each for each in self.dialogs if each.id != entry.id]
            if entry.state != "terminated" and len(self.dialogs) < _MAX_DIALOGS:
                self.dialogs.append(entry)
        return True

    def forget(self) -> None:
        """Drop all dialogs: the state is unknown."""
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
        """A dialog that can be picked up, preferably one with `replaces()`; None if nothing rings."""
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
    # Some servers omit the direction: an early dialog then counts as ringing.
    return "calling" if entry.direction == "initiator" else "ringing"


def _entry(element):
    """The DialogEntry of an element; None for an unknown state."""
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
    """`text` if it is safe in a header of ours, else None."""
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
        return ""  # it asks for privacy
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
