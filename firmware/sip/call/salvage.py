"""The dialog of a response whose Contact or Record-Route cannot be read; loaded with the first of them.

Somebody between the phones has damaged it. A 2xx is acknowledged all the same and its call ended (RFC 3261
§13.2.2.4): without them the other side would stand in the call, repeat its 2xx for 32 s and be billed for it.
"""

from sip.agent.client_request import ClientRequest
from sip.agent.dialog import Dialog
from sip.syntax.grammar import ParseError
from sip.syntax.headers import NameAddr
from sip.syntax.uri import Uri


def follow(dialog, response, source, transport: str) -> None:
    """Make the best of `response` for `dialog`, whose target is still the Request-URI.

    What can be read counts. For a route set that cannot be read stands the `source` (host, port) of the
    response, which is the first element of that route set, or the peer.
    """
    try:
        target = dialog.target_in(response)
    except ParseError:
        target = None
    dialog.target = target or dialog.target
    try:
        dialog.routes = dialog.routes_in(response)
    except ParseError:
        dialog.routes = []
        if source is not None:
            first = Uri("sip", source[0], port=source[1])
            first.params["lr"] = None
            if transport != "udp":
                first.params["transport"] = transport
            dialog.routes.append(NameAddr(first))


def end_stray(user_agent, response, source, now: int) -> None:
    """Acknowledge and end the call of a 2xx to an INVITE that nobody knows any more. Raises ParseError."""
    number = response.cseq.number
    dialog = Dialog(
        response.call_id,
        response.from_,
        response.to,
        response.to.uri,
        [],
        local_sequence=number,
        remote_sequence=None,
    )
    if user_agent.dialog_of(dialog.key)[1] is not None:
        return  # the call stands: its ACK was sent
    try:
        dialog.follow(response)
    except ParseError:
        follow(dialog, response, source, response.via.transport.lower())
    ours = [each for each in user_agent.accounts if each.aor.user == response.from_.uri.user]
    account = (ours or user_agent.accounts)[0]
    user_agent.endpoint.send(dialog.ack(number), now)
    request = user_agent.dialog_request(dialog, "BYE", account)
    ClientRequest(user_agent, account, request, _ignore, now, dialog)


def _ignore(client_request, response, now):
    pass
