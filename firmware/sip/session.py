"""Session: the INVITE usage of a dialog (RFC 3261 §13-15), for both ends.

state        who    meaning
calling      out    INVITE sent, nobody has answered yet
early        out    a provisional response came: the far end rings, or plays early media
incoming     in     INVITE received, nothing said yet
ringing      in     180 or 183 sent
accepted     in     2xx sent, its ACK not yet here
established  both   2xx and ACK exchanged
ending       both   over for the person; CANCEL or BYE (or the answers to them) are on their way
ended        both   nothing more will happen
"""


class Session:
    """One call. Made by `UserAgent.invite`, or by the user agent when an INVITE comes in.

    id                small number, unique among the sessions that live
    direction         "in" or "out"
    state             see the table above
    account           the Account that it belongs to
    remote, local     headers.NameAddr of the two ends
    media             offer_answer.Media once something was agreed, or None
    status, reason    of the latest response: ours (direction "in") or theirs
    """

    def ring(self, now: int, media=None) -> None:
        """Send 180; with `media` (Capabilities) send 183 and the answer: early media.

        LocalError unless the call is incoming or ringing.
        """
        raise NotImplementedError

    def accept(self, media, now: int) -> None:
        """Answer the call with the Capabilities `media`. LocalError unless it is incoming or ringing.

        When the offer cannot be met with `media`, 488 is sent and Ended follows.
        """
        raise NotImplementedError

    def reject(self, status: int, now: int) -> None:
        """Refuse the call with a status of 300-699. LocalError unless it is incoming or ringing."""
        raise NotImplementedError

    def end(self, now: int) -> None:
        """Hang up: CANCEL, refusal or BYE, as the state asks; Ended follows at once. LocalError when over."""
        raise NotImplementedError

    def modify(self, direction: str, now: int) -> None:
        """Offer another direction by re-INVITE: sendrecv, sendonly, recvonly, inactive.

        MediaChanged tells the outcome. LocalError unless established and no other offer is open.
        """
        raise NotImplementedError
