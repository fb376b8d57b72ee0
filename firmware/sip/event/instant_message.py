"""MESSAGE: instant messages in pager mode (RFC 3428), sent and received; loaded with the first."""

from compat import const
from sip.agent.client_request import ClientRequest
from sip.events import LocalError
from sip.notices import MessageDelivered, MessageReceived
from sip.syntax.headers import parse_valued

MAX_LENGTH = const(1300)  # octets of text, sent or received: fits into a datagram with its headers (§8)
_CONTENT_TYPE = "text/plain;charset=UTF-8"


class Message:
    """A MESSAGE of ours: `status` is 0 until the final response; see MessageDelivered."""

    def __init__(self, account, target, text: str):
        self.account = account
        self.target = target
        self.text = text
        self.status = 0
        self.reason = ""


def send(user_agent, account, target, text: str, now: int) -> Message:
    """Send `text` to `target` (Uri); MessageDelivered follows.

    LocalError for an empty text, for one of more than MAX_LENGTH octets of UTF-8, and without an address.
    """
    octets = text.encode()
    if not 0 < len(octets) <= MAX_LENGTH:
        raise LocalError("a text of %d octets" % len(octets))
    message = Message(account, target, text)
    user_agent.local_contact(account)  # LocalError without a network
    request = user_agent.initial_request(account, "MESSAGE", target)
    request.add("Content-Type", _CONTENT_TYPE)
    request.body = octets

    def report(client_request, response, now):
        if response.status >= 200:
            message.status = response.status
            message.reason = response.reason
            user_agent.endpoint.emit(MessageDelivered(message, response.status, response.reason))

    ClientRequest(user_agent, account, request, report, now)
    return message


def receive(user_agent, transaction, account, now: int) -> None:
    """A MESSAGE came for `account`. Raises ParseError."""
    request = transaction.request
    content = parse_valued(request.get("Content-Type") or "text/plain")
    charset = (content.params.get("charset") or "utf-8").strip('"').lower()
    text = None
    if charset == "iso-8859-1":
        text = "".join([chr(octet) for octet in request.body])
    elif charset in ("utf-8", "us-ascii"):
        try:
            text = str(bytes(request.body), "utf-8")
        except UnicodeError:
            pass
    if user_agent.endpoint.is_merged(transaction):
        user_agent.refuse(transaction, 482, now)
    elif len(request.body) > MAX_LENGTH:
        user_agent.refuse(transaction, 413, now)
    elif content.value.lower() != "text/plain" or _is_encoded(request):
        user_agent.refuse(transaction, 415, now, [("Accept", "text/plain"), ("Accept-Encoding", "identity")])
    elif text is None:
        user_agent.refuse(transaction, 415, now, [("Accept", _CONTENT_TYPE)])
    else:
        sender = sender_of(user_agent, account, transaction)
        transaction.reply(200, now)
        if text:
            user_agent.endpoint.emit(MessageReceived(account, sender, text))


def _is_encoded(request):
    return (request.get("Content-Encoding") or "identity").lower() != "identity"


def sender_of(user_agent, account, transaction):
    """headers.NameAddr of the sender: as our server asserts it, else the From."""
    request = transaction.request
    vouches = user_agent.is_from_server(account, transaction)
    if vouches and request.get("P-Asserted-Identity") is not None:
        from sip.agent.identity import asserted

        return asserted(request) or request.from_
    return request.from_
