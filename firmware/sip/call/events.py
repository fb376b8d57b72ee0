"""What comes out of the endpoint about calls (see sip/events.py); loaded with the first call."""

from sip.events import Event


class IncomingCall(Event):
    """Somebody calls: `session` waits for `ring`, `accept` or `reject`.

    Where `session.replaces` is set, that call is being handed over: `accept` at once, without ringing.
    """

    def __init__(self, session):
        self.session = session


class Progress(Event):
    """An outgoing call got a provisional response (101-199): 180 rings over there."""

    def __init__(self, session, status: int, reason: str):
        self.session = session
        self.status = status
        self.reason = reason


class MediaChanged(Event):
    """`session.media` is new: early media, the answer, or a re-INVITE. `media` is an offer_answer.Media.

    The same media may be reported again, when a change of our own was refused by the peer.
    """

    def __init__(self, session, media):
        self.session = session
        self.media = media


class IdentityChanged(Event):
    """`session.identity` is new: the call was answered by, or handed on to, somebody else."""

    def __init__(self, session):
        self.session = session


class TransferProgress(Event):
    """A transfer that we asked for with `session.transfer` goes on as `status` and `reason` say.

    1xx: it is under way; 2xx: the peer talks to the target, and `session` ends; anything else: it failed, and
    `session` is as it was before.
    """

    def __init__(self, session, status: int, reason: str):
        self.session = session
        self.status = status
        self.reason = reason


class TransferRequested(Event):
    """The peer of `session` asks us to call somebody else: `referral` (transfer.Referral) waits for `accept`
    or `reject`, 30 s long. Without a session it is the server of a line that asks.
    """

    def __init__(self, session, referral):
        self.session = session
        self.referral = referral


class Redirected(Event):
    """An outgoing call was answered 3xx. `contacts` are the Uris tried next, best first; maybe none."""

    def __init__(self, session, contacts):
        self.session = session
        self.contacts = contacts


class Established(Event):
    """The call stands: answered, and the peer knows it. `session.media` is set."""

    def __init__(self, session):
        self.session = session


class Ended(Event):
    """The call is over for the person, once per session; the protocol's last messages may follow.

    `status` is the SIP status that ended it: the final response of a refused call, 487 when it was cancelled,
    408 when nobody answered the request, 200 when an established call was hung up. `reason` is the phrase
    that came with it. `remote` tells whether the other side or the network ended it. `cause` is the
    cause.Cause that the other side gave, or None; with `cause.elsewhere` another phone took the call: nobody
    missed it.
    """

    def __init__(self, session, status: int, reason: str, remote: bool, cause=None):
        self.session = session
        self.status = status
        self.reason = reason
        self.remote = remote
        self.cause = cause
