"""The web interface in the test's process, with a stand-in for the phone, and a client for any bytes."""

import asyncio
import json
import socket

import compat
from hal.null.storage import Storage
from phone.phonebook import PhoneBook
from services.log import Log
from services.settings import settings, settings_store
from services.supervisor import Supervisor
from services.web_server import Web

HOST = "127.0.0.1"

# The hash of "correct horse".
KEPT = "pbkdf2-sha256$20$000102030405060708090a0b0c0d0e0f$" + (
    "b88db0f00851e1f34e9ef26a94e8b08f9d5007b44e7b5886bb9d50f43d200a8e"
)


class Anything:
    """Has every attribute that a test gives it."""

    def __init__(self, **attributes):
        for name in attributes:
            setattr(self, name, attributes[name])


class Life:
    """The part of services.life.Life that the web interface uses."""

    def __init__(self, document=None):
        self.board = Anything(
            name="test",
            storage=Storage(),
            network=Anything(address=HOST, mac="020000000001", state="up", reason="", rssi=None),
        )
        self.first_start = None
        self.own_network = None
        self.mistakes = []
        self.applying = False
        self.code = "12345678"
        self.restarts = 0
        self.check = settings.load
        settings_store.write(self.board.storage, document or {})
        self.settings = settings.load(settings_store.document(self.board.storage))
        network = self.settings.network
        network.hostname = network.hostname or "bakelite-0001"  # as app.phone.Phone does
        log = Log()
        self.phone = Anything(
            settings=self.settings,
            board=self.board,
            log=log,
            supervisor=Supervisor(log),
            told=[],
            lines=[],
            calls=[],
            phonebook=PhoneBook(self.board.storage),
        )
        self.phone.forget_changes = lambda: self.phone.told.append(("forgotten", None))
        self.phone.tell = lambda kind, thing: self.phone.told.append((kind, thing))

    def restart(self):
        self.restarts += 1


class Server:
    """A running web server (services.web), for one `asyncio.run`."""

    def __init__(self, document=None):
        self.life = Life(document)
        self.web = Web(self.life, 0)

    def run(self, scenario):
        """Run the coroutine function `scenario(server)` while the server runs."""

        async def everything():
            self.web.serve(self.life.phone)
            self.web.start()
            while self.web.address is None:
                await compat.sleep(5)
            self.port = self.web.address[1]
            try:
                return await asyncio.wait_for(scenario(self), 60)
            finally:
                self.web.close()
                await compat.sleep(10)

        return asyncio.run(everything())

    async def connect(self):
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.connect(compat.socket_address(HOST, self.port))
        sock.setblocking(False)
        # Lets the server, which is in this process, accept now: otherwise the next connection would wait.
        await compat.sleep(2)
        return sock

    async def say(self, octets, pause_ms=0):
        """Send `octets` on a new connection; returns all that comes back, b"" after a reset."""
        sock = await self.connect()
        try:
            for start in range(0, len(octets), 1000):
                try:
                    sock.send(octets[start : start + 1000])
                except OSError:
                    break
                await compat.sleep(pause_ms)
            return await hear(sock)
        finally:
            sock.close()

    async def ask(self, path, body=None, cookie="", **fields):
        """Send a well-formed request; returns (status, header text, JSON value) of the answer."""
        lines = ["%s %s HTTP/1.1" % ("GET" if body is None else "POST", path)]
        text = "" if body is None else body if isinstance(body, str) else json.dumps(body)
        named = {"Host": "%s:%d" % (HOST, self.port)}
        if body is not None:
            named["Content-Type"] = "application/json"
            named["Content-Length"] = str(len(text))
        if cookie:
            named["Cookie"] = "session=" + cookie
        for name in fields:
            named[name.replace("_", "-")] = fields[name]
        lines += ["%s: %s" % (name, named[name]) for name in named if named[name] is not None]
        answer = await self.say(("\r\n".join(lines) + "\r\n\r\n" + text).encode())
        head, _, content = answer.partition(b"\r\n\r\n")
        head = str(head, "utf-8")
        value = json.loads(content) if content[:1] in (b"{", b"[") else content
        return status_of(answer), head, value

    async def log_in(self, password):
        """(cookie, CSRF token) of a new session."""
        status, head, value = await self.ask("/api/login", {"password": password})
        assert status == 200, value
        return head.split("session=")[1].split(";")[0], value["csrf"]


async def hear(sock, most=100_000):
    answer = b""
    while len(answer) < most:
        try:
            piece = sock.recv(4096)
        except OSError as error:
            if not compat.would_block(error):
                return answer
            await compat.readable(sock)
            continue
        if not piece:
            break
        answer += piece
    return answer


def status_of(answer):
    """The status of an answer; 0 if there was none."""
    return int(answer.split(b" ")[1]) if answer.startswith(b"HTTP/1.") else 0
