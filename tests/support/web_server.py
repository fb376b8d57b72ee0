"""A web server for tests, on a free port of the loopback interface, that sends the answers of a test."""

import asyncio
import socket

import compat
from net.udp import bound_socket, free_ports


class WebServer:
    """`answer`: bytes, a list of bytes and pauses in ms, or a function from a request's head to these.

    `requests` keeps all heads. The server closes each connection after its answer; a pause of None is 60 s.
    """

    def __init__(self, answer):
        self.answer = answer if callable(answer) else lambda _: answer
        self.requests = []
        for port in free_ports(0, 0):
            try:
                self._listener = bound_socket("127.0.0.1", port, socket.SOCK_STREAM)
                break
            except OSError:
                continue
        self.port = port
        self._listener.listen(4)

    @property
    def url(self):
        return "http://127.0.0.1:%d" % self.port

    async def serve(self) -> None:
        """Serve until cancelled."""
        while True:
            await compat.readable(self._listener)
            sock, _ = self._listener.accept()
            sock.setblocking(False)
            asyncio.create_task(self._serve(sock))  # noqa: RUF006

    async def _serve(self, sock):
        try:
            request = b""
            while b"\r\n\r\n" not in request:
                await compat.readable(sock)
                piece = sock.recv(1024)
                if not piece:
                    return
                request += piece
            self.requests.append(compat.decode(request))
            answer = self.answer(self.requests[-1])
            for part in answer if isinstance(answer, list) else [answer]:
                if part is None:
                    await compat.sleep(60000)
                elif isinstance(part, int):
                    await compat.sleep(part)
                else:
                    await _send(sock, part)
        except OSError:
            pass
        finally:
            sock.close()

    def close(self):
        self._listener.close()


async def _send(sock, data):
    view = memoryview(data)
    while len(view):
        await compat.writable(sock)
        view = view[sock.send(view) :]


def served(answer, scenario):
    """Run `await scenario(server)` with a WebServer for `answer`; returns the scenario's result."""

    async def run():
        server = WebServer(answer)
        task = asyncio.create_task(server.serve())
        try:
            return await scenario(server)
        finally:
            task.cancel()
            await compat.sleep(0)
            server.close()

    return asyncio.run(run())


def response(body: bytes = b"", status: str = "200 OK", *headers: str) -> bytes:
    """A whole response with the right Content-Length."""
    lines = ["HTTP/1.1 " + status, "Content-Length: %d" % len(body)]
    return ("\r\n".join(lines + list(headers)) + "\r\n\r\n").encode() + body
