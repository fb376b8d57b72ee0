"""The caller's identity and the diverting parties, as servers report them (RFC 3323, 3325, 5806, 7044).

Loaded with the first message that has such a header.
"""

from compat import lookup
from sip.syntax.grammar import ParseError, number, split, unescape
from sip.syntax.headers import NameAddr, parse_name_addr, parse_valued
from sip.syntax.message import Request
from sip.syntax.uri import Uri

HEADERS = ("P-Asserted-Identity", "Remote-Party-ID", "Privacy", "Diversion", "History-Info")
_HIDING = ("id", "user", "header")
_MAX_ENTRIES = 32  # of a History-Info
_MAX_PARTIES = 3  # of Remote-Party-ID: caller, callee, redirecting party
_WITHHELD = ("full", "name", "uri")

# `cause` of RFC 4458 §2.1 -> diversion reason of RFC 5806 §5.3
_REASONS = (
    (302, "unconditional"),
    (404, "unknown"),
    (408, "no-answer"),
    (480, "deflection"),
    (486, "user-busy"),
    (487, "deflection"),
    (503, "unavailable"),
)


def _values(message, name):
    # The phone rings even if a header about the caller is malformed.
    try:
        return message.all(name)
    except ParseError:
        return []


def is_private(message) -> bool:
    """Whether the sender asks for privacy (RFC 3323 §4.2, RFC 3325 §9.3)."""
    for value in _values(message, "Privacy"):
        words = [word.strip(" \t").lower() for word in value.split(";")]
        if any(word in _HIDING for word in words):
            return True
    return False


def asserted(message) -> "NameAddr | None":
    """The identity that a trusted server asserts (RFC 3325 §9.1); a SIP URI is preferred to a tel URI."""
    found = None
    for text in _values(message, "P-Asserted-Identity")[:2]:
        try:
            entry = parse_name_addr(text)
        except ParseError:
            continue
        if entry.uri.opaque is None and (found is None or found.uri.scheme == "tel" != entry.uri.scheme):
            found = entry
    return found


def reported(message, known):
    """The peer's identity that our server reports in `message`; `known` if it reports none.

    From P-Asserted-Identity, or Remote-Party-ID of draft-ietf-sip-privacy, which many PBXs send instead.
    None: the peer asks for privacy.
    """
    entry = asserted(message)
    if entry is not None:
        return entry
    texts = []
    for value in _values(message, "Remote-Party-ID"):
        try:
            texts += split(value, ",")
        except ParseError:
            return known
    # The initial INVITE may name us as well, as the called party.
    others = (
        "redirecting",
        "called" if isinstance(message, Request) and not message.to.tag else "redirecting",
    )
    for text in texts[:_MAX_PARTIES]:
        try:
            entry = parse_name_addr(text)
        except ParseError:
            continue
        if (entry.params.get("party") or "").lower() not in others and entry.uri.opaque is None:
            return None if (entry.params.get("privacy") or "").lower().strip('"') in _WITHHELD else entry
    return known


def is_anonymous(entry) -> bool:
    """Whether a From is anonymous (RFC 3323 §4.1.1.3)."""
    host = entry.uri.host or ""
    return (entry.uri.user or "").lower() == "anonymous" or host.endswith("anonymous.invalid")


def referred_by(request) -> "NameAddr | None":
    """The party that transferred the caller to us (RFC 3892 §3)."""
    try:
        return parse_name_addr(request.get("Referred-By"))
    except ParseError:
        return None


def anonymous() -> NameAddr:
    """An anonymous From."""
    return NameAddr(Uri("sip", "anonymous.invalid", user="anonymous"), "Anonymous")


def diverted_from(request) -> "NameAddr | None":
    """The last party that diverted the call to us; its parameter `reason` is that of RFC 5806."""
    for text in _values(request, "Diversion")[:1]:
        try:
            entry = parse_name_addr(text)
        except ParseError:
            return None
        return None if (entry.params.get("privacy") or "off").lower() not in ("off", '"off"') else entry
    return _from_history(request)


def _from_history(request):
    """The last entry of History-Info that was retargeted, with the reason (RFC 7044 §10)."""
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
        given_up.params["reason"] = lookup(_REASONS, number(cause or "", "cause"), "unknown")
    except ParseError:
        given_up.params["reason"] = "unknown"
    return given_up
