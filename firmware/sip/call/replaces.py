"""Calls that replace another (RFC 3891), and the refusal to join one (RFC 3911).

Loaded with the first request that has a Replaces or a Join.
"""

from sip.agent.dialog import parse_dialog_id


def replaces_of(dialog) -> str:
    """The Replaces value, as seen by the peer, with which a third party replaces us in `dialog` (§6.1)."""
    return "%s;to-tag=%s;from-tag=%s" % (dialog.call_id, dialog.remote.tag, dialog.local.tag)


def find(user_agent, request) -> tuple:
    """(the Session that `request` replaces, 0), or (None, status of the refusal) (RFC 3891 §3).

    Tags and Call-ID are random: only the ends of the dialog know them, and parties that an end has told.
    Raises ParseError.
    """
    values = request.all("Replaces")
    joins = request.all("Join")
    if len(values) + len(joins) != 1:
        return None, 400
    key, early_only = parse_dialog_id((values or joins)[0])
    dialog, session = user_agent.dialog_of(key)
    if session is None or not dialog.confirmed and session.direction == "in":
        return None, 481
    if joins:
        return None, 488  # joining is not supported (RFC 3911 §4)
    if session.state not in ("calling", "early", "accepted", "established"):
        return None, 603
    if dialog.confirmed and early_only:
        return None, 486
    return session, 0
