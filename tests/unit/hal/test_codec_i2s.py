# micropython-heap: 400k: at 48 kHz the models of two DMA rings stand beside the driver's frames
"""The sound driver against the model of both I2S buses: not a sample lost, nothing allocated."""

try:
    from micropython import heap_lock, heap_unlock
except ImportError:

    def heap_lock():
        pass

    heap_unlock = heap_lock

from machine import Pin

import compat
from hal.drivers.codec_i2s import Codec
from hal.sim.i2s import RX
from support.hardware import Simulated


class Voice:
    """A voice loop that plays back what it captures, and checks both against a counter."""

    def __init__(self, rate, bits=32, board="sim"):
        self.rig = Simulated(0, board)
        self.world = self.rig.world
        self.codec = self.rig.board.codec if bits == 32 else sixteen_bits()
        self.said = 0
        self.heard = 0  # the last sample captured
        self.played = 0  # the last sample that came out
        self.gaps = 0  # frames captured that did not follow the last
        self.refused = 0
        self.frames = 0
        self.breaks = 0  # samples that were not the one after the last
        self.world.set_microphone(self.say)
        self.world.set_recorder(self.hear)
        self.codec.start(rate)
        self.bytes_each = bits // 8
        self.frame = bytearray(self.codec.capture_bytes)
        self.out = bytearray(self.codec.playout_bytes)

    def say(self, frames, rate):
        out = bytearray(2 * frames)
        for index in range(0, 2 * frames, 2):
            self.said = self.said % 30000 + 1
            out[index] = self.said & 255
            out[index + 1] = self.said >> 8
        return out

    def hear(self, samples, rate):
        for index in range(0, len(samples), 2):
            value = samples[index] | samples[index + 1] << 8
            if value:
                if self.played and value != self.played % 30000 + 1:
                    self.breaks += 1
                self.played = value
            elif self.played:
                self.breaks += 1

    def turn(self):
        while self.codec.read_into(self.frame):
            each = self.bytes_each
            for index in range(len(self.frame) // each):
                at = each * (index + 1) - 2
                self.out[2 * index] = self.frame[at]
                self.out[2 * index + 1] = self.frame[at + 1]
                if each == 4:
                    assert self.frame[at - 1] == 0 and self.frame[at - 2] == 0
            first = self.out[0] | self.out[1] << 8
            if self.heard not in (0, (first - 2) % 30000 + 1):
                self.gaps += 1
            self.heard = self.out[-2] | self.out[-1] << 8
            self.refused += not self.codec.write(self.out)
            self.frames += 1

    def run(self, ms):
        for _ in range(ms // 5):
            self.world.run(5)
            self.codec.poll(self.world.clock.now())
            self.turn()


def sound(voice):
    """Whether all was captured, taken and played in order."""
    return (voice.breaks, voice.gaps, voice.refused) == (0, 0, 0)


def sixteen_bits():
    return Codec((0, Pin(38), Pin(39), Pin(40)), (1, Pin(41), Pin(42), Pin(47)), [("handset", Pin(1))], 16)


def test_every_sample_goes_round_in_order():
    for rate, bits in ((8000, 32), (16000, 32), (16000, 16), (48000, 32)):
        voice = Voice(rate, bits)
        voice.run(400)
        assert voice.played > 0 and sound(voice), (rate, bits)
        for _, _, _, stream in voice.world.soc.streams.values():
            assert (stream.overruns, stream.underruns, stream.lost_requests) == (0, 0, 0)


def test_every_sample_goes_round_in_order_on_a_classic_esp32_too():
    for board in ("esp32_wrover", "esp32_poe"):
        for rate in (8000, 16000, 48000):
            voice = Voice(rate, 32, board)
            voice.run(300)
            assert voice.played > 0 and sound(voice), (board, rate)


def test_a_garbage_collection_of_25_ms_is_not_heard():
    for rate in (8000, 16000, 48000):
        voice = Voice(rate)
        voice.run(100)
        for _ in range(4):
            voice.world.stall(25)
            voice.run(60)
        assert sound(voice), rate
        assert (voice.codec.overruns, voice.codec.underruns) == (0, 0)


def test_a_long_stall_is_survived():
    for rate in (8000, 16000):
        rig = Simulated()
        codec = rig.board.codec
        codec.start(rate)
        frame = bytearray(codec.capture_bytes)
        out = bytearray(codec.playout_bytes)

        def run(ms, rig=rig, codec=codec, frame=frame, out=out):
            frames = 0
            for _ in range(ms // 5):
                rig.run(5)
                while codec.read_into(frame):
                    frames += 1
                    codec.write(out)
            return frames

        run(200)
        rig.world.stall(400)
        run(100)
        streams = [entry[3] for entry in rig.world.soc.streams.values()]
        before = [(stream.overruns, stream.underruns) for stream in streams]
        assert max(lost for pair in before for lost in pair) > 0
        assert 49 <= run(1000) <= 51
        assert [(stream.overruns, stream.underruns) for stream in streams] == before
        assert [stream.lost_requests for stream in streams] == [0, 0]


def test_frames_of_silence_are_counted_about_as_the_bus_plays_them():
    voice = Voice(8000)
    voice.run(200)
    for _ in range(40):
        voice.world.run(5)
        voice.codec.read_into(voice.frame)
    speaker = next(entry[3] for entry in voice.world.soc.streams.values() if entry[3].mode != RX)
    silent_ms = speaker.underruns * 32
    assert abs(voice.codec.underruns * 20 - silent_ms) <= 52


def test_stop_in_the_middle_and_start_again():
    voice = Voice(16000)
    for rate in (8000, 48000, 16000):
        voice.run(70)
        voice.codec.stop()
        voice.heard = voice.played = 0
        for _ in range(6):
            voice.world.run(10)
            voice.codec.poll(voice.world.clock.now())
        assert voice.world.soc.streams == {} and voice.world.soc.torn_streams == 0
        voice.codec.start(rate)
        voice.frame = bytearray(voice.codec.capture_bytes)
        voice.out = bytearray(voice.codec.playout_bytes)
        voice.run(200)
        assert voice.played > 0 and sound(voice)


def test_an_interrupt_that_comes_after_stop_is_harmless():
    rig = Simulated()
    codec = rig.board.codec
    codec.start(8000)
    rig.run(100)
    rig.world.soc.stall(True)
    rig.run(40)
    codec.stop()
    codec.start(8000)
    rig.world.soc.stall(False)
    rig.run(200)
    codec.stop()


def test_nothing_is_allocated_for_a_frame():
    rig = Simulated()
    codec = rig.board.codec
    codec.start(16000)
    frame = bytearray(codec.capture_bytes)
    out = bytearray(codec.playout_bytes)
    interrupts = []

    def locked(handler, argument):
        heap_lock()
        try:
            handler(argument)
        finally:
            heap_unlock()
        interrupts.append(1)

    rig.world.soc.interrupt = locked
    frames = 0
    for turn in range(100):
        rig.run(5)
        heap_lock()
        try:
            # Now and then the loop is late, so that the ways of recovery are locked too.
            if turn % 40 < 25:
                while codec.read_into(frame):
                    codec.write(out)
                    frames += 1
        finally:
            heap_unlock()
    assert frames > 10 and len(interrupts) > 30
    assert codec.overruns > 0 and codec.underruns > 0


def full_queue(voice, ms):
    """For so long the interpreter is busy, and a contact that bounces takes all places of its queue."""
    soc = voice.world.soc
    soc.stall(True)
    for _ in range(8):
        soc.interrupt(lambda _: None, None)
    voice.world.run(ms)
    assert soc.lost_interrupts > 0
    soc.stall(False)


def test_a_lost_interrupt_silences_nothing_for_longer_than_100_ms():
    for rate in (8000, 16000, 48000):
        voice = Voice(rate)
        voice.run(300)
        full_queue(voice, 45)
        voice.run(110)
        voice.frames = 0
        voice.run(60)
        assert voice.frames >= 2 and 1 <= voice.codec.stalls <= 2, (rate, voice.frames, voice.codec.stalls)
        voice.run(200)
        voice.breaks = voice.heard = voice.played = voice.gaps = voice.refused = 0
        stalls = voice.codec.stalls
        voice.run(1000)
        assert sound(voice) and voice.codec.stalls == stalls, rate
        for _, _, _, stream in voice.world.soc.streams.values():
            assert stream.lost_requests == 0


def test_frames_that_the_ring_lost_are_counted_and_the_output_is_in_step_again():
    voice = Voice(16000)
    voice.run(2500)
    voice.world.stall(300)
    voice.run(2500)
    # 300 ms are fifteen frames, of which the ring keeps two.
    assert 11 <= voice.codec.overruns <= 14, voice.codec.overruns
    assert voice.codec.underruns > 0
    voice.breaks = voice.heard = voice.played = voice.gaps = voice.refused = 0
    for _ in range(4):
        voice.world.stall(25)
        voice.run(60)
    assert sound(voice)


def test_a_ring_as_long_as_ram_allows_outlasts_a_collection_in_psram():
    for name in ("esp32s3_devkit", "esp32_wrover"):
        voice = Voice(16000, 32, name)
        voice.run(300)
        for _ in range(3):
            voice.world.stall(100)
            voice.run(300)
        assert voice.codec.overruns == 0 and voice.gaps == 0, name


def test_nothing_is_torn_down_under_a_request():
    voice = Voice(16000)
    soc = voice.world.soc
    kept = compat.sleep_ms
    compat.sleep_ms = voice.world.run
    try:
        for rate in (16000, 8000, 48000, 16000):
            voice.run(70)
            voice.codec.start(rate)  # at once, as when a call takes the codec from the bell
            voice.heard = voice.played = voice.breaks = 0
            voice.frame = bytearray(voice.codec.capture_bytes)
            voice.out = bytearray(voice.codec.playout_bytes)
            voice.run(300)
            assert voice.played > 0 and sound(voice), rate
    finally:
        compat.sleep_ms = kept
    assert soc.torn_streams == 0


def test_a_request_that_never_ends_does_not_keep_the_codec():
    voice = Voice(16000)
    voice.run(100)
    voice.codec.stop()
    voice.world.soc.stall(True)
    for _ in range(10):
        voice.world.run(10)
        voice.codec.poll(voice.world.clock.now())
    voice.world.soc.stall(False)
    assert voice.world.soc.streams == {}


def test_a_start_without_memory_leaves_no_stream_behind():
    """machine.I2S takes DMA buffers outside the heap, and raises OSError where there are none."""
    from hal.drivers import i2s_streams

    rig = Simulated(0, "sim")
    codec, made = rig.board.codec, i2s_streams.Capture

    def none(*_):
        raise OSError(12)

    i2s_streams.Capture = none
    try:
        codec.start(16000)
        raise AssertionError("started")
    except OSError:
        assert not codec.running and not rig.world.soc.streams
    finally:
        i2s_streams.Capture = made
    codec.stop()
    codec.poll(0)
    codec.start(16000)
    assert codec.running and len(rig.world.soc.streams) == 2


def test_what_is_written_is_heard_when_lead_ms_says():
    """By a microphone beside the loudspeaker: the canceller of echo counts on it."""
    for rate in (16000, 8000):
        rig = Simulated()
        air = Air()
        rig.world.set_recorder(air.play)
        rig.world.set_microphone(air.hear)
        codec = rig.board.codec
        codec.start(rate)
        captured, click = bytearray(codec.capture_bytes), bytearray(codec.playout_bytes)
        click[0] = click[1] = 64
        sent_at = heard_at = None
        frames = 0
        while heard_at is None and frames < 60:
            rig.run(1)
            codec.poll(rig.clock.now())
            while codec.read_into(captured):
                if any(captured):
                    first = next(at for at, octet in enumerate(captured) if octet)
                    heard_at = frames * 20 + first // (codec.capture_bits // 8) * 1000 // rate
                if frames == 20:
                    sent_at = frames * 20
                codec.write(click if frames == 20 else bytes(len(click)))
                frames += 1
        # The model's loudspeaker and microphone change buffers of 256 samples.
        late = heard_at - sent_at - codec.lead_ms
        assert 0 <= late <= 2 * 256 * 1000 // rate, (rate, late)
        codec.stop()


class Air:
    """From the loudspeaker to the microphone beside it."""

    sound = b""

    def play(self, samples, rate):
        self.sound += bytes(samples)

    def hear(self, frames, rate):
        heard, self.sound = self.sound[: 2 * frames], self.sound[2 * frames :]
        return heard
