"""Provisioning against a web server that a test holds, on a phone of which only the edges are there."""

# micropython-heap: 400k: a web server and the phone's side of it live in one process

import binascii
import hashlib
import json

import compat
from net.resolver import Resolver
from phone.phonebook import PhoneBook
from services import provisioning
from services.clock import Clock
from services.log import Log
from services.settings import settings, settings_store
from services.supervisor import Supervisor
from sip.notices import ProvisioningRequested
from support.web_server import response, served

MAC_FILE = "/0200000000ab.json"
LINE = {"aor": "sip:201@example.com", "password": "secret-of-201"}
COMMON = {"ui": {"clock_24h": False}, "audio": {"volume": 40}}


class Memory:
    def __init__(self):
        self.files = {}
        self.full = False

    def read(self, name):
        return self.files.get(name)

    def write(self, name, data):
        if self.full:
            raise OSError(28, "No space left on device")
        self.files[name] = bytes(data)


class Network:
    mac = "02:00:00:00:00:AB"


class Board:
    network = Network()


class Way:
    def make_tls(self):
        return None


class Phone:
    """What provisioning touches of app.phone.Phone."""

    def __init__(self, chosen, storage=None):
        self.settings = chosen
        self.board = Board()
        self.address = ("127.0.0.1", 5060)
        self.resolver = Resolver()
        self.signalling = Way()
        self.observers = []
        self.log = Log()
        self.clock = Clock(0)
        self.waits_for_time = False
        self.take_date = lambda text, who: None
        self.supervisor = Supervisor(self.log)
        self.provisioning = None
        self.device = "Bakelite/1.2 (test; 0200000000ab)"
        self.phonebook = PhoneBook(storage or Memory())


class Files:
    """A server's files, {path: value or octets}; answers with ETags as a web server does."""

    def __init__(self, files):
        self.files = files

    def __call__(self, request):
        path = request.split(" ")[1]
        if path not in self.files:
            return response(b"", "404 Not Found")
        value = self.files[path]
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        etag = '"%s"' % binascii.hexlify(hashlib.sha256(body).digest()).decode()
        if "\r\nIf-None-Match: " + etag + "\r\n" in request:
            return b"HTTP/1.1 304 Not Modified\r\nETag: " + etag.encode() + b"\r\n\r\n"
        return response(body, "200 OK", "ETag: " + etag)


def fetched(files, scenario, own=None, storage=None):
    """Run `scenario(desk, server)` with a desk whose `fetch()` begins a phone and waits for its first look."""

    async def run(server):
        return await scenario(Desk(server, own, storage), server)

    return served(files, run)


class Desk:
    def __init__(self, server, own, storage):
        self.storage = storage or Memory()
        mine = {"provisioning": {"url": server.url}} if own is None else own
        self.storage.files[settings_store.OWN] = json.dumps(mine).encode()
        self.restarts = 0
        self.found = None
        self.asked = 0
        self.provisioning = provisioning.Provisioning(
            self.storage, settings.load, self.restart, self.discover, pause_s=0
        )
        self.phone = None

    def restart(self):
        self.restarts += 1

    async def discover(self, phone):
        self.asked += 1
        return self.found

    def begin(self):
        self.phone = Phone(settings.load(settings_store.document(self.storage)), self.storage)
        self.provisioning.serve(self.phone)

    async def fetch(self):
        """Begin a phone, and let its first look at the server end."""
        self.provisioning.checked = None
        self.provisioning._left_s = 0
        self.begin()
        await self.settled()
        await self.phone.supervisor.stop()
        return self.provisioning

    async def settled(self):
        for _ in range(200):
            await compat.sleep(10)
            if self.provisioning.checked is not None:
                return
        raise AssertionError("it never looked")

    @property
    def settings(self):
        return settings.load(settings_store.document(self.storage))


def test_the_phones_file_lies_over_the_common_one_and_both_over_the_phones_own():
    async def scenario(desk, server):
        done = await desk.fetch()
        assert (done.state, done.failed, desk.restarts) == ("new settings", False, 1)
        found = desk.settings
        assert found.lines[0].aor == LINE["aor"] and found.lines[0].password == LINE["password"]
        assert (found.ui.clock_24h, found.audio.volume, found.audio.microphone_gain) == (False, 70, 33)
        assert found.provisioning.url == server.url
        assert [request.split(" ")[1] for request in server.requests] == [MAC_FILE, "/common.json"]
        # An administrator sees in the server's log who has fetched what.
        named = "\r\nUser-Agent: Bakelite/1.2 (test; 0200000000ab)\r\n"
        assert all(named in request for request in server.requests)

    files = Files({MAC_FILE: {"lines": [LINE], "audio": {"volume": 70}}, "/common.json": COMMON})

    async def with_own(desk, server):
        desk.storage.files[settings_store.OWN] = json.dumps(
            {"provisioning": {"url": server.url}, "audio": {"microphone_gain": 33, "volume": 1}}
        ).encode()
        await scenario(desk, server)

    fetched(files, with_own)


def test_unchanged_files_are_not_sent_again_and_start_no_phone():
    files = Files({MAC_FILE: {"lines": [LINE]}, "/common.json": COMMON})

    async def scenario(desk, server):
        await desk.fetch()
        before = dict(desk.storage.files)
        done = await desk.fetch()
        assert (done.state, desk.restarts) == ("unchanged", 1)
        assert all("If-None-Match" in request for request in server.requests[2:])
        assert desk.storage.files == before
        # One file is new: what the other said is fetched again, and counts on.
        files.files[MAC_FILE] = {"lines": [LINE], "audio": {"volume": 5}}
        assert (await desk.fetch()).state == "new settings"
        assert desk.settings.audio.volume == 5 and desk.settings.ui.clock_24h is False
        # What the server takes back is gone.
        del files.files["/common.json"]
        await desk.fetch()
        assert desk.settings.ui.clock_24h is True

    fetched(files, scenario)


def test_the_server_may_give_the_phone_book():
    files = Files({MAC_FILE: {"lines": [LINE]}, "/common.json": dict(COMMON, phonebook=[["Grace", "202"]])})

    async def scenario(desk, server):
        assert (await desk.fetch()).state == "new settings"
        assert desk.phone.phonebook.entries == [["Grace", "202"]]
        assert desk.settings.ui.clock_24h is False
        # What a person changes stays until the server has another book; which starts no phone.
        assert desk.phone.phonebook.replace([["Ada", "201"]]) == []
        files.files[MAC_FILE] = {"lines": [LINE], "audio": {"volume": 5}}
        await desk.fetch()
        assert desk.phone.phonebook.entries == [["Ada", "201"]] and desk.restarts == 2
        files.files["/common.json"] = dict(COMMON, phonebook=[["Zoë", "203"], ["Bob", "204"]])
        assert (await desk.fetch()).state == "new phone book"
        assert desk.phone.phonebook.entries == [["Bob", "204"], ["Zoë", "203"]] and desk.restarts == 2
        # A wrong one is told and changes nothing.
        files.files["/common.json"] = dict(COMMON, phonebook=[["Zoë", "call me maybe"]], ui={"contrast": 5})
        done = await desk.fetch()
        assert done.failed and done.mistakes == ["phonebook[0].number: must be a number or a SIP address"]
        assert len(desk.phone.phonebook.entries) == 2 and desk.settings.ui.contrast == 80
        del files.files["/common.json"]
        await desk.fetch()
        assert len(desk.phone.phonebook.entries) == 2

    fetched(files, scenario)


def test_a_wrong_file_is_told_and_changes_nothing():
    for body, words in (
        (b"{", "is not JSON"),
        (b"[]", "is not a JSON object"),
        (b"\xff\xfe", "is not UTF-8"),
        ({"lines": [{"aor": "sip:x"}]}, "lines[0].aor: "),
        ({"secret-name": 1}, "is not a setting"),
        ({"audio": {"volume": "secret-value"}}, "audio.volume: "),
    ):

        async def scenario(desk, server, words=words):
            before = dict(desk.storage.files)
            done = await desk.fetch()
            assert done.failed and desk.restarts == 0 and desk.storage.files == before
            told = " ".join(done.mistakes)
            assert words in told, told
            assert "secret-value" not in told + done.state
            assert ("error", "provisioning: " + done.mistakes[0][:150]) in [
                (level, text[:164]) for level, text in desk.phone.log.lines()
            ]

        fetched(Files({MAC_FILE: body}), scenario)


def test_a_file_nested_too_deeply_changes_nothing():
    async def scenario(desk, server):
        before = dict(desk.storage.files)
        done = await desk.fetch()
        assert done.failed and desk.restarts == 0 and desk.storage.files == before

    fetched(Files({MAC_FILE: b"[" * 5000}), scenario)


def test_a_file_that_is_deep_but_parsed_is_told_and_not_fetched_again_at_once():
    """On MicroPython some 100 to 400 levels are parsed and then break what walks through them."""
    for depth in (50, 150, 200, 300):

        async def scenario(desk, server, depth=depth):
            before = dict(desk.storage.files)
            done = await desk.fetch()
            told = "the server's settings are invalid", "not enough memory for the server's files"
            assert done.failed and done.state in told, (depth, done.state)
            assert desk.restarts == 0 and desk.storage.files == before
            assert done._left_s > 30, "no retry without an end"
            assert desk.phone.supervisor.faults == {}, desk.phone.log.lines()

        fetched(Files({MAC_FILE: b'{"ui":' * depth + b"{}" + b"}" * depth}), scenario)


def test_a_server_that_is_of_no_use_is_told_and_changes_nothing():
    huge = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"
    for answer, words in (
        (response(b"", "500 Oops"), "the server responded with 500"),
        (response(b"", "404 None"), "no settings for this phone"),
        (huge, "too large"),
        (b"nonsense\r\n\r\n", ""),
        (response(b"{}"), "no settings for this phone"),
    ):

        async def scenario(desk, server, words=words):
            before = dict(desk.storage.files)
            done = await desk.fetch()
            assert done.failed and words in done.state, done.state
            assert desk.restarts == 0 and desk.storage.files == before

        fetched(answer, scenario)


def test_a_full_storage_leaves_the_settings_as_they_were():
    async def scenario(desk, server):
        desk.storage.full = True
        before = dict(desk.storage.files)
        done = await desk.fetch()
        assert done.failed and desk.restarts == 0 and desk.storage.files == before

    fetched(Files({MAC_FILE: {"lines": [LINE]}}), scenario)


def test_a_notify_fetches_at_once_and_may_ask_for_a_start():
    files = Files({MAC_FILE: {"lines": [LINE]}})

    async def scenario(desk, server):
        await desk.fetch()
        desk.begin()  # its next look is a day away
        await compat.sleep(30)
        count = len(server.requests)
        for reboot, restarts in ((False, 1), (True, 2)):
            desk.provisioning.checked = None
            for observer in desk.phone.observers:
                observer("provisioning", ProvisioningRequested(None, "check-sync", reboot))
            await desk.settled()
            assert desk.restarts == restarts and len(server.requests) > count
            count = len(server.requests)
        await desk.phone.supervisor.stop()

    fetched(files, scenario)


def test_a_notify_names_a_server_that_must_prove_itself():
    async def scenario(desk, server):
        done = await desk.fetch()
        for url, believed in (
            (server.url, False),  # http: over UDP the NOTIFY may be anybody's
            ("HTTP://192.0.2.1", False),
            ("https://192.0.2.1/phones", True),
            ("http://192.0.2.1/later", True),  # the one before still counts
        ):
            done.on_phone("provisioning", ProvisioningRequested(None, "ua-profile", None, url))
            assert (done._told_url == "https://192.0.2.1/phones") == believed, url

    fetched(Files({MAC_FILE: {"lines": [LINE]}}), scenario, own={"lines": [LINE]})


def test_only_a_phone_that_nobody_set_up_looks_for_a_server_and_it_stays_with_the_first():
    files = Files({MAC_FILE: {"lines": [LINE]}})

    async def scenario(desk, server):
        assert (await desk.fetch()).state == "no server known" and desk.asked == 1
        desk.found = server.url + "/"
        assert (await desk.fetch()).state == "new settings"
        desk.found = "http://127.0.0.1:1"
        assert (await desk.fetch()).state == "unchanged" and desk.asked == 2
        desk.storage.files = {settings_store.OWN: json.dumps({"lines": [LINE]}).encode()}
        assert (await desk.fetch()).state == "no server known" and desk.asked == 2

    fetched(files, scenario, own={})


def test_servers_that_send_the_phone_back_and_forth_do_so_only_so_often():
    async def scenario(desk, server):
        looks = []
        for _ in range(8):
            server.answer = Files(
                {
                    "/%s%s" % (place, MAC_FILE): {
                        "lines": [LINE],
                        "provisioning": {"url": "%s/%s/" % (server.url, other)},
                    }
                    for place, other in (("a", "b"), ("b", "a"))
                }
            )
            desk.provisioning.checked = None
            desk.begin()
            await compat.sleep(60)
            looks.append(desk.provisioning.checked is not None)
            await desk.phone.supervisor.stop()
        assert looks[0] and not looks[-1], looks
        assert desk.restarts <= 5

    async def begin(server):
        return await scenario(Desk(server, {"provisioning": {"url": server.url + "/a"}}, None), server)

    served(b"", begin)


def test_intervals_differ_by_a_tenth_and_failures_come_back_sooner():
    waits = [provisioning._jittered(86400) for _ in range(200)]
    assert min(waits) >= 77000 and max(waits) <= 95100 and len(set(waits)) > 50

    async def scenario(desk, server):
        done = await desk.fetch()
        assert 50 <= done._left_s <= 70
        await desk.fetch()
        assert 100 <= done._left_s <= 140

    fetched(response(b"", "503 Busy"), scenario)


def test_the_password_answers_a_challenge():
    def answer(request):
        if "Authorization: Digest" not in request:
            challenge = 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256'
            return response(b"", "401 Unauthorized", challenge)
        return Files({MAC_FILE: {"lines": [LINE]}})(request)

    async def scenario(desk, server):
        section = {"url": server.url, "user": "phones", "password": "hidden"}
        desk.storage.files[settings_store.OWN] = json.dumps({"provisioning": section}).encode()
        assert (await desk.fetch()).state == "new settings"
        assert not any("hidden" in request for request in server.requests)
        assert "hidden" not in json.dumps(desk.provisioning.status())

    fetched(answer, scenario)
