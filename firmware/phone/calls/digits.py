"""Digits by INFO where RTP does not carry them; loaded with the first digit."""

from sip.call.info_sender import InfoSender


def by_info(switchboard, call, digit: str, now: int) -> bool:
    """Send `digit` by INFO; whether it could be sent. The person is told if the other side refuses."""
    if call.info is None:
        call.info = InfoSender(call.session, switchboard.user_agent)
        call.info.on_refused = lambda at: switchboard.tell("notice", "Digits refused")
    return call.info.send(digit, now)
