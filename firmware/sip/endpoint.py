"""The endpoint: four verbs around the transactions, and no I/O (RFC 3261 §17, §18; RFC 3581).

The owner of the sockets and the clock hands received octets to `receive`, sends what `to_send` returns, and
calls `handle_timer` at `deadline`. Requests are handled by a core (UAC, UAS, proxy …): `endpoint.core` has
`on_request(server_transaction, now)`, `on_ack(request, source, transport, now)` for an ACK of a 2xx, and
`on_stray_response(response, source, now)`. Addresses are (host, port).
"""

import binascii

from sip import limits
from sip.sending import Sender, client_key
from sip.syntax.grammar import ParseError, split
from sip.syntax.headers import COOKIE
from sip.syntax.message import MessageError, Request, Response, parse
from sip.syntax.uri import default_port
from sip.timers import Timers
from sip.transaction import ClientTransaction, ServerTransaction


class Endpoint:
    """One SIP element. `local` is {"udp": (host, port), "tcp": (host, port)}: the addresses that peers use.

    `random(n)` gives n random octets. Limits: `max_message` octets in a message; `max_transactions` server
    transactions (completed ones are evicted first, then a further request is answered 503); `max_connections`
    buffered streams. `max_datagram` is the size in octets above which a request goes over TCP (§18.1.1).

    `locator` (see sip.locator) resolves names to servers; without a locator, `to_send` returns names.

    `hears(request, source)` says whether a request outside of any transaction is handled or silently dropped;
    a `request` of None is a keep-alive. Without `hears`, all are handled.

    `counters` counts warnings, by name. `on_error(error)` is called with an unexpected exception (a bug of
    ours); without `on_error` the exception is raised.
    """

    def __init__(
        self,
        random,
        local: dict,
        server_header=None,
        *,
        max_transactions: int = limits.SERVER_TRANSACTIONS,
        max_connections: int = limits.CONNECTIONS,
        max_message: int = limits.MESSAGE_OCTETS,
        max_datagram: int = 1300,
        core=None,
    ):
        self.local = local
        self.core = core
        self.server_header = server_header
        self.max_transactions = max_transactions
        self.max_connections = max_connections
        self.max_message = max_message
        self.max_datagram = max_datagram
        self.timers = Timers()
        self.counters = {}
        self.on_error = None
        self.random = random
        self._clients = {}
        self._servers = {}
        self._streams = {}  # source -> StreamFramer, None after a framing error
        self.hears = None
        self.locator = None
        self.answers_stun = False  # servers do: phones check their flows by STUN (RFC 5626 §3.5.2)
        self.flows = {}  # (host, port) -> KeepAlive
        self.sender = Sender(self)
        self._outgoing = []
        self._events = []

    # The four verbs

    def receive(self, data, source, transport: str, now: int) -> None:
        """A datagram, or the next octets of the stream with `source`."""
        try:
            if transport == "udp":
                self._receive_datagram(data, source, now)
            else:
                self._receive_stream(data, source, transport, now)
        except MemoryError as error:
            # Transactions kept only to absorb retransmissions are evicted.
            while self._make_room(now):
                pass
            self._trap(error)
        except Exception as error:
            self._trap(error)

    def to_send(self, now: int) -> "tuple[bytes, tuple[str, int], str] | None":
        """(data, destination, transport) of the next message to send, None when the queue is empty.

        The host of `destination` may be a name, which the caller resolves. The caller opens a stream when
        there is none with `destination`; empty data asks the caller to close the stream.
        """
        return self._outgoing.pop(0) if self._outgoing else None

    def deadline(self) -> "int | None":
        """The tick at which `handle_timer` must be called, None when no timer runs."""
        return self.timers.deadline()

    def handle_timer(self, now: int) -> None:
        """Run all timers that are due."""
        while True:
            try:
                return self.timers.run(now)
            except Exception as error:
                self._trap(error)

    def events(self) -> list:
        """The events since the last call, in order."""
        events = self._events
        if events:
            self._events = []
        return events

    # Reports from the transport

    def connection_closed(self, source, now: int, trouble: str = "") -> None:
        """The stream with `source` is closed; `trouble` as in `transport_error`."""
        self._streams.pop(source, None)
        try:
            flow = self.flows.get(source[:2])
            if flow is not None and flow.transport != "udp":
                flow.fail(now)
            for transaction in list(self._clients.values()):
                if transaction.destination == source and transaction.transport != "udp":
                    transaction.trouble = trouble
                    self.sender.failed(transaction, now)
        except Exception as error:
            self._trap(error)

    def transport_error(self, destination, transport: str, now: int, trouble: str = "") -> None:
        """A message that `to_send` returned for `destination` could not be sent.

        `trouble` is the reason in words for people: sip.events.REFUSED, or an error of TLS; "" if unknown.
        """
        self.count("transport_errors")
        try:
            flow = self.flows.get(destination[:2])
            if flow is not None and flow.transport == transport:
                flow.fail(now)
            for transaction in list(self._clients.values()):
                if transaction.destination == destination and transaction.transport == transport:
                    transaction.trouble = trouble
                    self.sender.failed(transaction, now)
            for transaction in list(self._servers.values()):
                if transaction.destination == destination and transaction.transport == transport:
                    transaction.on_transport_error(now)
        except Exception as error:
            self._trap(error)

    # For cores and usages

    def request(
        self, request, user, now: int, destination=None, transport=None, branch=None
    ) -> ClientTransaction:
        """Send `request` in a new transaction, which owns the request from now on.

        Adds the top Via, and Max-Forwards where it is missing. The next hop is `destination`, else the first
        Route, else the Request-URI. Callers give the plain target and route set: a first Route without `lr`
        is swapped with the Request-URI here (§12.2.1.1, §16.6(6)). `transport` overrides the URI's. `user`
        gets `on_response` or `on_failure`, never before this method returns; with several servers, a failure
        is reported after the last of them has failed (RFC 3263 §4.3).
        """
        transaction = ClientTransaction(self, request, user)
        self._clients[transaction.key] = transaction
        self.sender.send(request, transaction, now, destination, transport, branch)
        return transaction

    def send(self, request, now: int, destination=None, transport=None, branch=None) -> None:
        """Send `request`, the ACK of a 2xx, outside any transaction. Otherwise as `request`."""
        self.sender.send(request, None, now, destination, transport, branch)

    def token(self, octets: int = 8) -> str:
        """A random token for a tag, branch or Call-ID: `octets` random octets in hexadecimal."""
        return binascii.hexlify(self.random(octets)).decode()

    def emit(self, event) -> None:
        """Queue `event` for `events`."""
        self._events.append(event)

    def count(self, name: str) -> None:
        """Add one to `counters[name]`."""
        self.counters[name] = self.counters.get(name, 0) + 1

    def is_connected(self, source) -> bool:
        """Whether there is a usable stream with `source`."""
        return self._streams.get(source) is not None

    def is_merged(self, transaction) -> bool:
        """Whether the same request already arrived by another path (§8.2.2.2); a UAS answers 482.

        After a refusal the request counts as a new attempt, even if its Call-ID and CSeq are the same.
        """
        request = transaction.request
        if request.to.tag:
            return False
        for other in self._servers.values():
            theirs = other.request
            if (
                other is not transaction
                and not other.refused
                and theirs.call_id == request.call_id
                and theirs.cseq.number == request.cseq.number
                and theirs.method == request.method
                and theirs.from_.tag == request.from_.tag
            ):
                return True
        return False

    # For the transactions

    def rename(self, transaction, key: str) -> None:
        """Store the client `transaction` under another key."""
        self._clients.pop(transaction.key, None)
        transaction.key = key
        self._clients[key] = transaction

    def transmit(self, data: bytes, destination, transport: str) -> None:
        """Queue `data` for `to_send`."""
        self._outgoing.append((data, destination, transport))

    def forget(self, transaction) -> None:
        """`transaction` has terminated."""
        key = transaction.key
        for known in (self._clients, self._servers):
            if known.get(key) is transaction:
                del known[key]

    def start_client(self, request, parent, user, now: int) -> ClientTransaction:
        """Send `request`, a CANCEL that has its Via already, to the destination of `parent`."""
        transaction = ClientTransaction(self, request, user)
        self.rename(transaction, client_key(request.via, request.method))
        transaction.depart(request.to_bytes(), parent.destination, parent.transport, now)
        return transaction

    def response_destination(self, request, source, transport: str) -> "tuple[str, int]":
        """The destination of a response to `request` (§18.2.2, RFC 3581 §4).

        A Via's `maddr` is ignored: anyone could use it to send our responses to a third party.
        """
        via = request.via
        if source in self._streams if transport != "udp" else "rport" in via.params:
            return source
        return source[0], via.port or default_port(transport == "tls")

    # Receiving

    def _receive_datagram(self, data, source, now):
        if len(data) > self.max_message:
            self.count("too_large")
            self._refuse_long(bytes(data[: self.max_message]), source)
        elif not bytes(data[:4]).strip(b"\r\n\0") and not bytes(data).strip(b"\r\n\0"):
            self.count("keep_alives")
        elif data[0] < 4:
            flow = self.flows.get(source)
            if flow is not None:
                flow.heard_stun(data, now)
            elif self.answers_stun:
                self._answer_stun(data, source)
            else:
                self.count("stray_stun")
        else:
            self._receive_message(data, source, "udp", now)

    def _answer_stun(self, data, source):
        from sip.stun import answer

        octets = answer(data, source)
        if octets is None:
            self.count("stray_stun")
        else:
            self.transmit(octets, source, "udp")

    def _refuse_long(self, data, source):
        end = data.find(b"\r\n\r\n")
        if end >= 0:
            from sip.syntax.framing import unframed

            self._refuse(unframed(data[: end + 4], 513, "Message Too Large"), source, "udp")

    def _receive_stream(self, data, source, transport, now):
        if source not in self._streams:
            if len(self._streams) >= self.max_connections:
                self.count("too_many_connections")
                self.transmit(b"", source, transport)
                return
            from sip.syntax.framing import StreamFramer

            self._streams[source] = StreamFramer(self.max_message)
        framer = self._streams[source]
        flow = self.flows.get(source[:2]) if self.flows else None
        if flow is not None and flow.transport == transport:
            data = flow.heard(data, now)
        if framer is None:
            return
        messages = []
        try:
            messages = framer.feed(data)
        except MessageError as error:
            self._streams[source] = None
            self._refuse(error, source, transport)
            self.transmit(b"", source, transport)
        if framer.pings and (self.hears is None or self.hears(None, source)):
            self.transmit(b"\r\n" * framer.pings, source, transport)  # RFC 5626 §4.4.1
        framer.pings = 0
        for message in messages:
            self._receive_message(message, source, transport, now)

    def _receive_message(self, data, source, transport, now):
        try:
            message = parse(data)
        except MessageError as error:
            self._refuse(error, source, transport)
            return
        try:
            if isinstance(message, Request):
                self._receive_request(message, source, transport, now)
            else:
                self._receive_response(message, source, now)
        except ParseError:
            self.count("malformed")  # in a header that only the transaction user parsed

    def _refuse(self, error, source, transport):
        """Answer a message that does not parse, if enough of it can be read."""
        self.count("malformed")
        if error.request is not None and self._hears(error.request, source, parsed=False):
            self._answer(error.request, error.status, error.reason, source, transport)

    def _answer(self, request, status, reason, source, transport):
        """Send a response statelessly."""
        try:
            _stamp(request, source)
        except ParseError:
            pass  # a Via that is malformed after its sent-by is returned unchanged
        response = Response.of(request, status, reason, self.token())
        if status == 503:
            response.add("Retry-After", limits.RETRY_AFTER_S)
        self.transmit(response.to_bytes(), self.response_destination(request, source, transport), transport)

    def _receive_request(self, request, source, transport, now):
        _stamp(request, source)
        key = _server_key(request, "INVITE" if request.method == "ACK" else request.method)
        transaction = self._servers.get(key)
        if transaction is not None:
            transaction.receive(request, now)
        elif request.method == "ACK":
            self.core.on_ack(request, source, transport, now)
        elif self._hears(request, source):
            self._begin(key, request, source, transport, now)

    def _begin(self, key, request, source, transport, now):
        """Start the transaction of a new request."""
        if len(self._servers) >= self._most_servers(request) and not self._make_room(now):
            self.count("too_many_transactions")
            self._answer(request, 503, None, source, transport)
            return
        transaction = ServerTransaction(self, key, request, source, transport)
        self._servers[key] = transaction
        transaction.start(now)
        if request.method == "CANCEL":
            self._cancel(transaction, now)
            return
        try:
            self.core.on_request(transaction, now)
        except ParseError as error:
            self.count("malformed")
            if not transaction.answered:
                transaction.reply(error.status, now)
        except Exception:
            # A 500 spares the peer the wait for a response; the caller reports the exception.
            if not transaction.answered:
                transaction.reply(500, now)
            raise

    def _hears(self, request, source, parsed=True):
        if self.hears is None or self.hears(request, source):
            return True
        if parsed and request.method == "CANCEL" and _server_key(request, "INVITE") in self._servers:
            return True
        self.count("strangers")
        return False

    def _make_room(self, now):
        for harm in (0, 1, 2):
            for transaction in self._servers.values():
                if transaction.harm == harm and transaction.evict(now):
                    return True
        return False

    def _most_servers(self, request):
        # A flood of new requests must leave room to end established calls.
        inside = request.method == "CANCEL" or request.to.tag is not None
        return self.max_transactions * 5 // 4 if inside else self.max_transactions

    def _cancel(self, transaction, now):
        """Answer a CANCEL and cancel its INVITE (§9.2)."""
        invite = self._servers.get(_server_key(transaction.request, "INVITE"))
        if invite is None:
            transaction.reply(481, now)
            return
        transaction.to_tag = invite.to_tag
        cancel = transaction.request
        transaction.reply(200, now)
        if not invite.answered:
            invite.cancelled_by = cancel
            invite.user.on_cancel(invite, now)

    def _receive_response(self, response, source, now):
        transaction = self._clients.get(client_key(response.via, response.cseq.method))
        if transaction is not None:
            transaction.source = source
            transaction.receive(response, now)
        elif (response.via.host, response.via.port or default_port(False)) in self.local.values():
            self.count("stray_responses")
            self.core.on_stray_response(response, source, now)
        else:
            self.count("foreign_responses")  # §18.1.2: not for us

    def _trap(self, error):
        self.count("internal_errors")
        if self.on_error is None:
            raise error
        self.on_error(error)


def refuse_unsupported(transaction, now: int, extensions=(), header: str = "Require") -> bool:
    """The checks that a UAS (§8.2.2) and a proxy (§16.3, `header` "Proxy-Require") share.

    Answers 416 for a Request-URI of an unknown scheme, 420 for an extension that is not in `extensions`;
    returns whether the request was answered.
    """
    request = transaction.request
    if request.uri.opaque is not None:
        transaction.reply(416, now)
        return True
    unknown = [option for option in request.all(header) if option.lower() not in extensions]
    if unknown:
        response = transaction.response(420)
        response.add("Unsupported", ", ".join(unknown))
        transaction.respond(response, now)
        return True
    return False


def _server_key(request, method):
    """The key of a server transaction (§17.2.3), also for requests of RFC 2543, whose branch is not unique.

    The To tag is not part of the key: an ACK has one, its INVITE has none.
    """
    via = request.via
    branch = via.branch or ""
    if branch.startswith(COOKIE) and len(branch) > len(COOKIE):
        return branch + " " + via.sent_by + " " + method
    parts = (str(request.uri), request.from_.tag or "", request.call_id, request.cseq.number, via, method)
    return " ".join([str(part) for part in parts])


def _stamp(request, source):
    """Add the source address of the request to its top Via (§18.2.1, RFC 3581 §4)."""
    via = request.via
    if "rport" in via.params:
        via.params["rport"] = str(source[1])
    elif via.host == source[0]:
        return
    via.params["received"] = source[0]
    # The parsed Via is changed as well as its text, so that the message need not be parsed again.
    for entry in request.headers:
        if entry[0] == "Via":
            values = split(entry[1], ",")
            values[0] = str(via)
            entry[1] = ", ".join(values)
            return
