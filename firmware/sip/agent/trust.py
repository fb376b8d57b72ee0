"""Which requests are dealt with, which may replace a call, and where credentials may go (RFC 3261 §26).

Internet scanners find an open SIP port within the hour. A registered phone therefore deals only with requests
from its servers and from peers that it has a dialog with. Other senders get no answer at all, because even a
refusal would show that a phone is there.
"""

from sip.agent.dialog import key_of, parse_dialog_id
from sip.sending import next_hop
from sip.syntax.grammar import ParseError


class Trust:
    """The judgement of `user_agent` on strangers: senders that are no server and no peer of ours.

    strangers   "answer" their requests, "refuse" them, or None: refuse requests for registered accounts only
    """

    def __init__(self, user_agent, strangers: "str | None" = None):
        self.strangers = strangers
        self._user_agent = user_agent

    def hears(self, request, source) -> bool:
        """Whether a request from `source`, or its keep-alive (None), is dealt with; asked before any answer.

        A malformed request is judged by the parts that can be read.
        """
        if self.strangers == "answer" or self.is_server(source):
            return True
        try:
            if request is not None and self._is_of_a_dialog(request):
                return True
            return self.strangers is None and not self._is_for_a_registration(request)
        except ParseError:
            return self.strangers is None and not self._user_agent.registrations

    def is_server(self, source, account=None) -> bool:
        """Whether `source` is the registrar or proxy of `account`, or of any account if None.

        A line over TLS knows its server by a connection that we made, to the name that a certificate proved.
        Other lines know it by address, which came from DNS or answered a REGISTER. Over UDP a sender can
        forge its address, so that is only as good as the network between the phone and the server.
        """
        for each in self._user_agent.accounts:
            if account in (None, each):
                for at in self._places(each):
                    if source[2:] == at[2:] if len(at) > 2 else source[0] == at[0]:
                        return True
        return False

    def leads_to_server(self, way, account, transport=None) -> bool:
        """Whether the next hop of a request is a server of `account`, where it goes by the Uri `way`.

        `transport` counts where `way` names none. The host alone does not do: at one address may be many.
        """
        secure = way.scheme == "sips" or (way.transport or transport) == "tls"
        hop = next_hop(way, "tls" if secure else "udp")
        if hop is None:
            return False
        named = [place(uri, account) for uri in (account.registrar, account.aor) if uri is not None]
        for at in self._places(account) + named:
            if hop[0] in (at[0], at[-1]) if secure else hop == at:
                return True
        return False

    def may_prove(self, request, account, in_dialog: bool) -> bool:
        """Whether credentials may go with `request`, or answer a challenge to it.

        They may where the next hop is a server of `account`: whoever gets a digest can pass it on, or try
        passwords on it. Within a dialog proxies pass credentials on to the peer, so there the peer must be a
        server as well, unless the settings allow all realms.
        """
        if request.method == "REGISTER":
            return True
        way = request.routes[0].uri if request.routes else request.uri
        if not self.leads_to_server(way, account, None if in_dialog else account.transport):
            return False
        credentials = account.credentials
        everywhere = credentials is not None and credentials.realm == "*"
        return not in_dialog or everywhere or self.leads_to_server(request.uri, account)

    def may_replace(self, transaction, account, session) -> bool:
        """Whether an INVITE to `account` may take the place of the call `session` (RFC 3891 §8).

        From a server of the account it may: the server answers for those that it lets through. From elsewhere
        it may only if the call does not run through such a server: then the tags in Replaces, which only the
        two ends of the call know, are the proof.
        """
        if self.is_server(transaction.source, account) or not self._user_agent.trusts(account):
            return True
        routes = session.dialog.routes
        return not self.leads_to_server(routes[0].uri if routes else session.dialog.target, account)

    def _places(self, account):
        """Where the servers of `account` are, as ClientRequest.servers has them."""
        registration = self._user_agent.registration_of(account)
        places = [] if registration is None else registration.servers
        return places if account.proxy is None else places + [place(account.proxy, account)]

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
        account = request and request.uri and user_agent.account_of(request)
        return not account or user_agent.registration_of(account) is not None


def place(uri, account) -> tuple:
    """Where the server of `account` is that `uri` names, as ClientRequest.servers has it."""
    proxy = account.proxy or uri
    if "sips" in (uri.scheme, proxy.scheme) or "tls" in (uri.transport, proxy.transport, account.transport):
        hop = next_hop(uri, "tls")
        return hop + hop[:1]
    return next_hop(uri)
