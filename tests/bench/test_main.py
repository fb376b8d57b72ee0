"""The composition root on the simulated board, in real time: networks that go and come, and parts that fail."""

import asyncio
import json
import socket

import board
from app.phone import Phone
from hal.sim.world import World
from services.settings import settings
from services.web import api
from sip.events import RegistrationChanged

DEAD = "sip:127.0.0.1:9"
CONFIG = {
    "lines": [
        {"aor": "sip:201@127.0.0.1", "registrar": DEAD, "proxy": DEAD + ";lr", "password": "top secret"}
    ],
    "network": {"sip_port": 0, "rtp_port_min": 0, "rtp_port_max": 0},
}


async def until(condition, seconds=8.0):
    for _ in range(int(seconds * 100)):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("did not happen in time")


class Bed:
    """A phone that runs on its world; `told` is what its observers were told, [(kind, thing)]."""

    def __init__(self, folder, config=CONFIG):
        self.world = World()
        self.phone = Phone(board.create(str(folder)), settings.load(json.dumps(config)))
        self.told = []
        self.phone.observers.append(lambda kind, thing: self.told.append((kind, thing)))

    def run(self, scenario):
        async def everything():
            world = asyncio.create_task(self.world.run_forever())
            await self.phone.run()
            try:
                await scenario(self)
            finally:
                self.phone.user_agent.registrations.clear()  # nobody is there to say goodbye to
                await self.phone.stop()
                world.cancel()

        asyncio.run(everything())

    def things(self, kind):
        return [thing for each, thing in self.told if each == kind]


def test_the_log_tells_of_lines_and_is_kept(tmp_path):
    config = dict(CONFIG, log={"level": "debug"})
    config["lines"] = [dict(CONFIG["lines"][0], registrar="sip:127.0.0.1:1", proxy="sip:127.0.0.1:1;lr")]
    bed = Bed(tmp_path, config)

    async def scenario(bed):
        await until(lambda: "line 1: " in str(bed.phone.log.lines()), 40)

    bed.run(scenario)
    text = bed.phone.board.storage.read("log.txt").decode()
    assert " warning line 1: " in text and "REGISTER" not in text and text[:2] == "20", text
    assert any("-> udp 127.0.0.1:1 REGISTER" in text for _, text in bed.phone.log.lines())
    assert "User-Agent: Bakelite/0.1.0 (sim; %s)" % bed.phone.board.network.mac in str(bed.phone.log.lines())


def test_no_two_phones_have_the_same_name(tmp_path):
    phone = Bed(tmp_path).phone
    mac = phone.board.network.mac
    assert phone.settings.network.hostname == "bakelite-" + mac[-4:]
    named = Bed(tmp_path, dict(CONFIG, network=dict(CONFIG["network"], hostname="desk-7"))).phone
    assert named.settings.network.hostname == "desk-7"


class Visit:
    """services.web_server.Web as the handler of the status page uses it."""

    def __init__(self, phone):
        self.phone = phone
        self.counters = {}


def test_the_status_page_of_an_idle_phone_leaves_the_voice_path_unbuilt(tmp_path, monkeypatch):
    built = []
    monkeypatch.setattr("phone.voice.voice.Voice", lambda *_, **__: built.append(1))
    phone = Bed(tmp_path).phone
    for trouble, shown in (("", "native"), ("no core", "software (slow): no core")):
        monkeypatch.setattr(phone, "voice_trouble", lambda trouble=trouble: trouble)
        answer = asyncio.run(api.status(Visit(phone), None))
        assert json.loads(answer.body)["voice"] == shown
    assert not built and phone.voice._voice is None


def test_without_wifi_keys_work_and_it_registers_when_it_comes(tmp_path):
    bed = Bed(tmp_path)

    async def scenario(bed):
        before = bed.world.display.version
        await asyncio.sleep(0.3)
        assert bed.phone.address is None and bed.things("ready") == []
        bed.world.press("5")
        await asyncio.sleep(0.06)
        bed.world.release("5")
        await until(lambda: bed.world.display.version > before)
        bed.world.radio.access_points["bakelite"] = None
        await until(lambda: bed.phone.address)
        assert bed.things("ready") == [bed.phone.address]
        await until(lambda: bed.phone.lines[0].state == "registering")

    del bed.world.radio.access_points["bakelite"]
    bed.run(scenario)


def test_another_address_is_another_contact(tmp_path):
    bed = Bed(tmp_path)

    async def scenario(bed):
        await until(lambda: len(bed.things("ready")) == 1)
        first = bed.phone.address
        del bed.world.radio.access_points["bakelite"]
        await until(lambda: "connecting" in bed.things("network")[-1:])
        bed.world.radio.address = "127.0.0.2"
        bed.world.radio.access_points["bakelite"] = None
        await until(lambda: len(bed.things("ready")) == 2)
        assert first[0] == "127.0.0.1" and bed.phone.address[0] == "127.0.0.2"
        assert bed.phone.ports.open().host == "127.0.0.2"
        assert bed.phone.endpoint.local["udp"] == bed.phone.address

    bed.run(scenario)


def test_a_port_that_is_taken_is_told_and_tried_again(tmp_path):
    taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    taken.bind(("127.0.0.1", 0))
    port = taken.getsockname()[1]
    bed = Bed(tmp_path, dict(CONFIG, network=dict(CONFIG["network"], sip_port=port)))

    async def scenario(bed):
        await until(lambda: any("SIP port %d" % port in text for _, text in bed.phone.log.lines()))
        assert bed.phone.address is None
        taken.close()
        await until(lambda: bed.phone.address == ("127.0.0.1", port))

    bed.run(scenario)


def test_a_part_that_fails_is_told_counted_and_started_again_and_no_secret_with_it(tmp_path):
    bed = Bed(tmp_path)
    failures = []

    async def scenario(bed):
        await until(lambda: bed.phone.address)
        phone = bed.phone

        def fails(*arguments):
            failures.append(arguments)
            raise ValueError("broken on purpose")

        # A bug in each place that a loop or an event leads to.
        poll, frame, on_event = phone.board.keypad.poll, phone.voice.frame, phone.call_control.on_event
        phone.board.keypad.poll = phone.voice.frame = phone.call_control.on_event = fails
        phone.board.codec.ready.set()
        phone.endpoint.emit(object())
        phone.observers.insert(0, fails)
        phone.tell("line", phone.lines[0])
        await until(
            lambda: {"keys", "voice", "event object", "observer of line"} <= set(phone.supervisor.faults)
        )
        phone.board.keypad.poll, phone.voice.frame, phone.call_control.on_event = poll, frame, on_event
        assert bed.things("line"), "an observer that fails must not hide the event from the next"
        before = bed.world.display.version
        await asyncio.sleep(0.5)
        bed.world.press("7")
        await until(lambda: bed.world.display.version > before)
        text = str(phone.log.lines())
        assert "keys: ValueError: broken on purpose" in text and "secret" not in text
        assert phone.counters()["failed_voice"] >= 1

    bed.run(scenario)


def test_the_registrar_sets_a_clock_that_nobody_has_set(tmp_path):
    bed = Bed(tmp_path)
    seconds = []

    async def scenario(bed):
        await until(lambda: bed.phone.address)
        bed.phone.clock.set = seconds.append
        registration = bed.phone.lines[0].registration
        for state, date in (
            ("failed", "Thu, 01 Jan 1970 00:00:07 GMT"),
            ("registered", None),
            ("registered", "nonsense"),
            ("registered", "Thu, 01 Jan 1970 00:00:09 GMT"),
        ):
            registration.state, registration.date = state, date
            bed.phone.endpoint.emit(RegistrationChanged(registration))
            bed.phone._settle(0)
        assert seconds == [9]

    bed.run(scenario)
