"""The boards, for tests on either interpreter."""

import sys

BOARDS = ("sim", "esp32s3_devkit", "esp32s3_tft", "esp32_wrover", "esp32_poe", "esp32c3_mini")


def load(name: str):
    """The module of a board."""
    module = "boards.%s.board" % name
    __import__(module)
    return sys.modules[module]


def play_a_frame(world, board, output) -> dict:
    """Play a frame on `output`; returns {output: whether the frame was heard there}."""
    heard = dict.fromkeys(world.amplifiers, False)

    def sink(name):
        def hear(samples, rate):
            heard[name] = heard[name] or any(samples)

        return hear

    for name in heard:
        world.set_recorder(sink(name), name)
    codec = board.codec
    codec.start(16000)
    codec.route(output)
    codec.volume(100)
    sound = b"\x00\x20" * (codec.playout_bytes // 2)
    captured = bytearray(codec.capture_bytes)
    for _ in range(20):
        world.run(10)
        while codec.read_into(captured):
            codec.write(sound)
    codec.stop()
    return heard
