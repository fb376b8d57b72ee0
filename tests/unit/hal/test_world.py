"""The world around a simulated board, and the stand-ins that the drivers do not reach."""

import asyncio
import esp32
from machine import PWM, Pin, Timer

import board
import compat
from hal.sim import soc
from hal.sim.clock import VirtualClock
from hal.sim.world import World
from support.check import raises
from support.hardware import Simulated

KEYS = [
    "0",
    "1",
    "2",
    "3",
    "4",
    "5",
    "6",
    "7",
    "8",
    "9",
    "*",
    "#",
    "ok",
    "back",
    "up",
    "down",
    "hold",
    "transfer",
    "conference",
    "mute",
    "volume_up",
    "volume_down",
    "speaker",
    "headset",
    "redial",
    "messages",
    "line1",
    "line2",
    "soft1",
    "soft2",
    "soft3",
    "soft4",
]


def test_the_board_has_every_key_once():
    assert sorted(name for row in board.KEYS for name in row) == sorted(KEYS)


def test_no_pin_is_used_twice():
    used = []
    for pins in board.PINS.values():
        used += (
            list(pins.values())
            if isinstance(pins, dict)
            else list(pins)
            if isinstance(pins, tuple)
            else [pins]
        )
    assert len(set(used)) == len(used)
    # Strapping pins, USB, flash and PSRAM, console: no part of ours.
    assert not set(used) & {0, 3, 45, 46, 19, 20, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 43, 44}


def test_what_is_not_there_is_said():
    world = Simulated().world
    raises(ValueError, world.press, "kazoo")
    raises(ValueError, world.release, "kazoo")
    raises(ValueError, world.hook, "sideways")


def test_listeners_hear_of_changes():
    rig = Simulated()
    told = []
    rig.world.listeners.append(lambda *news: told.append(news))
    rig.board.ringer.start("etsi", rig.clock.now())
    rig.board.ringer.stop()
    rig.board.lamp("message").on()
    rig.board.lamp("message").on()
    rig.board.lamp("message").off()
    assert told == [
        ("ringer", "ringer", 2048),
        ("ringer", "ringer", 0),
        ("lamp", "message", True),
        ("lamp", "message", False),
    ]


def test_octets_for_the_microphone_are_heard_once():
    rig = Simulated()
    codec = rig.board.codec
    codec.start(8000)
    rig.world.set_microphone(b"\x01\x02" * 300)
    heard = 0
    frame = bytearray(codec.capture_bytes)
    for _ in range(100):
        rig.run(5)
        while codec.read_into(frame):
            heard += sum(1 for index in range(3, len(frame), 4) if frame[index] == 2)
    assert heard == 300


def test_recorders_hear_their_own_output():
    rig = Simulated()
    codec = rig.board.codec
    heard = {"handset": 0, "speaker": 0}

    def recorder(name):
        def hear(samples, rate):
            assert rate == 8000 and len(samples) == 512
            heard[name] += sum(samples)

        return hear

    for name in heard:
        rig.world.set_recorder(recorder(name), name)
    codec.start(8000)
    codec.route("speaker")
    rig.run(100)
    codec.write(b"\x01" * 320)
    rig.run(300)
    assert heard == {"handset": 0, "speaker": 320}


def test_without_power_nothing_moves():
    rig = Simulated()
    rig.board.codec.start(8000)
    rig.world.cut_power()
    rig.world.press("5")
    rig.run(1000)
    assert not rig.board.codec.read_into(bytearray(rig.board.codec.capture_bytes))


def test_run_forever_keeps_up_with_a_clock_that_jumps():
    clock = VirtualClock()

    class Jumping:
        """A host's clock: not moved by the world."""

        now = clock.now

    world = World(Jumping())
    turns = []

    async def scenario():
        task = asyncio.create_task(world.run_forever())
        await compat.sleep(1)
        clock.advance(1000)
        while world.ticks < 1000:
            turns.append(world.ticks)
            await compat.sleep(0)
        world.cut_power()
        await task

    asyncio.run(scenario())
    assert world.ticks == 1000
    # Every other task had its turn in between.
    assert len(turns) >= 150


def test_timers():
    chip = soc.Soc(VirtualClock())
    soc.make_current(chip)
    calls = []
    periodic = Timer(0, period=10, callback=lambda _: calls.append("p"))
    Timer(1, mode=Timer.ONE_SHOT, period=25, callback=lambda _: calls.append("o"))
    for _ in range(8):
        chip.advance(5)
    assert calls == ["p", "p", "o", "p", "p"]
    periodic.deinit()
    chip.advance(100)
    assert len(calls) == 5


def test_pins_and_pwm_refuse_what_the_port_refuses():
    soc.make_current(soc.Soc(VirtualClock()))
    for number in (-1, 22, 25, 49, "5"):
        raises(ValueError, Pin, number)
    for number in range(8):
        PWM(Pin(number))
    raises(ValueError, PWM, Pin(9))
    tone = PWM(Pin(3), freq=100, duty_u16=5)
    assert (tone.freq(), tone.duty_u16()) == (100, 5)
    raises(ValueError, tone.freq, 0)
    raises(ValueError, tone.duty_u16, 65536)


def test_nvs():
    soc.make_current(soc.Soc(VirtualClock()))
    store = esp32.NVS("boot")
    raises(OSError, store.get_i32, "slot")
    store.set_i32("slot", 1)
    store.set_blob("key", b"abc")
    store.commit()
    again = esp32.NVS("boot")
    buffer = bytearray(5)
    assert again.get_i32("slot") == 1
    assert again.get_blob("key", buffer) == 3 and buffer == b"abc\0\0"
    raises(OSError, esp32.NVS("other").get_i32, "slot")
