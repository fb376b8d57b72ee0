"""What a fuzzer feeds to the web interface, to the HTTP client and to who reads settings: see targets.py."""

import json

from net import http
from phone.phonebook import PhoneBook
from services.provisioning import _object
from services.settings import settings, settings_store
from services.settings.settings import SettingsError
from services.web import request
from services.web.app import App
from services.web_server import Web
from support.web import KEPT, Anything, Life

_PATHS = ("settings", "restore", "phonebook", "password", "backup", "update", "reset", "first/try", "login")
_OWN = {
    "lines": [{"aor": "sip:201@pbx.test", "password": "secret"}],
    "network": {"wifi": {"ssid": "n", "password": "password"}},
    "provisioning": {"url": "https://p.test", "password": "secret"},
    "web": {"password": KEPT},
}
_MAX_STEPS = 10_000


class Sock:
    """A socket from which `octets` come in pieces, and then the end."""

    def __init__(self, octets):
        self.octets = octets
        self.sent = b""

    def recv(self, most):
        piece, self.octets = self.octets[: min(most, 700)], self.octets[min(most, 700) :]
        return piece

    def send(self, octets):
        self.sent += octets
        return len(octets)

    def close(self):
        pass


class Guest:
    peer = "192.0.2.9"

    def __init__(self, octets):
        self.sock = Sock(octets)
        self.session = None
        self.has_asked = False


def run(coroutine):
    """What the coroutine returns that has to wait for nothing."""
    for _ in range(_MAX_STEPS):
        try:
            coroutine.send(None)
        except StopIteration as end:
            return end.value
    raise AssertionError("it never ends")


class _Site:
    def __init__(self):
        self.life = Life(_OWN)
        self.life.phone.phonebook = PhoneBook(self.life.board.storage)
        self.life.phone.updates = Anything(ask=lambda wish: True)
        self.web = Web(self.life, 0)
        self.web.serve(self.life.phone)
        self.web.address = ("127.0.0.1", 80)
        self.web.has_heap = lambda: True
        self.session = self.web.log_in()
        self.app = App(self.web)

    def say(self, octets):
        """The status and the answer."""
        guest = Guest(octets)
        run(self.app.exchange(guest))
        answer = guest.sock.sent
        assert not answer or answer.startswith(b"HTTP/1.0 "), answer[:60]
        return int(answer[9:12]) if answer else 0, answer


def requests(data: bytes) -> None:
    """A request as it comes from a socket: refused with words, or answered, and never an error of ours."""
    try:
        head = run(request.read_head(Sock(data)))
    except request.RequestError as error:
        assert 400 <= error.status < 600 and error.words
    else:
        assert head is None or head[0].length >= 0
    for octets in (data, b"GET /" + data, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + data):
        site = _Site()
        status, _ = site.say(octets)
        assert status != 500, site.life.phone.log.lines
        assert site.life.restarts == 0 and settings_store.own(site.life.board.storage) == _OWN


def interface(data: bytes) -> None:
    """JSON of somebody who is logged in, to each path; what is stored in the end is what the phone can load."""
    path, body = _PATHS[data[0] % len(_PATHS)] if data else "settings", data[1:]
    site = _Site()
    head = (
        "POST /api/%s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
    )
    head += "Cookie: session=%s\r\nX-CSRF-Token: %s\r\n\r\n"
    octets = (head % (path, len(body), site.session.token, site.session.csrf)).encode() + body
    status, answer = site.say(octets)
    assert status and status != 500, (path, answer, site.life.phone.log.lines)
    stored = settings.load(settings_store.document(site.life.board.storage))
    # Nobody gets at the page without its password.
    assert stored.web.password is not None or path == "reset"
    if status >= 400:
        assert settings_store.own(site.life.board.storage) == _OWN, path


def responses(data: bytes) -> None:
    """What a server answers to the phone's GET: read whole within its bounds, or an HttpError."""
    connection = http._Connection(http._Limits(60, 15))
    connection._sock = Sock(data)
    try:
        status, found = run(http._head(connection))
        response = http.Response(connection, http.Url("http://p.test/x"), status, found, 1000)
        assert len(run(response.read())) <= 1000 and len(response.etag or "") <= 128
        http.Url("http://p.test/x").join(response.header("location") or "/")
    except http.HttpError as error:
        assert str(error)


def provisioned(data: bytes) -> None:
    """A file of a provisioning server, laid over the phone's own settings."""
    try:
        given = _object(data, "x.json")
        merged = settings_store.merged(_OWN, given)
        loaded = settings.load(json.dumps(merged))
    except SettingsError as error:
        assert error.mistakes
        return
    from app import from_settings

    try:
        from_settings.lines(loaded)
    except SettingsError as error:
        assert error.mistakes


TARGETS = {
    "requests": (requests, 1024),
    "interface": (interface, 1024),
    "responses": (responses, 1024),
    "provisioned": (provisioned, 1024),
}
