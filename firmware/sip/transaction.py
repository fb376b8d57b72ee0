"""The four transaction state machines (RFC 3261 §17 as corrected by RFC 6026), as tables.

A row reads ((state, event), (next state, actions)). Events are a timer's name, a class of response, a method
received from the peer, `error` from the transport, or a call of the user (`start`, `cancel`, `drop`). An
event without a row is ignored if it came from outside, and raises LocalError if it came from the user.
Actions run in order, in the next state: a timer's name starts the timer, any other word names a method,
without its leading `_`.
"""

from compat import const, lookup
from sip.events import LocalError
from sip.syntax.message import Request, Response

# `const`, so that the table below stays in flash.
T1 = const(500)  # ms: the round-trip time estimate
T2 = const(4000)  # ms: the longest interval between retransmissions, except for an INVITE
T4 = const(5000)  # ms: the longest time that a message stays in the network
NEXT = const(
    16 * T1
)  # ms: how long a server may be silent before the next one is tried: timer B for each takes too long
_64_T1 = const(64 * T1)

# name: (ms over UDP, ms over TCP (None: not started), doubles up to, states that it runs in)
TIMERS = {
    "A": (T1, None, _64_T1, ("calling",)),
    "B": (_64_T1, _64_T1, 0, ("calling",)),
    "D": (32000, 0, 0, ("completed",)),
    "E": (T1, None, T2, ("trying", "proceeding")),
    "F": (_64_T1, _64_T1, 0, ("trying", "proceeding")),
    "G": (T1, None, T2, ("completed",)),
    "H": (_64_T1, _64_T1, 0, ("completed",)),
    "I": (T4, 0, 0, ("confirmed",)),
    "J": (_64_T1, 0, 0, ("completed",)),
    "K": (T4, 0, 0, ("completed",)),
    "L": (_64_T1, _64_T1, 0, ("accepted",)),
    "M": (_64_T1, _64_T1, 0, ("accepted",)),
    "next": (NEXT, NEXT, 0, ("calling", "trying")),
    # Each provisional response restarts it (§16.6(11), §13.3.1.1); our Caller gives up earlier.
    "C": (240_000, 240_000, 0, ("proceeding",)),
    "100": (200, 200, 0, ("proceeding",)),  # §17.2.1: a 100 unless the user responds sooner
    "cancelled": (_64_T1, _64_T1, 0, ("proceeding",)),  # §9.1: how long to wait for the 487 after a CANCEL
}

# §17.1.1.2, RFC 6026 §7.2
INVITE_CLIENT = (
    (("new", "start"), ("calling", "send A B")),
    (("new", "error"), ("terminated", "fail")),  # no target found
    (("new", "cancel"), ("new", "")),  # DNS is still asked
    (("calling", "next"), ("calling", "move_on")),
    (("calling", "A"), ("calling", "send A")),
    (("calling", "B"), ("terminated", "time_out")),
    (("calling", "error"), ("terminated", "fail")),
    (("calling", "cancel"), ("calling", "")),  # CANCEL follows the first provisional response
    (("calling", "1xx"), ("proceeding", "C report cancel_if_asked")),
    (("calling", "2xx"), ("accepted", "M report")),
    (("calling", "3xx-6xx"), ("completed", "acknowledge D report")),
    (("proceeding", "1xx"), ("proceeding", "C report")),
    (("proceeding", "C"), ("terminated", "time_out")),
    (("proceeding", "2xx"), ("accepted", "M report")),
    (("proceeding", "3xx-6xx"), ("completed", "acknowledge D report")),
    (("proceeding", "cancel"), ("proceeding", "send_cancel cancelled")),
    (("proceeding", "cancelled"), ("terminated", "time_out")),
    (("accepted", "2xx"), ("accepted", "report")),
    (("accepted", "M"), ("terminated", "")),
    (("completed", "3xx-6xx"), ("completed", "acknowledge")),
    (("completed", "error"), ("terminated", "")),  # the user already has the final response
    (("completed", "D"), ("terminated", "")),
)

# §17.1.2.2
NON_INVITE_CLIENT = (
    (("new", "start"), ("trying", "send E F")),
    (("new", "error"), ("terminated", "fail")),
    (("trying", "next"), ("trying", "move_on")),
    (("trying", "E"), ("trying", "send E")),
    (("trying", "F"), ("terminated", "time_out")),
    (("trying", "error"), ("terminated", "fail")),
    (("trying", "1xx"), ("proceeding", "report")),
    (("trying", "2xx"), ("completed", "K report")),
    (("trying", "3xx-6xx"), ("completed", "K report")),
    (("proceeding", "E"), ("proceeding", "send E")),
    (("proceeding", "F"), ("terminated", "time_out")),
    (("proceeding", "error"), ("terminated", "fail")),
    (("proceeding", "1xx"), ("proceeding", "report")),
    (("proceeding", "2xx"), ("completed", "K report")),
    (("proceeding", "3xx-6xx"), ("completed", "K report")),
    (("completed", "K"), ("terminated", "")),
)

# §17.2.1, RFC 6026 §7.1
INVITE_SERVER = (
    (("new", "start"), ("proceeding", "100")),
    (("proceeding", "100"), ("proceeding", "send_trying")),
    (("proceeding", "INVITE"), ("proceeding", "resend")),
    (("proceeding", "1xx"), ("proceeding", "send")),
    (("proceeding", "2xx"), ("accepted", "send L")),
    (("proceeding", "3xx-6xx"), ("completed", "send G H")),
    (("proceeding", "error"), ("proceeding", "inform")),
    (("accepted", "INVITE"), ("accepted", "")),
    (("accepted", "2xx"), ("accepted", "send")),  # the user retransmits it (§13.3.1.4), a proxy forwards it
    (("accepted", "ACK"), ("accepted", "pass_ack")),
    (("accepted", "error"), ("accepted", "inform")),
    (("accepted", "L"), ("terminated", "")),
    (("accepted", "evict"), ("terminated", "")),
    (("completed", "INVITE"), ("completed", "resend")),
    (("completed", "G"), ("completed", "resend G")),
    (("completed", "H"), ("terminated", "no_ack")),
    (("completed", "ACK"), ("confirmed", "I acknowledged")),
    (("completed", "error"), ("completed", "inform")),
    (("completed", "evict"), ("terminated", "")),  # else peers that never send an ACK use up all transactions
    (("confirmed", "I"), ("terminated", "")),
    (("confirmed", "evict"), ("terminated", "")),
)

# §17.2.2
NON_INVITE_SERVER = (
    (("new", "start"), ("trying", "")),
    (("trying", "1xx"), ("proceeding", "send")),
    (("trying", "2xx"), ("completed", "send J")),
    (("trying", "3xx-6xx"), ("completed", "send J")),
    (("trying", "drop"), ("terminated", "")),
    (("proceeding", "request"), ("proceeding", "resend")),
    (("proceeding", "1xx"), ("proceeding", "send")),
    (("proceeding", "2xx"), ("completed", "send J")),
    (("proceeding", "3xx-6xx"), ("completed", "send J")),
    (("proceeding", "error"), ("terminated", "inform")),
    (("proceeding", "drop"), ("terminated", "")),
    (("completed", "request"), ("completed", "resend")),
    (("completed", "error"), ("terminated", "inform")),
    (("completed", "J"), ("terminated", "")),
    (("completed", "evict"), ("terminated", "")),
)


def _class_of(status):
    return "1xx" if status < 200 else "2xx" if status < 300 else "3xx-6xx"


class TransactionUser:
    """The transaction user of RFC 3261 §5: transactions call its methods; these are the defaults."""

    def on_response(self, transaction, response, now: int) -> None:
        """A provisional or the final response came; for an INVITE, each of its 2xx (§13.2.2.4)."""

    def on_failure(self, transaction, status: int, now: int) -> None:
        """No response came (408), or the transport failed (503)."""

    def on_cancel(self, transaction, now: int) -> None:
        """The peer cancelled its INVITE (§9.2)."""
        transaction.reply(487, now)

    def on_ack(self, transaction, request, now: int) -> None:
        """The ACK of our non-2xx final response came."""

    def on_no_ack(self, transaction, now: int) -> None:
        """No ACK of our non-2xx final response came."""

    def on_error(self, transaction, now: int) -> None:
        """Our response could not be sent."""


_NOBODY = TransactionUser()


class _Transaction:
    """Base of the four transactions: a table, a state, timers.

    `request` is the request, `state` the name of the state, `transport` "udp", "tcp" …, `user` the
    TransactionUser.
    """

    def __init__(self, endpoint, table, key, request, transport, user):
        self.endpoint = endpoint
        self.key = key
        self.request = request
        self.transport = transport
        self.user = user or _NOBODY
        self.state = "new"
        self._table = table
        self._timers = {}
        self._intervals = {}

    def on_timer(self, name: str, now: int) -> None:
        """From Timers: a timer of ours is due."""
        self._timers.pop(name, None)
        self._handle(name, now)

    def start(self, now: int) -> None:
        """Leave the state "new"."""
        self._handle("start", now)

    def on_transport_error(self, now: int) -> None:
        """From the endpoint: the latest message could not be sent."""
        self._handle("error", now)

    def _handle(self, event, now, message=None):
        """Apply the row for `event`; returns whether there is one."""
        row = lookup(self._table, (self.state, event))
        if row is None:
            return False
        state, actions = row
        if state != self.state:
            self._enter(state)
        for action in actions.split():
            if action in TIMERS:
                self._arm(action, now)
            else:
                getattr(self, "_" + action)(now, message)
        return True

    def _enter(self, state):
        self.state = state
        for name in list(self._timers):
            if state not in TIMERS[name][3]:
                self._disarm(name)
        if state == "terminated":
            self.endpoint.forget(self)

    def _arm(self, name, now):
        unreliable, reliable, longest, _ = TIMERS[name]
        ms = unreliable if self.transport == "udp" else reliable
        if ms is None:
            return
        self._disarm(name)
        if longest:
            ms = self._intervals.get(name, ms)
            if name == "E" and self.state == "proceeding":
                ms = T2  # §17.1.2.2: the peer has the request
            self._intervals[name] = min(2 * ms, longest)
        self._timers[name] = self.endpoint.timers.start(ms, self, name, now)

    def _disarm(self, name):
        self.endpoint.timers.stop(self._timers.pop(name, None))


class ClientTransaction(_Transaction):
    """A client transaction; made by `Endpoint.request`.

    Its `user` gets `on_response`, or `on_failure` where no final response comes.
    """

    def __init__(self, endpoint, request, user):
        table = INVITE_CLIENT if request.method == "INVITE" else NON_INVITE_CLIENT
        super().__init__(endpoint, table, None, request, None, user)
        self.key = "new %d" % id(self)  # until it has a branch
        self.destination = None
        self.target = None  # the locator's target that it was sent to; None without a locator
        self.targets = []  # the targets still to try (RFC 3263 §4.3)
        self.servers = []  # destinations of all targets, over TLS with a name
        self.source = None  # address that the latest response came from
        self.trouble = ""  # see Endpoint.transport_error
        self.upgraded = False  # to TCP for its size (§18.1.1)
        self.cancelled = False  # `cancel` was called
        self._reason = None
        self._data = None

    def depart(self, data: bytes, destination, transport: str, now: int) -> None:
        """From the endpoint: send `data`, for the first time or to another destination."""
        self.destination = destination
        self.transport = transport
        self.trouble = ""
        self._enter("new")
        self._data = data
        self._intervals.clear()
        self.start(now)
        if self.targets:
            self._arm("next", now)

    def receive(self, response, now: int) -> None:
        """From the endpoint: a response that matches (§17.1.3)."""
        self._disarm("next")
        self._handle(_class_of(response.status), now, response)

    def cancel(self, now: int, reason=None) -> bool:
        """Cancel the INVITE (§9.1); the CANCEL waits for a provisional response.

        `reason` is the value of its Reason header (RFC 3326), or None.

        The outcome comes as `on_response`: usually 487, but a 2xx if the callee answered before the CANCEL
        arrived. Returns False if a final response has already come. LocalError for any other method.
        """
        if self.request.method != "INVITE":
            raise LocalError("only an INVITE can be cancelled")
        self._reason = self._reason or reason
        if not self.cancelled and not self._handle("cancel", now):
            return False
        self.cancelled = True
        return self.state in ("calling", "proceeding")

    def _enter(self, state):
        if state not in ("new", "calling", "trying", "proceeding"):
            self._data = None  # never sent again
        super()._enter(state)

    def _send(self, now, message):
        self.endpoint.transmit(self._data, self.destination, self.transport)

    def _report(self, now, response):
        sender = self.endpoint.sender
        if response.status == 503 and sender.fail_over(self, now, response):
            return
        if response.status != 503:
            sender.arrived(self)
        self.user.on_response(self, response, now)

    def _move_on(self, now, message):
        self.endpoint.sender.fail_over(self, now)

    def _time_out(self, now, message):
        if not self.endpoint.sender.fail_over(self, now):
            self.user.on_failure(self, 408, now)

    def _fail(self, now, message):
        if not self.endpoint.sender.fail_over(self, now):
            self.user.on_failure(self, 503, now)

    def _cancel_if_asked(self, now, message):
        if self.cancelled and "cancelled" not in self._timers:
            self._handle("cancel", now)

    def _send_cancel(self, now, message):
        cancel = self._follow_up("CANCEL", self.request.get("To"))
        if self._reason is not None:
            cancel.add("Reason", self._reason)
        self.endpoint.start_client(cancel, self, None, now)

    def _acknowledge(self, now, response):
        ack = self._follow_up("ACK", response.get("To"))
        self.endpoint.transmit(ack.to_bytes(), self.destination, self.transport)

    def _follow_up(self, method, to):
        """The ACK of a non-2xx (§17.1.1.3) or the CANCEL (§9.1) of this request."""
        request = self.request
        follow_up = Request(method, request.uri)
        follow_up.add("Via", request.via)
        for route in request.all("Route"):
            follow_up.add("Route", route)
        follow_up.add("Max-Forwards", 70)
        follow_up.add("From", request.get("From"))
        follow_up.add("To", to)
        follow_up.add("Call-ID", request.call_id)
        follow_up.add("CSeq", str(request.cseq.number) + " " + method)
        return follow_up


class ServerTransaction(_Transaction):
    """A server transaction; the core gets it in `on_request` and answers its request with `respond`.

    `source` is the (host, port) that the request came from. `to_tag` is the tag of all our responses. The
    core may set `user` to a TransactionUser of its own; without one a cancelled INVITE is answered 487.
    """

    def __init__(self, endpoint, key, request, source, transport):
        table = INVITE_SERVER if request.method == "INVITE" else NON_INVITE_SERVER
        super().__init__(endpoint, table, key, request, transport, None)
        self.source = source
        self.to_tag = endpoint.token()
        self.cancelled_by = None  # the CANCEL of this INVITE
        self.settled = False  # set by the user when the ACK of its 2xx has come
        self.destination = None  # of the last response
        self._last = None  # its octets

    def response(self, status: int, reason=None) -> Response:
        """A Response to this request, with our tag in To, for `respond` (§8.2.6.2)."""
        response = Response.of(self.request, status, reason, None if status == 100 else self.to_tag)
        if self.endpoint.server_header and status != 100:
            response.add("Server", self.endpoint.server_header)
        return response

    def reply(self, status: int, now: int, reason=None) -> None:
        """Respond with a status only."""
        self.respond(self.response(status, reason), now)

    def respond(self, response: Response, now: int) -> None:
        """Send `response`. LocalError, and nothing sent, when the state does not allow it."""
        if not self._handle(_class_of(response.status), now, response.to_bytes()):
            raise LocalError("no " + str(response.status) + " in state " + self.state)

    def drop(self, now: int) -> None:
        """Leave a request other than INVITE unanswered for good (RFC 4320 §4.2); LocalError once answered."""
        if not self._handle("drop", now):
            raise LocalError("cannot drop in state " + self.state)

    @property
    def answered(self) -> bool:
        """Whether a final response was given."""
        return self.state not in ("new", "trying", "proceeding")

    @property
    def harm(self) -> int:
        """How harmful a retransmission of the request after `evict` is: 0 to 2."""
        if self.request.method != "INVITE":
            return 0
        return 2 if self.state == "completed" else 1

    @property
    def refused(self) -> bool:
        """Whether this is an INVITE that was answered 300-699."""
        return self.request.method == "INVITE" and self.state in ("completed", "confirmed")

    def evict(self, now: int) -> bool:
        """Terminate if only kept to absorb retransmissions; returns whether it was."""
        if self.state == "accepted" and not self.settled:
            return False
        return self._handle("evict", now)

    def settle(self) -> None:
        """From the user: the ACK of its 2xx has come, so only retransmitted INVITEs are absorbed now."""
        self.settled = True
        self.user = _NOBODY
        self._last = None
        self.request = self.request.outline()

    def _enter(self, state):
        super()._enter(state)
        if state in ("completed", "confirmed"):
            # From now on the request only matches retransmissions, for half a minute: its outline suffices.
            self.request = self.request.outline()

    def receive(self, request, now: int) -> None:
        """From the endpoint: a retransmission of the request, or the ACK (§17.2.3)."""
        self._handle(request.method if request.method in ("INVITE", "ACK") else "request", now, request)

    def _send(self, now, data):
        self._disarm("100")
        self._last = data
        self._resend(now, data)

    def _resend(self, now, message):
        if self._last is not None:
            self.destination = self.endpoint.response_destination(self.request, self.source, self.transport)
            self.endpoint.transmit(self._last, self.destination, self.transport)

    def _send_trying(self, now, message):
        self._send(now, self.response(100).to_bytes())

    def _inform(self, now, message):
        self.user.on_error(self, now)

    def _no_ack(self, now, message):
        self.user.on_no_ack(self, now)

    def _acknowledged(self, now, request):
        self._last = None  # never sent again
        self.user.on_ack(self, request, now)

    def _pass_ack(self, now, request):
        self.endpoint.core.on_ack(request, self.source, self.transport, now)
