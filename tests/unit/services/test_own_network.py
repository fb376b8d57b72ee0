# cpython-only: waits for a bound that MicroPython's compiler has put into the code
"""The phone's own wireless network: it comes when no other is to be had, keeps all settings, and goes again."""

import asyncio

import compat
from net import uplink
from services.life import Life
from support.hardware import Simulated
from support.web import Anything


class Shell:
    welcome = None

    def greet(self, welcome):
        self.welcome = welcome


class Web:
    address = ("0.0.0.0", 80)

    def close(self):
        pass


def made(document=b"{}", password="pbkdf2"):
    rig = Simulated()
    rig.board.storage.write("phone.json", document)
    settings = Anything(web=Anything(enabled=True, password=password, port=80), lines=[1])
    life = Life(
        rig.board,
        lambda document: settings,
        lambda settings: Anything(observers=[], shell=Shell(), facts=[], web=None),
        None,
    )
    life.web = Web()
    life._begin()
    return rig, life


def tell(life, kind, thing):
    for observer in life.phone.observers:
        observer(kind, thing)


def test_it_comes_after_minutes_without_a_network_and_goes_with_one():
    async def scenario():
        rig, life = made()
        network = rig.board.network
        network.configure({"ssid": "bakelite"})
        rig.world.radio.access_points = {}
        network.connect(rig.clock.now())
        tell(life, "lost", 0)
        tell(life, "lost", 0)
        assert (
            rig.world.radio.point["ssid"] == life.own_network.name and life.own_network.address == "127.0.0.1"
        )
        title, rows = life.phone.shell.welcome()
        assert title == "No network" and life.own_network.name in rows and rows[-1] == "http://127.0.0.1"
        # It stays over a phone that begins anew with other settings, and shows itself there.
        life._begin()
        assert life.own_network and life.phone.shell.welcome is not None and life.first_start is None
        assert rig.board.storage.read("phone.json") == b"{}"
        # The station looks on beside it.
        rig.world.radio.access_points = {"bakelite": None}
        for _ in range(300):
            rig.run(100)
            state = network.poll(rig.clock.now())
            if state == "up":
                break
        tell(life, "network", state)
        assert life.own_network is None and rig.world.radio.point is None and life.phone.shell.welcome is None
        rig.clean_up()

    asyncio.run(scenario())


def test_without_a_password_the_code_stands_on_the_display():
    async def scenario():
        rig, life = made(password=None)
        life.open_own_network()
        rows = life.own_network.rows()[1]
        assert "code %s, open:" % life.code in rows and len(rows) == 6 and max(len(row) for row in rows) <= 21
        life._close()
        assert rig.world.radio.point is None
        rig.clean_up()

    asyncio.run(scenario())


def test_not_while_there_is_a_network_nor_at_the_first_start():
    async def scenario():
        rig, life = made()
        rig.board.network.state = "up"
        tell(life, "lost", 0)
        assert life.own_network is None
        rig.board.network.state = "connecting"
        life.first_start = Anything()
        tell(life, "lost", 0)
        assert life.own_network is None
        rig.clean_up()

    asyncio.run(scenario())


def test_a_cable_has_none():
    async def scenario():
        rig = Simulated(0, "esp32_poe")
        life = Life(rig.board, None, None, None)
        life.open_own_network()
        assert life.own_network is None

    asyncio.run(scenario())


def test_the_uplink_tells_that_there_has_been_no_network_for_long():
    kept, uplink._LOST_MS = uplink._LOST_MS, 300
    network = Anything(state="connecting", poll=lambda now: None, address=None)
    made = uplink.Uplink(
        network=network,
        signalling=Anything(address=None),
        ports=None,
        resolver=None,
        supervisor=None,
        log=None,
        port=0,
        has_tls=False,
        listens_tls=False,
    )
    told = []
    made.on_lost = told.append

    async def scenario():
        task = asyncio.create_task(made.run())
        await compat.sleep(250)
        assert told == []
        await compat.sleep(800)
        task.cancel()

    try:
        asyncio.run(scenario())
    finally:
        uplink._LOST_MS = kept
    assert 2 <= len(told) <= 3


def test_a_key_that_is_held_at_power_on_asks_for_it():
    async def scenario(key, asked):
        rig, life = made()
        rig.world.press(key)
        task = asyncio.create_task(life._what_a_key_asks())
        for _ in range(30):
            rig.run(10)
            await compat.sleep(5)
        task.cancel()
        assert (task.done() and task.result()) == asked, key
        rig.clean_up()

    for key, asked in (("#", True), ("5", False)):
        asyncio.run(scenario(key, asked))


def test_one_that_was_asked_for_stays():
    async def scenario():
        rig, life = made()
        life.open_own_network(stays=True)
        tell(life, "network", "up")
        assert life.own_network is not None and rig.world.radio.point is not None
        life._close()
        rig.clean_up()

    asyncio.run(scenario())
