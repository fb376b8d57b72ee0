"""Keeps the flow of a registration alive, and detects its failure (RFC 5626 §3.5, §4.4). No I/O."""

from compat import const

_PONG_MS = const(10_000)  # §4.4.1
_STREAM_S = const(120)  # §4.4.1: 95 to 120 s
_DATAGRAM_S = const(29)  # §4.4.2: 24 to 29 s
_PING = b"\r\n\r\n"
_PONG = b"\r\n"


class KeepAlive:
    """Pings `destination` over `transport` until `stop`; calls `lost(now)` once, when the flow has failed.

    `flow_timer` is the server's Flow-Timer in seconds (§4.4), or None. A stream is pinged with a double CRLF;
    a missing pong means failure only with `answers` (the server supports flows), or after a first pong. Over
    UDP the ping is a STUN request with `answers`, else a double CRLF that only keeps the NAT mapping.
    """

    def __init__(self, endpoint, transport: str, destination, flow_timer, answers: bool, lost):
        self.transport = transport
        self.destination = destination
        self.answers = answers
        self.mapped = None  # our address as STUN saw it first
        self._endpoint = endpoint
        self._lost = lost
        self._binding = None
        self._awaits_pong = False
        seconds = flow_timer or (_DATAGRAM_S if transport == "udp" else _STREAM_S)
        self._least_ms = 800 * seconds
        self._spread_ms = 200 * seconds
        self._timer = None

    def start(self, now: int) -> None:
        self._endpoint.flows[self.destination[:2]] = self
        self._wait(now)

    def stop(self) -> None:
        self._endpoint.timers.stop(self._timer)
        if self._endpoint.flows.get(self.destination[:2]) is self:
            del self._endpoint.flows[self.destination[:2]]

    def on_timer(self, name: str, now: int) -> None:
        if name == "ping":
            self._ping(now)
        elif name == "pong":
            self.fail(now)
        else:
            self._ask(self._binding, now)

    def fail(self, now: int) -> None:
        """The flow has failed. Also called by the endpoint, when the connection is closed."""
        self.stop()
        self._endpoint.count("flows_lost")
        self._lost(now)

    def heard(self, data, now: int):
        """Octets of the flow's stream; returns them without the pong, if it was awaited."""
        if self._awaits_pong:
            self._awaits_pong = False
            self._wait(now)
            if data[:2] == _PONG and data[:4] != _PING:
                self.answers = True
                return data[2:]
        return data

    def heard_stun(self, data, now: int) -> None:
        """A STUN datagram of the flow's server."""
        binding = self._binding
        if binding is None or not binding.receive(data):
            self._endpoint.count("stray_stun")
            return
        self._binding = None
        if binding.failed or (self.mapped is not None and binding.mapped != self.mapped):
            # A changed mapped address means that the flow has failed (§4.4.2).
            self.fail(now)
            return
        self.mapped = binding.mapped
        self._wait(now)

    def _ping(self, now):
        if self.transport != "udp":
            self._awaits_pong = True
            if self.answers:
                self._send(_PING, "pong", _PONG_MS, now)
                return
        elif self.answers:
            from sip.stun import Binding

            binding = self._binding = Binding(self._endpoint.random)
            self._send(binding.data, "stun", binding.wait_ms(), now)
            return
        self._send(_PING, "ping", self._interval(), now)

    def _ask(self, binding, now):
        """Send a STUN request again, unless all tries are used up."""
        if binding.again():
            self._send(binding.data, "stun", binding.wait_ms(), now)
        else:
            self.fail(now)

    def _send(self, data, timer, ms, now):
        self._endpoint.transmit(data, self.destination, self.transport)
        self._endpoint.timers.stop(self._timer)
        self._timer = self._endpoint.timers.start(ms, self, timer, now)

    def _wait(self, now):
        self._endpoint.timers.stop(self._timer)
        self._timer = self._endpoint.timers.start(self._interval(), self, "ping", now)

    def _interval(self):
        return self._least_ms + int.from_bytes(self._endpoint.random(4), "big") % self._spread_ms
