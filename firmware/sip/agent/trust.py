"""Which requests are handled, which may replace a call, and where credentials may be sent (RFC 3261 §26).

Internet scanners find an open SIP port within the hour. A registered phone therefore handles only requests
from its servers and from peers that it has a dialog with. Other senders get no answer at all, because even a
refusal would show that a phone is there.
"""

from sip.agent.dialog import key_of, parse_dialog_id
from sip.sending import next_hop
from sip.syntax.grammar import ParseError


class Trust:
    """The policy of `user_agent` for strangers: senders that are neither our servers nor our peers.

    strangers   "answer" their requests, "refuse" them, or None: refuse requests for registered accounts only
    """

    def __init__(self, user_agent, strangers: "str | None" = None):
        self.strangers = strangers
        self._user_agent = user_agent

    def hears(self, request, source) -> bool:
        """Whether a request from `source` (None: a keep-alive) is handled; called before any response.

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

        Over TLS a server is known by a connection that we opened, with the name that its certificate proved.
        Otherwise a server is known by its address, from DNS or from the response to a REGISTER. A UDP sender
        can forge its address, so this is only as safe as the network between the phone and the server.
        """
        for each in self._user_agent.accounts:
            if account in (None, each):
                for at in self._places(each):
                    if source[2:] == at[2:] if len(at) > 2 else source[0] == at[0]:
                        return True
        return False

    def leads_to_server(self, way, account, transport=None) -> bool:
        """Whether the Uri `way`, the next hop of a request, is a server of `account`.

        `transport` applies if `way` names none. Without TLS the port must match too: one host may run several
        servers.
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
        """Whether `request` may carry credentials, or a challenge to it may be answered.

        The next hop must be a server of `account`: the receiver of a digest can forward it, or try passwords
        on it. Within a dialog proxies forward credentials to the peer, so the peer must be a server as well,
        unless the settings allow all realms.
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
        """Whether an INVITE to `account` may replace the call `session` (RFC 3891 §8).

        An INVITE from a server of the account may: the server is responsible for its senders. Any other may
        only if the call does not run through such a server: then the tags in Replaces, which only the two
        ends of the call know, are the proof.
        """
        if self.is_server(transaction.source, account) or not self._user_agent.trusts(account):
            return True
        routes = session.dialog.routes
        return not self.leads_to_server(routes[0].uri if routes else session.dialog.target, account)

    def _places(self, account):
        """The addresses of the servers of `account`, as in ClientRequest.servers."""
        registration = self._user_agent.registration_of(account)
        places = [] if registration is None else registration.servers
        return places if account.proxy is None else places + [place(account.proxy, account)]

    def _is_of_a_dialog(self, request):
        """Whether the request is in, or replaces, a dialog of ours: only its ends know tags and Call-ID."""
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
    """The address of the server `uri` of `account`, as in ClientRequest.servers."""
    proxy = account.proxy or uri
    if "sips" in (uri.scheme, proxy.scheme) or "tls" in (uri.transport, proxy.transport, account.transport):
        hop = next_hop(uri, "tls")
        return hop + hop[:1]
    return next_hop(uri)
