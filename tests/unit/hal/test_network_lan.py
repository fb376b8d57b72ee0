"""Ethernet: cables, addresses, and a transceiver that does not answer."""

from hal.sim.clock import VirtualClock
from hal.sim.world import World
from support.boards import load


def made(wiring=None):
    world = World(VirtualClock(), load("esp32_poe"))
    if wiring:
        world.cable.wiring = wiring
    return world, load("esp32_poe").create("/tmp/bakelite-nothing").network


def run(world, network, ms):
    said = []
    for _ in range(ms // 100):
        world.run(100)
        news = network.poll(world.clock.now())
        if news:
            said.append(news)
    return said


def test_the_cable_is_pulled_and_comes_back():
    world, network = made()
    network.connect(world.clock.now())
    assert run(world, network, 3000) == ["connecting", "up"]
    assert network.mac == "02bace117e01" and network.rssi is None
    world.cable.plugged = False
    assert run(world, network, 3000) == ["connecting"]
    assert network.address is None and "unplugged" in network.reason
    world.cable.plugged = True
    assert run(world, network, 3000) == ["up"]
    assert network.reason == ""


def test_without_a_cable_it_says_so_after_a_while():
    world, network = made()
    world.cable.plugged = False
    network.connect(world.clock.now())
    run(world, network, 9000)
    assert network.reason == ""
    run(world, network, 2000)
    assert "no cable" in network.reason and network.state == "connecting"


def test_a_fixed_address():
    world, network = made()
    network.configure(
        {"address": "10.0.0.9", "netmask": "255.0.0.0", "gateway": "10.0.0.1", "dns": "10.0.0.1"}
    )
    network.connect(world.clock.now())
    run(world, network, 3000)
    assert network.address == "10.0.0.9"


def test_a_transceiver_that_does_not_answer_is_told_and_only_a_reset_helps():
    world, network = made((23, 18, 12, 0, 0))  # its clock is another, as on the WROVER edition
    network.connect(world.clock.now())
    assert network.state == "down" and "Ethernet" in network.reason
    world.cable.wiring = load("esp32_poe").PINS["lan"]
    network.connect(world.clock.now())
    assert run(world, network, 3000) == []
    assert network.state == "down" and "Ethernet" in network.reason


def test_it_can_be_switched_off_and_on():
    world, network = made()
    for _ in range(2):
        network.connect(world.clock.now())
        assert "up" in run(world, network, 3000)
        network.disconnect()
