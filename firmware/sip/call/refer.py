"""REFERs outside of any dialog (RFC 3515); loaded with the first.

Only the peer of a call may transfer it. So such a REFER is accepted if its Target-Dialog (RFC 4538) names a
call of ours, and is then handled like a REFER within that call. If `UserAgent.click_to_dial` is set, the
server of a line may also make the phone dial. All other REFERs are refused.
"""

from sip.agent.dialog import Dialog
from sip.call.transfer import receive_refer
from sip.syntax.headers import parse_valued


def receive(user_agent, transaction, account, now: int) -> None:
    """A REFER outside of any dialog came. Raises ParseError."""
    session = target_of(user_agent, transaction.request)
    if user_agent.endpoint.is_merged(transaction):
        user_agent.refuse(transaction, 482, now)
    elif session is None and not (
        user_agent.click_to_dial and user_agent.is_from_server(account, transaction)
    ):
        user_agent.endpoint.count("refer_from_stranger")
        user_agent.refuse(transaction, 403, now)
    else:
        # The NOTIFYs are sent in the new dialog of this REFER.
        dialog = Dialog.of_request(transaction.request, transaction.to_tag)
        dialog.confirmed = True
        receive_refer(session, user_agent, transaction, now, dialog, account)


def target_of(user_agent, request):
    """The Session that Target-Dialog names, or None; its sender knows the random tags and Call-ID (§4)."""
    text = request.get("Target-Dialog")
    if text is None:
        return None
    value = parse_valued(text)
    tags = value.params.get("local-tag"), value.params.get("remote-tag")
    if not tags[0] or not tags[1]:
        return None
    # The tags should be as seen by us; some peers swap them, which proves as much.
    for local, remote in (tags, (tags[1], tags[0])):
        session = user_agent.dialog_of((value.value, local, remote))[1]
        if session is not None:
            return session
    return None
