"""Which requests are dealt with, and which may replace a call, by the address they come from (RFC 3261 §26).

Internet scanners find an open SIP port within the hour. A registered phone therefore deals only with requests
from its servers and from peers that it has a dialog with. Other senders get no answer at all, because even a
refusal would show that a phone is there.
"""

from sip.agent.dialog import key_of, parse_dialog_id
from sip.syntax.grammar import ParseError


class Trust:
    """The judgement of `user_agent` on strangers: senders that are no server and no peer of ours.

    strangers   "answer" their requests, "refuse" them, or None: refuse requests for registered accounts only
    """

    def __init__(self, user_agent, strangers: "str | None" = None):
        self.strangers = strangers
        self._user_agent = user_agent

    def hears(self, request, source) -> bool:
        """Whether a request from `source` is dealt with at all. The endpoint asks before it answers.

        A malformed request is judged by the parts that can be read.
        """
        if self.strangers == "answer" or self.is_server(source):
            return True
        try:
            if self._is_of_a_dialog(request):
                return True
            return self.strangers is None and not self._is_for_a_registration(request)
        except ParseError:
            return self.strangers is None and not self._user_agent.registrations

    def is_server(self, source, account=None) -> bool:
        """Whether `source` is an address of the registrar or proxy of `account`, or of any account if None.

        Such an address came from DNS, or a REGISTER was answered from it. Over UDP a sender can forge its
        address, so this is only as good as the network between the phone and the server.
        """
        host = source[0]
        for each in self._user_agent.accounts:
            if account in (None, each):
                registration = self._user_agent.registration_of(each)
                if registration is not None and host in registration.servers:
                    return True
                if each.proxy is not None and each.proxy.host == host:
                    return True
        return False

    def may_replace(self, transaction, account, session) -> bool:
        """Whether an INVITE to `account` may take the place of the call `session` (RFC 3891 §8).

        From a server of the account it may: the server answers for those that it lets through. From elsewhere
        it may only if the call does not run through such a server: then the tags in Replaces, which only the
        two ends of the call know, are the proof.
        """
        return self.is_server(transaction.source, account) or not self._goes_by_server(session, account)

    def _goes_by_server(self, session, account):
        routes = session.dialog.routes
        first = routes[0].uri.host if routes else session.dialog.target.host
        names = [uri.host for uri in (account.proxy, account.registrar, account.aor) if uri is not None]
        return self.is_server((first, 0), account) or (
            first in names and self._user_agent.registration_of(account) is not None
        )

    def _is_of_a_dialog(self, request):
        """Whether the request names a dialog of ours: only its ends know the random tags and Call-ID."""
        if request.to is None or request.from_ is None:
            raise ParseError("of nobody, or to nobody")
        user_agent = self._user_agent
        key = key_of(request)
        if key[1] and (user_agent.dialog_of(key)[1] is not None or user_agent.is_subscribed(key)):
            return True
        if request.method == "REFER":
            from sip.call.refer import target_of

            return target_of(user_agent, request) is not None
        if request.method != "INVITE" or request.get("Replaces") is None:
            return False
        return user_agent.dialog_of(parse_dialog_id(request.get("Replaces"))[0])[1] is not None

    def _is_for_a_registration(self, request):
        user_agent = self._user_agent
        if not user_agent.registrations:
            return False
        account = request.uri and user_agent.account_of(request)
        return not account or user_agent.registration_of(account) is not None
