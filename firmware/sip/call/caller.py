"""Outgoing calls: our INVITE, its forks, its redirections (RFC 3261 §13.2, §8.1.3.4)."""

from compat import const, lookup
from sip.agent.client_request import ClientRequest
from sip.agent.dialog import Dialog, request_uri
from sip.call.events import Progress, Redirected
from sip.call.offer_answer import Negotiation, Unacceptable, description, refusal
from sip.call.session import Session, names_option
from sip.limits import FORKS, REDIRECTIONS
from sip.syntax.grammar import ParseError
from sip.syntax.headers import SDP, CSeq
from sip.syntax.message import Response
from sip.syntax.status import REASONS

# A ringing callee repeats its provisional response every minute (§13.3.1.1); proxies time out after three.
_SILENCE_MS = const(200_000)


class Fork:
    """One of the dialogs of our INVITE, with an offer/answer state of its own and the ACK of its 2xx.

    `sequence` is the RSeq of its latest reliable provisional response; `settled` says whether such a response
    had the answer, or the offer. `trouble` says why the response's Contact or Record-Route cannot be used, or
    is None.
    """

    def __init__(self, dialog, negotiation, trouble=None):
        self.dialog = dialog
        self.negotiation = negotiation
        self.ack = None
        self.sequence = None
        self.settled = False
        self.trouble = trouble


class Caller(Session):
    """An outgoing session: sends an INVITE to the Uri `target`, without an offer if `late_offer`.

    `anonymous` withholds our identity from the peer; `extra` are more headers, [(name, value)].
    """

    def __init__(
        self, user_agent, account, target, capabilities, late_offer, now, *, anonymous=False, extra=()
    ):
        request = user_agent.initial_request(account, "INVITE", request_uri(target))
        if anonymous:
            user_agent.hide(request, account)
        for name, value in extra:
            request.add(name, value)
        dialog = Dialog(
            request.call_id,
            request.from_,
            request.to,
            request.uri,
            [],
            local_sequence=1,
            remote_sequence=None,
        )
        negotiation = Negotiation(capabilities, user_agent.number())
        super().__init__(user_agent, "out", "calling", account, dialog, negotiation)
        self._forks = []
        self._targets = []  # from 3xx responses, best first
        self._tried = [request.uri]
        if not late_offer:
            request.add("Content-Type", SDP)
            request.body = negotiation.offer()
        self.timer.ask(request)
        self._client_request = ClientRequest(user_agent, account, request, self._on_response, now)
        self._silence = None
        self._restart_silence(now)

    def on_timer(self, name: str, now: int) -> None:
        self.step("silence", now)

    def _restart_silence(self, now):
        timers = self._endpoint.timers
        timers.stop(self._silence)
        if self.state in ("calling", "early"):
            self._silence = timers.start(_SILENCE_MS, self, "silence", now)

    def step(self, event: str, now: int, argument=None) -> None:
        super().step(event, now, argument)
        self._restart_silence(now)
        if event in ("provisional", "success"):
            self.renegotiation.proceed(now)

    def _on_response(self, client_request, response, now):
        if response.status == 100 or client_request is not self._client_request:
            return
        self.source = client_request.source or self.source
        try:
            if response.status < 200:
                self._on_provisional(response, now)
            elif response.status < 300:
                self._on_success(response, now)
            elif not self._try_again(response, now):
                self.step("refusal", now, response)
        except ParseError:
            self._endpoint.count("malformed_response")
            if response.status >= 200:
                self.step("refusal", now, Response.of(client_request.request, 500, "Malformed Response"))

    def _on_provisional(self, response, now):
        if self.state not in ("calling", "early"):
            return
        fork = self._fork(response)
        if fork is not None:
            self.dialog = fork.dialog
            self.learn(response)
            if response.get("RSeq") is not None and names_option(response, "Require", "100rel"):
                from sip.call import reliable

                if not reliable.is_next(fork, response):
                    return
                body = self._take_early_media(fork, response, True)
                reliable.acknowledge(self._user_agent, self.account, fork, response, body, now)
            elif self._client_request.request.body:
                self._take_early_media(fork, response, False)
        self.step("provisional", now, response)

    def _take_early_media(self, fork, response, is_reliable):
        """Take the answer, or the offer, of a provisional response; returns our answer to an offer.

        In an unreliable response the description is a preview of the answer, and the first in a dialog
        counts; in a reliable one it is the answer itself (RFC 6337 §3.1.1).
        """
        theirs = description(response)
        if not theirs:
            return b""
        negotiation = fork.negotiation
        body = b""
        try:
            if not self._client_request.request.body:
                if negotiation.media is None:
                    negotiation.receive(theirs)
                    body = negotiation.answer()
                    self.take_media(negotiation.media)
            elif negotiation.state == "offered" or is_reliable and not fork.settled:
                self.take_media(negotiation.answered(theirs))
            fork.settled = fork.settled or is_reliable
        except (ParseError, Unacceptable):
            negotiation.decline()
            self._endpoint.count("unusable_early_media")
            body = self._refusal(response)
        return body

    def negotiation_of(self, dialog):
        if self.state in ("calling", "early"):
            for fork in self._forks:
                if fork.dialog is dialog:
                    return fork.negotiation
        return super().negotiation_of(dialog)

    def move(self, host):
        super().move(host)
        for fork in self._forks:
            fork.negotiation.move(host)

    @property
    def may_offer(self):
        if self.state != "early":
            return super().may_offer
        # By UPDATE, once the answer came in a reliable response (RFC 3311 §5.1).
        for fork in self._forks:
            if fork.dialog is self.dialog:
                return fork.settled and fork.negotiation.media is not None and self.peer_allows("UPDATE")
        return False

    def _on_success(self, response, now):
        fork = self._fork(response)
        if fork is None:
            return
        if fork.ack is not None:
            self._endpoint.send(fork.ack.copy(), now)
            return
        try:
            fork.dialog.confirm(response)
            fork.trouble = None
        except ParseError:
            # Target and routes of an earlier 1xx, or those of `salvage`, are used.
            self._endpoint.count("malformed_response")
            fork.dialog.confirm()
        self.learn(response)
        if self.state in ("calling", "early", "cancelling"):
            self.dialog = fork.dialog
            self.negotiation = fork.negotiation
            self.step("success", now, (fork, response))
        else:
            # Another fork answered as well: acknowledge and end its call (§13.2.2.4).
            self._acknowledge(fork, self._refusal(response), now)
            from sip.syntax.reason import ELSEWHERE

            request = self._user_agent.dialog_request(fork.dialog, "BYE", self.account)
            if self.state == "established":
                request.add("Reason", ELSEWHERE)
            ClientRequest(self._user_agent, self.account, request, _ignore, now, fork.dialog)

    def _fork(self, response):
        """The Fork of the To tag; None for a provisional response without a tag, or over the limit.

        A 2xx always gets a Fork, because it has to be acknowledged.
        """
        tag = response.to.tag
        if tag is None and response.status < 200:
            return None
        for fork in self._forks:
            if fork.dialog.remote.tag == tag:
                return fork
        if len(self._forks) == FORKS:
            self._endpoint.count("too_many_forks")
            if response.status < 200:
                return None
            spare = next(fork for fork in self._forks if fork.dialog is not self.dialog)
            self._forks.remove(spare)
            self._user_agent.unbind(spare.dialog)
        dialog = Dialog.without_target(self._client_request.request, response)
        trouble = None
        try:
            dialog.follow(response)
        except ParseError as error:
            from sip.call import salvage

            trouble = str(error)
            salvage.follow(dialog, response, self.source, self._client_request.flow[0])
        fork = Fork(dialog, self.negotiation.copy(), trouble)
        self._forks.append(fork)
        if self.state in ("calling", "early", "cancelling"):
            self._user_agent.bind(fork.dialog, self)
        return fork

    # Actions of the table

    def _tell_progress(self, now, response):
        self.note(response.status, response.reason)
        self._endpoint.emit(Progress(self, response.status, response.reason))

    def _establish(self, now, argument):
        fork, response = argument
        self.note(response.status, response.reason)
        self.remote = fork.dialog.remote
        for other in self._forks:
            if other is not fork:
                self._user_agent.unbind(other.dialog)
        self.timer.agree(response, now)
        trouble, body = self._settle(fork, response)
        self._acknowledge(fork, body, now)
        if fork.trouble is not None:
            self.tell_ended(400, fork.trouble, True)
        if fork.trouble is not None or trouble is not None:
            self._leave_for_answer(now, trouble)
            return "leaving"
        self.take_media(self.negotiation.media)
        return self._tell_established(now, None)

    def _settle(self, fork, response):
        """Complete offer/answer with the 2xx: (error text or None, the body of the ACK)."""
        agreed = self.negotiation.media is not None
        if agreed and fork.settled:
            return None, b""  # by a reliable response (§13.2.1)
        if self._client_request.request.body:
            # A 2xx repeats the answer of the 183; some servers change it, and then that of the 2xx counts.
            if agreed and not description(response):
                return None, b""
            return self.take_answer(response), b""
        try:
            self.negotiation.receive(description(response))
            return None, self.negotiation.answer()
        except (ParseError, Unacceptable) as error:
            self.negotiation.decline()
            return str(error), self._refusal(response)

    def _refusal(self, response):
        """The body of an ACK that rejects the offer in a 2xx; empty if the offer was ours."""
        offer = description(response)
        if self._client_request.request.body or not offer:
            return b""
        try:
            return refusal(offer, self.negotiation.capabilities.host)
        except ParseError:
            return b""

    def _acknowledge(self, fork, body, now):
        fork.ack = self.acknowledge(fork.dialog, self._client_request.request, body, now)

    def _establish_and_leave(self, now, argument):
        fork, response = argument
        self._acknowledge(fork, self._refusal(response), now)
        self._send_bye(now)

    def _cancel(self, now, _):
        self._client_request.cancel(now, self._cause)
        self.tell_ended(487, lookup(REASONS, 487), False)

    def _cancel_for_silence(self, now, _):
        self._client_request.cancel(now)
        self.tell_ended(408, lookup(REASONS, 408), True)

    def _cancel_for_bye(self, now, _):
        self._client_request.cancel(now)
        self.tell_ended(487, lookup(REASONS, 487), True)

    def _tell_refusal(self, now, response):
        reason = response.reason
        if response.status in (488, 606) and (
            b"RTP/SAVP" in response.body or (response.get("Warning") or "").startswith("302 ")
        ):
            reason = "Encryption required"  # the callee wants SRTP (§20.43)
        self.note(response.status, reason)
        self.tell_ended(response.status, reason, True, response)

    # Another INVITE: redirection, 422

    def _try_again(self, response, now):
        """Send another INVITE after a 3xx or 422, if useful; returns whether it was sent."""
        if self.state not in ("calling", "early"):
            return False
        request = self._client_request.plain.copy()
        if response.status == 422 and self.timer.is_raised(response):
            self.timer.ask(request)
        else:
            target = self._next_target(response)
            if target is None:
                return False
            request.uri = target
            self._tried.append(target)
        for fork in self._forks:
            self._user_agent.unbind(fork.dialog)
        self._forks = []
        request.set("CSeq", CSeq(self._client_request.request.cseq.number + 1, "INVITE"))
        self._client_request = ClientRequest(self._user_agent, self.account, request, self._on_response, now)
        return True

    def _next_target(self, response):
        """The next Uri of a 3xx, or None; each is tried once, and at most REDIRECTIONS of them."""
        if response.status in (300, 301, 302):
            new = [
                uri
                for uri in _targets(response, self.account.aor)
                if uri not in self._tried and uri not in self._targets
            ]
            new = [uri for uri in new if self._may_call(uri)]
            # The targets of the latest 3xx are tried first (§8.1.3.4).
            self._targets = new + self._targets
            self._endpoint.emit(Redirected(self, new))
        if not self._targets or response.status >= 600 or len(self._tried) > REDIRECTIONS:
            return None
        return self._targets.pop(0)

    def _may_call(self, uri):
        """Whether `uri` may be called: SRTP keys in our offer must not be sent in clear."""
        ours = self.negotiation.capabilities.encryption
        if ours is None or not ours.keys:
            return True
        there = self._user_agent.encryption_of(self.account, uri)
        return there is not None and bool(there.keys)


def _targets(response, aor):
    """The Uris of a 3xx, best first (§8.1.3.4)."""
    contacts = [
        each for each in response.contacts if each.uri is not None and each.uri.scheme in ("sip", "tel")
    ]
    contacts = sorted(contacts, key=lambda each: -each.q)
    return [request_uri(_dialled(each.uri, aor)) for each in contacts[:REDIRECTIONS]]


def _dialled(uri, aor):
    if uri.scheme != "tel":
        return uri
    from sip.call.number import at_domain

    return at_domain(uri, aor)


def _ignore(client_request, response, now):
    pass
