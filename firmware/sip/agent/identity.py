"""The caller's identity and earlier callees, as servers report them (RFC 3323, 3325, 5806, 7044).

Loaded with the first message that has such a header.
"""

from sip.syntax.grammar import ParseError, number, unescape
from sip.syntax.headers import NameAddr, parse_name_addr, parse_valued
from sip.syntax.uri import Uri

HEADERS = ("P-Asserted-Identity", "Privacy", "Diversion", "History-Info")
_HIDING = ("id", "user", "header")
_MAX_ENTRIES = 32  # of a History-Info

# Why a call was sent on, in the words of RFC 5806 §5.3 (RFC 4458 §2.1)
_REASONS = {302: "unconditional", 404: "unknown", 408: "no-answer", 480: "deflection", 486: "user-busy"}
_REASONS[487] = "deflection"
_REASONS[503] = "unavailable"


def _values(message, name):
    # The phone rings even if a header about the caller is malformed.
    try:
        return message.all(name)
    except ParseError:
        return []


def is_private(message) -> bool:
    """Whether the sender wants not to be named (RFC 3323 §4.2, RFC 3325 §9.3)."""
    for value in _values(message, "Privacy"):
        words = [word.strip(" \t").lower() for word in value.split(";")]
        if any(word in _HIDING for word in words):
            return True
    return False


def asserted(message) -> "NameAddr | None":
    """The identity that a trusted server vouches for (RFC 3325 §9.1), a SIP URI before a tel URI."""
    found = None
    for text in _values(message, "P-Asserted-Identity")[:2]:
        try:
            entry = parse_name_addr(text)
        except ParseError:
            continue
        if entry.uri.opaque is None and (found is None or found.uri.scheme == "tel" != entry.uri.scheme):
            found = entry
    return found


def is_anonymous(entry) -> bool:
    """Whether a From names nobody (RFC 3323 §4.1.1.3)."""
    host = entry.uri.host or ""
    return (entry.uri.user or "").lower() == "anonymous" or host.endswith("anonymous.invalid")


def referred_by(request) -> "NameAddr | None":
    """The party that transferred the caller to us (RFC 3892 §3)."""
    try:
        return parse_name_addr(request.get("Referred-By"))
    except ParseError:
        return None


def anonymous() -> NameAddr:
    """A From that names nobody."""
    return NameAddr(Uri("sip", "anonymous.invalid", user="anonymous"), "Anonymous")


def diverted_from(request) -> "NameAddr | None":
    """The last party that diverted the call to us; its parameter `reason` is a reason of RFC 5806."""
    for text in _values(request, "Diversion")[:1]:
        try:
            entry = parse_name_addr(text)
        except ParseError:
            return None
        return None if (entry.params.get("privacy") or "off").lower() not in ("off", '"off"') else entry
    return _from_history(request)


def _from_history(request):
    """The last entry of History-Info that was given up for another, with the reason for it (RFC 7044 §10)."""
    found = None
    before = None
    for text in _values(request, "History-Info")[:_MAX_ENTRIES]:
        try:
            entry = parse_name_addr(text)
        except ParseError:
            continue
        if before is not None and "cause" in entry.uri.params:
            found = _given_up(before, entry.uri.params["cause"])
        for name, value in entry.uri.headers:
            if name.lower() == "reason":
                found = _given_up(entry, _cause(value))
        before = entry
    return found


def _cause(value):
    try:
        return parse_valued(unescape(value)).params.get("cause")
    except ParseError:
        return None


def _given_up(entry, cause):
    if any(name.lower() == "privacy" for name, _ in entry.uri.headers):
        return None
    uri = entry.uri.copy()
    uri.headers = []
    given_up = NameAddr(uri, entry.display_name)
    try:
        given_up.params["reason"] = _REASONS.get(number(cause or "", "cause"), "unknown")
    except ParseError:
        given_up.params["reason"] = "unknown"
    return given_up
