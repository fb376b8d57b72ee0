"""Session: the INVITE usage of a dialog (RFC 3261 §13-15), for both ends.

state        dir.   meaning
calling      out    INVITE sent, no response yet
early        out    a provisional response came: the far end rings, or plays early media
cancelling   out    hung up before the answer: CANCEL sent, a 2xx may still come
incoming     in     INVITE received, no response sent yet
ringing      in     180 or 183 sent
answering    in     answered, but the 2xx must wait for the PRACK of our reliable 183 (RFC 3262 §3)
accepted     in     2xx sent, its ACK not yet received
closing      in     hung up before that ACK: BYE must wait for it (§15)
established  both   2xx and ACK exchanged
leaving      both   BYE sent, no response yet
ended        both   final state
"""

from compat import lookup
from sip.agent.client_request import ClientRequest
from sip.call.events import Ended, Established, IdentityChanged, MediaChanged
from sip.call.offer_answer import Unacceptable, description
from sip.call.renegotiation import Renegotiation
from sip.call.retransmission import Retransmission
from sip.events import LocalError
from sip.syntax.grammar import ParseError
from sip.syntax.headers import CREDENTIALS, SDP
from sip.syntax.status import REASONS
from sip.transaction import T2

# (state, event) -> (next state, action). An action may return another next state. An event without a row
# raises LocalError if it comes from the phone, and has no effect if it comes from the network.
_TABLE = (
    (("calling", "provisional"), ("early", "_tell_progress")),
    (("calling", "success"), ("established", "_establish")),
    (("calling", "refusal"), ("ended", "_tell_refusal")),
    (("calling", "silence"), ("cancelling", "_cancel_for_silence")),
    (("calling", "end"), ("cancelling", "_cancel")),
    (("early", "provisional"), ("early", "_tell_progress")),
    (("early", "success"), ("established", "_establish")),
    (("early", "refusal"), ("ended", "_tell_refusal")),
    (("early", "silence"), ("cancelling", "_cancel_for_silence")),
    (("early", "end"), ("cancelling", "_cancel")),
    (("early", "bye"), ("cancelling", "_cancel_for_bye")),
    (("cancelling", "success"), ("leaving", "_establish_and_leave")),
    (("cancelling", "refusal"), ("ended", None)),
    (("incoming", "ring"), ("ringing", "_send_ringing")),
    (("incoming", "accept"), ("accepted", "_send_success")),
    (("incoming", "reject"), ("ended", "_send_refusal")),
    (("incoming", "end"), ("ended", "_send_refusal")),
    (("incoming", "cancel"), ("ended", "_tell_cancelled")),
    (("incoming", "bye"), ("ended", "_tell_cancelled")),
    (("ringing", "ring"), ("ringing", "_send_ringing")),
    (("ringing", "accept"), ("accepted", "_send_success")),
    (("ringing", "reject"), ("ended", "_send_refusal")),
    (("ringing", "end"), ("ended", "_send_refusal")),
    (("ringing", "cancel"), ("ended", "_tell_cancelled")),
    (("ringing", "bye"), ("ended", "_tell_cancelled")),
    (("incoming", "unheard"), ("ended", "_send_refusal")),
    (("ringing", "unheard"), ("ended", "_send_refusal")),
    (("answering", "pracked"), ("accepted", "_send_success")),
    (("answering", "unheard"), ("ended", "_send_refusal")),
    (("answering", "reject"), ("ended", "_send_refusal")),
    (("answering", "end"), ("ended", "_send_refusal")),
    (("answering", "cancel"), ("ended", "_tell_cancelled")),
    (("answering", "bye"), ("ended", "_tell_cancelled")),
    (("accepted", "ack"), ("established", "_tell_established")),
    (("accepted", "no ack"), ("leaving", "_leave_unacknowledged")),
    (("accepted", "end"), ("closing", "_tell_hung_up")),
    (("accepted", "bye"), ("ended", "_tell_bye")),
    (("accepted", "bad answer"), ("leaving", "_leave_for_answer")),
    (("closing", "ack"), ("leaving", "_send_bye")),
    (("closing", "bad answer"), ("leaving", "_send_bye")),
    (("closing", "no ack"), ("leaving", "_send_bye")),
    (("closing", "bye"), ("ended", None)),
    (("established", "no ack"), ("leaving", "_leave_unacknowledged")),
    (("established", "lost"), ("leaving", "_leave_lost")),
    (("established", "expired"), ("leaving", "_leave_expired")),
    (("established", "end"), ("leaving", "_hang_up")),
    (("established", "bye"), ("ended", "_tell_bye")),
    (("leaving", "bye answered"), ("ended", None)),
)


class Session:
    """One call: the Caller (caller.py) of `UserAgent.invite`, or the Callee (callee.py) of an INVITE.

    id                small number, unique among active sessions
    direction         "in" or "out"
    state             see the table above
    account           the Account that it belongs to
    source            (host, port) that the peer's signalling came from, None before the first message
    remote, local     headers.NameAddr of the two ends
    media             offer_answer.Media after the first answer, or None
    status, reason    of the latest response: ours (direction "in") or theirs
    dialog            the Dialog; provisional before any response to our INVITE
    negotiation       its offer_answer.Negotiation
    identity          headers.NameAddr of the peer to display: asserted by a trusted server (RFC 3325), else
                      the From or To; None if the peer asks for privacy
    diverted_from     the party that diverted the call to us, with a `reason` parameter; or None
    referred_by       the party that transferred the caller to us (RFC 3892), or None
    replaces          the Session that ends as soon as this one is accepted (RFC 3891), or None
    referral          the latest transfer.Referral: the peer asks us to call somebody; or None
    forwarded_to      the Uri that we redirected the caller to, or None
    observer          its `on_step(session, now)` is called after each step; or None
    timer             its session_timer.SessionTimer
    encryption        the Encryption, without keys, that an incoming call may use; or None
    holding           whether we hold the peer, or are about to; `media.held` says whether the peer holds us
    """

    def __init__(self, user_agent, direction: str, state: str, account, dialog, negotiation):
        self.id = user_agent.next_id()
        self.direction = direction
        self.state = state
        self.account = account
        self.source = None
        self.local = dialog.local
        self.remote = dialog.remote
        self.identity = dialog.remote
        self.diverted_from = None
        self.referred_by = None
        self.replaces = None
        self.forwarded_to = None
        self.media = None
        self.status = 0
        self.reason = ""
        self.dialog = dialog
        self.negotiation = negotiation
        self._user_agent = user_agent
        self._endpoint = user_agent.endpoint
        self._successes = []
        self.observer = None
        self.encryption = None
        self.referral = None
        self._transfer = None  # the Transfer under way
        self._peer_methods = None
        self._forbidden = ()  # methods that were refused although the peer allows them
        self._introduced = direction == "out"  # the phone knows the session
        self._told = False  # Ended was emitted
        self._cause = None  # our Cause for ending the call
        self.renegotiation = Renegotiation(self, user_agent)
        from sip.call.session_timer import SessionTimer

        self.timer = SessionTimer(self, self._endpoint.timers, account.session_expires)

    def __repr__(self):
        return "<Session %d %s %s>" % (self.id, self.direction, self.state)

    # Called by the phone

    def ring(self, now: int, media=None) -> None:
        """Send 180; with `media` (Capabilities) send 183 with the answer: early media.

        LocalError unless the call is incoming or ringing, or if `media` is incompatible with the offer.
        """
        self._ask("ring", now, media)

    def accept(self, media, now: int) -> None:
        """Answer the call with the Capabilities `media`. LocalError unless it is incoming or ringing.

        MediaChanged follows, and Established when the peer's ACK comes. If `media` is incompatible with the
        offer, 488 is sent and Ended follows.
        """
        self._ask("accept", now, media)

    def reject(self, status: int, now: int) -> None:
        """Refuse the call with a status of 300-699. LocalError unless it is incoming or ringing."""
        if not 300 <= status <= 699:
            raise LocalError("no call is refused with status %d" % status)
        self._ask("reject", now, status)

    def redirect(self, target, now: int) -> None:
        """Redirect the caller to the Uri `target` by a 302 (§8.3). LocalError as for `reject`."""
        self.forwarded_to = target
        self._ask("reject", now, 302)

    def end(self, now: int, cause=None) -> None:
        """Hang up: CANCEL, 480 or BYE, depending on the state; Ended follows at once. LocalError when over.

        `cause` is a reason.Cause for the peer, or None.
        """
        self._cause = cause
        self._ask("end", now, 480)

    def modify(self, direction: str, now: int) -> None:
        """Offer another direction by re-INVITE: sendrecv, sendonly, recvonly, inactive.

        MediaChanged reports the outcome. LocalError unless established and no other offer is open.
        """
        self._must_stand("modify")
        self.renegotiation.modify(direction, now)

    def hold(self, now: int) -> None:
        """Put the call on hold; LocalError unless established.

        MediaChanged reports the outcome: the direction is "sendonly", "inactive" if the peer holds as well,
        or unchanged if the peer refused. The offer waits while another offer is open.
        """
        self._must_stand("hold")
        self.renegotiation.want("sendonly", now)

    def resume(self, now: int) -> None:
        """End our hold; a hold by the peer continues until the peer resumes. Otherwise as `hold`."""
        self._must_stand("resume")
        self.renegotiation.want("sendrecv", now)

    def transfer(self, target, now: int) -> None:
        """Transfer the peer to `target` (RFC 5589): a Uri, or another Session of ours, which it replaces.

        TransferProgress follows; this call ends when the peer has reached the target. LocalError unless the
        calls are established, and while another transfer is under way.
        """
        self._must_stand("transfer")
        if self._transfer is not None:
            raise LocalError("transfer: another is under way")
        if isinstance(target, Session) and (target is self or target.state != "established"):
            raise LocalError("transfer: there is no call to take the place of")
        from sip.call.transfer import Transfer

        self._transfer = Transfer(self, self._user_agent, target, now)

    def transferred(self) -> None:
        """From the Transfer: it has succeeded or failed."""
        self._transfer = None

    def readdress(self, host: str, now: int) -> None:
        """Move the call to our new address `host`.

        A re-INVITE refreshes the target and offers the new media address (RFC 3261 §14.1). Before the call is
        answered an UPDATE does so, if the SDP is agreed and the peer allows UPDATE (RFC 3311 §5.1). The offer
        waits while another is open, as that of `hold`. If neither is possible, nothing happens.
        """
        self.move(host)
        self.renegotiation.want(None, now)

    def move(self, host: str) -> None:
        """Use `host` in our session descriptions from now on."""
        self.negotiation.move(host)

    @property
    def may_offer(self) -> bool:
        """Whether the state permits an offer of ours, if none is open."""
        return self.state == "established"

    @property
    def holding(self) -> bool:
        return self.renegotiation.goal in ("sendonly", "inactive")

    def _must_stand(self, what):
        if self.state != "established":
            raise LocalError(what + ": the session is " + self.state)

    def give_way(self, now: int) -> None:
        """End this session because another replaces it (RFC 3891 §3)."""
        if lookup(_TABLE, (self.state, "end")):
            cause = None
            if self.state in ("calling", "early"):
                # Picked up: phones that still ring must not list the call as missed (RFC 3326 §2).
                from sip.syntax.reason import ELSEWHERE as cause
            self.end(now, cause)

    def _ask(self, event, now, argument):
        if lookup(_TABLE, (self.state, event)) is None:
            raise LocalError(event + ": the session is " + self.state)
        self.step(event, now, argument)

    # The state machine

    def step(self, event: str, now: int, argument=None) -> None:
        """Handle `event` as in the table; without a row nothing happens."""
        entry = lookup(_TABLE, (self.state, event))
        if entry is None:
            return
        state, action = entry
        if action is not None:
            state = getattr(self, action)(now, argument) or state
        self.state = state
        if state == "ended":
            self._close()
        if self.observer is not None:
            self.observer.on_step(self, now)

    def _close(self):
        for success in self._successes:
            self._stop_sending(success)
        self._successes = []
        self.renegotiation.stop()
        self.timer.stop()
        self._user_agent.forget(self)

    def note(self, status: int, reason: str) -> None:
        """Remember the latest response."""
        self.status = status
        self.reason = reason

    def learn(self, message) -> None:
        """Take the peer's methods and identity from an INVITE, or a response to one."""
        try:
            methods = message.all("Allow")
        except ParseError:
            methods = []  # the call continues without Allow
        if methods:
            self._peer_methods = methods
        for name in ("P-Asserted-Identity", "Privacy", "Remote-Party-ID"):
            if message.get(name) is not None:
                self._identify(message)
                return

    def _identify(self, message):
        from sip.agent import identity

        known = self.identity
        if identity.is_private(message):
            self.identity = None
        elif self.by_server:
            self.identity = identity.reported(message, known)
        if self._introduced and str(known) != str(self.identity):
            self._endpoint.emit(IdentityChanged(self))

    @property
    def by_server(self) -> bool:
        """Whether the call runs through our server, whose asserted identity of the peer is trusted."""
        return self._user_agent.trusts(self.account)

    def peer_allows(self, method: str) -> bool:
        """Whether the peer's Allow lists `method` (§20.5)."""
        return method in (self._peer_methods or ()) and method not in self._forbidden

    def forbid(self, method: str) -> None:
        """Stop using `method`, which was refused although the peer's Allow lists it."""
        self._forbidden += (method,)

    def on_prack(self, transaction, now: int) -> None:
        """Refuse a PRACK: we sent no reliable provisional response (RFC 3262 §3)."""
        self._user_agent.refuse(transaction, 481, now)

    def negotiation_of(self, dialog):
        """The Negotiation of one of the session's dialogs; None for a dialog that is not used any more."""
        return self.negotiation if dialog is self.dialog else None

    def take_media(self, media, again: bool = False) -> None:
        """Set `media`; emit MediaChanged if it changed, with `again` in any case."""
        if again or media != self.media:
            self.media = media
            self._endpoint.emit(MediaChanged(self, media))

    def tell_ended(self, status: int, reason: str, remote: bool, message=None) -> None:
        """Emit Ended, once, with the Cause of `message`."""
        if not self._told:
            self._told = True
            cause = None
            if message is not None and message.get("Reason") is not None:
                from sip.syntax.reason import cause_of

                cause = cause_of(message)
            self._endpoint.emit(Ended(self, status, reason, remote, cause))

    def _tell_established(self, now, _):
        self._endpoint.emit(Established(self))

    # 2xx and ACK

    @property
    def unacknowledged(self) -> bool:
        """Whether a 2xx of ours waits for its ACK."""
        return bool(self._successes)

    def send_success(self, transaction, response, now: int) -> None:
        """Send a 2xx to an INVITE, and retransmit it until its ACK comes."""
        timers = self._endpoint.timers
        self._successes.append(
            Retransmission(timers, transaction, response, self._on_unacknowledged, now, longest=T2)
        )

    def _stop_sending(self, success):
        """Stop the retransmission of a 2xx."""
        success.stop()
        success.transaction.settle()

    def receive_ack(self, request, now: int) -> None:
        """The ACK of one of our 2xx came."""
        for success in self._successes:
            if success.transaction.request.cseq.number == request.cseq.number:
                break
        else:
            return
        self._stop_sending(success)
        self._successes.remove(success)
        trouble = None
        if self.negotiation.state == "offered" and not self.renegotiation.offering:
            # Our 2xx had the offer, so the ACK has the answer.
            trouble = self.take_answer(request, self.state == "established")
        self.step("ack" if trouble is None else "bad answer", now, trouble)
        self.renegotiation.proceed(now)

    def take_answer(self, message, again: bool = False) -> "str | None":
        """Close our open offer with the answer in `message`; returns an error text, or None.

        `again` as in `take_media`.
        """
        try:
            self.take_media(self.negotiation.answered(description(message)), again)
        except (ParseError, Unacceptable) as error:
            self.negotiation.withdraw()
            if self.state != "established":
                return str(error)
            self.take_media(self.media, True)  # the earlier agreement stands
        return None

    def _on_unacknowledged(self, success, now):
        self._successes.remove(success)
        self.step("no ack", now)

    def acknowledge(self, dialog, invite, body: bytes, now: int):
        """Send the ACK for a 2xx to our request `invite`; returns the ACK for retransmitted 2xx."""
        ack = dialog.ack(invite.cseq.number)
        if self._user_agent.trust.may_prove(ack, self.account, True):
            for name in CREDENTIALS:
                for value in invite.all(name):
                    ack.add(name, value)
        if body:
            ack.add("Content-Type", SDP)
            ack.body = body
        self._endpoint.send(ack.copy(), now)
        return ack

    # The end

    def _tell_bye(self, now, request):
        self.tell_ended(200, lookup(REASONS, 200), True, request)

    def _tell_hung_up(self, now, _):
        self.tell_ended(200, lookup(REASONS, 200), False)

    def _hang_up(self, now, _):
        self.tell_ended(200, lookup(REASONS, 200), False)
        self._send_bye(now)

    def _leave_unacknowledged(self, now, _):
        self.tell_ended(408, "No ACK", True)
        self._send_bye(now)

    def _leave_for_answer(self, now, trouble):
        self.tell_ended(488, trouble, True)
        self._send_bye(now)

    def _leave_expired(self, now, _):
        from sip.syntax.reason import EXPIRED

        self._cause = EXPIRED
        self.tell_ended(408, EXPIRED.text, True)
        self._send_bye(now)

    def _leave_lost(self, now, response):
        self.tell_ended(response.status, response.reason, True)
        self._send_bye(now)

    def _send_bye(self, now, _=None):
        request = self._user_agent.dialog_request(self.dialog, "BYE", self.account)
        if self._cause is not None:
            request.add("Reason", self._cause)
        ClientRequest(self._user_agent, self.account, request, self._on_bye_response, now, self.dialog)

    def _on_bye_response(self, client_request, response, now):
        if response.status >= 200:
            self.step("bye answered", now)


def names_option(message, header: str, option: str) -> bool:
    """Whether `header` (Supported, Require) lists the option tag, in any case."""
    return option in [each.lower() for each in message.all(header)]
