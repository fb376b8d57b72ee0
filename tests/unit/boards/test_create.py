# micropython-heap: 2M: the models of all boards, one of them a display of 150 KB, follow each other in one process
"""Each board comes up on the simulator, with its parts soldered where its PINS say, and each device works."""

from hal.sim.clock import VirtualClock
from hal.sim.world import World
from support.boards import BOARDS, load, play_a_frame


def run(world, board, ms):
    """Let time pass; the keys that were reported."""
    said = []
    for _ in range(ms // 10):
        world.run(10)
        news = board.keypad.poll(world.clock.now())
        while news is not None:
            said.append(news)
            news = board.keypad.poll(world.clock.now())
    return said


def each():
    for name in BOARDS:
        module = load(name)
        world = World(VirtualClock(), module)
        yield world, module.create("/tmp/bakelite-nothing"), module


def test_display():
    for world, board, module in each():
        board.display.fill_rect(8, 8, 16, 16, 1)
        board.display.show()
        rows = world.display.panel()
        lit = [(x, y) for y in range(len(rows)) for x in range(len(rows[y])) if rows[y][x]]
        assert len(lit) == 256 and lit[0] == (8, 8) and lit[-1] == (23, 23), module.NAME


def test_every_key():
    for world, board, module in each():
        run(world, board, 50)
        for key in board.keypad.keys:
            if "encoder" in module.PINS and key in ("up", "down"):
                continue
            world.press(key)
            assert run(world, board, 60) == [(key, "press")], (module.NAME, key)
            world.release(key)
            assert run(world, board, 60) == [(key, "release")], (module.NAME, key)


def test_hook():
    for world, board, module in each():
        said = []
        for state in ("off", "on"):
            world.hook(state)
            for _ in range(10):
                world.run(10)
                said.append(board.hook.poll(world.clock.now()))
        assert [news for news in said if news] == ["off", "on"], module.NAME


def test_sound_comes_out_where_it_should():
    for world, board, module in each():
        for output in board.codec.outputs:
            heard = play_a_frame(world, board, output)
            assert heard[output] and not any(heard[name] for name in heard if name != output), (
                module.NAME,
                output,
            )


def test_what_the_microphone_hears_is_captured():
    for world, board, module in each():
        world.set_microphone(lambda frames, rate: b"\x00\x11" * frames)
        board.codec.start(16000)
        world.run(100)
        frame = bytearray(board.codec.capture_bytes)
        assert board.codec.read_into(frame)
        assert any(frame) == ("mic_sd" in module.PINS), module.NAME
        board.codec.stop()


def test_message_lamp():
    for world, board, module in each():
        board.lamp("message").on()
        assert world.lamps["message"], module.NAME
        board.lamp("message").off()
        assert not world.lamps["message"], module.NAME


def test_the_bell_and_then_a_call():
    for world, board, module in each():
        board.ringer.start("etsi", world.clock.now())
        for _ in range(10):
            world.run(20)
            board.ringer.poll(world.clock.now())
        assert world.ringer and not board.codec.running, module.NAME
        # A call takes the sound path while it still rings.
        board.codec.start(16000)
        for _ in range(10):
            world.run(20)
            board.ringer.poll(world.clock.now())
        assert board.codec.running
        board.ringer.stop()
        assert board.codec.running and not board.ringer.sounding
        board.codec.stop()
        assert not world.ringer and not any(world.amplifiers.values()), module.NAME


def test_the_processor_is_as_fast_as_it_can_be():
    for world, _, module in each():
        assert world.soc.frequency == (160_000_000 if module.NAME == "esp32c3_mini" else 240_000_000), (
            module.NAME
        )


def test_network_comes_up():
    for world, board, module in each():
        board.network.configure({"ssid": "bakelite"})
        board.network.connect(world.clock.now())
        for _ in range(80):
            world.run(50)
            board.network.poll(world.clock.now())
        assert board.network.state == "up" and board.network.address == "127.0.0.1", module.NAME


def test_the_encoder_turns():
    for world, board, module in each():
        if "encoder" not in module.PINS:
            continue
        world.bounce_ms = 2
        for detents, key in ((3, "down"), (-2, "up")):
            world.turn(detents)
            said = run(world, board, 100)
            assert said == [(key, "press"), (key, "release")] * abs(detents), said
