"""TCP connections by their peer's (host, port): accepted, or opened to send; bounded in number."""

import asyncio
import socket

import compat
from compat import const, ticks_diff
from net.udp import bound_socket
from sip.events import REFUSED
from sip.limits import QUEUED_OCTETS

_CHUNK = const(2048)
_PIECE_OCTETS = const(32)  # what a queued piece costs beside its bytes
_CONNECT_S = const(5)
_HANDSHAKE_S = const(10)
# A peer that accepts no data for this long is given up.
_SEND_S = const(10)

_EAGAIN = const(11)
_EINPROGRESS = const(115)
_EINPROGRESS_LWIP = const(119)
# No listener: ECONNREFUSED, or ECONNRESET and ENOTCONN, which lwIP and TLS report instead.
_REFUSED = (104, 107, 111, 128)


class _Connection:
    def __init__(self, owner, peer, sock, ours):
        self.peer = peer
        self.ours = ours  # opened by us
        self.connected = False
        self._is_secure = len(peer) > 2
        self.used = compat.ticks_ms()
        self._owner = owner
        self._sock = sock
        self._queue = []
        self.queued = 0  # bytes, with _PIECE_OCTETS for each piece
        self._wake = asyncio.Event()
        self._ready = asyncio.Event()
        self._loops = []

    def start(self, connecting):
        loops = (self._send_loop(connecting), self._receive_loop())
        self._loops = [asyncio.create_task(self._run(loop)) for loop in loops]
        self._running = len(loops)

    async def _run(self, loop):
        try:
            await loop
        finally:
            self._running -= 1
            # Not earlier: another socket may get the closed one's number, and a loop would wait for that one.
            if self._running == 0:
                self._sock.close()

    def send(self, data):
        """Queue `data`; empty data closes the connection once the data before is sent."""
        self._queue.append(data)
        self.queued += len(data) + _PIECE_OCTETS
        self._wake.set()
        self._owner.bound_queues()

    async def _send_loop(self, connecting):
        try:
            if connecting:
                await asyncio.wait_for(compat.writable(self._sock), _CONNECT_S)
            if self._is_secure:
                secure = self._owner.secure
                name = self.peer[2]
                self._sock = secure.wrap(self._sock, name) if name else secure.accept(self._sock)
                await asyncio.wait_for(self._sock.handshake(), _HANDSHAKE_S)
            self._ready.set()
            while True:
                while self._queue:
                    data = self._queue[0]
                    if not data:
                        self._owner._lost(self)
                        return
                    await self._send_all(data)
                    if self._queue:  # else closed meanwhile
                        self._queue.pop(0)
                        self.queued -= len(data) + _PIECE_OCTETS
                self._wake.clear()
                await self._wake.wait()
        except (OSError, asyncio.TimeoutError) as error:  # noqa: UP041 - MicroPython knows it by this name only
            self._owner._lost(self, error)

    async def _send_all(self, data):
        view = memoryview(data)
        while len(view):
            try:
                sent = self._sock.send(view)
            except OSError as error:
                if error.errno != _EAGAIN:
                    raise
                sent = 0
                if self._is_secure:
                    # Nothing is known before hands are shaken.
                    await asyncio.wait_for(compat.writable(self._waitable()), _SEND_S)
                    continue
            # Only now is it known whether a connection was made: MicroPython cannot ask a socket for it.
            self.connected = True
            if sent < len(view):
                await asyncio.wait_for(compat.writable(self._waitable()), _SEND_S)
            view = view[sent:]

    def _waitable(self):
        return self._sock.waitable if self._is_secure else self._sock

    async def _receive_loop(self):
        await self._ready.wait()
        while True:
            try:
                data = self._sock.recv(_CHUNK)
            except OSError as error:
                if error.errno == _EAGAIN:
                    # Asked only now: TLS may hold bytes that the socket below does not know of.
                    await compat.readable(self._waitable())
                    continue
                self._owner._lost(self, error)
                return
            if not data:
                self._owner._lost(self)
                return
            self.connected = True
            self.used = compat.ticks_ms()
            self._owner.on_data(data, self.peer)
            # A peer that never pauses must not have the phone to itself.
            await compat.sleep(0)

    def close(self):
        self._queue.clear()
        self.queued = 0
        for task in self._loops:
            if task is not _current_task():
                task.cancel()


def _nobody(peer):
    return False


def in_words(error, connected=False):
    """The message of a TLS error, REFUSED, or ""."""
    first = error.args[0] if error is not None and error.args else None
    if isinstance(first, str):
        return first
    return REFUSED if first in _REFUSED and not connected else ""


def _current_task():
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None


def _listener(host, port):
    sock = bound_socket(host, port, socket.SOCK_STREAM)
    try:
        sock.listen(4)
    except OSError:
        sock.close()
        raise
    return sock


class TcpConnections:
    """All TCP connections of one listening port. When full, a new one closes the one that was idle longest.

    One host may have a quarter of the `most` connections, at least two; a further one closes another of that
    host. Connections with a true `is_needed(peer)` do not count towards this quarter, and are closed last.
    The data queued on all connections is bounded, too: beyond the limit the connection with the longest queue
    is closed.

    A peer over TLS is (host, port, name) with the name that its certificate must be for, "" for a peer that
    connected to us. `secure`, a net.tls.Tls, makes TLS connections; they are accepted on `secure_port`, if
    that is not 0.

    Calls `on_data(data, peer)` for each piece of a stream, and `on_lost(peer, connected)` once per connection
    that ended, whichever side ended it; `connected` is False if it was never established. Raises OSError if
    the port is taken.
    """

    def __init__(
        self, host: str, port: int, on_data, on_lost, most: int = 8, secure_port: int = 0, *, is_needed=None
    ):
        self.host = host
        self.port = port
        self.on_data = on_data
        self._on_lost = on_lost
        self.secure = None
        self.trouble = ""  # why the connection ended, during `on_lost`: see Endpoint.transport_error
        self._most = most
        self._is_needed = is_needed or _nobody
        self._connections = {}
        self._listener = _listener(host, port)
        self._secure_listener = None
        if secure_port:
            try:
                self._secure_listener = _listener(host, secure_port)
            except OSError:
                self._listener.close()
                raise

    async def accept_loop(self) -> None:
        """Accepts connections until it is cancelled."""
        await self._accept(self._listener, ())

    async def accept_secure_loop(self) -> None:
        """Accepts TLS connections until it is cancelled."""
        await self._accept(self._secure_listener, ("",))

    async def _accept(self, listener, name):
        while True:
            await compat.readable(listener)
            try:
                sock, address = listener.accept()
            except OSError:
                # The peer has left already, or memory is short: the next connection may succeed.
                await compat.sleep(20)
                continue
            sock.setblocking(False)
            if self._full_of_ours:
                sock.close()
                continue
            self._add(compat.host_and_port(address) + name, sock, False)

    def send(self, data: bytes, address, peer: "tuple[str, int]") -> None:
        """Send on the connection with `peer`, or on a new one to `address` (in the interpreter's form).

        Empty data closes the connection once the data before is sent. A failure, now or later, is reported
        through `on_lost`.
        """
        connection = self._connections.get(peer)
        if connection is None:
            if not data:
                return
            if len(peer) > 2 and self.secure is None:
                self.trouble = ""
                self._on_lost(peer, False)
                return
            sock = socket.socket(compat.family(peer[0]), socket.SOCK_STREAM)
            sock.setblocking(False)
            try:
                if self.host not in ("0.0.0.0", "::") and (":" in self.host) == (":" in peer[0]):
                    # Peers know us by this address, not by any other that the machine may have.
                    sock.bind(compat.socket_address(self.host, 0))
                sock.connect(address)
            except OSError as error:
                if error.errno not in (_EINPROGRESS, _EINPROGRESS_LWIP):
                    sock.close()
                    self.trouble = in_words(error)
                    self._on_lost(peer, False)
                    return
            connection = self._add(peer, sock, True)
        connection.send(data)

    def secured(self, address: "tuple[str, int]") -> "tuple | None":
        """The peer of a TLS connection that we opened to that (host, port), or None."""
        for peer in self._connections:
            if len(peer) > 2 and peer[2] and peer[:2] == address:
                return peer
        return None

    def close(self) -> None:
        self._listener.close()
        if self._secure_listener is not None:
            self._secure_listener.close()
        for connection in list(self._connections.values()):
            connection.close()
        self._connections = {}

    @property
    def _full_of_ours(self):
        return len([each for each in self._connections.values() if each.ours]) >= self._most

    def __len__(self):
        return len(self._connections)

    def _add(self, peer, sock, connecting):
        theirs = [each for each in self._connections.values() if not each.ours]
        same = [each for each in theirs if each.peer[0] == peer[0] and not self._is_needed(each.peer)]
        if not connecting and len(same) >= max(2, self._most // 4):
            self._close_one(same)
        elif len(self._connections) >= self._most:
            # A connection that we opened is closed only for another that we open: else a flood of incoming
            # ones could cut us off from our server.
            self._close_one(theirs or (list(self._connections.values()) if connecting else []))
        connection = _Connection(self, peer, sock, connecting)
        self._connections[peer] = connection
        connection.connected = not connecting
        connection.start(connecting)
        return connection

    def _close_one(self, candidates):
        """Close the connection that was idle longest; needed ones are closed last."""
        now = compat.ticks_ms()
        if candidates:
            self._lost(max(candidates, key=lambda c: (not self._is_needed(c.peer), ticks_diff(now, c.used))))

    def bound_queues(self) -> None:
        """Close the connections with the longest queues while all queues together exceed the limit."""
        connections = self._connections
        while sum([each.queued for each in connections.values()]) > self._most * QUEUED_OCTETS:
            self._lost(max(connections.values(), key=lambda each: each.queued))

    def _lost(self, connection: "_Connection", error=None):
        self.trouble = in_words(error, connection.connected)
        if self._connections.get(connection.peer) is connection:
            del self._connections[connection.peer]
            connection.close()
            self._on_lost(connection.peer, connection.connected)
