"""Checks of phone book entries; loaded when the phone book is read or changed."""

from compat import const
from sip.syntax import uri
from sip.syntax.grammar import ParseError

_MAX_LENGTH = const(64)
_NUMBER = " -./()+*#0123456789"


def wrong_entries(entries, most: int) -> "list[str]":
    """The errors, with paths, of entries that somebody wants to store; [] for none."""
    found = malformed(entries, most)
    if not found:
        for index, entry in enumerate(entries):
            if wrong_number(entry[1]):
                found.append("names[%d].number: %s" % (index, wrong_number(entry[1])))
    return found


def malformed(entries, most: int) -> "list[str]":
    """The errors, with paths, in the shape of the entries; numbers are not checked."""
    if not isinstance(entries, list) or len(entries) > most:
        return ["names: must be a list of at most %d" % most]
    found = []
    for index, entry in enumerate(entries):
        if not isinstance(entry, list) or len(entry) != 2:
            return ["names[%d]: must be a name and a number" % index]
        for field, value in zip(("name", "number"), entry):
            path = "names[%d].%s" % (index, field)
            if not isinstance(value, str) or not 1 <= len(value.strip()) <= _MAX_LENGTH:
                found.append("%s: must have 1 to %d characters" % (path, _MAX_LENGTH))
            elif any(c < " " or c == "\x7f" or 0xD800 <= ord(c) <= 0xDFFF for c in value):
                found.append(path + ": must not contain control characters")
    return found


def wrong_number(text: str) -> "str | None":
    """The error in a number to be stored; None: the number can be dialled."""
    text = text.strip()
    is_address = "@" in text or ":" in text
    bare = text if is_address else "".join([c for c in text if c not in _NUMBER])
    if " " in text and bare or any(c < " " or c in '<>"\\' for c in text):
        return "must be a number or a SIP address"
    if is_address:
        try:
            found = uri.parse(text if ":" in text.partition("@")[0] else "sip:" + text)
        except ParseError:
            return "must be a number or a SIP address"
        if found.scheme not in ("sip", "sips", "tel"):
            return "must be a number or a SIP address"
    return None
