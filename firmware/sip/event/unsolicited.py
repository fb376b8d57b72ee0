"""NOTIFYs without a subscription; loaded with the first.

Servers send them to their registered phones: message waiting, and a new configuration (`check-sync`;
`ua-profile` of RFC 6080). Those of other senders are refused: they could restart the phone repeatedly, or
make it load their configuration.
"""

from sip.notices import MessagesWaiting, ProvisioningRequested
from sip.syntax.grammar import ParseError, unquote
from sip.syntax.headers import parse_valued

_MAX_URL = 255
_WORDS = {"true": True, "false": False}


def receive(user_agent, transaction, account, now: int) -> None:
    """A NOTIFY outside of any dialog came for `account`. Raises ParseError."""
    event = parse_valued(transaction.request.get("Event") or "")
    handler = _PACKAGES.get(event.value.lower())
    if handler is None:
        user_agent.refuse(transaction, 481, now)
    elif not user_agent.is_from_server(account, transaction):
        user_agent.endpoint.count("notify_from_stranger")
        user_agent.refuse(transaction, 403, now)
    else:
        notice = handler(account, event, transaction.request)
        transaction.reply(200, now)
        user_agent.endpoint.emit(notice)


def _check_sync(account, event, request):
    word = event.params.get("reboot")
    return ProvisioningRequested(account, "check-sync", _WORDS.get((word or "").lower()))


def _profile(account, event, request):
    return ProvisioningRequested(account, "ua-profile", None, profile_url(request))


def _message_summary(account, event, request):
    from sip.event import message_summary

    return MessagesWaiting(account, message_summary.parse(request.body))


def profile_url(request) -> "str | None":
    """The URL of the profile in a NOTIFY for ua-profile (RFC 6080, RFC 4483); None if it has none.

    Raises ParseError for a malformed URL, or one that is not HTTP.
    """
    value = request.get("Content-Type")
    if value is None:
        return None
    kind = parse_valued(value)
    if kind.value.lower() != "message/external-body" or not kind.params.get("url"):
        return None
    url = unquote(kind.params["url"])
    scheme = url.partition(":")[0].lower()
    if scheme not in ("http", "https") or len(url) > _MAX_URL or any(not "!" <= c <= "~" for c in url):
        raise ParseError("Content-Type: malformed URL")
    return url


_PACKAGES = {"check-sync": _check_sync, "ua-profile": _profile, "message-summary": _message_summary}
