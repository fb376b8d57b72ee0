"""The dialog of a response whose Contact or Record-Route cannot be read; loaded with the first of them.

Somebody between the phones has damaged it. A 2xx is acknowledged all the same and its call ended (RFC 3261
§13.2.2.4): without them the other side would stand in the call, repeat its 2xx for 32 s and be billed for it.
"""

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
        dialog.routes = list(reversed(response.record_routes))
    except ParseError:
        dialog.routes = []
        if source is not None:
            first = Uri("sip", source[0], port=source[1])
            first.params["lr"] = None
            if transport != "udp":
                first.params["transport"] = transport
            dialog.routes.append(NameAddr(first))
