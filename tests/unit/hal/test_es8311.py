# micropython-heap: 500k: driver and model of a codec, two I2S streams
"""The ES8311: what its registers say in each state, and a chip that is not there."""

from machine import I2C, Pin

from hal.drivers.es8311 import Es8311
from hal.sim.clock import VirtualClock
from hal.sim.world import World
from support.boards import load, play_a_frame
from support.check import raises


def made():
    board = load("esp32s3_tft")
    world = World(VirtualClock(), board)
    bus = I2C(0, scl=Pin(board.PINS["i2c_scl"]), sda=Pin(board.PINS["i2c_sda"]))
    return world.parts["es8311"], Es8311(bus)


def test_states():
    model, chip = made()
    for state, playing, recording in (
        ("play", True, False),
        ("record", False, True),
        ("duplex", True, True),
        ("standby", False, False),
    ):
        chip.power(state)
        assert (model.playing, model.recording) == (playing, recording), state
        assert chip.state == state


def test_volume_in_decibels():
    model, chip = made()
    chip.volume(50)
    assert model.registers[0x32] == 0  # asleep
    chip.power("play")
    assert model.decibels == -20
    for percent, decibels in ((100, 0), (101, 0), (1, -39.5), (0, None), (-1, None), (75, -10)):
        chip.volume(percent)
        assert model.decibels == decibels, percent


def test_gain_is_the_adc_s_and_outlives_standby():
    model, chip = made()
    chip.power("duplex")
    for percent, step in ((0, 0), (50, 4), (100, 7)):
        chip.gain(percent)
        assert model.registers[0x16] == step
    chip.power("standby")
    chip.power("record")
    assert model.registers[0x16] == 7


def test_a_chip_that_is_not_there():
    model, chip = made()
    model.connected = False
    raises(OSError, chip.power, "play")


def test_the_codec_plays_through_it_and_lives_without_it():
    board = load("esp32s3_tft")
    world = World(VirtualClock(), board)
    made = board.create("/tmp/bakelite-nothing")
    model = world.parts["es8311"]
    assert made.codec.volume(30) and not made.codec.gain(30)
    assert play_a_frame(world, made, "handset")["handset"] and not model.playing
    model.connected = False
    assert not play_a_frame(world, made, "handset")["handset"]
    model.connected = True
    assert play_a_frame(world, made, "handset")["handset"]
