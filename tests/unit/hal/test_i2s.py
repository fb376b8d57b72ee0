"""The model of machine.I2S: buffers, interrupts, what is lost when."""

from machine import I2S, Pin

from hal.sim import soc
from hal.sim.clock import VirtualClock
from support.check import raises


class Rig:
    def __init__(self, mode, bits=16, format=I2S.MONO, rate=8000, ibuf=0, number=0):
        self.soc = soc.Soc(VirtualClock())
        soc.make_current(self.soc)
        self.i2s = I2S(
            number,
            sck=Pin(1),
            ws=Pin(2),
            sd=Pin(3),
            mode=mode,
            bits=bits,
            format=format,
            rate=rate,
            ibuf=ibuf,
        )
        self.stream = self.soc.streams[number][3]
        self.calls = []
        self.now = 0

    def run(self, ms):
        for _ in range(ms):
            self.now += 1
            self.soc.advance(1)

    def interrupted(self, _):
        self.calls.append(self.now)


def ramp():
    """A source whose samples count up from 1."""
    state = [0]

    def source(frames, rate):
        out = bytearray()
        for _ in range(frames):
            state[0] += 1
            out.append(state[0] & 255)
            out.append(state[0] >> 8)
        return out

    return source


def samples(octets):
    return [octets[i] | octets[i + 1] << 8 for i in range(0, len(octets), 2)]


def test_number_of_buffers():
    # (mode, bits, format, ibuf) -> buffers of 256 frames; the microphone's frames are 8 octets whatever was asked.
    table = (
        ((I2S.TX, 16, I2S.MONO, 0), 2),
        ((I2S.TX, 16, I2S.MONO, 512 * 5), 5),
        ((I2S.TX, 16, I2S.MONO, 512 * 5 + 511), 5),
        ((I2S.TX, 16, I2S.STEREO, 512 * 6), 3),
        ((I2S.TX, 32, I2S.STEREO, 2048 * 3), 3),
        ((I2S.RX, 16, I2S.MONO, 2048 * 4), 4),
        ((I2S.RX, 32, I2S.MONO, 2048 * 4), 4),
        ((I2S.RX, 32, I2S.STEREO, 2048 * 4), 4),
    )
    for (mode, bits, format, ibuf), buffers in table:
        assert Rig(mode, bits, format, ibuf=ibuf).stream.buffers == buffers


def test_what_the_port_refuses():
    good = {"mode": I2S.RX, "bits": 16, "format": I2S.MONO, "rate": 8000, "ibuf": 0}
    for name, value in (("mode", 0), ("bits", 24), ("format", 2), ("number", 2), ("number", -1)):
        raises(ValueError, Rig, **dict(good, **{name: value}))
    receiver, sender = Rig(I2S.RX), Rig(I2S.TX)
    raises(OSError, receiver.i2s.write, bytes(4))
    raises(OSError, sender.i2s.readinto, bytearray(4))
    raises(OSError, receiver.i2s.readinto, bytearray(3))
    raises(ValueError, receiver.i2s.irq, 5)


def test_sound_comes_a_dma_buffer_at_a_time():
    rig = Rig(I2S.RX)
    rig.stream.source = ramp()
    rig.i2s.irq(rig.interrupted)
    frame = bytearray(320)
    assert rig.i2s.readinto(frame) == 320
    assert rig.calls == [] and frame == bytearray(320)
    rig.run(31)
    assert rig.calls == []
    rig.run(1)  # 256 frames at 8 kHz
    assert rig.calls == [32]
    assert samples(frame) == list(range(1, 161))
    # 96 frames are left over: the next 160 need one more buffer.
    rig.i2s.readinto(frame)
    rig.run(32)
    assert rig.calls == [32, 64]
    assert samples(frame) == list(range(161, 321))


def test_the_32_bit_microphone_is_left_justified():
    rig = Rig(I2S.RX, bits=32)
    rig.stream.source = lambda frames, rate: b"\x34\x12" * frames
    rig.i2s.irq(rig.interrupted)
    frame = bytearray(8)
    rig.i2s.readinto(frame)
    rig.run(40)
    assert frame == b"\0\0\x34\x12" * 2


def test_a_second_request_waits_a_third_is_lost_without_a_word():
    rig = Rig(I2S.RX)
    rig.stream.source = ramp()
    rig.i2s.irq(rig.interrupted)
    first, second, third = bytearray(2), bytearray(2), bytearray(2)
    rig.i2s.readinto(first)
    assert rig.i2s.readinto(second) == 2
    assert rig.stream.lost_requests == 1  # the task had no time yet to take the first
    rig.run(1)
    rig.i2s.readinto(second)
    rig.i2s.readinto(third)
    assert rig.stream.lost_requests == 2
    rig.run(40)
    assert (samples(first), samples(second), samples(third)) == ([1], [2], [0])
    assert len(rig.calls) == 2


def test_sound_nobody_reads_is_overwritten():
    rig = Rig(I2S.RX, ibuf=2048 * 3)
    rig.stream.source = ramp()
    rig.i2s.irq(rig.interrupted)
    rig.run(32 * 5)
    # Two buffers wait of the five that were filled.
    assert rig.stream.overruns == 3
    frame = bytearray(2)
    rig.i2s.readinto(frame)
    rig.run(1)
    assert samples(frame) == [3 * 256 + 1]


def test_output_waits_for_room_and_plays_in_order():
    rig = Rig(I2S.TX)
    played = []
    rig.stream.sink = lambda octets, rate: played.append(samples(octets))
    rig.i2s.irq(rig.interrupted)
    sound = bytearray()
    for number in range(1, 513):
        sound.append(number & 255)
        sound.append(number >> 8)
    rig.i2s.write(sound)
    rig.run(32)
    assert rig.calls == []  # one buffer is free, the sound fills two
    rig.run(32)
    assert rig.calls == [64]
    rig.run(64)
    # Both buffers were silent at first.
    assert played == [[0] * 256, [0] * 256, list(range(1, 257)), list(range(257, 513))]
    assert rig.stream.underruns == 0


def test_nothing_written_is_silence_and_counted():
    rig = Rig(I2S.TX)
    played = []
    rig.stream.sink = lambda octets, rate: played.append(sum(octets))
    rig.i2s.irq(rig.interrupted)
    rig.run(320)
    assert rig.stream.underruns == 0  # nothing has begun yet
    rig.i2s.write(b"\x01" * 768)  # a buffer and a half
    rig.run(320)
    assert [total for total in played if total] == [512, 256]
    # The half one, and all after it.
    assert rig.stream.underruns == len(played) - 1 - [bool(total) for total in played].index(True)


def test_stereo_output_is_recorded_from_the_left():
    for bits, frame in ((16, b"\x01\x02\xff\xff"), (32, b"\0\0\x01\x02\xff\xff\xff\xff")):
        rig = Rig(I2S.TX, bits, I2S.STEREO)
        played = []
        rig.stream.sink = lambda octets, rate, played=played: played.append(octets)
        rig.i2s.irq(rig.interrupted)
        rig.i2s.write(frame * 256)
        rig.run(128)
        assert b"\x01\x02" * 256 in played


def test_deinit_stops_the_clock():
    rig = Rig(I2S.RX)
    rig.i2s.irq(rig.interrupted)
    rig.i2s.readinto(bytearray(320))
    rig.i2s.deinit()
    rig.run(100)
    assert rig.calls == [] and rig.soc.streams == {}
    rig.i2s.deinit()
