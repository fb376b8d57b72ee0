"""Dialogs (RFC 3261 §12): local and remote end, CSeq, route set."""

from sip.syntax import headers
from sip.syntax.grammar import ParseError
from sip.syntax.message import Request

_ROUTABLE = ("sip", "sips")


def key_of(request) -> "tuple[str, str, str]":
    """(Call-ID, local tag, remote tag) of the dialog of a received request (§12.2.2)."""
    return request.call_id, request.to.tag or "", request.from_.tag or ""


class Dialog:
    """One dialog, early until `confirm`.

    local, remote      headers.NameAddr with tags, as in From and To of our requests
    target             Uri of the peer's Contact: the remote target
    routes             headers.NameAddr of the route set, next hop first
    local_sequence     CSeq number of our latest request
    remote_sequence    CSeq number of the peer's latest request, None before its first
    """

    def __init__(self, call_id, local, remote, target, routes, *, local_sequence, remote_sequence):
        self.call_id = call_id
        self.local = local
        self.remote = remote
        self.target = target
        self.routes = routes
        self.local_sequence = local_sequence
        self.remote_sequence = remote_sequence
        self.confirmed = False

    @property
    def key(self) -> "tuple[str, str, str]":
        return self.call_id, self.local.tag or "", self.remote.tag or ""

    @staticmethod
    def of_request(request, tag: str) -> "Dialog":
        """The UAS side, from the request that begins the dialog and our To tag (§12.1.1).

        Raises ParseError when the request has no single usable Contact. An element of RFC 2543, which has no
        From tag, may omit the Contact: its target is the URI in From.
        """
        local = headers.NameAddr(request.to.uri, request.to.display_name, request.to.params.copy())
        local.params["tag"] = tag
        routes = request.record_routes
        contact = request if request.contacts or request.from_.tag else None
        target = target_of(contact) if contact else _checked(request.from_.uri, "From")
        return Dialog(
            request.call_id,
            local,
            request.from_,
            target,
            routes,
            local_sequence=0,
            remote_sequence=request.cseq.number,
        )

    @staticmethod
    def of_response(request, response) -> "Dialog":
        """The UAC side, from our request and a response with a To tag (§12.1.2). Raises ParseError."""
        dialog = Dialog.without_target(request, response)
        dialog.follow(response)
        return dialog

    @staticmethod
    def without_target(request, response) -> "Dialog":
        """As `of_response` without `follow`: the target is the Request-URI, the route set empty."""
        return Dialog(
            response.call_id,
            request.from_,
            response.to,
            request.uri,
            [],
            local_sequence=request.cseq.number,
            remote_sequence=None,
        )

    def confirm(self, response=None) -> None:
        """Confirm the dialog; a UAC takes the route set of the 2xx (§13.2.2.4). Raises ParseError."""
        if response is not None and not self.confirmed:
            self.follow(response)
        self.confirmed = True

    def follow(self, response) -> None:
        """Take target and route set of a response (§12.1.2). Raises ParseError and then changes nothing."""
        routes = self.routes_in(response)
        self.target = self.target_in(response) or self.target
        self.routes = routes

    def refresh(self, message) -> None:
        """Take the new remote target of a re-INVITE or of its 2xx (§12.2). Raises ParseError."""
        if message.contacts:
            self.target = target_of(message)

    @staticmethod
    def routes_in(response) -> list:
        """The route set of a response (§12.1.2). Raises ParseError."""
        for route in response.record_routes:
            _checked(route.uri, "Record-Route")
        return list(reversed(response.record_routes))

    @staticmethod
    def target_in(response):
        """The Uri of the first usable Contact of a response. Raises ParseError.

        None without a Contact: some peers omit it in a 1xx, or even in a 2xx, and are reached at the
        Request-URI of the INVITE.
        """
        if response.get("Contact") is None:
            return None
        for contact in response.contacts:
            if contact is not headers.WILDCARD and contact.uri.scheme in _ROUTABLE and contact.uri.host:
                return contact.uri
        raise ParseError("Contact: none that can be followed")

    def in_order(self, request) -> bool:
        """Whether the request's CSeq is higher than `remote_sequence`, which is then updated (§12.2.2)."""
        number = request.cseq.number
        if self.remote_sequence is not None and number <= self.remote_sequence:
            return False
        self.remote_sequence = number
        return True

    def request(self, method: str) -> Request:
        """The next request of `method` within the dialog (§12.2.1.1)."""
        return self._request(method, self.next_sequence())

    def next_sequence(self) -> int:
        """A CSeq number not yet used."""
        self.local_sequence += 1
        return self.local_sequence

    def ack(self, sequence: int) -> Request:
        """The ACK for the 2xx to our INVITE with that CSeq number (§13.2.2.4)."""
        return self._request("ACK", sequence)

    def _request(self, method, sequence):
        # The endpoint swaps Request-URI and Route for a strict router.
        request = Request(method, request_uri(self.target))
        for route in self.routes:
            request.add("Route", route)
        request.add("From", self.local)
        request.add("To", self.remote)
        request.add("Call-ID", self.call_id)
        request.add("CSeq", headers.CSeq(sequence, method))
        return request


def parse_dialog_id(text: str) -> "tuple[tuple[str, str, str], bool]":
    """(key of the dialog in a Replaces or Join header, whether `early-only`) (RFC 3891 §6.1).

    Raises ParseError.
    """
    value = headers.parse_valued(text)
    local = value.params.get("to-tag")
    remote = value.params.get("from-tag")
    if not local or not remote:
        raise ParseError("a dialog has two tags")
    return (value.value, local, remote), "early-only" in value.params


def request_uri(uri):
    """`uri` without headers and the method parameter, which a Request-URI may not have (§19.1.1)."""
    if uri.headers or "method" in uri.params:
        uri = uri.copy()
        uri.headers = []
        uri.params.pop("method", None)
    return uri


def target_of(message):
    """The Uri of the single Contact; raises ParseError for none, several, or one that is no SIP URI."""
    contacts = message.contacts
    if len(contacts) != 1 or contacts[0] is headers.WILDCARD:
        raise ParseError("Contact: exactly one is needed")
    return _checked(contacts[0].uri, "Contact")


def _checked(uri, name):
    if uri.scheme not in _ROUTABLE or not uri.host:
        raise ParseError(name + ": not a SIP URI")
    return uri
