"""Presence: application/pidf+xml (RFC 3863) with RPID activities (RFC 4480), read and written."""

from compat import const
from sip.syntax import xml
from sip.syntax.grammar import ParseError

CONTENT_TYPE = "application/pidf+xml"
_RPID = "urn:ietf:params:xml:ns:pidf:rpid"
_MAX_ACTIVITIES = const(8)
_MAX_NOTE = const(64)


class Presence:
    """The presence of a person.

    `open` (available) is True, False or None (unknown); `activities` are those of RPID, such as
    "on-the-phone"; `note` is the person's own text, or "".
    """

    def __init__(self, is_open=None, activities=(), note: str = ""):
        self.open = is_open
        self.activities = list(activities)
        self.note = note

    def __eq__(self, other):
        return isinstance(other, Presence) and self.__dict__ == other.__dict__


def parse(body) -> Presence:
    """The Presence in a document, its tuples and persons merged. Raises ParseError."""
    root = xml.parse(body)
    if root.name != "presence":
        raise ParseError("no presence")
    found = Presence()
    for child in root.children:
        if child.name == "tuple":
            status = child.find("status")
            word = "" if status is None else status.said("basic").lower()
            if word == "open":
                found.open = True
            elif word == "closed" and found.open is None:
                found.open = False
        if child.name in ("tuple", "person"):
            _take_activities(found, child)
            _take_activities(found, child.find("status"))
        if child.name in ("tuple", "person", "note"):
            note = child.text if child.name == "note" else child.said("note")
            found.note = found.note or note.strip(" \t\r\n")[:_MAX_NOTE]
    return found


def _take_activities(found, element):
    activities = None if element is None else element.find("activities")
    if activities is None:
        return
    for activity in activities.children:
        word = activity.text.strip(" \t\r\n") if activity.name == "other" else activity.name
        known = activity.name != "note" and word and word not in found.activities
        if known and len(found.activities) < _MAX_ACTIVITIES:
            found.activities.append(word[:_MAX_NOTE])


def build(entity: str, presence: Presence) -> bytes:
    """The document for the address `entity`."""
    basic = "closed" if presence.open is False else "open"
    person = ""
    if presence.activities:
        words = "".join(["<rpid:%s/>" % word for word in presence.activities])
        person = '<dm:person id="p1"><rpid:activities>%s</rpid:activities></dm:person>' % words
    note = "<note>%s</note>" % xml.escape(presence.note) if presence.note else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<presence xmlns="urn:ietf:params:xml:ns:pidf" '
        'xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:rpid="%s" entity="%s">'
        '<tuple id="t1"><status><basic>%s</basic></status>%s</tuple>%s</presence>\n'
        % (_RPID, xml.escape(entity), basic, note, person)
    ).encode()
