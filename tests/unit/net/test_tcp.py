"""How TCP connections are bounded: in number, for each host, and in what waits to be sent."""

from compat import ticks_add, ticks_ms
from net import tcp
from sip import limits

MOST = limits.CONNECTIONS


class Connection(tcp._Connection):
    """Has no socket and runs nothing."""

    def start(self, connecting):
        self._running = 0


class Scene:
    def __init__(self, most=MOST, needed=()):
        self.lost = []
        self.needed = list(needed)
        # Python's own constructor binds a port, of which nothing here needs to know.
        listen, tcp._listener = tcp._listener, lambda host, port: None
        self.connections = tcp.TcpConnections(
            "192.0.2.1", 5060, None, self.on_lost, most, is_needed=lambda peer: peer in self.needed
        )
        tcp._listener = listen
        self.age = 0

    def on_lost(self, peer, connected):
        self.lost.append(peer)

    def add(self, host, port=1, ours=False):
        """A connection, each silent for longer than the next."""
        made, tcp._Connection = tcp._Connection, Connection
        try:
            connection = self.connections._add((host, port), None, ours)
        finally:
            tcp._Connection = made
        self.age += 1
        connection.used = ticks_add(ticks_ms(), self.age - 100_000)
        return connection


def test_a_host_has_a_quarter():
    for most, quarter in ((3, 2), (MOST, 2), (256, 64)):
        scene = Scene(most)
        scene.add("192.0.2.7")
        for port in range(quarter):
            assert scene.lost == []
            scene.add("198.51.100.66", port)
        for port in range(quarter, 3 * quarter):
            scene.add("198.51.100.66", port)
        # Its own go, the one that was silent longest first; another host's stays.
        assert scene.lost == [("198.51.100.66", port) for port in range(2 * quarter)], most
        assert len(scene.connections) == quarter + 1


def test_those_that_we_made_do_not_count():
    scene = Scene()
    for port in range(4):
        scene.add("192.0.2.7", port, ours=True)
    assert scene.lost == []


def test_needed_connections_go_last():
    needed = [("198.51.100.66", port) for port in range(3)]
    scene = Scene(needed=needed)
    for peer in needed:
        scene.add(*peer)
    # Phones behind one address do not count for its bound.
    assert scene.lost == []
    for number in range(MOST * 3):
        scene.add("203.0.113.%d" % number)
        assert len(scene.connections) <= MOST
    assert not [peer for peer in scene.lost if peer in needed] and len(scene.lost) == MOST * 2 + 3
    # Where all are needed, the one that was silent longest goes all the same.
    scene.needed += list(scene.connections._connections)
    scene.add("192.0.2.9")
    assert scene.lost[-1] == needed[0]


def test_queued_octets():
    bound = MOST * limits.QUEUED_OCTETS
    piece = 1024
    for count, lost in (
        (bound // (piece + 32) - 1, 0),
        (bound // (piece + 32), 0),
        (bound // (piece + 32) + 1, 1),
    ):
        # Shared by two who read nothing: the one with more waiting is given up.
        scene = Scene()
        one, two = scene.add("198.51.100.66"), scene.add("198.51.100.67")
        two.send(b"x" * piece)
        for _ in range(count - 1):
            one.send(b"x" * piece)
        assert len(scene.lost) == lost, count
        if lost:
            assert scene.lost == [one.peer] and one.queued == 0 and one._queue == []
            assert two.queued == piece + 32


def test_short_pieces_cost_more_than_their_octets():
    # Answers to keep-alives: two octets each, and an object on the heap.
    scene = Scene()
    peers = [scene.add("198.51.100.%d" % number) for number in range(MOST)]
    for _ in range(1024):
        for peer in peers:
            if peer.peer not in scene.lost:
                peer.send(b"\r\n")
        waiting = sum([len(peer._queue) for peer in peers])
        assert waiting <= MOST * limits.QUEUED_OCTETS // 34
    assert scene.lost
