# micropython-heap: 400k: two boards follow each other
"""I/O expanders: levels, and a chip that goes away and comes back."""

from hal.sim.clock import VirtualClock
from hal.sim.world import World
from support.boards import load


def keys(world, board, ms=60):
    said = []
    for _ in range(ms // 10):
        world.run(10)
        news = board.keypad.poll(world.clock.now())
        if news:
            said.append(news)
    return said


def test_a_loose_wire_is_no_key_and_heals():
    for name, chip in (("esp32_wrover", "pcf8574"), ("esp32_poe", "mcp23017")):
        world = World(VirtualClock(), load(name))
        board = load(name).create("/tmp/bakelite-nothing")
        world.press("5")
        assert keys(world, board) == [("5", "press")]
        world.parts[chip].connected = False
        assert keys(world, board) == [("5", "release")]
        world.release("5")
        world.parts[chip].connected = True
        keys(world, board)
        world.press("9")
        assert keys(world, board) == [("9", "press")], name
        assert world.circuit.shorts == 0


def test_an_mcp23017_that_lost_its_power_is_set_up_again():
    world = World(VirtualClock(), load("esp32_poe"))
    board = load("esp32_poe").create("/tmp/bakelite-nothing")
    board.lamp("message").on()
    chip = world.parts["mcp23017"]
    chip.connected = False
    keys(world, board)
    chip.__init__(world.circuit)
    assert not world.lamps["message"]
    chip.connected = True
    keys(world, board)
    assert world.lamps["message"]
    world.press("2")
    assert keys(world, board) == [("2", "press")]
