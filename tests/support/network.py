"""A network of endpoints in virtual time; it loses, duplicates and delays datagrams in a repeatable way.

network = Network(seed=3, loss=30, duplication=30)
alice = network.join("alice", "192.0.2.1")
...
network.run(5000)                   # ms
network.run_until(lambda: done())   # or AssertionError after a limit
network.ladder                      # ["alice > proxy: INVITE", "proxy > alice: 100 INVITE", ...]
"""

from compat import ticks_add, ticks_diff
from sip.endpoint import Endpoint
from sip.events import REFUSED
from sip.syntax import message

_MASK = 0xFFFFFFFF
_LEG = 1 << 26  # ms: far below the limit of ticks_diff


class Dice:
    """Repeatable random numbers, the same on every interpreter (xorshift32)."""

    def __init__(self, seed: int):
        self._state = (seed * 2654435761 + 1) & _MASK or 1

    def below(self, limit: int) -> int:
        state = self._state
        state ^= state << 13 & _MASK
        state ^= state >> 17
        state ^= state << 5 & _MASK
        self._state = state
        return (state >> 8) % limit

    def octets(self, length: int) -> bytes:
        return bytes([self.below(256) for _ in range(length)])


class Node:
    """An endpoint and its place on the network. Its events stay in `events` until the test takes them."""

    def __init__(self, name, endpoint):
        self.name = name
        self.endpoint = endpoint
        self.events = []
        self.up = True
        self.refuses = False  # the host is up, but refuses TCP connections
        self.on_events = None  # called with (the new ones, now)

    def take(self, kind) -> list:
        """Remove and return the events of one class."""
        taken = [event for event in self.events if isinstance(event, kind)]
        self.events = [event for event in self.events if not isinstance(event, kind)]
        return taken


class Network:
    """`loss` and `duplication` in percent of datagrams; `delay` and the `jitter` on top of it in ms."""

    def __init__(self, seed: int = 1, loss: int = 0, duplication: int = 0, delay: int = 5, jitter: int = 0):
        self.loss = loss
        self.duplication = duplication
        self.delay = delay
        self.jitter = jitter
        self.dice = Dice(seed)
        # Two seconds before the ticks wrap, so that every scenario crosses the wrap.
        self.now = ticks_add(0, -2000)
        self.elapsed = 0
        self.nodes = []  # in the order in which they joined, in which each instant is processed
        self.names = {}  # host name -> address
        self.ladder = []
        self.filter = None  # called with (message or None, from, to): True loses it
        self.spoil = None  # called with bytes, returns those that arrive instead
        self.on_message = None  # called with (message or None, from, to) as it leaves
        self._by_address = {}
        self._nat = {}
        self._flying = []  # (due, order, data, source, destination, transport)
        self._connections = []  # (client, its address, server, its address)
        self._next_port = 40000
        self._order = 0

    def join(self, name: str, host: str, port: int = 5060, **settings) -> Node:
        """A new endpoint, with UDP and TCP at `host`:`port`."""
        address = (host, port)
        dice = Dice(self.dice.below(1 << 20))
        endpoint = Endpoint(dice.octets, {"udp": address, "tcp": address}, **settings)
        return self.attach(name, endpoint, address)

    def attach(self, name: str, endpoint, address) -> Node:
        """Add an object with the methods of an endpoint, reached at `address`."""
        node = Node(name, endpoint)
        self.nodes.append(node)
        self._by_address[address] = node
        return node

    def move(self, node, host: str, port: int = 5060) -> None:
        """Give `node` another address, as a new lease does."""
        node.endpoint.local = {"udp": (host, port), "tcp": (host, port)}
        self._by_address[(host, port)] = node

    def cut(self, node) -> None:
        """Break `node`'s TCP connections; both ends are told."""
        broken = [each for each in self._connections if node in (each[0], each[2])]
        self._connections = [each for each in self._connections if each not in broken]
        for client, near, server, far in broken:
            client.endpoint.connection_closed(far, self.now)
            server.endpoint.connection_closed(near, self.now)

    def put_behind_nat(self, node, host: str, port: int) -> None:
        """Let the others see `node`'s datagrams come from (`host`, `port`), where they answer."""
        inside = node.endpoint.local["udp"]
        self._nat[inside] = (host, port)
        self._by_address[(host, port)] = node

    # Time

    def run(self, ms: int) -> None:
        """Let `ms` milliseconds pass."""
        self._run(ms, None)

    def run_until(self, condition, limit: int = 300_000) -> None:
        """Let time pass until `condition()` is true; AssertionError after `limit` ms."""
        assert self._run(limit, condition), "not within %d ms" % limit

    def settle(self, ms: int = 100) -> None:
        """Deliver the messages under way; the default ends before any timer of half a second."""
        self.run(ms)

    def _run(self, ms, condition):
        while ms > _LEG:
            if self._run(_LEG, condition):
                return True
            ms -= _LEG
        end = ticks_add(self.now, ms)
        while True:
            self._collect()
            if condition is not None and condition():
                return True
            due = self._next()
            if due is None or ticks_diff(due, end) > 0:
                self._advance(end)
                return False
            self._advance(due)
            self._deliver()
            for node in self.nodes:
                deadline = node.endpoint.deadline()
                if node.up and deadline is not None and ticks_diff(deadline, self.now) <= 0:
                    node.endpoint.handle_timer(self.now)

    def _advance(self, to):
        ms = ticks_diff(to, self.now)
        if ms > 0:
            self.elapsed += ms
            self.now = to

    def _next(self):
        dues = [entry[0] for entry in self._flying]
        dues += [node.endpoint.deadline() for node in self.nodes if node.up]
        earliest = None
        for due in dues:
            if due is not None and (earliest is None or ticks_diff(due, earliest) < 0):
                earliest = due
        return earliest

    # Messages

    def _collect(self):
        busy = True
        while busy:
            busy = False
            for node in self.nodes:
                while True:
                    sending = node.endpoint.to_send(self.now)
                    if sending is None:
                        break
                    busy = True
                    if node.up:
                        self._send(node, sending[0], sending[1], sending[2])
                events = node.endpoint.events()
                if events:
                    busy = True
                    node.events += events
                    if node.on_events is not None:
                        node.on_events(events, self.now)

    def _send(self, node, data, destination, transport):
        if not data:
            return
        asked = destination
        destination = (self.names.get(destination[0], destination[0]), destination[1])
        try:
            parsed = None if data[0] < 32 else message.parse(data)
        except message.MessageError:
            parsed = None  # a keep-alive, or the answer to a malformed request
        source = node.endpoint.local[transport]
        if transport == "udp":
            source = self._nat.get(source, source)
            receiver = self._by_address.get(destination)
        else:
            source, receiver = self._stream(node, destination)
        name = receiver.name if receiver else str(destination)
        self.ladder.append(node.name + " > " + name + ": " + summary(parsed))
        if self.on_message is not None:
            self.on_message(parsed, node.name, name)
        if receiver is not None and receiver.refuses and transport != "udp":
            self._connections = [each for each in self._connections if receiver not in (each[0], each[2])]
            node.endpoint.transport_error(asked, transport, self.now, REFUSED)
            return
        if receiver is None or self.filter is not None and self.filter(parsed, node.name, name):
            return
        copies = 1
        if transport == "udp":
            if self.dice.below(100) < self.loss:
                return
            if self.dice.below(100) < self.duplication:
                copies = 2
        for _ in range(copies):
            delay = self.delay + (
                self.dice.below(self.jitter + 1) if self.jitter and transport == "udp" else 0
            )
            self._order += 1
            self._flying.append((ticks_add(self.now, delay), self._order, data, source, receiver, transport))

    def _stream(self, node, destination):
        """(source, receiver) of the connection between `node` and `destination`, opened if missing."""
        for client, near, server, far in self._connections:
            if client is node and far == destination:
                return near, server
            if server is node and near == destination:
                return far, client
        server = self._by_address.get(destination)
        near = (node.endpoint.local["tcp"][0], self._next_port)
        self._next_port += 1
        self._connections.append((node, near, server, destination))
        return near, server

    def _deliver(self):
        due = [entry for entry in self._flying if ticks_diff(entry[0], self.now) <= 0]
        self._flying = [entry for entry in self._flying if ticks_diff(entry[0], self.now) > 0]
        for _, _, data, source, receiver, transport in due:
            if self.spoil is not None:
                data = self.spoil(data)
            if receiver.up:
                receiver.endpoint.receive(data, source, transport, self.now)


def summary(parsed) -> str:
    """`INVITE` or `180 INVITE`; `unreadable` for None, a message that could not be parsed."""
    if parsed is None:
        return "unreadable"
    if isinstance(parsed, message.Request):
        return parsed.method
    return str(parsed.status) + " " + parsed.cseq.method
