"""The bodies that a user agent accepts, and may answer with (RFC 3261 §8.2.3, §20.1; RFC 5621)."""

from sip.syntax.grammar import ParseError
from sip.syntax.headers import SDP, parse_valued

ACCEPT = SDP + ", multipart/mixed, multipart/alternative"
_DESCRIBED = ("INVITE", "UPDATE", "PRACK")  # methods that may have a session description


def unreadable(request):
    """The (name, value) of the header for a 415 (§8.2.3); None if the body of `request` can be read."""
    if request.method not in _DESCRIBED or not request.body or _optional(request):
        return None
    encoding = request.get("Content-Encoding")
    if encoding and encoding.lower() != "identity":
        return "Accept-Encoding", "identity"
    kind = request.content_type or ""
    if kind.startswith("multipart/"):
        from sip.syntax.multipart import body_of

        readable = body_of(request, SDP) is not None
    else:
        readable = kind == SDP
    return None if readable else ("Accept", ACCEPT)


def takes_sdp(request):
    """Whether the sender accepts SDP in the response (§20.1)."""
    ranges = [text.partition(";")[0].strip(" \t").lower() for text in request.all("Accept")]
    return request.get("Accept") is None or any(each in (SDP, "application/*", "*/*") for each in ranges)


def _optional(request):
    """Whether the body may be ignored (§20.11)."""
    try:
        disposition = parse_valued(request.get("Content-Disposition") or "session")
    except ParseError:
        return False
    return (disposition.params.get("handling") or "").lower() == "optional"
