# micropython-heap: 1M: the models of several boards follow each other in one process
"""Every lamp: steady, dark, blinking."""

from support.hardware import rigs


def light(rig, lamp, ms):
    """'*' where the lamp is lit and '.' where it is dark, polled every 50 ms."""
    seen = ""
    for _ in range(ms // 50):
        rig.run(50)
        lamp.poll(rig.clock.now())
        seen += "*" if lamp.lit else "."
        if rig.world is not None:
            assert rig.world.lamps["message"] == lamp.lit
    return seen


def test_steady():
    for rig in rigs("lamp"):
        lamp = rig.board.lamp("message")
        assert not lamp.lit
        lamp.on()
        assert light(rig, lamp, 100) in ("**", "..")
        lamp.off()
        assert light(rig, lamp, 100) == ".."


def test_blinking():
    for rig in rigs("lamp"):
        lamp = rig.board.lamp("message")
        lamp.blink(100, 200, rig.clock.now())
        assert light(rig, lamp, 600) in ("*....**....*"[:12], "*....**....*", "............", "*....*" * 2)
        # The same again does not restart the blinking.
        lamp.blink(100, 200, rig.clock.now())
        light(rig, lamp, 300)
        lamp.off()
        assert light(rig, lamp, 400) == "........"


def test_a_lamp_that_is_not_there():
    for rig in rigs("lamp"):
        lamp = rig.board.lamp("aurora")
        lamp.on()
        lamp.blink(1, 1, rig.clock.now())
        lamp.poll(rig.clock.now())
        assert not lamp.lit
        assert rig.board.lamp("aurora") is lamp
