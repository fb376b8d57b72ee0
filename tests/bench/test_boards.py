"""The whole phone on every board: it draws its screen, and a key and the network reach it."""

import asyncio
import json

import pytest

from app.phone import Phone
from hal.sim.world import World
from services.settings import settings
from support.boards import BOARDS, load
from workbench import screen_text

CONFIG = {
    "lines": [{"aor": "sip:201@127.0.0.1", "register": False}],
    "network": {"sip_port": 0, "rtp_port_min": 0, "rtp_port_max": 0, "wifi": {"ssid": "bakelite"}},
}


async def until(condition):
    for _ in range(800):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("did not happen in time")


@pytest.mark.parametrize("name", BOARDS)
def test_the_phone_comes_up(name, tmp_path):
    async def scenario():
        world = World(board=load(name))
        phone = Phone(load(name).create(str(tmp_path)), settings.load(json.dumps(CONFIG)))
        running = asyncio.create_task(world.run_forever())
        await phone.run()
        try:
            await until(lambda: phone.address)
            world.press("5")
            await asyncio.sleep(0.06)
            world.release("5")
            await until(
                lambda: any(
                    line.strip().startswith("5")
                    for line in screen_text.read_text(world.display.image(), placed=True)
                )
            )
        finally:
            await phone.stop()
            running.cancel()

    asyncio.run(scenario())
