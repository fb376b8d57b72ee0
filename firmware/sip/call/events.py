"""Events of calls (see sip/events.py); loaded with the first call."""

from sip.events import Event


class IncomingCall(Event):
    """A call came in: `session` waits for `ring`, `accept` or `reject`.

    If `session.replaces` is set, the call replaces that one: `accept` at once, without ringing.
    """

    def __init__(self, session):
        self.session = session


class Progress(Event):
    """An outgoing call got a provisional response (101-199); with 180 the callee's phone rings."""

    def __init__(self, session, status: int, reason: str):
        self.session = session
        self.status = status
        self.reason = reason


class MediaChanged(Event):
    """`session.media` changed: early media, the answer, or a re-INVITE. `media` is an offer_answer.Media.

    The same media is reported again if the peer refused a change of ours.
    """

    def __init__(self, session, media):
        self.session = session
        self.media = media


class IdentityChanged(Event):
    """`session.identity` changed: somebody else answered the call, or it was transferred."""

    def __init__(self, session):
        self.session = session


class TransferProgress(Event):
    """Progress of a transfer by `session.transfer`: `status` and `reason` are those of the peer's new call.

    1xx: under way; 2xx: the peer talks to the target, and `session` ends; any other: the transfer failed, and
    `session` continues.
    """

    def __init__(self, session, status: int, reason: str):
        self.session = session
        self.status = status
        self.reason = reason


class TransferRequested(Event):
    """The peer of `session` asks us to call somebody else: `referral` (transfer.Referral) waits 30 s for
    `accept` or `reject`. If `session` is None, the server of a line asks.
    """

    def __init__(self, session, referral):
        self.session = session
        self.referral = referral


class Redirected(Event):
    """An outgoing call was redirected by a 3xx. `contacts` are the Uris tried next, best first, or empty."""

    def __init__(self, session, contacts):
        self.session = session
        self.contacts = contacts


class Established(Event):
    """The call is established: 2xx and ACK were exchanged. `session.media` is set."""

    def __init__(self, session):
        self.session = session


class Ended(Event):
    """The call is over for the user, once per session; the last messages of the protocol may still follow.

    `status` is the SIP status that ended the call: the final response of a refused call, 487 if cancelled,
    408 if a request timed out, 200 if an established call was hung up. `reason` is its status phrase.
    `remote` says whether the peer or the network ended the call. `cause` is the reason.Cause that the peer
    gave, or None; `cause.elsewhere`: another phone answered, so the call was not missed.
    """

    def __init__(self, session, status: int, reason: str, remote: bool, cause=None):
        self.session = session
        self.status = status
        self.reason = reason
        self.remote = remote
        self.cause = cause
