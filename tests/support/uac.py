"""A minimal caller, directly to a phone over UDP, for tests that need many calls but few features."""

import re
import socket
import time

SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio %d RTP/AVP 0\r\n"
MESSAGE = (
    "{method} sip:{user}@{host}:{port} SIP/2.0\r\nVia: SIP/2.0/UDP {here};branch=z9hG4bK{branch}\r\n"
    "Max-Forwards: 70\r\nFrom: <sip:caller@{here}>;tag=1\r\nTo: <sip:{user}@{host}>{tag}\r\n"
    "Call-ID: {call}@caller\r\nCSeq: {number} {sequence}\r\nContact: <sip:caller@{here}>\r\n{type}"
    "Content-Length: {length}\r\n\r\n{body}"
)


class Caller:
    """Makes one call at a time."""

    def __init__(self, user: str):
        self._user = user
        self._sip, self._rtp = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        for sock in (self._sip, self._rtp):
            sock.bind(("127.0.0.1", 0))
        self._sip.settimeout(0.5)
        self._rtp.settimeout(5)
        self._calls = 0
        self.rtp_port = self._rtp.getsockname()[1]

    def _send(self, method, number, tag="", body="", sequence=None):
        sequence = sequence or method
        host, port = self._sip.getsockname()
        text = MESSAGE.format(
            method=method,
            user=self._user,
            host=self._phone[0],
            port=self._phone[1],
            here=f"{host}:{port}",
            branch=f"{self._calls}-{sequence}-{tag[-6:] if method == 'ACK' else ''}",
            tag=tag,
            call=self._calls,
            number=number,
            sequence=sequence,
            type="Content-Type: application/sdp\r\n" if body else "",
            length=len(body),
            body=body,
        )
        self._sip.sendto(text.encode(), self._phone)
        return text

    def _until(self, wanted, sent, timeout=20):
        """The first answer with a status of at least `wanted`; the request `sent` is repeated until then."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            try:
                answer = self._sip.recv(4096).decode()
            except TimeoutError:
                self._sip.sendto(sent.encode(), self._phone)
                continue
            if f"Call-ID: {self._calls}@caller" in answer and answer.startswith("SIP/2.0 "):
                if int(answer.split()[1]) >= wanted:
                    return answer
        raise AssertionError(f"call {self._calls}: no {wanted} within {timeout} s to {sent[:12]}")

    def call(self, phone: tuple) -> None:
        """Call the phone at that (host, port), until it rings."""
        self._phone = phone
        self._calls += 1
        self._sent = self._send("INVITE", 1, body=SDP % self.rtp_port)
        assert self._until(180, self._sent).startswith("SIP/2.0 180")

    def talk(self, frames: int) -> "tuple":
        """Wait for the answer and so many frames; returns the phone's RTP address."""
        answer = self._until(200, self._sent)
        assert answer.startswith("SIP/2.0 200"), answer
        self._tag = ";tag=" + re.search(r"\r\nTo: .*;tag=([^\r;]+)", answer).group(1)
        place = ("127.0.0.1", int(re.search(r"\r\nm=audio (\d+)", answer).group(1)))
        self._send("ACK", 1, self._tag)
        for _ in range(frames):
            assert self._rtp.recv(2048)
            self._rtp.sendto(b"\x80\x00" + bytes(10) + bytes(160), place)
        return place

    def hang_up(self) -> None:
        assert self._until(200, self._send("BYE", 2, self._tag)).split()[1] in ("200", "481")

    def let_hang_up(self) -> None:
        """Wait for the phone's BYE and answer it."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                request = self._sip.recv(4096).decode()
            except TimeoutError:
                continue
            if request.startswith("BYE "):
                copied = re.findall(r"^(?:Via|From|To|Call-ID|CSeq):.*\r\n", request, re.MULTILINE)
                answer = "SIP/2.0 200 OK\r\n" + "".join(copied) + "Content-Length: 0\r\n\r\n"
                self._sip.sendto(answer.encode(), self._phone)
                return
        raise AssertionError(f"call {self._calls}: no BYE")

    def close(self) -> None:
        self._sip.close()
        self._rtp.close()
