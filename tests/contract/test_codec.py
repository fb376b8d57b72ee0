# micropython-heap: 2M: the models of several boards, one of them a display of 150 KB, follow each other
"""Every codec: two streams on one clock, and what happens to a loop that is late."""

from support.check import raises
from support.hardware import rigs


class Loop:
    """The voice loop's part: read a frame, write a frame; it writes sound that is nowhere zero."""

    def __init__(self, rig):
        codec = rig.board.codec
        self.rig = rig
        self.codec = codec
        self.captured = bytearray(codec.capture_bytes)
        self.sound = bytes([1]) * codec.playout_bytes
        self.frames = 0
        self.refused = 0

    def turn(self):
        while self.codec.read_into(self.captured):
            self.frames += 1
            if not self.codec.write(self.sound):
                self.refused += 1

    def run(self, ms):
        for _ in range(ms // 5):
            self.rig.run(5)
            self.turn()


def test_stopped_it_neither_takes_nor_gives():
    for rig in rigs("codec"):
        codec = rig.board.codec
        codec.stop()
        assert not codec.running
        assert not codec.read_into(bytearray(320)) and not codec.write(bytes(320))
        codec.start(codec.rates[0])
        codec.stop()
        codec.stop()
        assert not codec.read_into(bytearray(codec.capture_bytes)) and not codec.write(
            bytes(codec.playout_bytes)
        )


def test_frame_sizes():
    for rig in rigs("codec"):
        codec = rig.board.codec
        for rate in codec.rates:
            for frame_ms in (10, 20):
                codec.start(rate, frame_ms)
                assert codec.running and codec.rate == rate
                assert codec.capture_bytes == rate * frame_ms // 1000 * codec.capture_bits // 8
                assert codec.playout_bytes == rate * frame_ms // 1000 * 2
        codec.stop()


def test_an_unknown_rate_changes_nothing():
    for rig in rigs("codec"):
        codec = rig.board.codec
        raises(ValueError, codec.start, 44101)
        assert not codec.running
        codec.start(codec.rates[-1])
        raises(ValueError, codec.start, 0)
        assert codec.running and codec.rate == codec.rates[-1]
        codec.stop()


def test_outputs():
    for rig in rigs("codec"):
        codec = rig.board.codec
        assert codec.output == codec.outputs[0]
        for name in ("handset", "speaker", "headset", "kazoo"):
            used = codec.route(name)
            assert used == (name if name in codec.outputs else codec.outputs[0])
            assert codec.output == used


def test_only_the_output_in_use_has_power():
    for rig in rigs("codec"):
        if rig.world is None:
            continue
        codec, powered = rig.board.codec, rig.world.amplifiers
        assert not any(powered.values())
        codec.start(16000)
        assert [name for name in powered if powered[name]] == [codec.outputs[0]]
        codec.route("speaker")
        assert [name for name in powered if powered[name]] == ["speaker"]
        codec.stop()
        assert not any(powered.values())


def test_volume_and_gain_say_whether_they_did_anything():
    for rig in rigs("codec"):
        for percent in (0, 50, 100):
            assert rig.board.codec.volume(percent) in (True, False)
            assert rig.board.codec.gain(percent) in (True, False)


def test_a_loop_that_keeps_up_loses_nothing():
    for rig in rigs("codec"):
        codec = rig.board.codec
        for rate in codec.rates:
            codec.start(rate)
            loop = Loop(rig)
            loop.run(1000)
            codec.stop()
            assert loop.refused == 0
            assert (codec.overruns, codec.underruns) == (0, 0)
            if rig.world is not None:
                assert 46 <= loop.frames <= 50, rate


def test_ready_is_set_when_a_frame_waits():
    class Flag:
        count = 0

        def set(self):
            self.count += 1

    for rig in rigs("codec"):
        if rig.world is None:
            continue
        codec = rig.board.codec
        flag = codec.ready = Flag()
        codec.start(16000)
        rig.run(15)
        assert flag.count == 0
        rig.run(35)
        assert flag.count == 2
        frame = bytearray(codec.capture_bytes)
        # One more is waiting: said again, as a flag that is set twice before it was looked at is set once.
        assert codec.read_into(frame) and flag.count == 3
        assert codec.read_into(frame) and flag.count == 3
        assert not codec.read_into(frame)


def test_a_reader_that_sleeps_loses_frames_and_they_are_counted():
    for rig in rigs("codec"):
        codec = rig.board.codec
        codec.start(16000)
        loop = Loop(rig)
        loop.run(500)
        rig.run(500)
        lost, silent = codec.overruns, codec.underruns
        if rig.world is not None:
            assert 17 <= lost <= 25 and 18 <= silent <= 25
        # Afterwards all is as before: nothing more is lost, and nothing has piled up.
        loop.run(60)
        loop.refused = 0
        loop.run(1000)
        assert (codec.overruns, codec.underruns, loop.refused) == (lost, silent, 0)
        codec.stop()


def test_a_short_pause_of_the_loop_is_not_heard():
    for rig in rigs("codec"):
        codec = rig.board.codec
        for rate in codec.rates:
            codec.start(rate)
            loop = Loop(rig)
            loop.run(300)
            for _ in range(5):
                rig.run(30)
                loop.run(200)
            codec.stop()
            assert (codec.overruns, codec.underruns, loop.refused) == (0, 0, 0), rate


def test_a_writer_that_sleeps_is_counted_and_recovers():
    for rig in rigs("codec"):
        codec = rig.board.codec
        codec.start(16000)
        loop = Loop(rig)
        loop.run(200)
        for _ in range(60):
            rig.run(5)
            codec.read_into(loop.captured)
        silent = codec.underruns
        assert rig.world is None or 10 <= silent <= 16
        loop.run(40)
        counted = codec.underruns
        loop.run(1000)
        assert codec.underruns == counted
        assert codec.overruns == 0
        codec.stop()


def test_more_than_enough_is_refused():
    for rig in rigs("codec"):
        if rig.world is None:
            continue
        codec = rig.board.codec
        codec.start(codec.rates[-1])
        rig.run(100)
        taken = 0
        for _ in range(50):
            taken += codec.write(bytes(codec.playout_bytes))
            rig.run(1)
        assert 1 <= taken <= 6
        codec.stop()
