"""Responses whose Contact or Record-Route is malformed; loaded with the first of them.

An element between the phones has damaged the response. A 2xx is still acknowledged, and its call ended
(RFC 3261 §13.2.2.4): otherwise the callee would stay in the call, retransmit its 2xx for 32 s, and the call
would be billed.
"""

from sip.agent.client_request import ClientRequest
from sip.agent.dialog import Dialog
from sip.syntax.grammar import ParseError
from sip.syntax.headers import NameAddr
from sip.syntax.uri import Uri


def follow(dialog, response, source, transport: str) -> None:
    """Set target and routes of `dialog` from the valid headers of `response`.

    Without a valid Contact the target stays the Request-URI. A malformed route set is replaced by the
    `source` (host, port) of the response, which is the first element of that route set, or the peer.
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
    """Acknowledge and end the call of a 2xx whose INVITE transaction is over. Raises ParseError."""
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
        return  # the call exists: its ACK was sent
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
