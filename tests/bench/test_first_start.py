"""First start and factory reset on the bench, on both interpreters, without a browser: what it says is asked."""

import asyncio
import http.client
import json
import time
import urllib.error
import urllib.request

import pytest

from app.phone import life, load_settings
from hal.sim.world import World
from support.boards import load
from support.require import missing
from tools import build_frozen, build_micropython
from tools.build_micropython import BuildError
from tools.lib.bench_client import Phone, Registrar, settings
from tools.lib.debian import DebianError
from workbench import screen_text
from workbench.free_ports import on_free_ports

RUNTIMES = {
    "cpython": [],
    "micropython": ["--runtime", "micropython", "--heap", "2m"],
    # A chip without PSRAM: the page fits beside the phone, and here the simulated chips besides.
    "frozen": ["--runtime", "micropython", "--frozen", "--heap", "172k"],
}


def require(runtime):
    if runtime == "micropython" and build_micropython.program(32) is None:
        missing("MicroPython (32-bit)", build_micropython.why_missing(32))
    if runtime == "frozen":
        try:
            build_frozen.make("unix")
        except (BuildError, DebianError) as error:
            missing("MicroPython with the phone frozen into it", str(error))


class Page:
    """What a browser would ask."""

    def __init__(self, url, host=None):
        self._url = url
        self._host = host  # by which it is asked for, where it is not that of `url`
        self._cookie = ""
        self._csrf = ""

    def ask(self, path, body=None):
        """(status, value)."""
        request = urllib.request.Request(
            self._url + path[1:], None if body is None else json.dumps(body).encode()
        )
        request.add_header("Content-Type", "application/json")
        if self._host:
            request.add_header("Host", self._host)
        request.add_header("Cookie", self._cookie)
        request.add_header("X-CSRF-Token", self._csrf)
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                request, timeout=20
            ) as answer:
                value = json.load(answer)
                if answer.headers["Set-Cookie"]:
                    self._cookie = answer.headers["Set-Cookie"].split(";")[0]
                self._csrf = value.get("csrf") or self._csrf
                return answer.status, value
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def until(self, path, name, *wanted):
        end = time.monotonic() + 30
        while True:
            value = self.ask(path)[1]
            if value.get(name) in wanted:
                return value
            assert time.monotonic() < end, value
            time.sleep(0.2)


@pytest.mark.timeout(400)  # the frozen one may have to be built
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_phone_is_set_up_and_keeps_it(runtime):
    require(runtime)
    options = ["--page", "0", *RUNTIMES[runtime]]
    with Registrar({"201": "first secret"}) as registrar, Phone("new", None, options=options) as phone:
        page = Page(phone.wait("web", 30)["url"])
        assert page.ask("/api/session")[1]["mode"] == "first"
        # A telephone that has joined asks somebody else's address whether this is the Internet.
        place = page._url.split("/")[2]
        telephone = http.client.HTTPConnection(place, timeout=10)
        telephone.request("GET", "/generate_204", headers={"Host": "connectivity.example.com"})
        answer = telephone.getresponse()
        assert (answer.status, answer.headers["Location"]) == (302, f"http://{place}/")
        telephone.close()
        status, found = page.ask("/api/first/scan", {})
        assert status == 200 and found["networks"] == [["bakelite", -55, False], ["office", -60, True]]
        document = settings("201", "first secret", registrar.address, "Ada")
        document["network"]["wifi"] = {"ssid": "office", "password": "wrong horse"}
        document["audio"] = {"wire_rate": 8000}
        status, refused = page.ask("/api/first/try", {"settings": dict(document, audio=7), "password": "x"})
        assert status == 422 and refused["mistakes"] == [
            "web.password: must have 8 to 64 characters",
            "audio: must be an object",
        ]
        assert page.ask("/api/first/try", {"settings": document, "password": "correct horse"})[0] == 200
        steps = page.until("/api/first", "state", "failed")["steps"]
        assert steps[0] == ["Network", "failed", "wrong Wi-Fi password"] and phone.file("phone.json") is None
        document["network"]["wifi"]["password"] = "correct horse"
        assert page.ask("/api/first/try", {"settings": document, "password": "correct horse"})[0] == 200
        steps = page.until("/api/first", "state", "done")["steps"]
        assert [step[1] for step in steps] == ["ok", "ok"], steps
        assert page.ask("/api/first/finish", {})[0] == 200
        assert page.ask("/api/session")[1]["mode"] == "phone"
        state = phone.state()
        assert state["lines"][0]["state"] == "registered"
        assert not [name for name in state["counters"] if name.startswith("failed")], state["counters"]
        # It is a phone now: who comes newly must log in.
        stranger = Page(page._url)
        assert stranger.ask("/api/status")[0] == 401
        assert stranger.ask("/api/login", {"password": "wrong horse"})[0] == 403
        assert stranger.ask("/api/login", {"password": "correct horse"})[0] == 200
        assert stranger.ask("/api/status")[1]["lines"][0]["state"] == "registered"
        kept = phone.file("phone.json")
        assert phone.quit() == 0
        with Phone("again", kept, options=RUNTIMES[runtime]) as again:
            again.wait("line", 20, state="registered")


def test_the_key_held_at_power_on_erases_everything():
    config = settings("201", "top secret", "127.0.0.1:9", register=False)
    with Phone("201", config, files={"history.json": "[]", "ca.pem": "x"}) as phone:
        phone.do("hold_key", key="*", ms=7000)
        phone.wait("display", 10, lambda event: "Factory reset" in event["lines"][0])
        phone.wait("display", 10, lambda event: any("Keep holding *: 1" in line for line in event["lines"]))
        phone.wait("display", 10, lambda event: "Join this Wi-Fi:" in event["lines"])
        assert [path.name for path in phone.flash.iterdir()] == []


def test_the_key_let_go_in_time_erases_nothing():
    config = settings("201", "top secret", "127.0.0.1:9", register=False)
    with Phone("201", config) as phone:
        phone.do("hold_key", key="*", ms=1500)
        phone.wait("display", 10, lambda event: "Factory reset" in event["lines"][0])
        phone.wait("ready")
        assert json.loads(phone.file("phone.json")) == config


def test_on_a_cable_the_display_shows_an_address_and_a_code(tmp_path):
    """There is no radio to be an access point with: who knows the code stands before the phone."""
    world = World(board=load("esp32_poe"))
    phones = life(load("esp32_poe").create(str(tmp_path)), 0)

    def ask(page, path, body=None):
        return asyncio.to_thread(page.ask, path, body)

    async def scenario():
        running = [asyncio.create_task(world.run_forever()), asyncio.create_task(phones.run())]
        shown = []
        for _ in range(1000):
            await asyncio.sleep(0.02)
            shown = [line.strip() for line in screen_text.read_text(world.display.image(), placed=True)]
            if "Code " + phones.code in shown:
                break
        assert "Open in a browser:" in shown and any("ttp://127.0.0.1" in line for line in shown), shown
        page = Page("http://127.0.0.1:%d/" % phones.web.address[1])
        status, session = await ask(page, "/api/session")
        assert (session["mode"], session["in"]) == ("first", False)
        assert (await ask(page, "/api/first/try", {}))[0] == 401
        assert (await ask(page, "/api/login", {"password": "00000000"}))[0] == 403
        assert (await ask(page, "/api/login", {"password": phones.code}))[0] == 200
        assert (await ask(page, "/api/first"))[1]["wireless"] is False
        line = {"aor": "sip:201@127.0.0.1", "register": False}
        document = {"lines": [line], "network": {"sip_port": 0, "rtp_port_min": 0, "rtp_port_max": 0}}
        asked = await ask(page, "/api/first/try", {"settings": document, "password": "correct horse"})
        assert asked[0] == 200, asked
        while phones.first_start.state == "trying":
            await asyncio.sleep(0.05)
        assert phones.first_start.state == "done", phones.first_start.steps
        assert (await ask(page, "/api/first/finish", {}))[0] == 200
        assert phones.first_start is None and phones.phone.lines[0].account.aor.user == "201"
        assert not [name for name in phones.phone.counters() if name.startswith("failed")]
        phones.end()
        await running.pop()
        running[0].cancel()

    asyncio.run(asyncio.wait_for(scenario(), 60))


def test_new_settings_wait_for_the_end_of_a_call():
    users = {"201": "first secret", "202": "second secret"}
    with Registrar(users) as registrar:
        configs = [settings(name, users[name], registrar.address) for name in users]
        with Phone("201", configs[0], options=["--page", "0"]) as one, Phone("202", configs[1]) as two:
            page = Page(one.wait("web")["url"])
            one.wait("line", state="registered")
            two.wait("line", state="registered")
            one.keys("soft4", *["down"] * 5)
            shown = one.wait("display", 10, lambda event: any("Web code" in line for line in event["lines"]))
            code = next(line for line in shown["lines"] if "Web code" in line).split()[-1]
            assert page.ask("/api/login", {"password": code})[0] == 200
            one.keys("soft4")
            one.do("hook", state="off")
            one.keys("202#")
            two.wait("call", state="ringing")
            two.do("hook", state="off")
            one.wait("call", state="active")
            line = dict(configs[0]["lines"][0], display_name="Ada", keep=0)
            line.pop("password")
            assert page.ask("/api/settings", {"patch": {"lines": [line]}})[0] == 200
            assert page.ask("/api/session")[1]["applying"] is True
            one.gather(1)
            assert one.state()["calls"][0]["state"] == "active", "nobody is cut off"
            one.do("hook", state="on")
            two.wait("call", state="ended")
            one.wait("ready", 15)
            one.wait("line", 15, state="registered")
            assert page.until("/api/session", "applying", False)


def test_a_phone_set_up_on_this_machine_leaves_sip_s_port_to_a_pbx():
    check = on_free_ports(load_settings)
    assert check(b"{}").network.sip_port == 0
    assert check(b'{"network": {"sip_port": 5070}}').network.sip_port == 5070
