"""Transfers (RFC 5589) by REFER (RFC 3515), as transferor and as transferee; loaded with the first.

The third role, transfer target, is an INVITE with Replaces: see replaces.py.
"""

from compat import const, lookup
from sip.agent.client_request import ClientRequest
from sip.agent.dialog import parse_dialog_id, request_uri
from sip.call.events import TransferProgress, TransferRequested
from sip.call.refer_subscription import ReferNotifier, Subscription, status_of
from sip.call.replaces import replaces_of
from sip.events import LocalError
from sip.syntax import grammar
from sip.syntax.grammar import ParseError
from sip.syntax.headers import NameAddr, parse_name_addr
from sip.syntax.status import REASONS
from sip.syntax.uri import Uri

_SIPFRAG = "message/sipfrag;version=2.0"
_PATIENCE_MS = const(180_000)  # as long as a call may ring
_UNDECIDED_MS = const(30_000)  # how long a REFER waits for a decision of the phone or a person


class Transfer:
    """The transferor: transfers the peer of `session` to `target`, a Uri or the Session to be replaced.

    TransferProgress reports the progress. When the transfer has succeeded the call ends; when it has failed,
    the call continues.
    """

    def __init__(self, session, user_agent, target, now: int):
        self._session = session
        self._endpoint = user_agent.endpoint
        self._done = False
        account = session.account
        request = user_agent.dialog_request(session.dialog, "REFER", account)
        request.add("Refer-To", NameAddr(target if isinstance(target, Uri) else _place_of(target)))
        request.add("Referred-By", NameAddr(account.aor))
        sequence = str(request.cseq.number)
        dialog = session.dialog
        # The first NOTIFY may overtake the 202.
        self._subscription = Subscription(
            user_agent, dialog, "refer", sequence, listener=self, patience=_PATIENCE_MS, now=now
        )
        ClientRequest(user_agent, account, request, self._on_response, now, dialog)

    def _on_response(self, client_request, response, now):
        self._subscription.identifier = str(client_request.request.cseq.number)
        if response.status >= 300:
            self._subscription.stop()
            self._finish(response.status, response.reason, now)

    def on_notify(self, subscription, request, now: int) -> None:
        """From the Subscription."""
        status, reason = status_of(request.body)
        if status >= 200:
            self._finish(status, reason, now)
        elif status:
            self._tell(status, reason)

    def on_terminated(self, subscription, reason: str, now: int) -> None:
        """From the Subscription: it ended. Without a final status before, the outcome is unknown (408)."""
        self._finish(408, lookup(REASONS, 408), now)

    def _finish(self, status, reason, now):
        if self._done:
            return
        self._done = True
        self._session.transferred()
        self._tell(status, reason)
        if status < 300:
            self._session.give_way(now)

    def _tell(self, status, reason):
        self._endpoint.emit(TransferProgress(self._session, status, reason))


def _place_of(session):
    """The Uri of the peer of `session` with the Replaces for that call (RFC 5589 §7.1)."""
    dialog = session.dialog
    # The transferee can reach a GRUU, but maybe not a plain Contact: hence the peer's URI in From or To.
    uri = request_uri(dialog.target if "gr" in dialog.target.params else dialog.remote.uri).copy()
    uri.headers = [("Replaces", replaces_of(dialog))]
    return uri


class Referral:
    """The transferee: the peer of `session` asks us to call `target` (Uri); decided by `accept` or `reject`.

    `session` is None if the server of `account` asks the phone to dial. `referred_by` is the headers.NameAddr
    of the transferor, or None. NOTIFYs report the progress in `dialog`; none are sent if `dialog` is None.
    """

    def __init__(
        self, session, user_agent, transaction, *, account, target, extra, referred_by, dialog, now: int
    ):
        self.session = session
        self.account = account
        self.target = target
        self.referred_by = referred_by
        self._extra = extra
        self._user_agent = user_agent
        self._status = 0
        self._timer = user_agent.endpoint.timers.start(_UNDECIDED_MS, self, "undecided", now)
        identifier = str(transaction.request.cseq.number)
        self._notifier = None
        if dialog is not None:
            self._notifier = ReferNotifier(user_agent, account, dialog, "refer", identifier, 180)
        self._notify(100, now)

    @property
    def decided(self) -> bool:
        """Whether `accept` or `reject` was called, or the time for them is over."""
        return self._timer is None

    def accept(self, media, now: int):
        """Call the target with the Capabilities `media`; returns the new Session.

        The progress is reported to the peer. LocalError as in UserAgent.invite, or if already decided.
        """
        self._decide()
        try:
            session = self._user_agent.invite(self.account, self.target, media, now, extra=self._extra)
        except LocalError:
            self._notify(486, now)
            raise
        session.observer = self
        return session

    def reject(self, now: int, status: int = 603) -> None:
        """Refuse to call. LocalError if already decided."""
        self._decide()
        self._notify(status, now)

    def _decide(self):
        if self.decided:
            raise LocalError("the transfer is decided")
        self._user_agent.endpoint.timers.stop(self._timer)
        self._timer = None

    def on_timer(self, name: str, now: int) -> None:
        self.reject(now)

    def on_step(self, session, now: int) -> None:
        """From the new Session: its state may have changed."""
        if session.state in ("calling", "early"):
            self._notify(session.status, now)
        elif session.state == "established":
            self._notify(200, now)
        else:
            self._notify(session.status if session.status >= 300 else 487, now)

    def _notify(self, status, now):
        if status < 100 or status == self._status or self._status >= 200:
            return
        self._status = status
        body = "SIP/2.0 %d %s\r\n" % (status, lookup(REASONS, status, ""))
        if self._notifier is None:
            return
        self._notifier.notify(_SIPFRAG, body.encode(), now, "noresource" if status >= 200 else None)


def receive_refer(session, user_agent, transaction, now: int, dialog=None, account=None) -> None:
    """A REFER came within a call (RFC 3515 §2.4.2), or in a new `dialog`. Raises ParseError.

    If `session` is None, the server of `account` asks the phone to dial. `Refer-Sub: false` suppresses the
    NOTIFYs (RFC 4488).
    """
    request = transaction.request
    account = account or session.account
    if session is None:
        pass
    elif session.state != "established":
        # Just hung up (RFC 5407 §3.3.3), or not yet answered.
        user_agent.refuse(transaction, 481 if session.state in ("closing", "leaving") else 403, now)
        return
    elif session.referral is not None and not session.referral.decided:
        # One undecided REFER at a time.
        user_agent.refuse(transaction, 500, now, [("Retry-After", 10)])
        return
    values = request.all("Refer-To")
    if len(values) != 1:
        user_agent.refuse(transaction, 400, now)
        return
    uri = parse_name_addr(values[0]).uri
    if uri.scheme == "tel":
        from sip.call.number import at_domain

        uri = at_domain(uri, account.aor)
    if uri.scheme not in ("sip", "sips"):
        user_agent.refuse(transaction, 416, now)
        return
    if uri.params.get("method", "INVITE") != "INVITE":
        user_agent.refuse(transaction, 603, now)
        return
    extra = []
    for name, value in uri.headers:
        # Replaces is the only header that a peer may add to our INVITE.
        if name.lower() == "replaces":
            value = grammar.unescape(value)
            parse_dialog_id(value)
            extra.append(("Replaces", value))
    referred_by = request.get("Referred-By")
    if referred_by is not None:
        extra.append(("Referred-By", referred_by))
        referred_by = parse_name_addr(referred_by)
    if len([each for each in extra if each[0] == "Replaces"]) > 1:
        raise ParseError("Refer-To: more than one Replaces")
    response = user_agent.response(transaction, 202, account)
    dialog = dialog or session.dialog
    if (request.get("Refer-Sub") or "").lower() == "false":
        response.add("Refer-Sub", "false")
        dialog = None
    transaction.respond(response, now)
    referral = Referral(
        session,
        user_agent,
        transaction,
        account=account,
        target=request_uri(uri),
        extra=extra,
        referred_by=referred_by,
        dialog=dialog,
        now=now,
    )
    if session is not None:
        session.referral = referral
    user_agent.endpoint.emit(TransferRequested(session, referral))
