"""A request of a user agent that is sent again with credentials when challenged (RFC 3261 §22.2, §22.3)."""

from compat import const
from sip.syntax.grammar import ParseError
from sip.syntax.headers import CHALLENGES, CSeq, parse_challenge
from sip.syntax.message import Response

_MAX_CHALLENGES = const(3)


class ClientRequest:
    """Sends `request` and calls `report(client_request, response, now)` for each response.

    Challenges that are answered here are not reported. A timeout is reported as 408, a transport error as 503
    (§8.1.3.1).

    `request` is the latest request sent; `dialog` is its Dialog, or None. The owner keeps the ACK of a 2xx in
    `ack` and sends it each time that the 2xx comes.
    """

    def __init__(self, user_agent, account, request, report, now: int, dialog=None):
        self.dialog = dialog
        self.ack = None
        self.cancelled = False
        self.done = False
        self._user_agent = user_agent
        self._account = account
        self._report = report
        self._challenges = 0
        self._realms = []  # whose challenges were answered; None in it: there was a provisional response
        self.plain = request
        self._send(self._known_credentials(request), now)

    def _known_credentials(self, request):
        """Credentials from earlier challenges, which spare a round trip (§22.2, §22.3)."""
        credentials = self._account.credentials
        if credentials is None or not self._may_prove():
            return []
        known = credentials.authorize(request.method, request.uri, request.body)
        if request.method == "REGISTER":
            return known
        # Parties that we call do not get credentials for the registrar.
        return [(name, value) for name, value in known if name == "Proxy-Authorization"]

    def _may_prove(self):
        return self._user_agent.trust.may_prove(self.plain, self._account, self.dialog is not None)

    def _send(self, authorization, now):
        request = self.plain.copy()
        for name, value in authorization:
            request.add(name, value)
        self.request = request
        transport = None
        if self.dialog is None:
            way = request.routes[0].uri if request.routes else request.uri
            transport = way.transport or self._account.transport
        self._transaction = self._user_agent.endpoint.request(request, self, now, transport=transport)

    @property
    def flow(self) -> tuple:
        """(transport, destination) of the latest request; destination is None if it was not sent."""
        return self._transaction.transport, self._transaction.destination

    @property
    def trouble(self) -> str:
        """Why the latest request could not be sent, for people: see Endpoint.transport_error."""
        return self._transaction.trouble

    @property
    def source(self) -> "tuple[str, int] | None":
        """(host, port) that the latest response came from; None before any."""
        return self._transaction.source

    @property
    def servers(self) -> list:
        """Targets of the latest request and the source of its response: (host, port), or over TLS (host,
        port, name in the certificate). If the transport was TLS, only TLS addresses are listed."""
        transaction = self._transaction
        places = transaction.servers + ([transaction.source] if transaction.source else [])
        return [each for each in places if len(each) > 2] if transaction.transport == "tls" else places

    def cancel(self, now: int, reason=None) -> None:
        """Cancel an INVITE (§9.1), with a Reason or None. A 2xx may still come."""
        self.cancelled = True
        self._transaction.cancel(now, reason)

    def on_response(self, transaction, response, now: int) -> None:
        if response.status < 200 and None not in self._realms:
            self._realms.append(None)
        if response.status in (401, 407) and not self.cancelled and self._answer(response, now):
            return
        self.done = self.done or response.status >= 200
        if response.status >= 400:
            self._user_agent.note_failure(self._account, self.request.method, response.status, now)
        self._report(self, response, now)

    def on_failure(self, transaction, status: int, now: int) -> None:
        self.on_response(transaction, Response.of(self.request, status), now)

    def _answer(self, response, now):
        credentials = self._account.credentials
        self._challenges += 1
        if credentials is None or self._challenges > _MAX_CHALLENGES or self._refused(response):
            return False
        if not self._may_prove():
            self._user_agent.endpoint.count("challenge_from_stranger")
            return False
        sent = self.request
        try:
            authorization = credentials.answer(
                response,
                sent.method,
                sent.uri,
                sent.body,
                self._user_agent.endpoint.random,
                sent,
                self._trusted_realms(),
            )
        except ParseError:
            return False
        if authorization is None:
            return False
        if self.dialog is None:
            sequence = sent.cseq.number + 1
        else:
            sequence = self.dialog.next_sequence()
        self.plain.set("CSeq", CSeq(sequence, sent.method))
        self._send(authorization, now)
        return True

    def _trusted_realms(self):
        """`trusted` of Credentials.answer: None if the challenge is surely our server's own.

        It is, if the request leads only to the server or to ourselves. For an INVITE it is, if no response
        came before the challenge, and the challenge came from the INVITE's destination: a proxy sends a 100
        before it forwards an INVITE (§16.2, §17.2.1).
        """
        account, request, transaction = self._account, self.request, self._transaction
        if request.method == "REGISTER" or self._user_agent.registration_of(account) is None:
            return None
        if self.dialog is None and self._challenges < 2:
            if request.method != "INVITE":
                if request.uri == request.to.uri == account.aor:
                    return None
            elif None not in self._realms and transaction.source == transaction.destination:
                return None
        return [uri.host for uri in (account.aor, account.registrar, account.proxy) if uri is not None]

    def _refused(self, response):
        """Whether a realm challenges again after an answer, and not because of a stale nonce (§22.1)."""
        realms = []
        for name in CHALLENGES:
            for text in response.all(name):
                try:
                    params = parse_challenge(text)[1]
                except ParseError:
                    continue
                realm = (name, params.get("realm"))
                if realm in self._realms and params.get("stale", "").lower() != "true":
                    return True
                realms.append(realm)
        self._realms += realms
        return False
