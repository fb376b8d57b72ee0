"""Pairs of UDP ports for a call's voice: RTP on an even port, RTCP on the next (RFC 3550 §11).

Nothing here allocates per packet on MicroPython: sockets are connected, so datagrams need no address, and
only packets of the call's peer arrive. A port listens to other sources only while a peer that should send
is silent (net.media.latch).
"""

import compat
from compat import const
from net.resolver import is_literal
from net.udp import bound_socket, hear_again

# Counted in frames of 20 ms, the interval at which `receive_into` is called.
_PATIENCE = const(25)  # of silence from the SDP's address, before other sources are heard
_QUIET = const(750)  # without a packet of ours, before a keep-alive for the NAT (RFC 6263 §4.6)
_LAST_DYNAMIC = const(127)  # payload type (RFC 3551 §6); the first is 96
_BURST = const(8)
_HEARD = const(50)


class MediaPort:
    """One pair of bound ports. Errors on sending and receiving are counted in `.errors`: voice continues.

    With `payload_types` set to those that the peer may send, a peer behind a NAT is served at the source
    address of its packets. `latched` is that (host, port), None while the SDP's address is used. If `latched`
    is another host than the SDP's, the port listens to the SDP's address as well, whose first packet takes
    the call back. `signalling` is the host that the call's signalling comes from, None if unknown.
    With a `protection` (see media.protection) both directions are encrypted; packets that its keys do not
    authenticate are dropped. `silence` counts the frames since the last packet; `arrivals` belongs to
    phone.voice.voice. `public` and `public_rtcp` are our (host, port) outside a NAT, None if unknown.
    """

    def __init__(self, host: str, port: int, rtp, rtcp, observer=None):
        self.host = host
        self.port = port
        self.errors = 0
        self._observer = observer
        self._remote = self._remote_rtcp = ("", 0)
        self._rtp = rtp
        self._rtcp = rtcp
        self._open = False
        self._signalled = (self._remote, self._remote_rtcp)
        self.payload_types = None
        self.protection = None
        self.signalling = None
        self.latched = None
        self._watch = None  # hears the signalled address while another host is latched
        self._header = bytearray(12)  # of the last RTP packet sent, for keep-alives
        self.public = self.public_rtcp = None
        self._silent = self._quiet = 0
        self.silence = 0
        self.arrivals = None
        self._has_heard = False
        self._latch = None  # while we look for the peer
        self._finds_rtcp = False

    def connect(self, remote: "tuple[str, int]", remote_rtcp: "tuple[str, int] | None" = None) -> bool:
        """Send to, and receive from, these (host, port) from now on; RTCP uses RTP's port + 1 unless given.

        False for an address that voice cannot go to: a name, which phone.calls.named_media looks up before;
        0.0.0.0, by which old peers signal hold; port 0. Then nothing is sent until the next `connect`.
        """
        host, port = remote
        if remote_rtcp is None:
            remote_rtcp = (host, port + 1)
        if self._open and (remote, remote_rtcp) == self._signalled:
            return True  # a latched source stays
        self._signalled = (remote, remote_rtcp)
        if self._latch is not None or self.latched is not None:
            self._listen_to_all()
            self._latch = self.latched = None
        self._finds_rtcp = self._has_heard = False
        self._silent = self._quiet = self.silence = 0
        self._open = False
        self._remote, self._remote_rtcp = remote, remote_rtcp
        if not _usable(host, port) or (":" in host) != (":" in self.host):
            return False
        try:
            self._rtp.connect(compat.socket_address(host, port))
            if _usable(remote_rtcp[0], remote_rtcp[1]):
                self._rtcp.connect(compat.socket_address(remote_rtcp[0], remote_rtcp[1]))
            self._open = True
        except OSError:
            self.errors += 1
        return self._open

    def send(self, packet) -> None:
        """Send an RTP packet (bytes or memoryview)."""
        self._quiet = 0
        header = self._header
        for at in range(min(len(packet), 12)):  # a slice would take heap
            header[at] = packet[at]
        if self.protection is not None:
            packet = self.protection.protect(packet)
            if packet is None:
                return
        self._send(self._rtp, packet, self.port, self._remote)

    def keep_alive(self) -> None:
        """Send a NAT keep-alive: an RTP packet of a payload type that was not agreed, which a peer ignores
        (RFC 6263 §4.6). It repeats the latest sequence number, so the stream itself has no gap."""
        self._quiet = 0
        header = self._header
        taken = (self.payload_types or ()) + (header[1] & 0x7F,)
        if not header[0]:  # nothing was sent yet: use a stream of its own
            header[:] = b"\x80\0\0\1" + compat.urandom(8)
        packet = bytearray(header)
        packet[0] = 0x80
        packet[1] = next(each for each in range(_LAST_DYNAMIC, 95, -1) if each not in taken)
        self._send(self._rtp, packet, self.port, self._remote)

    def receive_into(self, buffer) -> int:
        """Put the next RTP packet into `buffer`; its length in bytes, 0 for none. Call it once per frame."""
        length = self._receive_next(buffer)
        if length:
            self.silence = 0
            self._has_heard = True
        else:
            self.silence += 1
        return length

    @property
    def is_heard(self) -> bool:
        """Whether packets arrive: the latest came no longer than a second ago."""
        return self._has_heard and self.silence < _HEARD

    def _receive_next(self, buffer):
        if self._latch is not None:
            return self._search(self._latch, buffer)
        if self._watch is not None:
            length = self._opened(buffer, self._receive_into(self._watch, buffer))
            if length >= 12 and buffer[0] >> 6 == 2:
                self._take_back()
                return length
        for _ in range(_BURST):
            waiting = self._receive_into(self._rtp, buffer)
            if not waiting:
                break
            length = self._opened(buffer, waiting)
            if length:
                self._silent = -1
                return length
        # Nothing waits: once for every frame.
        if self._silent >= 0 and self.payload_types is not None:
            self._silent += 1
            if self._silent > _PATIENCE and self._open:
                self._start_search()
        self._quiet += 1  # once a frame, after the last
        if self._quiet > _QUIET and self._open:
            self.keep_alive()
        return 0

    def _opened(self, buffer, length):
        """The length in octets of the RTP packet in an SRTP packet; 0 for a packet that is refused."""
        if self.protection is None or not length:
            return length
        return self.protection.unprotect(buffer, length)

    def send_rtcp(self, packet) -> None:
        if self.protection is not None:
            packet = self.protection.protect_rtcp(packet)
            if packet is None:
                return
        self._send(self._rtcp, packet, self.port + 1, self._remote_rtcp)

    def receive_rtcp_into(self, buffer) -> int:
        if self._finds_rtcp:
            return self._search_rtcp(buffer)
        return self._opened_rtcp(buffer, self._receive_into(self._rtcp, buffer))

    def _opened_rtcp(self, buffer, length):
        if self.protection is None or not length:
            return length
        return self.protection.unprotect_rtcp(buffer, length)

    @property
    def sockets(self) -> tuple:
        """The sockets of RTP and RTCP, for STUN requests before `connect`."""
        return self._rtp, self._rtcp

    def observe(self, observer) -> None:
        """Call `observer` (see MediaPorts) with every packet; None ends that."""
        self._observer = observer

    def move(self, host: str) -> None:
        """Bind the same ports at our new address `host`; nothing is sent until the next `connect`."""
        self.host = host
        self._latch = self.latched = self.public = self.public_rtcp = None
        self._finds_rtcp = self._open = False
        self._listen_to_all()

    def close(self) -> None:
        self._open = False
        self._rtp.close()
        self._rtcp.close()
        self._stop_watch()
        if self.protection is not None:
            self.protection.close()
            self.protection = None

    def _send(self, sock, packet, port, remote):
        if not self._open:
            return
        try:
            if (self._latch is None and sock is self._rtp) or (sock is self._rtcp and not self._finds_rtcp):
                sock.send(packet)
            else:
                sock.sendto(packet, compat.socket_address(remote[0], remote[1]))
        except OSError:
            self.errors += 1
        if self._observer is not None:
            self._observer(packet, (self.host, port), remote)

    # ---- a peer whose packets do not come from its SDP's address ----

    def _listen_to_all(self):
        """Replace the connected sockets by unconnected ones: MicroPython cannot disconnect a socket."""
        self._stop_watch()
        self._rtp.close()
        self._rtcp.close()
        try:
            self._rtp = bound_socket(self.host, self.port, shared=True)
            self._rtcp = bound_socket(self.host, self.port + 1)
        except OSError:
            self.errors += 1
            self._open = False

    def _start_search(self):
        from net.media.latch import Latch

        self._silent = -1
        self._listen_to_all()
        self._latch = Latch(self._remote, self.payload_types, self.signalling)
        self._finds_rtcp = True

    def _search(self, latch, buffer):
        for _ in range(_BURST):
            try:
                packet, address = self._rtp.recvfrom(len(buffer))
            except OSError as error:
                if not compat.would_block(error):
                    self.errors += 1
                break
            if not packet:
                self._bind_again(self._rtp)
                continue
            source = compat.host_and_port(address)
            buffer[: len(packet)] = packet
            length = self._opened(buffer, len(packet))  # a forged packet is no source's
            if length and latch.offer(packet, source) and self._follow(source, address):
                return length
        return 0

    def _follow(self, source, address):
        """Receive from and send to `source` from now on; False if that fails."""
        if source[0] != self._remote[0]:
            try:
                self._watch = watch = bound_socket(self.host, self.port, shared=True)
                watch.connect(compat.socket_address(self._remote[0], self._remote[1]))
            except OSError:
                # Another host is accepted only while the signalled one can take the call back.
                self.errors += 1
                self._stop_watch()
                return False
        self._rtp.connect(address)
        self._latch = None
        if source != self._remote:
            self.latched = self._remote = source
            self._remote_rtcp = (source[0], source[1] + 1)
        return True

    def _take_back(self):
        """The signalled address sends: it replaces the latched source."""
        self._rtp.close()
        self._rtp, self._watch = self._watch, None
        self.latched = None
        self._remote, self._remote_rtcp = self._signalled
        self._finds_rtcp = False
        self._rtcp.close()
        try:
            self._rtcp = bound_socket(self.host, self.port + 1)
            if _usable(self._remote_rtcp[0], self._remote_rtcp[1]):
                self._rtcp.connect(compat.socket_address(self._remote_rtcp[0], self._remote_rtcp[1]))
        except OSError:
            self.errors += 1

    def _stop_watch(self):
        if self._watch is not None:
            self._watch.close()
            self._watch = None

    def _search_rtcp(self, buffer):
        from net.media.latch import is_rtcp

        try:
            packet, address = self._rtcp.recvfrom(len(buffer))
        except OSError as error:
            if not compat.would_block(error):
                self.errors += 1
            return 0
        if not packet:
            self._bind_again(self._rtcp)
            return 0
        source = compat.host_and_port(address)
        # RTP identifies the peer's host; RTCP only finds the port there.
        if self._latch is not None or source[0] != self._remote[0] or not is_rtcp(packet):
            return 0
        buffer[: len(packet)] = packet
        length = self._opened_rtcp(buffer, len(packet))
        if length:
            self._rtcp.connect(address)
            self._finds_rtcp = False
            self._remote_rtcp = source
        return length

    def _receive_into(self, sock, buffer):
        if not self._open:
            return 0
        for _ in range(_BURST):
            length = compat.receive_into(sock, buffer)
            if length != compat.EMPTY:
                break
            self.hear_again(sock)
        if length < 0:
            self.errors += 1
            return 0
        return length

    def hear_again(self, sock) -> None:
        """Continue with one of `sockets` after an empty datagram (net.udp.hear_again)."""
        remote = self._remote_rtcp if sock is self._rtcp else self._remote
        if sock is self._watch:
            remote = self._signalled[0]
        if _usable(remote[0], remote[1]) and not (sock is self._rtcp and self._finds_rtcp):
            hear_again(sock, compat.socket_address(remote[0], remote[1]), False)
        else:
            self._bind_again(sock)

    def _bind_again(self, sock):
        port = self.port + 1 if sock is self._rtcp else self.port
        hear_again(sock, compat.socket_address(self.host, port))


def _usable(host, port):
    return is_literal(host) and host not in ("0.0.0.0", "::") and 0 < port < 65536
