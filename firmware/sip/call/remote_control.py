"""Remote control of calls by the server of a line; loaded with the first such request.

A call centre (BroadSoft, Genesys) makes the phone answer or hold a call by a NOTIFY with `Event: talk` or
`hold` in the call's dialog. There is no subscription, so only the server of the line may send it.
"""

from sip.events import Event

PACKAGES = ("talk", "hold")


class ControlRequested(Event):
    """The server asks for `session` to be answered or resumed (`package` "talk"), or held ("hold")."""

    topic = "call"

    def __init__(self, session, package: str):
        self.session = session
        self.package = package


def receive(user_agent, transaction, dialog, session, now: int) -> None:
    """A NOTIFY without a subscription came in a `dialog` of `session`. Raises ParseError."""
    package = (transaction.request.get("Event") or "").partition(";")[0].strip(" \t").lower()
    if not dialog.in_order(transaction.request):
        user_agent.refuse(transaction, 500, now)
    elif package not in PACKAGES:
        # Not 481, which would end the dialog (RFC 6665 §4.1.3, RFC 5057 §5.1).
        user_agent.refuse(transaction, 489, now, [("Allow-Events", ", ".join(PACKAGES))])
    elif not user_agent.is_from_server(session.account, transaction):
        user_agent.endpoint.count("notify_from_stranger")
        user_agent.refuse(transaction, 403, now)
    else:
        transaction.reply(200, now)
        user_agent.endpoint.emit(ControlRequested(session, package))
