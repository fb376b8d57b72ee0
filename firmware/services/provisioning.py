"""Provisioning: the phone's settings from a server, `{mac}.json` for this phone over `common.json` for all.

Both files are under one URL, which comes from phone.json, from a NOTIFY of a line's own server, or, on a
phone that nobody has set up, from the network (net.discovery); a discovered URL is kept until a factory
reset. The server's settings are merged over the phone's own (see settings_store). They are checked as a whole
before anything changes; a file with an error changes nothing, and web interface and log report the error.
"""

import asyncio
import binascii
import json

import compat
from compat import const
from net.http import Client, HttpError
from services.settings import settings_store
from services.settings.section import SettingsError

MAX_LENGTH = 32768  # bytes of a file

_ONLINE_LOOK_MS = const(200)
# Minimum between two fetches, even if a server asks for more.
_PAUSE_S = const(5)
_FIRST_RETRY_S = const(60)
_STEP_S = const(60)
# How often in a row settings may name another server to fetch from at once; then the interval applies.
_MAX_MOVES = const(3)


class Provisioning:
    """Fetches settings for one phone after the other: call `serve` for each. The object outlives the phones,
    as new settings start a new phone.

    `check(document)` raises SettingsError for invalid settings; `restart()` starts a phone with the stored
    settings; `discover(phone)`, a coroutine function that returns a URL or None, asks the network.

    state       the result of the last fetch, in words; `failed`: whether the result is an error
    url         the URL of the last fetch, or None
    mistakes    the errors in the server's files, in words, with their paths
    checked     local time of the last fetch as services.clock.Clock.now returns it, or None
    """

    def __init__(self, storage, check, restart, discover=None, pause_s: int = _PAUSE_S):
        self.state = "not checked yet"
        self.failed = False
        self.url = None
        self.mistakes: list = []
        self.checked = None
        self._storage = storage
        self._check = check
        self._restart = restart
        self._discover = discover or _ask_network
        self._pause_s = pause_s
        self._wake = asyncio.Event()
        self._left_s = 0
        self._retry_s = _FIRST_RETRY_S
        self._moves = 0
        self._told_url = None
        self._reboot = False

    def serve(self, phone) -> None:
        """Fetch for `phone` (app.phone.Phone) while it runs."""
        phone.provisioning = self
        phone.observers.append(self.on_phone)
        phone.supervisor.start("provisioning", lambda: self._loop(phone))

    def ask(self) -> None:
        """Fetch now, at the request of a person or a server."""
        self._wake.set()

    def status(self) -> dict:
        """The attributes for the web interface, by name."""
        return {
            "state": self.state,
            "failed": self.failed,
            "url": self.url,
            "mistakes": self.mistakes,
            "checked": self.checked,
        }

    def on_phone(self, kind: str, thing) -> None:
        """An observer of the phone: a line's server may ask for a fetch."""
        if kind == "provisioning":
            # A NOTIFY without TLS can be forged, so only a URL whose server is authenticated is accepted.
            if thing.url is None or thing.url.lower().startswith("https:"):
                self._told_url = thing.url or self._told_url
            self._reboot = bool(thing.reboot)
            self.ask()

    # Inside

    async def _loop(self, phone):
        while phone.address is None or phone.waits_for_time:
            await compat.sleep(_ONLINE_LOOK_MS)
        while True:
            await self._wait()
            if await self._fetch(phone):
                return  # the phone is about to stop
            await compat.sleep(self._pause_s * 1000)

    async def _wait(self):
        """Wait until a fetch is due or asked for. In steps, as an interval may exceed the range of ticks."""
        while self._left_s > 0:
            step = min(self._left_s, _STEP_S)
            try:
                await asyncio.wait_for(self._wake.wait(), step)
                break
            except asyncio.TimeoutError:  # noqa: UP041 - MicroPython knows it by this name only
                self._left_s -= step
        self._wake.clear()

    async def _fetch(self, phone):
        """Fetch once; whether the phone restarts."""
        reboot, self._reboot = self._reboot, False
        try:
            changed = await self._update(phone)
            self.failed, self.mistakes = False, []
            self._retry_s = _FIRST_RETRY_S
            self._left_s = self._interval_s(phone)
        except (HttpError, OSError, SettingsError, MemoryError, RuntimeError) as error:
            changed = False
            self._fail(phone, error)
        self.checked = phone.clock.now()
        if changed or reboot:
            self._restart()
            return True
        return False

    def _fail(self, phone, error):
        if isinstance(error, SettingsError):
            self.state, self.mistakes = "the server's settings are invalid", error.mistakes
        elif isinstance(error, RuntimeError):  # recursion: parsed, but too deep for the checks
            self.state = "the server's settings are invalid"
            self.mistakes = ["the server's files are nested too deeply"]
        elif isinstance(error, MemoryError):
            compat.collect()
            self.state, self.mistakes = "not enough memory for the server's files", []
        else:
            self.state, self.mistakes = str(error), []
        self.failed = True
        self._told_url = None
        phone.log.error("provisioning: " + self.state)
        for mistake in self.mistakes:
            phone.log.error("provisioning: " + mistake)
        self._left_s = _jittered(self._retry_s)
        self._retry_s = min(2 * self._retry_s, self._interval_s(phone))

    def _interval_s(self, phone):
        return _jittered(phone.settings.provisioning.interval_min * 60)

    async def _update(self, phone):
        note = settings_store.note(self._storage)
        self.url = await self._find(phone, note)
        if self.url is None:
            self.state = "no server known"
            return False
        known = note.get("etags")
        if note.get("url") != self.url or not isinstance(known, dict):
            known = {}
        names = (_file_name(phone.board.network.mac), "common.json")
        files = []
        for name in names:  # MicroPython has no `await` in a comprehension
            files.append(await self._get(phone, name, known.get(name)))
        if all(document is None for document, _ in files):
            self.state = "unchanged"
            return False
        for index, name in enumerate(names):
            if files[index][0] is None:  # unchanged, but only the merged settings were kept
                files[index] = await self._get(phone, name, None)
        given = settings_store.merged(files[1][0], files[0][0])
        return self._take(phone, note, given, dict(zip(names, _etags(files))))

    async def _find(self, phone, note):
        """The base URL of the files, without a trailing slash; None if there is none."""
        wanted = phone.settings.provisioning
        url = wanted.url or self._told_url or note.get("url")
        if url is None and wanted.discovery and not phone.settings.lines:
            url = await self._discover(phone)
            if url is not None:
                phone.log.info("provisioning: found " + url)
        return url.rstrip("/") if isinstance(url, str) else None

    async def _get(self, phone, name, etag):
        """(document, ETag); the document is None if it is unchanged since `etag`, {} if there is no file."""
        wanted = phone.settings.provisioning
        secure = phone.signalling.make_tls
        client = Client(phone.resolver, secure, wanted.user, wanted.password, phone.device)
        etag = etag if isinstance(etag, str) else None
        response = await client.get("%s/%s" % (self.url, name), MAX_LENGTH, etag)
        phone.take_date(response.header("date", ""), "provisioning server")
        try:
            if response.status == 304 and etag:
                return None, etag
            if response.status in (404, 410):
                return {}, ""
            if response.status != 200:
                raise HttpError("%s: the server responded with %d" % (name, response.status))
            return _object(await response.read(), name), response.etag
        finally:
            response.close()

    def _take(self, phone, note, given, etags):
        """Check and store the server's settings; whether they have changed."""
        if not given:
            raise HttpError("the server has no settings for this phone")
        names = given.pop("phonebook", None)
        self._check(json.dumps(settings_store.merged(settings_store.own(self._storage), given)))
        changed = note.get("settings") != given
        moved = note.get("url") != self.url or note.get("etags") != etags
        book = note.get("phonebook") if names is None else _digest(names)
        is_new_book = book != note.get("phonebook")
        if is_new_book:
            _keep_names(phone, names)
        if changed or moved or is_new_book:
            note = {"settings": given, "url": self.url, "etags": etags, "phonebook": book}
            settings_store.note_down(self._storage, note)
        self.state = "new settings" if changed else "new phone book" if is_new_book else "unchanged"
        if not changed:
            self._moves = 0
            return False
        phone.log.info("provisioning: new settings")
        self._told_url = None
        self._look_again(phone, given)
        return True

    def _look_again(self, phone, given):
        """If the new settings name another server, fetch from that server at once."""
        section = given.get("provisioning")
        url = section.get("url") if isinstance(section, dict) else None
        if url and url.rstrip("/") != self.url and self._moves < _MAX_MOVES:
            self._moves += 1
            self._wake.set()


async def _ask_network(phone):
    from net import discovery

    try:
        return await discovery.find(phone.address[0], phone.board.network.mac, phone.user_agent.product)
    finally:
        compat.forget("net.discovery")


def _keep_names(phone, names):
    """Replace the phone book, which a person may change until the server's changes. Raises SettingsError."""
    mistakes = phone.phonebook.replace(names)
    if mistakes:
        raise SettingsError(["phonebook" + mistake[5:] for mistake in mistakes])  # it says "names[3]…"
    phone.log.info("provisioning: new phone book")


def _digest(value):
    import hashlib

    return str(binascii.hexlify(hashlib.sha256(json.dumps(value).encode()).digest()[:12]), "ascii")


def _object(octets, name):
    """The JSON object in a file. Raises SettingsError with the file's name."""
    wrong = "is not a JSON object"
    try:
        value = json.loads(str(octets, "utf-8"))
        if isinstance(value, dict):
            return value
    except UnicodeError:
        wrong = "is not UTF-8 text"
    except ValueError as error:
        wrong = "is not JSON: %s" % error
    except RuntimeError:
        wrong = "is nested too deeply"
    raise SettingsError(["%s: %s" % (name, wrong)])


def _etags(files):
    return [etag or "" for _, etag in files]


def _file_name(mac):
    return mac.replace(":", "").replace("-", "").lower() + ".json"


def _jittered(seconds):
    """`seconds`, randomly changed by up to a tenth: phones that start together fetch at different times."""
    part = int.from_bytes(compat.urandom(2), "big")
    return seconds * 9 // 10 + seconds * part // (5 * 65536) + 1
