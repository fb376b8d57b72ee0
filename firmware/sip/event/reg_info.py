"""The bindings of an AOR at its registrar: application/reginfo+xml (RFC 3680)."""

from compat import const, is_digits
from sip.syntax import uri, xml
from sip.syntax.grammar import ParseError

CONTENT_TYPE = "application/reginfo+xml"
_MAX_COUNT = const(32)


class RegContact:
    """One Contact: its Uri, `state` ("active" or "terminated") and the `event` that led to that state."""

    def __init__(self, contact, state: str, event: str):
        self.uri = contact
        self.state = state
        self.event = event


class RegInfo:
    """One notification: `version`, whether it has the `full` state, and all its [RegContact].

    `state` of the AOR: "init", "active" or "terminated".
    """

    def __init__(self, version: int, full: bool, state: str, contacts: list):
        self.version = version
        self.full = full
        self.state = state
        self.contacts = contacts


def parse(body) -> RegInfo:
    """The RegInfo in a document. Raises ParseError."""
    root = xml.parse(body)
    version = root.get("version") or ""
    if root.name != "reginfo" or not is_digits(version, 10):
        raise ParseError("malformed reginfo")
    contacts = []
    state = "init"
    for registration in root.all("registration"):
        state = registration.get("state") or state
        for element in registration.all("contact"):
            if len(contacts) < _MAX_COUNT:
                contacts.append(_contact(element))
    return RegInfo(int(version), root.get("state") == "full", state, contacts)


def _contact(element):
    state = element.get("state")
    if state not in ("active", "terminated"):
        raise ParseError("reginfo: a contact without state")
    return RegContact(uri.parse(element.said("uri")), state, element.get("event") or "")
